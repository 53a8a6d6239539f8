/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TC rules: what a step installs, and whether it is there. Their words are in rule_text.c. */
#include <netinet/in.h>
#include <string.h>

#include "plan/priv.h"

_Static_assert(CFG_ACTIONS_MAX <= TC_ACTIONS_MAX, "what the configuration may say has room");
_Static_assert(CFG_VLANS_MAX <= TC_VLANS_MAX, "what the configuration may say has room");

#define RULE_HANDLES 0x69000000u /* far above those the kernel gives out, which begin at 1 */

struct step port_step(const struct ipso_config *cfg, enum step_kind kind, unsigned int device,
		      const struct cfg_port *port)
{
	struct step s = {.kind = kind, .device = device, .vf = NO_VF, .rep = port->is_vf};

	if (port->is_vf)
		s.vf = vf_position(&cfg->devices[device], port->vf);
	if (port->is_block)
		s.block = port->block;
	if (port->is_vxlan)
		s.vxlan = port->vxlan;
	return s;
}

/* FNV-1a, 32 bits. */
static uint32_t hash(uint32_t h, const void *data, size_t len)
{
	const uint8_t *b = data;

	for (size_t i = 0; i < len; i++)
		h = (h ^ b[i]) * 16777619u;
	return h;
}

/*
 * One match, one number, the same in every run: by it down takes away this rule, and not all that
 * share its preference, and a rule with the same match and other actions finds its predecessor.
 */
static uint32_t rule_handle(const struct tc_match *m)
{
	uint32_t h = 2166136261u;

	h = hash(h, &m->vlans, sizeof(m->vlans));
	h = hash(h, m->vlan, sizeof(m->vlan));
	h = hash(h, &m->protocol, sizeof(m->protocol));
	h = hash(h, &m->has_src_mac, sizeof(m->has_src_mac));
	h = hash(h, m->src_mac, sizeof(m->src_mac));
	h = hash(h, &m->has_dst_mac, sizeof(m->has_dst_mac));
	h = hash(h, m->dst_mac, sizeof(m->dst_mac));
	h = hash(h, &m->src.prefix, sizeof(m->src.prefix));
	h = hash(h, m->src.b, sizeof(m->src.b));
	h = hash(h, &m->dst.prefix, sizeof(m->dst.prefix));
	h = hash(h, m->dst.b, sizeof(m->dst.b));
	h = hash(h, &m->has_ip_protocol, sizeof(m->has_ip_protocol));
	h = hash(h, &m->ip_protocol, sizeof(m->ip_protocol));
	if (m->tunnel) {
		h = hash(h, m->tunnel_src.b, sizeof(m->tunnel_src.b));
		h = hash(h, m->tunnel_dst.b, sizeof(m->tunnel_dst.b));
		h = hash(h, &m->tunnel_id, sizeof(m->tunnel_id));
		h = hash(h, &m->tunnel_port, sizeof(m->tunnel_port));
	}
	return RULE_HANDLES | (h & 0xffffff);
}

bool rule_handle_is_ours(uint32_t handle)
{
	return (handle & 0xff000000) == RULE_HANDLES;
}

static struct tc_match match_of(const struct cfg_tc *c)
{
	struct tc_match m = {
		.vlans = (uint8_t)c->vlan_count,
		.protocol = c->protocol,
		.has_src_mac = c->has_src_mac,
		.has_dst_mac = c->has_dst_mac,
		.has_ip_protocol = c->has_ip_protocol,
		.src = c->src,
		.dst = c->dst,
		.ip_protocol = (uint8_t)c->ip_protocol,
	};

	for (unsigned int i = 0; i < c->vlan_count; i++)
		m.vlan[i] = c->vlan[i];
	memcpy(m.src_mac, c->src_mac, sizeof(m.src_mac));
	memcpy(m.dst_mac, c->dst_mac, sizeof(m.dst_mac));
	if (c->has_tunnel) {
		m.tunnel = true;
		m.tunnel_src = c->tunnel.remote;
		m.tunnel_dst = c->tunnel.local;
		m.tunnel_src.prefix = m.tunnel_dst.prefix =
			c->tunnel.local.family == AF_INET ? 32 : 128;
		m.tunnel_id = c->tunnel.vni;
		m.tunnel_port = c->tunnel.port;
	}
	return m;
}

static struct tc_action action_of(const struct ipso_config *cfg, const struct ipso_state *st,
				  unsigned int device, const struct cfg_action *c)
{
	struct step to = port_step(cfg, STEP_TC_FILTER, device, &c->port);

	if (c->vlan_pop)
		return (struct tc_action){.kind = TC_DO_VLAN_POP};
	if (c->vlan_push)
		return (struct tc_action){.kind = TC_DO_VLAN_PUSH, .vlan_id = c->vlan_id,
					  .vlan_protocol = c->vlan_protocol};
	if (c->tunnel_unset)
		return (struct tc_action){.kind = TC_DO_TUNNEL_UNSET};
	if (c->tunnel_set)
		return (struct tc_action){.kind = TC_DO_TUNNEL_SET, .src = c->tunnel.local,
					  .dst = c->tunnel.remote, .tunnel_id = c->tunnel.vni,
					  .tunnel_port = c->tunnel.port, .tunnel_csum = true};
	return (struct tc_action){.kind = c->redirect ? TC_DO_REDIRECT : TC_DO_MIRROR,
				  .ifindex = step_link(cfg, st, &to)->ifindex};
}

void step_filter(const struct ipso_config *cfg, const struct ipso_state *st, const struct step *s,
		 struct tc_filter *ret_f)
{
	const struct cfg_tc *c = &cfg->tc[s->item];
	struct tc_filter f = {
		.ifindex = step_link(cfg, st, s)->ifindex,
		.block = s->block,
		.pref = c->pref,
		.protocol = config_tc_protocol(c),
		.kind = "flower",
		/* In hardware, or refused with the driver's own reason; a tunnel's device has none. */
		.skip_sw = !s->vxlan,
		.rule.match = match_of(c),
		.rule.actions_count = c->actions_count,
	};

	f.handle = rule_handle(&f.rule.match);
	for (unsigned int i = 0; i < c->actions_count; i++)
		f.rule.actions[i] = action_of(cfg, st, s->device, &c->actions[i]);
	*ret_f = f;
}

unsigned int block_ports(const struct ipso_config *cfg, const struct step *s)
{
	return s->block ? config_block(cfg, s->device, s->block)->vfs_count : 1;
}

bool filter_is(const struct ipso_config *cfg, const struct ipso_state *st, const struct step *s,
	       bool *ret_other)
{
	bool found = false, other = false;
	struct tc_filter w;

	step_filter(cfg, st, s, &w);
	for (unsigned int i = 0; (w.ifindex || w.block) && i < st->filters_count; i++) {
		const struct obs_filter *o = &st->filters[i];

		if (o->block != w.block || (!w.block && o->ifindex != w.ifindex) || o->pref != w.pref || o->protocol != w.protocol ||
		    o->chain || strcmp(o->kind, w.kind) != 0)
			continue;
		if (o->in_hw && o->in_hw_count >= block_ports(cfg, s) && o->plain &&
		    tc_rule_equal(&o->rule, &w.rule))
			found = true;
		else
			other |= o->handle == w.handle;
	}
	if (!found)
		*ret_other = other;
	return found;
}
