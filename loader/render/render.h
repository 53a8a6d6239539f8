/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration as another tool's, as text: from the configuration alone, nothing of the host
 * is looked at, no key is read. For the other side, config_mirror() first.
 */
#ifndef IPSO_RENDER_H
#define IPSO_RENDER_H

#include <stdio.h>

#include "config/config.h"

/* All three: 0, -EIO when out cannot be written, -ENAMETOOLONG. */

/*
 * An executable script of ip xfrm commands (iproute2 6.10 or newer). key_dir: folder of key files
 * that are not named with one; its user may set KEYS to another.
 */
int render_iproute2(const struct ipso_config *cfg, const char *key_dir, FILE *out);
/* swanctl.conf of strongSwan 5.9.11 or newer, the first with hw_offload = packet. */
int render_strongswan(const struct ipso_config *cfg, FILE *out);
/* ipsec.conf of libreswan 5.0 or newer, the first with nic-offload=packet. */
int render_libreswan(const struct ipso_config *cfg, FILE *out);

#endif
