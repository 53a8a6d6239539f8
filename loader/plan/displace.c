/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * on-conflict: displace. Rules in hardware that keep IPsec away are taken out before it and put
 * back behind it; Open vSwitch does so itself with its own, while its flow limit is 0. The record of
 * a rule that is out is in the journal: whoever comes next, up or down, puts it back. And the gate
 * held closed while SAs go in, whatever is to be done on conflict.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "plan/priv.h"
#include "plan/undo.h"

bool displaces(const struct step *s)
{
	return s->saved;
}

static bool same_rule(const struct obs_filter *f, const struct tc_filter *t)
{
	return f->ifindex == t->ifindex && f->pref == t->pref && f->protocol == t->protocol &&
	       f->handle == t->handle && f->chain == t->chain;
}

bool rule_there(const struct ipso_state *st, const struct tc_filter *t)
{
	for (unsigned int i = 0; i < st->filters_count; i++) {
		if (same_rule(&st->filters[i], t))
			return true;
	}
	return false;
}

bool is_displaced(const struct ipso_plan *p, const struct obs_filter *f)
{
	for (unsigned int i = 0; i < p->count; i++) {
		const struct step *s = &p->steps[i];

		if (displaces(s) && s->kind == STEP_OVS_HOLD && f->ovs)
			return true;
		if (displaces(s) && s->kind == STEP_DISPLACE && same_rule(f, &s->saved->rule))
			return true;
	}
	return false;
}

const char *rule_owner(const struct obs_filter *f)
{
	if (f->ovs)
		return " of Open vSwitch";
	return strcmp(f->kind, "flower") == 0 && rule_handle_is_ours(f->handle) ? " of ipso" : "";
}

static bool on_eswitch(const struct obs_device *d, uint32_t ifindex)
{
	bool is = ifindex && ifindex == d->uplink.ifindex;

	for (uint32_t i = 0; i < d->vfs_count; i++)
		is |= ifindex && ifindex == d->vfs[i].rep.ifindex;
	return is;
}

static bool is_vxlan(const struct ipso_state *st, uint32_t ifindex)
{
	bool is = false;

	for (unsigned int i = 0; i < st->vxlans_count; i++)
		is |= st->vxlans[i].link.ifindex == ifindex;
	return is;
}

static bool ports_known(const struct ipso_state *st, const struct obs_device *d,
			const struct tc_rule *r)
{
	for (unsigned int i = 0; i < r->actions_count; i++) {
		const struct tc_action *a = &r->actions[i];

		if ((a->kind == TC_DO_REDIRECT || a->kind == TC_DO_MIRROR) &&
		    !on_eswitch(d, a->ifindex) && !is_vxlan(st, a->ifindex))
			return false;
	}
	return true;
}

/* Why a rule could not be put back as it is, or not behind IPsec; NULL when it can. */
static const char *cannot(const struct ipso_state *st, unsigned int d, const struct obs_filter *f)
{
	if (f->block)
		return "is of a block that devices share";
	if (f->ifindex == st->devices[d].uplink.ifindex)
		return "starts at the uplink, where the driver takes none beside IPsec";
	if (!f->plain || !ports_known(st, &st->devices[d], &f->rule))
		return "matches or does something that ipso cannot put back exactly";
	if (!f->alone)
		return "has an action with a cookie, or one that is shared with other rules";
	return NULL;
}

/* By a record of a run that was killed. */
static bool is_put_back(const struct ipso_plan *p, const struct undo *u)
{
	for (unsigned int i = 0; i < p->count; i++) {
		if (p->steps[i].gone && undo_same(p->steps[i].gone, u))
			return true;
	}
	return false;
}

/* A step, and behind IPsec the one that takes it back by the record u. */
static int add_held(struct ipso_plan *p, enum step_kind kind, unsigned int d, struct undo *u)
{
	struct step s = {.kind = kind, .device = d, .vf = NO_VF, .saved = u};
	int err;

	u->kind = kind;
	u->vf = -1;
	err = plan_add(p, &s);
	s.saved = NULL;
	s.gone = u;
	return err || is_put_back(p, u) ? err : plan_add(p, &s);
}

/* Its flows are its own: it is told to take them out, and makes them anew when it may. */
static int hold_ovs(const struct ipso_state *st, unsigned int d, struct ipso_plan *p,
		    unsigned int *n, struct why *why)
{
	struct undo *u = &p->saved[*n];

	for (unsigned int i = 0; i < p->count; i++) {
		if (p->steps[i].kind == STEP_OVS_HOLD && !p->steps[i].gone)
			return 0;
	}
	if (st->ovs_why.err) {
		if (why)
			*why = st->ovs_why;
		return st->ovs_why.err;
	}
	++*n;
	memcpy(u->value, st->ovs.flow_limit, sizeof(st->ovs.flow_limit));
	if (add_held(p, STEP_OVS_HOLD, d, u) < 0)
		return why_set(why, -ENOMEM, "make the plan");
	return 0;
}

/*
 * The pin opens the gate. Where every SA needs an eswitch without rules it has to stay closed until
 * the last of them is there: Open vSwitch has flows for it at any time.
 */
static int hold_gate(const struct ipso_config *cfg, const struct ipso_state *st, unsigned int d,
		     struct ipso_plan *p, unsigned int *n, struct why *why)
{
	struct undo *u = &p->saved[*n];

	if (!st->kernel.sa_needs_free_eswitch || cfg->ordering != IPSO_GATE_ENFORCE)
		return 0;
	++*n;
	memcpy(u->pci, st->devices[d].pci, sizeof(u->pci));
	if (add_held(p, STEP_GATE_HOLD, d, u) < 0)
		return why_set(why, -ENOMEM, "make the plan");
	return 0;
}

/* Is the pin to come, and SAs behind it? */
static bool opens_before_sas(const struct ipso_config *cfg, const struct ipso_plan *p, unsigned int d)
{
	bool sas = false;

	for (unsigned int i = 0; i < p->count; i++) {
		const struct step *s = &p->steps[i];

		sas |= s->kind == STEP_SA && s->device == d && s->vf == NO_VF && !s->gone;
	}
	return sas && cfg->devices[d].mode == CFG_MODE_SWITCHDEV && plan_has(p, STEP_PIN, d);
}

static int add_rule(struct ipso_plan *p, unsigned int d, const struct obs_filter *f, struct undo *u)
{
	u->rule = (struct tc_filter){
		.ifindex = f->ifindex,
		.handle = f->handle,
		.chain = f->chain,
		.pref = f->pref,
		.protocol = f->protocol,
		.kind = "flower",
		.skip_sw = f->skip_sw,
		.rule = f->rule,
	};
	memcpy(u->port, f->ifname, sizeof(u->port));
	return add_held(p, STEP_DISPLACE, d, u);
}

static int displace_rule(const struct ipso_state *st, unsigned int d, const struct obs_filter *f,
			 struct ipso_plan *p, unsigned int *n, struct why *why)
{
	const char *reason = cannot(st, d, f);

	if (reason) {
		why_remedy(why, "delete it by hand (tc filter del dev %s ingress pref %u), run this "
				"again, then add it; nothing was changed", f->ifname, f->pref);
		return why_set(why, -EBUSY, "TC rule %s pref %u protocol 0x%04x %s%s is in the way of "
			       "IPsec and cannot be displaced: it %s", f->ifname, f->pref, f->protocol,
			       f->kind, rule_owner(f), reason);
	}
	if (add_rule(p, d, f, &p->saved[(*n)++]) < 0)
		return why_set(why, -ENOMEM, "make the plan");
	return 0;
}

static int displace(const struct ipso_config *cfg, const struct ipso_state *st, unsigned int d,
		    struct ipso_plan *p, unsigned int *n, struct why *why)
{
	unsigned int before = *n;
	int err = 0;

	for (unsigned int i = 0; !err && i < st->filters_count; i++) {
		const struct obs_filter *f = &st->filters[i];

		if (!f->in_hw || !observe_filter_on(st, d, f) || rule_goes(st, p, f))
			continue;
		memcpy(p->saved[*n].pci, st->devices[d].pci, sizeof(p->saved[*n].pci));
		err = f->ovs ? hold_ovs(st, d, p, n, why) : displace_rule(st, d, f, p, n, why);
	}
	return err || *n == before ? err : hold_gate(cfg, st, d, p, n, why);
}

bool gate_is_held(const struct ipso_state *st, unsigned int d)
{
	uint32_t pci;

	if (!st->gate.installed || pci_parse(st->devices[d].pci, &pci) < 0)
		return false;
	for (unsigned int i = 0; i < st->gate.rules_count; i++) {
		if (st->gate.rules[i].pci == pci)
			return st->gate.rules[i].mode == IPSO_GATE_HOLD;
	}
	return false;
}

bool ovs_in_hardware(const struct ipso_state *st)
{
	for (unsigned int i = 0; i < st->filters_count; i++) {
		if (st->filters[i].ovs && st->filters[i].in_hw)
			return true;
	}
	return false;
}

bool ovs_is_held(const struct ipso_state *st)
{
	return !ovs_in_hardware(st) && strcmp(st->ovs.flow_limit, "0") == 0;
}

int plan_displace(const struct ipso_config *cfg, const struct ipso_state *st, struct ipso_plan *p,
		  struct why *why)
{
	unsigned int n = 0, before;
	int err = 0;

	p->saved = calloc(st->filters_count + cfg->devices_count + 1, sizeof(*p->saved));
	if (!p->saved)
		return why_set(why, -ENOMEM, "make the plan");
	for (unsigned int d = 0; !err && d < cfg->devices_count; d++) {
		before = n;
		if (cfg->on_conflict == CFG_CONFLICT_DISPLACE && !plan_has(p, STEP_ESWITCH, d) &&
		    needs_free_eswitch(cfg, st, p, d, NULL))
			err = displace(cfg, st, d, p, &n, why);
		if (!err && n == before && opens_before_sas(cfg, p, d))
			err = hold_gate(cfg, st, d, p, &n, why);
	}
	return err;
}

/* What only takes out: putting back is for when the window closes. */
static void keep_out_steps(struct ipso_plan *p)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < p->count; i++) {
		if (!p->steps[i].gone)
			p->steps[kept++] = p->steps[i];
	}
	p->count = kept;
}

int plan_window(const struct ipso_config *cfg, const struct ipso_state *st, unsigned int d,
		struct ipso_plan **ret_p, struct why *why)
{
	_cleanup_(plan_free) struct ipso_plan *p = calloc(1, sizeof(*p));
	unsigned int n = 0;
	int err;

	if (p)
		p->saved = calloc(st->filters_count + 2, sizeof(*p->saved));
	if (!p || !p->saved)
		return why_set(why, -ENOMEM, "make the plan");
	err = displace(cfg, st, d, p, &n, why);
	if (!err && plan_order(p) < 0)
		err = why_set(why, -ENOMEM, "order the plan");
	if (err < 0)
		return err;
	keep_out_steps(p);
	*ret_p = TAKE_PTR(p);
	return 0;
}
