/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What ipso made and the configuration no longer asks for. SR-IOV, modes, bindings, namespaces and
 * links that are up carry more than ipso's own, and stay until `ipso down`.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "plan/priv.h"
#include "plan/undo.h"

struct search {
	const struct ipso_config *cfg;
	const struct ipso_state *st;
	const struct ipso_plan *p;
};

static unsigned int device_at(const struct ipso_state *st, const char *pci)
{
	for (unsigned int d = 0; d < st->devices_count; d++) {
		if (strcmp(st->devices[d].pci, pci) == 0)
			return d;
	}
	return NO_DEVICE;
}

const struct obs_link *gone_link(const struct ipso_state *st, const struct undo *u)
{
	unsigned int d = device_at(st, u->pci);
	const struct obs_vf *vf;

	for (unsigned int i = 0; u->vxlan && i < st->vxlans_count; i++) {
		if (st->vxlans[i].port == u->vxlan)
			return &st->vxlans[i].link;
	}
	if (d == NO_DEVICE || u->vxlan)
		return NULL;
	if (u->vf < 0)
		return &st->devices[d].uplink;
	vf = observe_vf(st, d, (uint32_t)u->vf);
	if (vf && u->rep)
		return &vf->rep;
	return vf && strcmp(vf->netns, u->netns) == 0 ? &vf->link : NULL;
}

/* SAs and policies of a namespace or device that was not read count as there. */
static bool was_read(const struct ipso_state *st, const struct undo *u)
{
	if (device_at(st, u->pci) == NO_DEVICE)
		return false;
	for (unsigned int i = 0; u->netns[0] && i < st->netns_count; i++) {
		if (strcmp(st->netns[i], u->netns) == 0)
			return true;
	}
	return !u->netns[0];
}

static bool ipsec_there(const struct ipso_state *st, const struct undo *u)
{
	bool there = !was_read(st, u);

	for (unsigned int i = 0; u->kind == STEP_SA && !there && i < st->sas_count; i++) {
		const struct obs_sa *o = &st->sas[i];

		there = o->spi == u->spi && addr_equal(&o->dst, &u->dst, false) &&
			strcmp(o->netns, u->netns) == 0;
	}
	for (unsigned int i = 0; is_policy(u->kind) && !there && i < st->policies_count; i++) {
		const struct obs_policy *o = &st->policies[i];

		there = o->dir == u->dir && addr_equal(&o->src, &u->src, true) &&
			addr_equal(&o->dst, &u->dst, true) && o->proto == u->protocol &&
			o->sport == u->sport && o->dport == u->dport &&
			(o->user == XFRM_USER_BELOW) == (u->kind == STEP_BLOCK) &&
			strcmp(o->netns, u->netns) == 0;
	}
	return there;
}

static bool rule_is(const struct obs_filter *f, const struct undo *u, uint32_t ifindex)
{
	return f->block == u->block && (u->block || f->ifindex == ifindex) && f->pref == u->pref && f->protocol == u->protocol &&
	       f->handle == u->handle && !f->chain;
}

const struct obs_filter *undo_rule(const struct ipso_state *st, const struct undo *u)
{
	const struct obs_link *l = gone_link(st, u);

	for (unsigned int i = 0; (u->block || (l && l->ifindex)) && i < st->filters_count; i++) {
		if (rule_is(&st->filters[i], u, u->block ? 0 : l->ifindex))
			return &st->filters[i];
	}
	return NULL;
}

bool rule_goes(const struct ipso_state *st, const struct ipso_plan *p, const struct obs_filter *f)
{
	for (unsigned int i = 0; i < p->count; i++) {
		const struct undo *u = p->steps[i].gone;

		const struct obs_filter *r = u && u->kind == STEP_TC_FILTER ? undo_rule(st, u) : NULL;

		/* A rule of a block was read once for each of its devices. */
		if (r && (r == f || (u->block && rule_is(f, u, 0))))
			return true;
	}
	return is_displaced(p, f);
}

/* A qdisc takes all its rules along: somebody else's keep it. */
static bool qdisc_free(const struct search *q, uint32_t ifindex)
{
	for (unsigned int i = 0; i < q->st->filters_count; i++) {
		if (q->st->filters[i].ifindex == ifindex && !rule_goes(q->st, q->p, &q->st->filters[i]))
			return false;
	}
	return true;
}

static bool link_there(const struct search *q, const struct undo *u)
{
	const struct obs_link *l = gone_link(q->st, u);
	uint32_t mtu;

	if (!was_read(q->st, u))
		return true;
	if (!l || !l->ifindex)
		return false;
	if (u->kind == STEP_ADDRESS)
		return link_has_address(l, &u->dst);
	if (u->kind == STEP_MTU)
		return num_u32(u->value, 1, UINT32_MAX, &mtu) == 0 && mtu != l->mtu;
	if (u->kind == STEP_VXLAN)
		return true;
	return link_ingress(q->st, l->ifindex) && qdisc_free(q, l->ifindex);
}

static bool gate_there(const struct ipso_state *st, const struct undo *u)
{
	uint32_t pci;

	if (!st->gate.installed || pci_parse(u->pci, &pci) < 0)
		return false;
	for (unsigned int i = 0; i < st->gate.rules_count; i++) {
		if (st->gate.rules[i].pci == pci)
			return true;
	}
	return false;
}

/* Open vSwitch is read when the configuration has bridges. */
static bool ovs_there(const struct search *q, const struct undo *u)
{
	const struct ovs_port *p;

	if (!q->cfg->ovs_count)
		return true;
	if (u->kind == STEP_OVS_BRIDGE)
		return ovs_bridge_find(&q->st->ovs, u->bridge);
	p = ovs_port_find(&q->st->ovs, u->port);
	return p && p->ours && strcmp(p->bridge, u->bridge) == 0;
}

static bool still_there(const struct search *q, const struct undo *u)
{
	switch (u->kind) {
	case STEP_BLOCK:
	case STEP_PIN:
	case STEP_SA:
	case STEP_POLICY:
		return ipsec_there(q->st, u);
	case STEP_TC_FILTER:
		return device_at(q->st, u->pci) == NO_DEVICE || undo_rule(q->st, u);
	case STEP_GATE_HOLD:
	case STEP_OVS_HOLD:
	case STEP_DISPLACE:
		return true; /* it is still out, or its record is all there is left to take */
	case STEP_GATE:
		return gate_there(q->st, u);
	case STEP_OVS_BRIDGE:
	case STEP_OVS_PORT:
	case STEP_OVS_VXLAN:
		return ovs_there(q, u);
	default:
		return link_there(q, u);
	}
}

static bool is_wanted(const struct undo *u, const struct undo *wanted, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		if (undo_same(u, &wanted[i]))
			return true;
	}
	return false;
}

static int add_gone(const struct search *q, const struct undo *u, struct ipso_plan *p)
{
	struct step s = {
		.kind = u->kind,
		.device = device_at(q->st, u->pci),
		.vf = u->vf < 0 ? NO_VF : (unsigned int)u->vf,
		.rep = u->rep,
		.vxlan = u->vxlan,
		.dir = u->dir,
		.gone = u,
	};

	return plan_add(p, &s);
}

/* Rules first, for whether a qdisc can go depends on them. */
static int add_all(const struct search *q, unsigned int n, const struct undo *wanted,
		   unsigned int wanted_count, struct ipso_plan *p)
{
	int err = 0;

	for (unsigned int round = 0; round < 2; round++) {
		for (unsigned int i = 0; !err && i < n; i++) {
			const struct undo *u = &p->gone[i];

			if ((u->kind == STEP_TC_FILTER) == (round == 0) && undo_same(u, u) &&
			    !is_wanted(u, wanted, wanted_count) && still_there(q, u))
				err = add_gone(q, u, p);
		}
	}
	return err;
}

int plan_unwanted(const struct ipso_config *cfg, const struct ipso_state *st,
		  const struct ipso_plan *wanted, const struct owned *owned, struct ipso_plan *p)
{
	const struct search q = {cfg, st, p};
	_free_ struct undo *keep = NULL;
	unsigned int n;

	if (!owned || !owned->count)
		return 0;
	p->gone = calloc(owned->count, sizeof(*p->gone));
	keep = calloc(wanted->count + 1, sizeof(*keep));
	if (!p->gone || !keep)
		return -ENOMEM;
	memcpy(p->gone, owned->list, owned->count * sizeof(*p->gone));
	n = undo_squash(p->gone, owned->count);
	for (unsigned int i = 0; i < wanted->count; i++)
		undo_make(cfg, st, &wanted->steps[i], &keep[i]);
	return add_all(&q, n, keep, wanted->count, p);
}
