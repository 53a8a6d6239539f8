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
/* Its part about VXLAN tunnels, when the actions are known: check_tc_tunnel.c. */
int config_check_tc_tunnel(const struct ipso_config *cfg, const struct cfg_places *places,
			   struct cfg_tc *tc);

/* The shared blocks of one device: check_block.c. */
int config_check_blocks(const struct ipso_config *cfg, const struct cfg_places *places,
			unsigned int device);
/* The block of a device that the representor of a VF shares, NULL for none. */
const struct cfg_block *config_shares(const struct ipso_config *cfg, unsigned int device,
				      uint32_t vf);
/* Does the rule sit on the representor of that VF of its device, by itself or by a block? */
bool config_feeds(const struct ipso_config *cfg, const struct cfg_tc *tc, uint32_t vf);

/*
 * One VXLAN tunnel: check_vxlan.c. *ret_t protects it; key begins the message, at is its place when
 * remote has none.
 */
int config_check_vxlan(const struct ipso_config *cfg, const struct cfg_places *places,
		       const struct cfg_vxlan *v, struct cfg_at at, const char *key,
		       const struct cfg_tunnel **ret_t);
/* A frame as long as a VF may send leaves the uplink in one piece: nothing fragments it. */
int config_check_room(const struct ipso_config *cfg, const struct cfg_places *places,
		      const struct cfg_vxlan *v, const struct cfg_tunnel *t, unsigned int device,
		      uint32_t vf);

/* Who can reach what is served has to show who he is. */
int config_check_access(const struct ipso_config *cfg, const struct cfg_places *places);

#endif
