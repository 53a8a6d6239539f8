/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the two files about Open vSwitch share. */
#ifndef IPSO_NL_OVS_PRIV_H
#define IPSO_NL_OVS_PRIV_H

#include "nl/ovs.h"

#define OVS_LIMIT_MS 30000	   /* ovs-vswitchd takes seconds for a bridge on a slow host */
#define OVS_OUTPUT_MAX (16u << 20) /* some hundred bytes a port */

/* Do its daemons run? -ENOTCONN with the remedy. */
int ovs_there(struct why *why);
/* words NULL-terminated; *ret_out (caller frees) on success. */
int ovs_exec(const char *const *words, char **ret_out, struct why *why);

#endif
