/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Steps of one kind that follow each other. SAs or policies of one namespace are added in as few
 * sends as hold them, and read back in as few.
 */
#include <errno.h>
#include <string.h>

#include "apply/priv.h"
#include "base/mem.h"
#include "nl/batch.h"

struct group {
	const struct work *w;
	struct outcome *o;
	unsigned int at[GROUP_MAX]; /* reading back: positions of what was added */
	struct granted seen[GROUP_MAX];
};

bool is_ipsec(const struct step *s)
{
	return s->kind == STEP_SA || is_policy(s->kind);
}

bool groupable(const struct work *w)
{
	if (w->s->gone)
		return false;
	switch (w->s->kind) {
	case STEP_SA:
		return !w->s->from && step_link(w->cfg, *w->st, w->s)->ifindex;
	case STEP_BLOCK:
	case STEP_PIN:
	case STEP_POLICY:
		return step_link(w->cfg, *w->st, w->s)->ifindex;
	case STEP_VF_UNBIND:
	case STEP_PORT_MAC:
	case STEP_PORT_IPSEC:
	case STEP_PORT_ROCE:
	case STEP_VF_BIND:
	case STEP_NETNS:
	case STEP_MOVE:
	case STEP_MTU:
	case STEP_ADDRESS:
	case STEP_LINK_UP:
	case STEP_TC_OFFLOAD:
	case STEP_TC_QDISC:
		return true;
	default:
		return false;
	}
}

bool same_group(const struct work *a, const struct work *b)
{
	return a->s->kind == b->s->kind && groupable(b) &&
	       (!is_ipsec(a->s) || strcmp(step_netns(a->cfg, *a->st, a->s),
					  step_netns(b->cfg, *b->st, b->s)) == 0);
}

static int build_add(unsigned int i, struct nl_msg *m, void *arg)
{
	const struct group *g = arg;
	const struct work *w = &g->w[i];
	struct xfrm_pol p;
	struct xfrm_sa sa;

	if (w->s->kind == STEP_SA) {
		step_sa(w->cfg, *w->st, w->s, &sa);
		return xfrm_sa_put_add(m, &sa);
	}
	step_policy(w->cfg, *w->st, w->s, &p);
	return w->s->from ? xfrm_policy_put_update(m, &p) : xfrm_policy_put_add(m, &p);
}

/* The reason of the first failure is the one that is told. */
static void fail(struct group *g, unsigned int i, int err, const struct why *why)
{
	const struct work *w = &g->w[i];
	char text[256];

	g->o[i].err = err;
	for (unsigned int k = 0; k < i; k++) {
		if (g->o[k].err)
			return;
	}
	if (!w->why)
		return;
	*w->why = *why;
	if (why->what[0])
		return;
	step_text(w->cfg, *w->st, w->s, text, sizeof(text));
	why_set(w->why, err, "%s", text);
}

static void note_add(unsigned int i, int err, const struct why *why, void *arg)
{
	struct group *g = arg;

	/* Without an answer it may be there, and is undone. */
	g->o[i].changed = !err || err == -ENODATA;
	g->o[i].again = lost_race(err, why);
	if (err && !g->o[i].again)
		fail(g, i, err, why);
}

static int build_get(unsigned int i, struct nl_msg *m, void *arg)
{
	const struct group *g = arg;
	const struct work *w = &g->w[g->at[i]];
	struct xfrm_pol p;
	struct xfrm_sa sa;

	if (w->s->kind == STEP_SA) {
		step_sa(w->cfg, *w->st, w->s, &sa);
		return xfrm_sa_put_get(m, &sa);
	}
	step_policy(w->cfg, *w->st, w->s, &p);
	return xfrm_policy_put_get(m, &p);
}

static void see(unsigned int i, const struct nlmsghdr *nlh, void *arg)
{
	struct group *g = arg;
	struct granted *seen = &g->seen[i];
	struct xfrm_pol p;
	struct xfrm_sa sa;

	if (xfrm_sa_parse(nlh, &sa) == 0)
		*seen = (struct granted){true, sa.offload == IPSO_OFFLOAD_PACKET, sa.ifindex};
	else if (xfrm_policy_parse(nlh, &p) == 0)
		*seen = (struct granted){true, p.offload == IPSO_OFFLOAD_PACKET, p.ifindex};
}

static bool in_software(const struct step *s)
{
	return s->kind == STEP_BLOCK || s->dir == IPSO_DIR_FWD;
}

static void note_get(unsigned int i, int err, const struct why *why, void *arg)
{
	struct group *g = arg;
	const struct work *w = &g->w[g->at[i]];
	struct why own = {};
	struct work quiet = *w;

	if (err) {
		fail(g, g->at[i], err, why);
		return;
	}
	quiet.why = &own;
	err = judge_granted(&quiet, &g->seen[i],
			    in_software(w->s) ? 0 : step_link(w->cfg, *w->st, w->s)->ifindex);
	if (err)
		fail(g, g->at[i], err, &own);
}

/* Those that met another's lock are tried again one by one, as a single step would be. */
static void again(const struct work *w, unsigned int n, struct group *g)
{
	for (unsigned int i = 0; i < n; i++) {
		struct why own = {};
		struct work quiet = w[i];
		int err;

		if (!g->o[i].again)
			continue;
		quiet.why = &own;
		sleep_ms(LOCK_WAIT_MS);
		err = act_ipsec(&quiet, &g->o[i].changed);
		if (err)
			fail(g, i, err, &own);
	}
}

int act_group(const struct work *w, unsigned int n, struct outcome *o)
{
	static const struct nl_batch_ops add = {.build = build_add, .verdict = note_add};
	static const struct nl_batch_ops get = {.build = build_get, .verdict = note_get,
						.reply = see};
	_free_ struct group *g = calloc(1, sizeof(*g));
	_nl_ struct nl *nl = NULL;
	unsigned int added = 0;
	int err;

	if (!g)
		return why_set(w->why, -ENOMEM, "install %u SAs or policies", n);
	g->w = w;
	g->o = o;
	err = nl_open(NETLINK_XFRM, step_netns(w->cfg, *w->st, w->s), &nl, w->why);
	if (err < 0)
		return err;
	nl_batch(nl, n, &add, g, NULL); /* each learns its own verdict */
	for (unsigned int i = 0; i < n; i++) {
		if (!o[i].err && !o[i].again)
			g->at[added++] = i;
	}
	nl_batch(nl, added, &get, g, NULL);
	again(w, n, g);
	for (unsigned int i = 0; i < n && !err; i++) {
		err = o[i].err;
		if (err && !(w->why && w->why->remedy[0]))
			tell_cause(&w[i]);
	}
	return err;
}
