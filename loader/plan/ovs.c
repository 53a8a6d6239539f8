/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Steps on Open vSwitch: how each is called, whether it is so already, whose what is there is. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "plan/names.h"
#include "plan/priv.h"
#include "plan/undo.h"

void step_ovs(const struct ipso_config *cfg, const struct step *s, const char *port,
	      struct ovs_call *ret_c)
{
	const struct cfg_ovs *o = cfg->ovs_count ? &cfg->ovs[s->item] : NULL;
	struct ovs_vxlan v;

	switch (s->kind) {
	case STEP_OVS_HOLD: /* of bridges that need not be of the configuration */
		ovs_call_flow_limit(ret_c, "0");
		break;
	case STEP_OVS_OFFLOAD:
		ovs_call_offload(ret_c, "true");
		break;
	case STEP_OVS_BRIDGE:
		ovs_call_bridge(ret_c, o->bridge);
		break;
	case STEP_OVS_PORT:
		ovs_call_port(ret_c, o->bridge, port);
		break;
	default:
		v = (struct ovs_vxlan){o->vxlan.name, o->vxlan.local, o->vxlan.remote,
				       o->vxlan.vni, o->vxlan.port};
		ovs_call_vxlan(ret_c, s->from ? NULL : o->bridge, &v);
	}
}

static bool same_number(const char *text, unsigned long want)
{
	char buf[24];

	snprintf(buf, sizeof(buf), "%lu", want);
	return strcmp(text, buf) == 0;
}

static bool same_address(const char *text, const struct addr *want)
{
	struct addr a;

	return *text && addr_parse(text, &a) == 0 && addr_equal(&a, want, false);
}

/* As configured; dst_port is absent where it is OVS's default. */
static bool same_vxlan(const struct ovs_port *p, const struct cfg_vxlan *v)
{
	return strcmp(p->type, "vxlan") == 0 && same_address(p->local_ip, &v->local) &&
	       same_address(p->remote_ip, &v->remote) && same_number(p->key, v->vni) &&
	       same_number(p->dst_port[0] ? p->dst_port : "4789", v->port);
}

/* The port as it is in Open vSwitch; NULL when it is not there. */
static const struct ovs_port *port_of(const struct ipso_config *cfg, const struct ipso_state *st,
				      const struct step *s)
{
	if (s->kind == STEP_OVS_VXLAN)
		return ovs_port_find(&st->ovs, cfg->ovs[s->item].vxlan.name);
	return ovs_port_find(&st->ovs, step_link(cfg, st, s)->name);
}

bool ovs_is(const struct ipso_config *cfg, const struct ipso_state *st, const struct step *s)
{
	const struct cfg_ovs *o = &cfg->ovs[s->item];
	const struct ovs_port *p;

	if (s->kind == STEP_OVS_OFFLOAD)
		return strcmp(st->ovs.hw_offload, "true") == 0;
	if (s->kind == STEP_OVS_BRIDGE)
		return ovs_bridge_find(&st->ovs, o->bridge);
	p = port_of(cfg, st, s);
	if (!p || strcmp(p->bridge, o->bridge) != 0 || p->error[0])
		return false;
	return s->kind == STEP_OVS_PORT || same_vxlan(p, &o->vxlan);
}

bool ovs_port_goes(const struct ipso_config *cfg, const struct ipso_state *st,
		   const struct ipso_plan *p, const struct step *s)
{
	const struct ovs_port *o = NULL;

	if (s->kind == STEP_OVS_PORT || s->kind == STEP_OVS_VXLAN)
		o = port_of(cfg, st, s);
	for (unsigned int i = 0; o && i < p->count; i++) {
		const struct undo *u = p->steps[i].gone;

		if (u && (u->kind == STEP_OVS_PORT || u->kind == STEP_OVS_VXLAN) &&
		    strcmp(u->port, o->name) == 0)
			return true;
	}
	return false;
}

bool ovs_replaces(const struct ipso_config *cfg, const struct ipso_state *st, const struct step *s)
{
	const struct cfg_ovs *o = &cfg->ovs[s->item];
	const struct ovs_port *p = ovs_port_find(&st->ovs, o->vxlan.name);

	return p && strcmp(p->bridge, o->bridge) == 0;
}

int step_ovs_taken(const struct ipso_config *cfg, const struct ipso_state *st,
		   const struct step *s, struct why *why)
{
	const struct ovs_port *p;

	if (s->kind != STEP_OVS_PORT && s->kind != STEP_OVS_VXLAN)
		return 0;
	p = port_of(cfg, st, s);
	if (!p)
		return 0;
	if (p->error[0]) {
		why_set(why, -EBUSY, "port %s of bridge %s does not work: %s", p->name, p->bridge,
			p->error);
	} else if (strcmp(p->bridge, cfg->ovs[s->item].bridge) != 0) {
		why_set(why, -EBUSY, "%s is a port of bridge %s of Open vSwitch, and is to be one "
			"of %s", p->name, p->bridge, cfg->ovs[s->item].bridge);
	} else if (s->kind == STEP_OVS_VXLAN && !p->ours) {
		why_set(why, -EBUSY, "port %s of bridge %s is there with other options, and ipso "
			"did not add it", p->name, p->bridge);
	} else {
		return 0;
	}
	why_remedy(why, "ovs-vsctl del-port %s %s when nobody needs it, or %s", p->bridge, p->name,
		   s->kind == STEP_OVS_VXLAN ? "name another in the configuration"
					     : "leave it out of the configuration");
	return -EBUSY;
}
