/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a step replaces or takes away while later ones may still fail, and putting it back: a policy
 * with its former reqid, a TC rule, a port of a bridge. Whatever else goes does so when nothing is
 * left that could fail.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "apply/priv.h"
#include "base/mem.h"

static bool keep_policy(const struct work *w, struct redo *r)
{
	const struct obs_policy *o;
	struct xfrm_pol p;

	step_policy(w->cfg, *w->st, w->s, &p);
	o = policy_named(*w->st, &p, r->netns);
	if (!o)
		return false;
	p.tmpl_src = o->tmpl_src;
	p.tmpl_dst = o->tmpl_dst;
	p.mode = o->mode;
	p.reqid = o->reqid;
	p.priority = o->priority;
	p.block = o->block;
	p.ifindex = o->ifindex;
	p.offload = o->packet_offload ? IPSO_OFFLOAD_PACKET : IPSO_OFFLOAD_NONE;
	r->policy = p;
	return true;
}

static bool keep_rule(const struct obs_filter *f, struct redo *r)
{
	if (!f || !f->plain)
		return false;
	r->filter = (struct tc_filter){
		.ifindex = f->ifindex,
		.handle = f->handle,
		.pref = f->pref,
		.protocol = f->protocol,
		.kind = "flower",
		.skip_sw = f->skip_sw,
		.skip_hw = f->skip_hw,
		.rule = f->rule,
	};
	return true;
}

static bool keep_replaced_rule(const struct work *w, struct redo *r)
{
	struct undo u;

	undo_make(w->cfg, *w->st, w->s, &u);
	return keep_rule(undo_rule(*w->st, &u), r);
}

static bool keep_port(const struct work *w, struct redo *r)
{
	const struct ovs_port *p = ovs_port_find(&(*w->st)->ovs, w->s->gone->port);

	r->ovs = *w->s->gone;
	if (w->s->kind == STEP_OVS_VXLAN && p)
		undo_keep_options(p, &r->ovs);
	return p && (w->s->kind == STEP_OVS_PORT || r->ovs.src.family);
}

static void put_back_text(const struct work *w, struct redo *r)
{
	char text[256];

	step_text(w->cfg, *w->st, w->s, text, sizeof(text));
	snprintf(r->text, sizeof(r->text), "put back what was there before: %s", text);
}

bool redo_make(const struct work *w, struct redo *ret_r)
{
	struct redo r = {.s = w->s, .kind = w->s->kind};
	bool can = false;

	if (w->s->gone)
		snprintf(r.text, sizeof(r.text), "put back: %s", w->s->gone->text);
	else
		put_back_text(w, &r);
	if (!w->s->gone)
		snprintf(r.netns, sizeof(r.netns), "%s", step_netns(w->cfg, *w->st, w->s));
	if (is_policy(w->s->kind) && w->s->from)
		can = keep_policy(w, &r);
	else if (w->s->kind == STEP_TC_FILTER && w->s->gone)
		can = keep_rule(undo_rule(*w->st, w->s->gone), &r);
	else if (w->s->kind == STEP_TC_FILTER && w->s->from)
		can = keep_replaced_rule(w, &r);
	else if (w->s->gone && (w->s->kind == STEP_OVS_PORT || w->s->kind == STEP_OVS_VXLAN))
		can = keep_port(w, &r);
	*ret_r = r;
	return can;
}

static int redo_port(const struct redo *r, struct why *why)
{
	const struct undo *u = &r->ovs;
	struct ovs_vxlan v = {u->port, u->src, u->dst, u->spi, u->pref};
	struct ovs_call c;

	if (r->kind == STEP_OVS_VXLAN)
		ovs_call_vxlan(&c, u->bridge, &v);
	else
		ovs_call_port(&c, u->bridge, u->port);
	return ovs_run(&c, why);
}

int redo_run(const struct redo *r, struct why *why)
{
	_nl_ struct nl *nl = NULL;
	int err;

	if (is_ovs(r->kind))
		return redo_port(r, why);
	err = nl_open(is_policy(r->kind) ? NETLINK_XFRM : NETLINK_ROUTE, r->netns, &nl, why);
	if (err < 0)
		return err;
	if (is_policy(r->kind))
		return xfrm_policy_update(nl, &r->policy, why);
	err = tc_filter_add(nl, &r->filter, why);
	return err == -EEXIST ? 0 : err;
}
