/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Steps done to the host in memory: it refuses what the driver refuses, and forgets what the
 * driver forgets.
 */
#ifndef IPSO_TEST_HOST_DO_H
#define IPSO_TEST_HOST_DO_H

#include "host.h"
#include "host_displace.h"
#include "host_ovs.h"
#include "host_rule.h"

static inline int host_sa(const struct ipso_config *cfg, struct ipso_state *st,
			  const struct step *s)
{
	const struct obs_link *l = step_link(cfg, st, s);
	struct obs_sa o = {.packet_offload = true, .aead_bits = 128, .key_known = false};
	struct xfrm_sa w;

	step_sa(cfg, st, s, &w);
	if (!l->up || (host_has_rules(st) && !host_has_ipsec(st, l->ifindex)))
		return -EBUSY;
	o.src = w.src;
	o.dst = w.dst;
	o.sel_src = w.sel_src;
	o.sel_dst = w.sel_dst;
	o.udp_sport = w.udp_sport;
	o.udp_dport = w.udp_dport;
	o.mode = w.mode;
	o.spi = w.spi;
	o.reqid = w.reqid;
	o.esn = w.esn;
	o.replay_window = w.replay_window;
	o.dir = w.dir;
	o.ifindex = w.ifindex;
	o.soft_packets = w.soft_packets;
	o.hard_packets = w.hard_packets;
	o.soft_bytes = w.soft_bytes;
	o.hard_bytes = w.hard_bytes;
	o.soft_seconds = w.soft_seconds;
	o.hard_seconds = w.hard_seconds;
	strcpy(o.netns, step_netns(cfg, st, s));
	for (unsigned int i = 0; i < st->sas_count; i++) {
		if (st->sas[i].spi == o.spi && addr_equal(&st->sas[i].dst, &o.dst, false)) {
			if (!s->from)
				return -EEXIST;
			st->sas[i] = o;
			return 0;
		}
	}
	st->sas[st->sas_count++] = o;
	return 0;
}

static inline int host_policy(const struct ipso_config *cfg, struct ipso_state *st,
			      const struct step *s)
{
	struct obs_policy o = {};
	struct xfrm_pol w;

	step_policy(cfg, st, s, &w);
	if (s->kind == STEP_PIN && (!step_link(cfg, st, s)->up ||
				    (host_has_rules(st) && !host_has_ipsec(st, w.ifindex))))
		return -EBUSY;
	o.block = w.block;
	o.user = w.user;
	o.packet_offload = w.offload == IPSO_OFFLOAD_PACKET;
	o.proto = w.proto;
	o.sport = w.sport;
	o.dport = w.dport;
	o.tmpl_src = w.tmpl_src;
	o.tmpl_dst = w.tmpl_dst;
	o.mode = w.mode;
	o.src = w.sel_src;
	o.dst = w.sel_dst;
	o.dir = w.dir;
	o.priority = w.priority;
	o.reqid = w.reqid;
	o.ifindex = w.ifindex;
	strcpy(o.netns, step_netns(cfg, st, s));
	for (unsigned int i = 0; s->from && i < st->policies_count; i++) {
		if (st->policies[i].dir == o.dir && addr_equal(&st->policies[i].src, &o.src, true) &&
		    addr_equal(&st->policies[i].dst, &o.dst, true) && st->policies[i].user == o.user) {
			st->policies[i] = o;
			return 0;
		}
	}
	st->policies[st->policies_count++] = o;
	if (w.dir == IPSO_DIR_FWD)
		return w.offload ? -EINVAL : 0;
	return w.ifindex || s->kind == STEP_BLOCK ? 0 : -ENODEV;
}

static inline int host_link(const struct ipso_config *cfg, struct ipso_state *st,
			    const struct step *s)
{
	struct obs_link *l = (struct obs_link *)step_link(cfg, st, s);
	const struct cfg_device *d = &cfg->devices[s->device];

	if (!l->ifindex)
		return -ENODEV;
	if (s->kind == STEP_MTU)
		l->mtu = s->to;
	else if (s->kind == STEP_LINK_UP)
		l->up = true;
	else if (s->kind == STEP_ADDRESS)
		l->addresses[l->addresses_count++] =
			s->vf == NO_VF ? d->addresses[s->item] : d->vfs[s->vf].addresses[s->item];
	else if (s->kind == STEP_TC_OFFLOAD)
		l->tc_offload = true;
	else if (s->kind == STEP_TC_QDISC)
		st->ingress[st->ingress_count++] = (struct obs_ingress){l->ifindex, s->block};
	return 0;
}

static inline int host_vf(const struct ipso_config *cfg, struct ipso_state *st,
			  const struct step *s)
{
	const struct cfg_vf *c = &cfg->devices[s->device].vfs[s->vf];
	struct obs_vf *vf = (struct obs_vf *)step_vf(cfg, st, s);

	if (!vf)
		return -ENODEV;
	switch (s->kind) {
	case STEP_VF_UNBIND:
	case STEP_VF_BIND:
		if (vf->bound == (s->kind == STEP_VF_BIND))
			return -EBUSY;
		host_vf_netdev(vf, vf->index, s->kind == STEP_VF_BIND);
		return 0;
	case STEP_PORT_MAC:
		memcpy(vf->port_mac, c->mac, 6);
		vf->has_mac = true;
		return vf->bound ? -EBUSY : 0;
	case STEP_PORT_IPSEC:
		if (vf->bound || !vf->has_port)
			return -EBUSY;
		vf->ipsec_packet = s->to;
		return 0;
	case STEP_PORT_ROCE:
		if (vf->bound || !vf->has_port)
			return -EBUSY;
		vf->roce = s->to;
		return 0;
	default:
		if (!st->netns_count || !vf->link.ifindex)
			return -ENOENT;
		vf->link.addresses_count = 0;
		vf->link.up = false;
		strcpy(vf->netns, c->netns);
		return 0;
	}
}

/* Do one step: 0, or what the driver would answer. */
static inline int host_do(const struct ipso_config *cfg, struct ipso_state *st,
			  const struct step *s)
{
	uint32_t pci;

	switch (s->kind) {
	case STEP_GATE:
		st->gate.installed = true;
		pci_parse(st->devices->pci, &pci);
		st->gate.rules[0] = (struct gate_rule){pci, cfg->ordering};
		st->gate.rules_count = 1;
		return 0;
	case STEP_GATE_HOLD:
	case STEP_DISPLACE:
		return host_displace(st, s);
	case STEP_SRIOV:
		return host_sriov(st, s->to);
	case STEP_LEGACY:
		return host_mode(st, false);
	case STEP_ESWITCH:
		return host_mode(st, s->to == DEVLINK_ESWITCH_MODE_SWITCHDEV);
	case STEP_STEERING:
		strcpy(st->devices->steering, s->to == CFG_STEERING_SMFS ? "smfs" : "dmfs");
		return st->devices->switchdev ? -EOPNOTSUPP : 0;
	case STEP_ENCAP:
		strcpy(st->devices->encap_mode, "none");
		return st->devices->switchdev ? -EOPNOTSUPP : 0;
	case STEP_NETNS:
		strcpy(st->netns[st->netns_count++], cfg->devices[s->device].vfs[s->vf].netns);
		return 0;
	case STEP_SA:
		return host_sa(cfg, st, s);
	case STEP_BLOCK:
	case STEP_PIN:
	case STEP_POLICY:
		return host_policy(cfg, st, s);
	case STEP_TC_FILTER:
		return host_filter(cfg, st, s);
	case STEP_VXLAN:
		return host_vxlan(st, s);
	case STEP_OVS_OFFLOAD:
	case STEP_OVS_BRIDGE:
	case STEP_OVS_PORT:
	case STEP_OVS_VXLAN:
		return host_ovs(cfg, st, s);
	case STEP_VF_UNBIND:
	case STEP_VF_BIND:
	case STEP_PORT_MAC:
	case STEP_PORT_IPSEC:
	case STEP_PORT_ROCE:
	case STEP_MOVE:
		return host_vf(cfg, st, s);
	default:
		return host_link(cfg, st, s);
	}
}

/* Plan, do every step that is not satisfied yet, and hold that each then is. */
static inline unsigned int host_up(const struct ipso_config *cfg, struct ipso_state *st)
{
	_cleanup_(plan_free) struct ipso_plan *p = NULL;
	struct why why = {};
	unsigned int done = 0;

	if (plan_up(cfg, st, NULL, &p, &why) < 0)
		fail_msg("%s", why.what);
	for (unsigned int i = 0; i < p->count; i++) {
		char text[256];
		int err;

		if (step_satisfied(cfg, st, &p->steps[i]))
			continue;
		step_text(cfg, st, &p->steps[i], text, sizeof(text));
		err = host_do(cfg, st, &p->steps[i]);
		if (err < 0)
			fail_msg("step %u (%s): %s", i, text, strerror(-err));
		if (!step_satisfied(cfg, st, &p->steps[i]))
			fail_msg("step %u (%s) is done and does not show", i, text);
		done++;
	}
	return done;
}

#endif
