/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules across keys, on a loaded configuration; no I/O. Private to config/. */
#ifndef IPSO_CONFIG_CHECK_H
#define IPSO_CONFIG_CHECK_H

#include "config/config.h"
#include "config/place.h"

/* Fills the defaults that depend on other keys, then checks. 0 or -EINVAL with places->why. */
int config_check(struct ipso_config *cfg, const struct cfg_places *places);
/* The part about bridges, after that about TC rules: check_ovs.c. */
int config_check_ovs(struct ipso_config *cfg, const struct cfg_places *places);
/* The part about tunnels: check_tunnel.c. */
int config_check_tunnels(struct ipso_config *cfg, const struct cfg_places *places);
/* Selector, UDP encapsulation and limits of one tunnel: check_selector.c. Fills the limits. */
int config_check_selector(const struct ipso_config *cfg, const struct cfg_places *places,
			  const struct cfg_tunnel *t);
int config_check_limits(const struct cfg_places *places, struct cfg_tunnel *t);
/* Two tunnels of one network namespace do not match the same packets. */
int config_check_overlap(const struct cfg_places *places, const struct cfg_tunnel *t,
			 const struct cfg_tunnel *other);
/* One TC rule: check_tc.c. */
int config_check_tc(struct ipso_config *cfg, const struct cfg_places *places, unsigned int index);

#endif
