/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands around the cards and matters to IPsec offload, for `ipso check`. Reads only. */
#ifndef IPSO_SURROUNDINGS_H
#define IPSO_SURROUNDINGS_H

#include <net/if.h>
#include <stdbool.h>

#include "observe/neighbours.h"
#include "observe/observe.h"

struct surroundings {
	struct obs_daemons daemons;
	struct neighbours neighbours;
	char lsm[128];	      /* /sys/kernel/security/lsm, "" = not readable */
	bool lockdown;	      /* integrity or confidentiality */
	struct ovs ovs;	      /* empty unless ovs-vswitchd runs */
	struct why ovs_why;   /* err != 0: it runs and could not be read */
};

int surroundings_read(struct surroundings *ret_s, struct why *why);
void surroundings_free(struct surroundings *s);

/* The bond that a net device of this namespace is part of; false = none. */
bool surroundings_bond(const char *ifname, char ret_bond[IF_NAMESIZE]);

#endif
