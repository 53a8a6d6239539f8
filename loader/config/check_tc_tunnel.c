/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about TC rules that put frames into VXLAN tunnels or take them out. */
#include "config/check.h"

/* The rule's one action of a kind; *ret_count: how many there are. */
static const struct cfg_action *action(const struct cfg_tc *tc, bool set, unsigned int *ret_count)
{
	const struct cfg_action *found = NULL;

	*ret_count = 0;
	for (unsigned int i = 0; i < tc->actions_count; i++) {
		const struct cfg_action *a = &tc->actions[i];

		if (set ? !a->tunnel_set : !a->tunnel_unset)
			continue;
		found = a;
		++*ret_count;
	}
	return found;
}

/* The same UDP port cannot be opened twice: Open vSwitch makes a device of its own for it. */
static const struct cfg_ovs *ovs_port(const struct ipso_config *cfg, uint16_t port)
{
	for (unsigned int i = 0; i < cfg->ovs_count; i++) {
		if (cfg->ovs[i].has_vxlan && cfg->ovs[i].vxlan.port == port)
			return &cfg->ovs[i];
	}
	return NULL;
}

static int check_device(const struct ipso_config *cfg, const struct cfg_places *p,
			const struct cfg_tc *tc, const struct cfg_port *port)
{
	const struct cfg_ovs *o = port->is_vxlan ? ovs_port(cfg, port->vxlan) : NULL;

	if (o)
		return place_error_of(p, &port->vxlan, tc->at,
				      "vxlan: found UDP port %u, which bridge %s on line %u has; "
				      "allowed: another port", port->vxlan, o->bridge, o->at.line);
	return 0;
}

static int check_ends(const struct ipso_config *cfg, const struct cfg_places *p,
		      const struct cfg_tc *tc, const struct cfg_vxlan *v, const char *key)
{
	const struct cfg_tunnel *t;
	int err = config_check_vxlan(cfg, p, v, tc->at, key, &t);

	if (!err && t->device != tc->device)
		err = place_error_of(p, &v->remote, tc->at,
				     "%s: found the ends of tunnel %s, which is on another device; "
				     "allowed: a tunnel on the rule's device", key, t->name);
	for (unsigned int i = 0; !err && i < cfg->devices[tc->device].vfs_count; i++) {
		uint32_t vf = cfg->devices[tc->device].vfs[i].index;

		if (config_feeds(cfg, tc, vf))
			err = config_check_room(cfg, p, v, t, tc->device, vf);
	}
	return err;
}

static int check_set(const struct ipso_config *cfg, const struct cfg_places *p,
		     const struct cfg_tc *tc)
{
	const struct cfg_port *to = &tc->actions[tc->actions_count - 1].port;
	unsigned int count;
	const struct cfg_action *set = action(tc, true, &count);

	if (count > 1 || (count == 1) != to->is_vxlan || (set && set->tunnel.port != to->vxlan))
		return place_error_of(p, set ? (const void *)&set->tunnel_set : (const void *)to, tc->at,
				      "actions: found %s; allowed: one tunnel-set and redirect: { "
				      "vxlan: PORT } with the same port, both or neither",
				      count > 1	      ? "tunnel-set twice"
				      : !set	      ? "redirect to vxlan without tunnel-set"
				      : to->is_vxlan ? "two ports"
						      : "tunnel-set without redirect to vxlan");
	return set ? check_ends(cfg, p, tc, &set->tunnel, "tunnel-set") : 0;
}

static int check_unset(const struct ipso_config *cfg, const struct cfg_places *p,
		       struct cfg_tc *tc)
{
	bool from = tc->from.is_vxlan;
	unsigned int count;

	action(tc, false, &count);
	if (tc->has_tunnel != from || (count == 1) != from || count > 1)
		return place_error(p, tc->at,
				   "tc rule: found %s; allowed: from: { vxlan: PORT }, match: { "
				   "tunnel: ... } and one tunnel-unset, all three or none",
				   tc->has_tunnel != from ? (from ? "no tunnel in match"
								  : "match of a tunnel from a port "
								    "that is none")
				   : count	  ? "tunnel-unset"
						  : "no tunnel-unset");
	if (!from)
		return 0;
	tc->tunnel.port = tc->from.vxlan;
	return check_ends(cfg, p, tc, &tc->tunnel, "tunnel");
}

int config_check_tc_tunnel(const struct ipso_config *cfg, const struct cfg_places *p,
			   struct cfg_tc *tc)
{
	int err = check_device(cfg, p, tc, &tc->from);

	for (unsigned int i = 0; !err && i < tc->actions_count; i++)
		err = check_device(cfg, p, tc, &tc->actions[i].port);
	if (!err)
		err = check_set(cfg, p, tc);
	return err ? err : check_unset(cfg, p, tc);
}
