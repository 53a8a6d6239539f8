/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the gate must hold for a configuration; shared by `ipso gate` and `ipso run`. */
#ifndef IPSO_CMD_GATE_H
#define IPSO_CMD_GATE_H

#include "attach/attach.h"
#include "observe/observe.h"

/*
 * One rule for each device that has a tunnel on its uplink, as `ordering` says. Devices whose
 * tunnels are all on VFs are not guarded: a VF's IPsec tables are its own. Returns how many.
 */
unsigned int gate_rules(const struct ipso_config *cfg, const struct ipso_state *st,
			struct gate_rule rules[IPSO_GATE_MAX]);

#endif
