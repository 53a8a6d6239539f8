/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A host in memory that keeps a journal: steps that take something away, and whole changes. */
#ifndef IPSO_TEST_HOST_CHANGE_H
#define IPSO_TEST_HOST_CHANGE_H

#include "host_do.h"
#include "plan/undo.h"

struct host_journal {
	struct undo list[4 * HOST_ROOM];
	unsigned int count;
};

/* Elements i with is(i) leave array[count]. */
#define HOST_DROP(array, count, is)                                                 \
	do {                                                                        \
		unsigned int _kept = 0;                                             \
		for (unsigned int i = 0; i < (count); i++)                          \
			if (!(is))                                                  \
				(array)[_kept++] = (array)[i];                      \
		assert_true(_kept < (count)); /* what is not there cannot be taken */ \
		(count) = _kept;                                                    \
	} while (0)

static inline void host_take_link(struct ipso_state *st, const struct undo *u)
{
	struct obs_device *d = st->devices;
	struct obs_vf *vf = u->vf < 0 ? NULL : &d->vfs[u->vf];
	struct obs_link *l = !vf ? &d->uplink : u->rep ? &vf->rep : &vf->link;

	for (unsigned int i = 0; u->vxlan && i < st->vxlans_count; i++)
		l = &st->vxlans[i].link;

	if (u->kind == STEP_MTU)
		l->mtu = (uint32_t)atoi(u->value);
	else if (u->kind == STEP_ADDRESS)
		HOST_DROP(l->addresses, l->addresses_count,
			  addr_equal(&l->addresses[i], &u->dst, true));
	else if (u->kind == STEP_TC_QDISC)
		HOST_DROP(st->ingress, st->ingress_count, st->ingress[i].ifindex == l->ifindex);
	else if (u->kind == STEP_VXLAN)
		HOST_DROP(st->vxlans, st->vxlans_count, st->vxlans[i].port == u->vxlan);
	else
		HOST_DROP(st->filters, st->filters_count, st->filters[i].handle == u->handle &&
			  (u->block ? st->filters[i].block == u->block
				    : st->filters[i].ifindex == l->ifindex));
}

static inline void host_take(struct ipso_state *st, const struct undo *u)
{
	uint32_t pci;

	pci_parse(u->pci, &pci);
	switch (u->kind) {
	case STEP_SA:
		HOST_DROP(st->sas, st->sas_count, st->sas[i].spi == u->spi &&
			  addr_equal(&st->sas[i].dst, &u->dst, false));
		break;
	case STEP_BLOCK:
	case STEP_PIN:
	case STEP_POLICY:
		HOST_DROP(st->policies, st->policies_count, st->policies[i].dir == u->dir &&
			  addr_equal(&st->policies[i].src, &u->src, true) &&
			  addr_equal(&st->policies[i].dst, &u->dst, true) &&
			  st->policies[i].proto == u->protocol &&
			  st->policies[i].sport == u->sport && st->policies[i].dport == u->dport &&
			  (st->policies[i].user != 0) == (u->kind == STEP_BLOCK));
		break;
	case STEP_GATE:
		HOST_DROP(st->gate.rules, st->gate.rules_count, st->gate.rules[i].pci == pci);
		break;
	case STEP_GATE_HOLD:
		assert_int_equal(st->gate.rules_count, 1);
		st->gate.rules[0].mode = IPSO_GATE_ENFORCE;
		break;
	case STEP_DISPLACE:
		host_put_back(st, &u->rule);
		break;
	case STEP_OVS_BRIDGE:
		HOST_DROP(st->ovs.bridges, st->ovs.bridges_count,
			  strcmp(st->ovs.bridges[i].name, u->bridge) == 0);
		break;
	case STEP_OVS_PORT:
	case STEP_OVS_VXLAN:
		HOST_DROP(st->ovs.ports, st->ovs.ports_count,
			  strcmp(st->ovs.ports[i].name, u->port) == 0);
		break;
	default:
		host_take_link(st, u);
	}
}

static inline void host_forget(struct host_journal *j, const struct undo *u)
{
	HOST_DROP(j->list, j->count, undo_same(&j->list[i], u));
}

static inline void host_step(const struct ipso_config *cfg, struct ipso_state *st,
			     struct host_journal *j, const struct step *s)
{
	char text[256];

	step_text(cfg, st, s, text, sizeof(text));
	if (s->gone) {
		host_take(st, s->gone);
		host_forget(j, s->gone);
		return;
	}
	if (step_satisfied(cfg, st, s))
		return;
	undo_make(cfg, st, s, &j->list[j->count++]);
	if (host_do(cfg, st, s) < 0 || !step_satisfied(cfg, st, s))
		fail_msg("%s: failed", text);
}

/* Plan with what the journal says, and do as many of the steps; the plan is handed on. */
static inline struct ipso_plan *host_change(const struct ipso_config *cfg, struct ipso_state *st,
					    struct host_journal *j, unsigned int steps)
{
	const struct owned owned = {j->list, j->count};
	struct ipso_plan *p = NULL;
	struct why why = {};

	if (plan_up(cfg, st, &owned, &p, &why) < 0)
		fail_msg("%s", why.what);
	for (unsigned int i = 0; i < p->count && i < steps; i++)
		host_step(cfg, st, j, &p->steps[i]);
	j->count = undo_squash(j->list, j->count);
	return p;
}

#endif
