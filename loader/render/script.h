/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The beginning of a shell script: `set -eu` and the functions that the lines below it call.
 * `ipso plan --shell` and `ipso render --for iproute2` print it.
 *
 *   state_add KEY-FILE NETNS WORDS...   ip xfrm state add WORDS, KEY among them replaced
 *   uplink PF, rep PF N                 name of the uplink, of the representor of VF N
 *   vf PF N [NETNS]                     name of the net device of VF N
 *   vf_pci PF N                         its PCI address
 *   port PF N                           its devlink port, "pci/0000:08:00.0/65537"
 *
 * PF is a PCI address or an interface name. The names wait until the thing exists, for 30 s.
 */
#ifndef IPSO_RENDER_SCRIPT_H
#define IPSO_RENDER_SCRIPT_H

#include <stdio.h>

enum script_part {
	SCRIPT_KEYS = 1,    /* state_add */
	SCRIPT_NETDEVS = 2, /* uplink, rep, vf */
	SCRIPT_PORTS = 4,   /* vf_pci, port */
};

/* Print it with the functions of parts (enum script_part) only. about: comment lines, with "# ". */
void script_begin(FILE *out, const char *about, unsigned int parts);

#endif
