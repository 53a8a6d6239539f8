/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order of steps, derived from what each kind needs to have been done before it. */
#include <errno.h>
#include <stdlib.h>

#include "plan/priv.h"
#include "plan/undo.h"

#define AFTER(kind) (1ull << (kind))

/* Kinds that come before: done, and taken away. */
struct need {
	uint64_t done, gone;
};

/*
 * Why each needs what it needs: the gate has to stand before anything makes TC offload possible.
 * Steering cannot be written in switchdev, encap-mode should not (the driver makes the FDB anew and
 * warns). Port functions exist in switchdev and are read by the
 * VF's driver when it binds. Moving a net device takes its addresses away, setting it down or
 * moving it flushes offloaded SAs and the pin. From an address packets are sent, so what blocks them
 * is there first. Policies find their SAs by reqid. The first SA or policy of a
 * direction is refused while TC rules are in hardware, on some kernels every one is, so those that
 * go do it before; and Open vSwitch puts its own there as soon as a port of it has hw-offload,
 * which therefore is set first.
 */
static const struct need needs[STEP_KINDS] = {
	[STEP_SRIOV] = {AFTER(STEP_GATE), 0},
	[STEP_VF_UNBIND] = {AFTER(STEP_SRIOV), 0},
	[STEP_LEGACY] = {AFTER(STEP_VF_UNBIND), AFTER(STEP_TC_FILTER)},
	[STEP_STEERING] = {AFTER(STEP_LEGACY), 0},
	[STEP_ENCAP] = {AFTER(STEP_STEERING), 0},
	[STEP_ESWITCH] = {AFTER(STEP_ENCAP) | AFTER(STEP_VF_UNBIND), AFTER(STEP_TC_FILTER)},
	[STEP_PORT_MAC] = {AFTER(STEP_ESWITCH) | AFTER(STEP_VF_UNBIND), 0},
	[STEP_PORT_IPSEC] = {AFTER(STEP_PORT_MAC), 0},
	[STEP_PORT_ROCE] = {AFTER(STEP_PORT_IPSEC), 0},
	[STEP_VF_BIND] = {AFTER(STEP_PORT_MAC) | AFTER(STEP_PORT_ROCE), 0},
	[STEP_NETNS] = {AFTER(STEP_VF_BIND), 0},
	[STEP_MOVE] = {AFTER(STEP_NETNS) | AFTER(STEP_VF_BIND), 0},
	[STEP_BLOCK] = {AFTER(STEP_ESWITCH) | AFTER(STEP_MOVE), 0},
	[STEP_MTU] = {AFTER(STEP_ESWITCH) | AFTER(STEP_MOVE), 0},
	[STEP_ADDRESS] = {AFTER(STEP_MTU) | AFTER(STEP_BLOCK), 0},
	[STEP_LINK_UP] = {AFTER(STEP_ADDRESS), 0},
	[STEP_GATE_HOLD] = {AFTER(STEP_LINK_UP) | AFTER(STEP_GATE), 0},
	[STEP_DISPLACE] = {AFTER(STEP_GATE_HOLD), AFTER(STEP_TC_FILTER)},
	[STEP_OVS_HOLD] = {AFTER(STEP_GATE_HOLD), AFTER(STEP_TC_FILTER)},
	[STEP_PIN] = {AFTER(STEP_LINK_UP) | AFTER(STEP_GATE_HOLD) | AFTER(STEP_DISPLACE) |
		      AFTER(STEP_OVS_HOLD),
		      AFTER(STEP_TC_FILTER)},
	[STEP_SA] = {AFTER(STEP_PIN) | AFTER(STEP_LINK_UP), AFTER(STEP_TC_FILTER)},
	[STEP_POLICY] = {AFTER(STEP_SA), 0},
	[STEP_VXLAN] = {AFTER(STEP_POLICY), 0},
	[STEP_TC_OFFLOAD] = {AFTER(STEP_POLICY), 0},
	[STEP_TC_QDISC] = {AFTER(STEP_TC_OFFLOAD) | AFTER(STEP_VXLAN), 0},
	[STEP_TC_FILTER] = {AFTER(STEP_TC_QDISC), AFTER(STEP_DISPLACE)},
	[STEP_OVS_OFFLOAD] = {AFTER(STEP_POLICY) | AFTER(STEP_TC_FILTER), AFTER(STEP_OVS_HOLD)},
	[STEP_OVS_BRIDGE] = {AFTER(STEP_OVS_OFFLOAD), 0},
	[STEP_OVS_PORT] = {AFTER(STEP_OVS_BRIDGE) | AFTER(STEP_LINK_UP),
			   AFTER(STEP_OVS_PORT) | AFTER(STEP_OVS_VXLAN)},
	[STEP_OVS_VXLAN] = {AFTER(STEP_OVS_PORT), AFTER(STEP_OVS_VXLAN)},
};

/*
 * Taking away: what replaces it has to stand first. A displaced rule is put back as soon as all of
 * IPsec is there. A bridge goes or changes its ends before the
 * policies of the old ends go, or it would send what they protect in the clear, and so do the
 * addresses that were protected. SAs go last of what carries data: until then the peer may still
 * use them.
 */
static const struct need needs_gone[STEP_KINDS] = {
	[STEP_GATE_HOLD] = {AFTER(STEP_POLICY), 0},
	[STEP_DISPLACE] = {AFTER(STEP_POLICY), AFTER(STEP_GATE_HOLD)},
	[STEP_OVS_HOLD] = {AFTER(STEP_POLICY), AFTER(STEP_GATE_HOLD)},
	[STEP_OVS_PORT] = {AFTER(STEP_POLICY), 0},
	[STEP_OVS_VXLAN] = {AFTER(STEP_POLICY), 0},
	[STEP_OVS_BRIDGE] = {AFTER(STEP_OVS_VXLAN), AFTER(STEP_OVS_PORT) | AFTER(STEP_OVS_VXLAN)},
	[STEP_TC_QDISC] = {AFTER(STEP_TC_FILTER) | AFTER(STEP_OVS_VXLAN), AFTER(STEP_TC_FILTER)},
	[STEP_VXLAN] = {0, AFTER(STEP_TC_FILTER) | AFTER(STEP_TC_QDISC)},
	[STEP_ADDRESS] = {AFTER(STEP_POLICY) | AFTER(STEP_OVS_VXLAN), AFTER(STEP_OVS_BRIDGE)},
	[STEP_POLICY] = {AFTER(STEP_POLICY) | AFTER(STEP_OVS_VXLAN),
			 AFTER(STEP_OVS_BRIDGE) | AFTER(STEP_ADDRESS)},
	[STEP_BLOCK] = {AFTER(STEP_BLOCK) | AFTER(STEP_POLICY) | AFTER(STEP_OVS_VXLAN),
			AFTER(STEP_POLICY) | AFTER(STEP_ADDRESS)},
	[STEP_SA] = {AFTER(STEP_POLICY), AFTER(STEP_POLICY)},
	[STEP_PIN] = {AFTER(STEP_POLICY), AFTER(STEP_SA) | AFTER(STEP_TC_QDISC)},
	[STEP_MTU] = {AFTER(STEP_MTU), AFTER(STEP_SA)},
	[STEP_GATE] = {AFTER(STEP_TC_FILTER), AFTER(STEP_PIN) | AFTER(STEP_TC_QDISC)},
};

/* [0]: of steps that do something, [1]: of those that take it away. */
struct ranks {
	unsigned int of[2][STEP_KINDS];
};

static bool raise(struct ranks *r, unsigned int kind, unsigned int gone)
{
	const struct need *n = gone ? &needs_gone[kind] : &needs[kind];
	unsigned int least = 0;

	for (unsigned int k = 0; k < STEP_KINDS; k++) {
		if (n->done & AFTER(k) && r->of[0][k] + 1 > least)
			least = r->of[0][k] + 1;
		if (n->gone & AFTER(k) && r->of[1][k] + 1 > least)
			least = r->of[1][k] + 1;
	}
	if (least == r->of[gone][kind])
		return false;
	r->of[gone][kind] = least;
	return true;
}

/* Length of the longest chain of needs below each. The tables are a DAG: a unit test holds it. */
static void rank(struct ranks *ret_r)
{
	bool more = true;

	*ret_r = (struct ranks){};
	for (unsigned int round = 0; more && round < 2 * STEP_KINDS; round++) {
		more = false;
		for (unsigned int i = 0; i < 2 * STEP_KINDS; i++)
			more |= raise(ret_r, i % STEP_KINDS, i / STEP_KINDS);
	}
}

static int compare(unsigned int a, unsigned int b)
{
	return a < b ? -1 : a > b;
}

/*
 * New SAs: all inbound ones before the first that sends. Old ones: the other way round, for the
 * peer sends with them as long as this host may.
 */
static unsigned int turn(const struct step *s)
{
	if (s->kind != STEP_SA)
		return 0;
	return (s->dir == IPSO_DIR_IN) == (s->gone != NULL);
}

struct ranked {
	unsigned int rank;
	struct step s;
};

static int by_rank(const void *pa, const void *pb)
{
	const struct step *a = &((const struct ranked *)pa)->s;
	const struct step *b = &((const struct ranked *)pb)->s;
	int c = compare(((const struct ranked *)pa)->rank, ((const struct ranked *)pb)->rank);

	c = c ? c : compare(a->kind, b->kind);
	c = c ? c : compare(a->gone != NULL, b->gone != NULL);
	c = c ? c : compare(turn(a), turn(b));
	c = c ? c : compare(a->device + 1, b->device + 1); /* NO_DEVICE first */
	c = c ? c : compare(a->vf + 1, b->vf + 1); /* NO_VF, the uplink, first */
	c = c ? c : compare(a->rep, b->rep);
	c = c ? c : compare(a->item, b->item);
	c = c ? c : compare(a->dir, b->dir);
	c = c ? c : (a->gone > b->gone) - (a->gone < b->gone); /* places in one array */
	return c ? c : (a->saved > b->saved) - (a->saved < b->saved);
}

int plan_order(struct ipso_plan *p)
{
	struct ranked *r = calloc(p->count + 1, sizeof(*r));
	struct ranks ranks;

	if (!r)
		return -ENOMEM;
	rank(&ranks);
	for (unsigned int i = 0; i < p->count; i++) {
		r[i].s = p->steps[i];
		r[i].rank = ranks.of[r[i].s.gone != NULL][r[i].s.kind];
	}
	qsort(r, p->count, sizeof(*r), by_rank);
	for (unsigned int i = 0; i < p->count; i++)
		p->steps[i] = r[i].s;
	free(r);
	return 0;
}

static bool is_before(const struct ranks *r, const struct undo *a, const struct undo *b)
{
	int c = compare(r->of[0][a->kind], r->of[0][b->kind]);

	return c ? c < 0 : a->kind < b->kind;
}

void undo_order(struct undo *list, unsigned int n)
{
	struct ranks ranks;

	rank(&ranks);
	/* By insertion: nearly always they are in order. */
	for (unsigned int i = 1; i < n; i++) {
		struct undo u = list[i];
		unsigned int k = i;

		for (; k > 0 && is_before(&ranks, &u, &list[k - 1]); k--)
			list[k] = list[k - 1];
		list[k] = u;
	}
}

/* Does the step come behind the stage? */
static bool is_behind(const struct step *s, const struct ranks *r, enum plan_stage stage)
{
	if (stage == STAGE_OUTBOUND)
		return s->gone && s->kind == STEP_SA && s->dir == IPSO_DIR_IN;
	return r->of[s->gone != NULL][s->kind] > r->of[0][STEP_SA] ||
	       (s->kind == STEP_SA && s->dir == IPSO_DIR_OUT);
}

/* Rules that were displaced are put back at the end of every stage. */
void plan_until(struct ipso_plan *p, enum plan_stage stage)
{
	unsigned int kept = 0;
	struct ranks ranks;
	bool behind = false;

	rank(&ranks);
	for (unsigned int i = 0; i < p->count && stage != STAGE_DONE; i++) {
		behind |= is_behind(&p->steps[i], &ranks, stage);
		if (!behind || puts_back(&p->steps[i]))
			p->steps[kept++] = p->steps[i];
	}
	if (stage != STAGE_DONE)
		p->count = kept;
}
