/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules across keys of the bridges of Open vSwitch. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "config/check.h"

/* ovs-vsctl would take such a name for an option. */
static int check_name(const struct cfg_places *p, const struct cfg_ovs *o, char *const *name,
		      const char *key)
{
	if ((*name)[0] == '-')
		return place_error_of(p, name, o->at,
				      "%s: found \"%s\"; allowed: a name that does not begin with "
				      "'-'", key, *name);
	return 0;
}

static bool same_vxlan(const struct cfg_vxlan *a, const struct cfg_vxlan *b)
{
	return a->vni == b->vni && a->port == b->port && addr_equal(&a->remote, &b->remote, false) &&
	       addr_equal(&a->local, &b->local, false);
}

static int check_twin(const struct cfg_places *p, const struct cfg_ovs *o,
		      const struct cfg_ovs *other)
{
	if (strcmp(other->bridge, o->bridge) == 0)
		return place_error_of(p, &o->bridge, o->at,
				      "bridge: %s is already on line %u; allowed: once", o->bridge,
				      other->at.line);
	if (!o->has_vxlan || !other->has_vxlan)
		return 0;
	if (strcmp(other->vxlan.name, o->vxlan.name) == 0)
		return place_error_of(p, &o->vxlan.name, o->at,
				      "name: found %s, which a port of the bridge on line %u has; "
				      "allowed: another name", o->vxlan.name, other->at.line);
	if (same_vxlan(&other->vxlan, &o->vxlan))
		return place_error_of(p, &o->vxlan.vni, o->at,
				      "vni: found %u between the same ends as in the bridge on "
				      "line %u; allowed: another number",
				      o->vxlan.vni, other->at.line);
	return 0;
}

static int check_twins(const struct ipso_config *cfg, const struct cfg_places *p,
		       const struct cfg_ovs *o)
{
	int err = 0;

	for (const struct cfg_ovs *other = cfg->ovs; !err && other < o; other++)
		err = check_twin(p, o, other);
	for (unsigned int i = 0; !err && o->has_vxlan && i < cfg->ovs_count; i++) {
		if (strcmp(cfg->ovs[i].bridge, o->vxlan.name) == 0)
			err = place_error_of(p, &o->vxlan.name, o->at,
					     "name: found %s, which is a bridge; allowed: another "
					     "name", o->vxlan.name);
	}
	return err;
}

static const struct cfg_ovs_port *holder(const struct ipso_config *cfg,
					 const struct cfg_ovs_port *port)
{
	for (unsigned int i = 0; i < cfg->ovs_count; i++) {
		for (unsigned int k = 0; k < cfg->ovs[i].ports_count; k++) {
			const struct cfg_ovs_port *other = &cfg->ovs[i].ports[k];

			if (other == port)
				return NULL;
			if (other->device == port->device && other->vf == port->vf)
				return other;
		}
	}
	return NULL;
}

/* Open vSwitch replaces the ingress qdisc of its ports, and with it all rules (netdev-linux.c). */
static const struct cfg_tc *rule_at(const struct ipso_config *cfg, const struct cfg_ovs_port *port)
{
	for (unsigned int i = 0; i < cfg->tc_count; i++) {
		const struct cfg_tc *tc = &cfg->tc[i];

		if (tc->device == port->device && config_feeds(cfg, tc, port->vf))
			return tc;
	}
	return NULL;
}

static int check_alone(const struct ipso_config *cfg, const struct cfg_places *p,
		       const struct cfg_ovs_port *port)
{
	const struct cfg_ovs_port *other = holder(cfg, port);
	const struct cfg_tc *rule = rule_at(cfg, port);

	if (other)
		return place_error_of(p, &port->vf, port->at,
				      "vf: VF %u is already a port on line %u; allowed: once",
				      port->vf, other->at.line);
	if (rule)
		return place_error_of(p, &port->vf, port->at,
				      "vf: found VF %u, from which the TC rule on line %u "
				      "redirects; allowed: one of the two, Open vSwitch takes the "
				      "rules of its ports away",
				      port->vf, rule->at.line);
	return 0;
}

static int check_port(const struct ipso_config *cfg, const struct cfg_places *p,
		      const struct cfg_ovs_port *port)
{
	if (!place_of(p, &port->device).line && cfg->devices_count > 1)
		return place_error(p, port->at,
				   "bridge port: key \"device\" is missing; allowed: absent only "
				   "with one device, there are %u", cfg->devices_count);
	if (cfg->devices[port->device].mode != CFG_MODE_SWITCHDEV)
		return place_error_of(p, &port->device, port->at,
				      "device: found %s, whose mode is legacy; allowed: a device "
				      "in switchdev, which has representors",
				      config_device_name(cfg, port->device));
	if (!config_vf(cfg, port->device, port->vf))
		return place_error_of(p, &port->vf, port->at,
				      "vf: found VF %u, which %s does not list; allowed: an index "
				      "of its vfs",
				      port->vf, config_device_name(cfg, port->device));
	return check_alone(cfg, p, port);
}

static int check_vxlan(const struct ipso_config *cfg, const struct cfg_places *p,
		       const struct cfg_ovs *o)
{
	const struct cfg_tunnel *t;
	int err = config_check_vxlan(cfg, p, &o->vxlan, o->at, "vxlan", &t);

	for (unsigned int i = 0; !err && i < o->ports_count; i++)
		err = config_check_room(cfg, p, &o->vxlan, t, o->ports[i].device, o->ports[i].vf);
	return err;
}

static int check_bridge(const struct ipso_config *cfg, const struct cfg_places *p,
			const struct cfg_ovs *o)
{
	int err = check_name(p, o, &o->bridge, "bridge");

	if (!err && o->has_vxlan)
		err = check_name(p, o, &o->vxlan.name, "name");
	if (!err)
		err = check_twins(cfg, p, o);
	for (unsigned int i = 0; !err && i < o->ports_count; i++)
		err = check_port(cfg, p, &o->ports[i]);
	if (!err && o->has_vxlan)
		err = check_vxlan(cfg, p, o);
	return err;
}

int config_check_ovs(struct ipso_config *cfg, const struct cfg_places *p)
{
	int err = 0;

	for (unsigned int i = 0; !err && i < cfg->ovs_count; i++)
		err = check_bridge(cfg, p, &cfg->ovs[i]);
	return err;
}
