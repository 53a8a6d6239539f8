/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration as a set of steps, as if nothing of it were done yet. */
#include <errno.h>
#include <linux/devlink.h>
#include <netinet/icmp6.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "plan/priv.h"

int plan_add(struct ipso_plan *p, const struct step *s)
{
	struct step *more = realloc(p->steps, (p->count + 1) * sizeof(*more));

	if (!more)
		return -ENOMEM;
	p->steps = more;
	p->steps[p->count++] = *s;
	return 0;
}

unsigned int vf_position(const struct cfg_device *d, uint32_t index)
{
	for (unsigned int i = 0; i < d->vfs_count; i++) {
		if (d->vfs[i].index == index)
			return i;
	}
	return NO_VF;
}

bool vf_wants_netdev(const struct ipso_config *cfg, unsigned int device, unsigned int vf)
{
	const struct cfg_vf *v = &cfg->devices[device].vfs[vf];

	for (unsigned int t = 0; t < cfg->tunnels_count; t++) {
		if (cfg->tunnels[t].device == device && cfg->tunnels[t].on_vf &&
		    cfg->tunnels[t].vf == v->index)
			return true;
	}
	return v->netns || v->has_mtu || v->addresses_count;
}

bool uplink_has_tunnel(const struct ipso_config *cfg, unsigned int device)
{
	for (unsigned int t = 0; t < cfg->tunnels_count; t++) {
		if (cfg->tunnels[t].device == device && !cfg->tunnels[t].on_vf)
			return true;
	}
	return false;
}

/* MTU, addresses and up, for an uplink or a VF. */
static int want_netdev(struct ipso_plan *p, unsigned int d, unsigned int vf, bool has_mtu,
		       uint32_t mtu, unsigned int addresses)
{
	struct step s = {.device = d, .vf = vf};
	int err = 0;

	if (has_mtu) {
		s.kind = STEP_MTU;
		s.to = mtu;
		err = plan_add(p, &s);
	}
	s.to = 0;
	s.kind = STEP_ADDRESS;
	for (s.item = 0; !err && s.item < addresses; s.item++)
		err = plan_add(p, &s);
	s.item = 0;
	s.kind = STEP_LINK_UP;
	return err ? err : plan_add(p, &s);
}

/* A namespace that several VFs name is made once, by the first of them. */
static bool first_in_netns(const struct ipso_config *cfg, unsigned int device, unsigned int vf)
{
	const char *name = cfg->devices[device].vfs[vf].netns;

	for (unsigned int d = 0; d <= device; d++) {
		unsigned int end = d == device ? vf : cfg->devices[d].vfs_count;

		for (unsigned int i = 0; i < end; i++) {
			const char *other = cfg->devices[d].vfs[i].netns;

			if (other && strcmp(other, name) == 0)
				return false;
		}
	}
	return true;
}

static int want_vf(const struct ipso_config *cfg, struct ipso_plan *p, unsigned int d,
		   unsigned int i)
{
	const struct cfg_vf *v = &cfg->devices[d].vfs[i];
	bool switchdev = cfg->devices[d].mode == CFG_MODE_SWITCHDEV;
	struct step s = {.device = d, .vf = i};
	int err = 0;

	if (v->has_mac) {
		s.kind = STEP_PORT_MAC;
		err = plan_add(p, &s);
	}
	if (!err && switchdev) {
		s.kind = STEP_PORT_IPSEC;
		s.to = v->ipsec_packet;
		err = plan_add(p, &s);
	}
	if (!err && switchdev && v->has_roce) {
		s.kind = STEP_PORT_ROCE;
		s.to = v->roce;
		err = plan_add(p, &s);
	}
	s.to = 0;
	if (!err && switchdev) {
		s.kind = STEP_LINK_UP;
		s.rep = true;
		err = plan_add(p, &s);
		s.rep = false;
	}
	if (!err && v->netns && first_in_netns(cfg, d, i)) {
		s.kind = STEP_NETNS;
		err = plan_add(p, &s);
	}
	if (!err && v->netns) {
		s.kind = STEP_MOVE;
		err = plan_add(p, &s);
	}
	if (err || !vf_wants_netdev(cfg, d, i))
		return err;
	s.kind = STEP_VF_BIND;
	err = plan_add(p, &s);
	return err ? err : want_netdev(p, d, i, v->has_mtu, v->mtu, v->addresses_count);
}

static int want_device(const struct ipso_config *cfg, struct ipso_plan *p, unsigned int d)
{
	const struct cfg_device *dev = &cfg->devices[d];
	struct step s = {.device = d, .vf = NO_VF};
	int err = 0;

	if (uplink_has_tunnel(cfg, d) && cfg->ordering != IPSO_GATE_OFF) {
		s.kind = STEP_GATE;
		err = plan_add(p, &s);
	}
	for (unsigned int i = 0; i < dev->vfs_count; i++) {
		if (dev->vfs[i].index >= s.to)
			s.to = dev->vfs[i].index + 1;
	}
	s.kind = STEP_SRIOV;
	if (!err && s.to)
		err = plan_add(p, &s);
	s.kind = STEP_STEERING;
	s.to = dev->steering;
	if (!err)
		err = plan_add(p, &s);
	s.kind = STEP_ENCAP;
	s.to = 0;
	if (!err && dev->mode == CFG_MODE_SWITCHDEV && config_tunnel_mode(cfg, d))
		err = plan_add(p, &s);
	s.kind = STEP_ESWITCH;
	s.to = dev->mode == CFG_MODE_SWITCHDEV ? DEVLINK_ESWITCH_MODE_SWITCHDEV
					       : DEVLINK_ESWITCH_MODE_LEGACY;
	if (!err)
		err = plan_add(p, &s);
	if (!err)
		err = want_netdev(p, d, NO_VF, dev->has_mtu, dev->mtu, dev->addresses_count);
	for (unsigned int i = 0; !err && i < dev->vfs_count; i++)
		err = want_vf(cfg, p, d, i);
	return err ? err : want_pins(cfg, p, d);
}

/*
 * The tunnel's packets go nowhere but into ESP, whoever makes its SAs and whatever takes them away.
 * Behind IPv6 addresses neighbours are found by packets of the tunnel's own selector: an IKE daemon
 * would find no other, were they blocked too. With static keys they are in ESP.
 */
static const struct {
	uint8_t dir;
	uint8_t pass; /* type of ICMPv6, 0 = what is blocked */
} blocks[] = {
	{IPSO_DIR_IN, 0},
	{IPSO_DIR_OUT, 0},
	{IPSO_DIR_IN, ND_NEIGHBOR_SOLICIT},
	{IPSO_DIR_OUT, ND_NEIGHBOR_SOLICIT},
	{IPSO_DIR_IN, ND_NEIGHBOR_ADVERT},
	{IPSO_DIR_OUT, ND_NEIGHBOR_ADVERT},
};

unsigned int blocks_wanted(const struct cfg_tunnel *t)
{
	bool ike6 = t->keying == CFG_KEYING_IKE && config_selector(t).local.family == AF_INET6;

	return ike6 ? ARRAY_SIZE(blocks) : 2;
}

static int want_blocks(struct ipso_plan *p, const struct cfg_tunnel *c, const struct step *of)
{
	struct step s = *of;
	int err = 0;

	s.kind = STEP_BLOCK;
	for (unsigned int i = 0; !err && i < blocks_wanted(c); i++) {
		s.dir = blocks[i].dir;
		s.to = blocks[i].pass;
		err = plan_add(p, &s);
	}
	return err;
}

static int want_tunnel(const struct ipso_config *cfg, struct ipso_plan *p, unsigned int t)
{
	static const struct {
		enum step_kind kind;
		uint8_t dir;
	} parts[] = {
		{STEP_SA, IPSO_DIR_IN},
		{STEP_SA, IPSO_DIR_OUT},
		{STEP_POLICY, IPSO_DIR_IN},
		{STEP_POLICY, IPSO_DIR_OUT},
		{STEP_POLICY, IPSO_DIR_FWD},
	};
	const struct cfg_tunnel *c = &cfg->tunnels[t];
	struct step s = {.device = c->device, .vf = NO_VF, .item = t};
	int err = 0;

	if (c->on_vf)
		s.vf = vf_position(&cfg->devices[c->device], c->vf);
	err = want_blocks(p, c, &s);
	if (c->keying == CFG_KEYING_IKE)
		return err;
	for (unsigned int i = 0; !err && i < sizeof(parts) / sizeof(parts[0]); i++) {
		s.kind = parts[i].kind;
		s.dir = parts[i].dir;
		if (s.dir != IPSO_DIR_FWD || config_wants_forward(c))
			err = plan_add(p, &s);
	}
	return err;
}

/* Two rules at one port need its qdisc and its feature once. */
static int want_once(struct ipso_plan *p, const struct step *s)
{
	for (unsigned int i = 0; i < p->count; i++) {
		const struct step *o = &p->steps[i];

		if (o->kind == s->kind && o->device == s->device && o->vf == s->vf &&
		    o->rep == s->rep && o->vxlan == s->vxlan)
			return 0;
	}
	return plan_add(p, s);
}

/* What a place of TC rules needs; the device of tunnels has no hardware of its own to switch on. */
static int want_place(struct ipso_plan *p, struct step s, bool rules)
{
	int err;

	s.kind = s.vxlan ? STEP_VXLAN : STEP_TC_OFFLOAD;
	err = want_once(p, &s);
	s.kind = STEP_TC_QDISC;
	return err || !rules ? err : want_once(p, &s);
}

static int want_block(const struct ipso_config *cfg, struct ipso_plan *p, unsigned int device,
		      uint32_t number)
{
	const struct cfg_block *b = config_block(cfg, device, number);
	struct step s = {.device = device, .rep = true, .block = number};
	int err = 0;

	for (unsigned int i = 0; !err && i < b->vfs_count; i++) {
		s.vf = vf_position(&cfg->devices[device], b->vfs[i]);
		err = want_place(p, s, true);
	}
	return err;
}

static int want_rule(const struct ipso_config *cfg, struct ipso_plan *p, unsigned int r)
{
	const struct cfg_tc *c = &cfg->tc[r];
	struct step s = port_step(cfg, STEP_TC_FILTER, c->device, &c->from);
	int err = s.block ? want_block(cfg, p, c->device, s.block) : want_place(p, s, true);

	for (unsigned int i = 0; !err && i < c->actions_count; i++) {
		const struct cfg_action *a = &c->actions[i];

		if (a->redirect || a->mirror)
			err = want_place(p, port_step(cfg, STEP_TC_FILTER, c->device, &a->port),
					 false);
	}
	s.item = r;
	return err ? err : plan_add(p, &s);
}

/* Offload has to be on at a port before Open vSwitch finds it, or it never tries the hardware. */
static int want_ovs_port(const struct ipso_config *cfg, struct ipso_plan *p, unsigned int bridge,
			 const struct cfg_ovs_port *port)
{
	struct step uplink = {.kind = STEP_TC_OFFLOAD, .device = port->device, .vf = NO_VF};
	struct step s = {.kind = STEP_TC_OFFLOAD, .device = port->device, .rep = true};
	int err;

	s.vf = vf_position(&cfg->devices[port->device], port->vf);
	err = want_once(p, &uplink);
	if (!err)
		err = want_once(p, &s);
	s.kind = STEP_OVS_PORT;
	s.item = bridge;
	return err ? err : plan_add(p, &s);
}

static int want_bridge(const struct ipso_config *cfg, struct ipso_plan *p, unsigned int bridge)
{
	const struct cfg_ovs *o = &cfg->ovs[bridge];
	struct step s = {.kind = STEP_OVS_OFFLOAD, .vf = NO_VF};
	int err = want_once(p, &s);

	s.kind = STEP_OVS_BRIDGE;
	s.item = bridge;
	if (!err)
		err = plan_add(p, &s);
	for (unsigned int i = 0; !err && i < o->ports_count; i++)
		err = want_ovs_port(cfg, p, bridge, &o->ports[i]);
	s.kind = STEP_OVS_VXLAN;
	return err || !o->has_vxlan ? err : plan_add(p, &s);
}

int wanted_steps(const struct ipso_config *cfg, struct ipso_plan *p)
{
	int err = 0;

	for (unsigned int d = 0; !err && d < cfg->devices_count; d++)
		err = want_device(cfg, p, d);
	for (unsigned int t = 0; !err && t < cfg->tunnels_count; t++)
		err = want_tunnel(cfg, p, t);
	for (unsigned int r = 0; !err && r < cfg->tc_count; r++)
		err = want_rule(cfg, p, r);
	for (unsigned int b = 0; !err && b < cfg->ovs_count; b++)
		err = want_bridge(cfg, p, b);
	return err;
}
