/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is it so already? One question a kind, answered from the host as last read. */
#include <linux/devlink.h>
#include <string.h>

#include "plan/names.h"
#include "plan/priv.h"
#include "plan/undo.h"

static bool gate_is(const struct ipso_config *cfg, const struct ipso_state *st, unsigned int d)
{
	uint32_t pci;

	if (!st->gate.installed || pci_parse(st->devices[d].pci, &pci) < 0)
		return false;
	for (unsigned int i = 0; i < st->gate.rules_count; i++) {
		if (st->gate.rules[i].pci == pci)
			return st->gate.rules[i].mode == cfg->ordering;
	}
	return false;
}

/* A device that does not offer the parameter has only one way to steer. */
static bool steering_is(const struct obs_device *d, uint32_t want)
{
	return !d->steering[0] ||
	       strcmp(d->steering, want == CFG_STEERING_SMFS ? "smfs" : "dmfs") == 0;
}

static bool port_is(const struct ipso_config *cfg, const struct ipso_state *st,
		    const struct step *s)
{
	const struct cfg_vf *c = &cfg->devices[s->device].vfs[s->vf];
	const struct obs_vf *vf = step_vf(cfg, st, s);

	if (s->kind == STEP_PORT_MAC)
		return vf && vf->has_mac && memcmp(vf->port_mac, c->mac, sizeof(c->mac)) == 0;
	if (s->kind == STEP_PORT_ROCE)
		return vf && vf->roce_known && vf->roce == s->to;
	/* A VF that does not exist, or a driver without the attribute, cannot have it on. */
	if (!vf || !vf->ipsec_packet_known)
		return !s->to;
	return vf->ipsec_packet == s->to;
}

static bool netns_is(const struct ipso_state *st, const char *name)
{
	for (unsigned int i = 0; i < st->netns_count; i++) {
		if (strcmp(st->netns[i], name) == 0)
			return true;
	}
	return false;
}

bool link_has_address(const struct obs_link *l, const struct addr *a)
{
	for (unsigned int i = 0; i < l->addresses_count; i++) {
		if (addr_equal(&l->addresses[i], a, true))
			return true;
	}
	return false;
}

/* Everything that was configured, and the offload that was granted. */
static bool same_sa(const struct obs_sa *o, const struct xfrm_sa *w)
{
	return addr_equal(&o->src, &w->src, false) && o->reqid == w->reqid && o->esn == w->esn &&
	       addr_equal(&o->sel_src, &w->sel_src, true) &&
	       addr_equal(&o->sel_dst, &w->sel_dst, true) &&
	       o->udp_sport == w->udp_sport && o->udp_dport == w->udp_dport &&
	       o->replay_window == w->replay_window && o->mode == w->mode && o->packet_offload &&
	       o->dir == w->dir && o->ifindex == w->ifindex &&
	       o->soft_packets == w->soft_packets && o->hard_packets == w->hard_packets &&
	       o->soft_bytes == w->soft_bytes && o->hard_bytes == w->hard_bytes &&
	       o->soft_seconds == w->soft_seconds && o->hard_seconds == w->hard_seconds &&
	       (!w->key_len || o->aead_bits == (w->key_len - 4) * 8) &&
	       (!o->key_known || o->key_matches);
}

static bool sa_is(const struct ipso_config *cfg, const struct ipso_state *st, const struct step *s,
		  bool *ret_other)
{
	struct xfrm_sa w;

	step_sa(cfg, st, s, &w);
	for (unsigned int i = 0; i < st->sas_count; i++) {
		const struct obs_sa *o = &st->sas[i];

		if (o->spi != w.spi || !addr_equal(&o->dst, &w.dst, false) ||
		    strcmp(o->netns, step_netns(cfg, st, s)) != 0)
			continue;
		*ret_other = !same_sa(o, &w);
		return !*ret_other;
	}
	return false;
}

const struct obs_policy *policy_named(const struct ipso_state *st, const struct xfrm_pol *p,
				      const char *netns)
{
	for (unsigned int i = 0; i < st->policies_count; i++) {
		const struct obs_policy *o = &st->policies[i];

		if (o->dir == p->dir && addr_equal(&o->src, &p->sel_src, true) &&
		    addr_equal(&o->dst, &p->sel_dst, true) && o->proto == p->proto &&
		    o->sport == p->sport && o->dport == p->dport && o->user == p->user &&
		    strcmp(o->netns, netns) == 0)
			return o;
	}
	return NULL;
}

static bool same_policy(const struct obs_policy *o, const struct xfrm_pol *w)
{
	return o->block == w->block && o->priority == w->priority && o->reqid == w->reqid && o->mode == w->mode &&
	       addr_equal(&o->tmpl_src, &w->tmpl_src, false) &&
	       addr_equal(&o->tmpl_dst, &w->tmpl_dst, false) &&
	       o->packet_offload == (w->offload == IPSO_OFFLOAD_PACKET) &&
	       o->ifindex == w->ifindex;
}

static bool policy_is(const struct ipso_config *cfg, const struct ipso_state *st,
		      const struct step *s, bool *ret_other)
{
	const struct obs_policy *o;
	struct xfrm_pol w;

	step_policy(cfg, st, s, &w);
	o = policy_named(st, &w, step_netns(cfg, st, s));
	*ret_other = o && !same_policy(o, &w);
	return o && !*ret_other;
}

const struct obs_ingress *link_ingress(const struct ipso_state *st, uint32_t ifindex)
{
	for (unsigned int i = 0; ifindex && i < st->ingress_count; i++) {
		if (st->ingress[i].ifindex == ifindex)
			return &st->ingress[i];
	}
	return NULL;
}

static bool qdisc_is(const struct ipso_state *st, uint32_t ifindex, uint32_t block)
{
	const struct obs_ingress *q = link_ingress(st, ifindex);

	return q && q->block == block;
}

static bool link_is(const struct ipso_config *cfg, const struct ipso_state *st,
		    const struct step *s)
{
	const struct obs_link *l = step_link(cfg, st, s);

	switch (s->kind) {
	case STEP_MOVE:
		return l->ifindex && strcmp(step_netns(cfg, st, s),
					    cfg->devices[s->device].vfs[s->vf].netns) == 0;
	case STEP_MTU:
		return l->ifindex && l->mtu == s->to;
	case STEP_ADDRESS:
		return link_has_address(l, step_address(cfg, s));
	case STEP_LINK_UP:
		return l->ifindex && l->up;
	case STEP_TC_QDISC:
		return qdisc_is(st, l->ifindex, s->block);
	case STEP_VXLAN:
		return l->ifindex && l->up;
	default:
		return l->tc_offload;
	}
}

bool step_satisfied(const struct ipso_config *cfg, const struct ipso_state *st,
		    const struct step *s)
{
	const struct obs_device *d;
	const struct obs_vf *vf;
	bool other;

	if (s->gone)
		return false; /* it was there when the plan was made */
	if (s->kind == STEP_GATE_HOLD)
		return gate_is_held(st, s->device);
	if (s->kind == STEP_OVS_HOLD)
		return ovs_is_held(st);
	if (s->kind == STEP_DISPLACE)
		return !rule_there(st, &s->saved->rule);
	d = &st->devices[s->device];
	vf = step_vf(cfg, st, s);
	switch (s->kind) {
	case STEP_GATE:
		return gate_is(cfg, st, s->device);
	case STEP_SRIOV:
		return d->vfs_count >= s->to;
	case STEP_VF_UNBIND:
		return vf && !vf->bound;
	case STEP_LEGACY:
		return !d->switchdev;
	case STEP_STEERING:
		return steering_is(d, s->to);
	case STEP_ENCAP:
		return strcmp(d->encap_mode, "none") == 0;
	case STEP_ESWITCH:
		return d->switchdev == (s->to == DEVLINK_ESWITCH_MODE_SWITCHDEV);
	case STEP_PORT_MAC:
	case STEP_PORT_IPSEC:
	case STEP_PORT_ROCE:
		return port_is(cfg, st, s);
	case STEP_VF_BIND:
		return vf && vf->bound;
	case STEP_NETNS:
		return netns_is(st, cfg->devices[s->device].vfs[s->vf].netns);
	case STEP_SA:
		return sa_is(cfg, st, s, &other);
	case STEP_BLOCK:
	case STEP_PIN:
	case STEP_POLICY:
		return policy_is(cfg, st, s, &other);
	case STEP_OVS_OFFLOAD:
	case STEP_OVS_BRIDGE:
	case STEP_OVS_PORT:
	case STEP_OVS_VXLAN:
		return ovs_is(cfg, st, s);
	case STEP_TC_FILTER:
		return filter_is(cfg, st, s, &other);
	default:
		return link_is(cfg, st, s);
	}
}

bool step_replaces(const struct ipso_config *cfg, const struct ipso_state *st,
		   const struct step *s)
{
	bool other = false;

	if (s->kind == STEP_SA)
		sa_is(cfg, st, s, &other);
	else if (is_policy(s->kind))
		policy_is(cfg, st, s, &other);
	else if (s->kind == STEP_OVS_VXLAN)
		other = ovs_replaces(cfg, st, s);
	else if (s->kind == STEP_TC_FILTER)
		filter_is(cfg, st, s, &other);
	return other;
}
