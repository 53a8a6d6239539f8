/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of devices and values as sentences and commands write them. */
#ifndef IPSO_PLAN_NAMES_H
#define IPSO_PLAN_NAMES_H

#include <linux/devlink.h>

#include "plan/plan.h"

#define NAME_LEN 96

/* The uplink by its name, before it was read as the configuration has it. Returns buf. */
const char *name_device(const struct ipso_config *cfg, const struct ipso_state *st,
			unsigned int device, char buf[NAME_LEN]);
/* The step's net device; "<VF 0 of enp1s0f0np0>" while it does not exist. Returns buf. */
const char *name_link(const struct ipso_config *cfg, const struct ipso_state *st,
		      const struct step *s, char buf[NAME_LEN]);
const struct addr *step_address(const struct ipso_config *cfg, const struct step *s);

static inline const char *name_steering(uint32_t v)
{
	return v == CFG_STEERING_SMFS ? "smfs" : "dmfs";
}

static inline const char *name_eswitch(uint32_t v)
{
	return v == DEVLINK_ESWITCH_MODE_SWITCHDEV ? "switchdev" : "legacy";
}

#endif
