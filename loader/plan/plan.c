/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From what is to what is wanted: the wanted steps less those whose goal is reached, plus what an
 * eswitch change or a rebind makes necessary again.
 */
#include "plan/plan.h"

#include <errno.h>
#include <linux/devlink.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "plan/priv.h"

/* What will have happened to one device before the steps that come late in the plan. */
struct upheaval {
	bool leave;  /* switchdev is left first, to set the steering or encap-mode */
	bool encap;  /* for encap-mode alone */
	bool mode;   /* the eswitch mode changes: uplink and representors are made anew */
	bool *unbind; /* by position in cfg vfs[]: the VF's net device is made anew */
};

static bool pending(const struct ipso_config *cfg, const struct ipso_state *st,
		    const struct ipso_plan *wanted, enum step_kind kind, unsigned int device,
		    unsigned int vf)
{
	for (unsigned int i = 0; i < wanted->count; i++) {
		const struct step *s = &wanted->steps[i];

		if (s->kind == kind && s->device == device && s->vf == vf)
			return !step_satisfied(cfg, st, s);
	}
	return false;
}

/* A VF's driver reads its function's attributes when it binds, and must not hold it before. */
static bool must_unbind(const struct ipso_config *cfg, const struct ipso_state *st,
			const struct ipso_plan *wanted, unsigned int d, unsigned int i, bool mode)
{
	const struct obs_vf *vf = observe_vf(st, d, cfg->devices[d].vfs[i].index);

	if (vf && !vf->bound)
		return false;
	return mode || pending(cfg, st, wanted, STEP_PORT_MAC, d, i) ||
	       pending(cfg, st, wanted, STEP_PORT_IPSEC, d, i) ||
	       pending(cfg, st, wanted, STEP_PORT_ROCE, d, i);
}

static int foresee(const struct ipso_config *cfg, const struct ipso_state *st,
		   const struct ipso_plan *wanted, unsigned int d, struct upheaval *u)
{
	bool steering = pending(cfg, st, wanted, STEP_STEERING, d, NO_VF);

	u->encap = !steering && pending(cfg, st, wanted, STEP_ENCAP, d, NO_VF);
	u->leave = (steering || u->encap) && st->devices[d].switchdev;
	u->mode = u->leave || pending(cfg, st, wanted, STEP_ESWITCH, d, NO_VF);
	u->unbind = calloc(cfg->devices[d].vfs_count + 1, sizeof(*u->unbind));
	if (!u->unbind)
		return -ENOMEM;
	for (unsigned int i = 0; i < cfg->devices[d].vfs_count; i++)
		u->unbind[i] = must_unbind(cfg, st, wanted, d, i, u->mode);
	return 0;
}

/* Will what the step sees now be gone when its turn comes? */
static bool overturned(const struct step *s, const struct upheaval *u)
{
	switch (s->kind) {
	case STEP_ESWITCH:
		return u->leave && s->to == DEVLINK_ESWITCH_MODE_SWITCHDEV;
	case STEP_PORT_MAC:
	case STEP_PORT_IPSEC:
	case STEP_PORT_ROCE:
		return u->mode;
	case STEP_VF_BIND:
		return u->unbind[s->vf];
	case STEP_MOVE:
	case STEP_MTU:
	case STEP_ADDRESS:
	case STEP_LINK_UP:
	case STEP_PIN:
	case STEP_SA:
	case STEP_POLICY:
	case STEP_TC_OFFLOAD:
	case STEP_TC_QDISC:
	case STEP_TC_FILTER:
	case STEP_OVS_PORT:
		if (s->vxlan && s->kind == STEP_TC_QDISC)
			return false; /* its device is none of the card's */
		return s->vf == NO_VF || s->rep ? u->mode : u->unbind[s->vf];
	default:
		return false;
	}
}

static bool holds(const struct ipso_plan *p, const struct step *s)
{
	for (unsigned int i = 0; i < p->count; i++) {
		const struct step *o = &p->steps[i];

		if (o->kind == s->kind && o->device == s->device && o->vf == s->vf)
			return true;
	}
	return false;
}

/* Steps that no line of the configuration asks for, but its other steps do. */
static int add_needed(const struct ipso_config *cfg, struct ipso_plan *p, unsigned int d,
		      const struct upheaval *u)
{
	struct step s = {.kind = STEP_LEGACY, .device = d, .vf = NO_VF, .to = u->encap};
	int err = 0;

	if (u->leave)
		err = plan_add(p, &s);
	s.to = 0;
	for (s.vf = 0; !err && s.vf < cfg->devices[d].vfs_count; s.vf++) {
		if (!u->unbind[s.vf])
			continue;
		s.kind = STEP_VF_UNBIND;
		err = plan_add(p, &s);
		s.kind = STEP_VF_BIND;
		if (!err && !holds(p, &s))
			err = plan_add(p, &s);
	}
	return err;
}

/* What is there now, for the words of the step. */
static void fill_from(const struct ipso_config *cfg, const struct ipso_state *st, struct step *s)
{
	const struct obs_device *d = &st->devices[s->device];

	switch (s->kind) {
	case STEP_SRIOV:
		s->from = d->vfs_count;
		break;
	case STEP_ESWITCH:
		s->from = d->switchdev ? DEVLINK_ESWITCH_MODE_SWITCHDEV
				       : DEVLINK_ESWITCH_MODE_LEGACY;
		break;
	case STEP_MTU:
		s->from = step_link(cfg, st, s)->mtu;
		break;
	case STEP_BLOCK:
	case STEP_PIN:
	case STEP_SA:
	case STEP_POLICY:
	case STEP_OVS_VXLAN:
	case STEP_TC_FILTER:
		s->from = step_replaces(cfg, st, s);
		break;
	default:
		break;
	}
}

static int diff(const struct ipso_config *cfg, const struct ipso_state *st,
		const struct ipso_plan *wanted, const struct upheaval *u, struct ipso_plan *p)
{
	int err = 0;

	for (unsigned int i = 0; !err && i < wanted->count; i++) {
		struct step s = wanted->steps[i];

		/* Leaving switchdev to set the steering mode is all there is to becoming legacy. */
		if (s.kind == STEP_ESWITCH && u[s.device].leave &&
		    s.to == DEVLINK_ESWITCH_MODE_LEGACY)
			continue;
		if (step_satisfied(cfg, st, &s) && !overturned(&s, &u[s.device]))
			continue;
		fill_from(cfg, st, &s);
		err = plan_add(p, &s);
	}
	for (unsigned int d = 0; !err && d < cfg->devices_count; d++)
		err = add_needed(cfg, p, d, &u[d]);
	return err;
}

static void free_upheavals(struct upheaval *u, unsigned int n)
{
	for (unsigned int d = 0; u && d < n; d++)
		free(u[d].unbind);
	free(u);
}

int plan_up(const struct ipso_config *cfg, const struct ipso_state *st, const struct owned *owned,
	    struct ipso_plan **ret_p, struct why *why)
{
	_cleanup_(plan_free) struct ipso_plan *p = calloc(1, sizeof(*p));
	_cleanup_(plan_free) struct ipso_plan *wanted = calloc(1, sizeof(*wanted));
	struct upheaval *u = calloc(cfg->devices_count + 1, sizeof(*u));
	int err = p && wanted && u ? wanted_steps(cfg, wanted) : -ENOMEM;

	for (unsigned int d = 0; !err && d < cfg->devices_count; d++)
		err = foresee(cfg, st, wanted, d, &u[d]);
	if (!err)
		err = diff(cfg, st, wanted, u, p);
	if (!err)
		err = plan_unwanted(cfg, st, wanted, owned, p);
	free_upheavals(u, cfg->devices_count);
	if (err < 0)
		return why_set(why, err, "make the plan");
	err = plan_displace(cfg, st, p, why);
	if (!err)
		err = plan_refuse(cfg, st, p, why);
	if (!err)
		err = plan_ended(cfg, st, owned, p, why);
	if (err < 0)
		return err;
	if (plan_order(p) < 0)
		return why_set(why, -ENOMEM, "order the plan");
	*ret_p = TAKE_PTR(p);
	return 0;
}

void plan_free(struct ipso_plan **p)
{
	if (*p) {
		free((*p)->steps);
		free((*p)->gone);
		free((*p)->saved);
	}
	free(*p);
	*p = NULL;
}

bool plan_has(const struct ipso_plan *p, enum step_kind kind, unsigned int device)
{
	for (unsigned int i = 0; i < p->count; i++) {
		const struct step *s = &p->steps[i];

		if (s->kind == kind && s->device == device && !s->gone)
			return true;
	}
	return false;
}
