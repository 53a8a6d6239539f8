/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SAs and policies: installed, then read back. What was asked for packet offload and came back
 * without it is taken away again: a silent fall to software is worse than a failure.
 */
#include <errno.h>
#include <string.h>

#include "apply/priv.h"
#include "base/mem.h"

#define LOCK_TRIES 3

static int see_sa(const struct xfrm_sa *sa, void *arg)
{
	*(struct granted *)arg = (struct granted){true, sa->offload == IPSO_OFFLOAD_PACKET,
						  sa->ifindex};
	return 0;
}

static int see_policy(const struct xfrm_pol *p, void *arg)
{
	*(struct granted *)arg = (struct granted){true, p->offload == IPSO_OFFLOAD_PACKET,
						  p->ifindex};
	return 0;
}

int judge_granted(const struct work *w, const struct granted *g, uint32_t ifindex)
{
	char text[256];

	if (g->found && (!ifindex || (g->packet && g->ifindex == ifindex)))
		return 0;
	step_text(w->cfg, *w->st, w->s, text, sizeof(text));
	why_set(w->why, -EOPNOTSUPP, "%s: accepted, but the kernel shows %s", text,
		!g->found    ? "nothing of it"
		: !g->packet ? "no packet offload: it would work in software"
			     : "it on another device");
	why_remedy(w->why, "the kernel ignores the request when it is built without "
			   "CONFIG_XFRM_OFFLOAD; see `ipso check`");
	return -EOPNOTSUPP;
}

bool lost_race(int err, const struct why *why)
{
	return err == -EINVAL && why && strstr(why->kernel, "Device failed to offload");
}

/* The one with the same SPI has to go first: the kernel knows SAs by it. */
static int make_place(const struct work *w, struct nl *nl, const struct xfrm_sa *sa,
		      bool *ret_changed)
{
	int err = w->s->from ? xfrm_sa_delete(nl, sa, w->why) : 0;

	if (err < 0 && err != -ESRCH)
		return err;
	*ret_changed = w->s->from;
	return 0;
}

static int add_sa(const struct work *w, struct nl *nl, bool *ret_changed)
{
	struct granted g = {};
	struct xfrm_sa sa;
	int err;

	step_sa(w->cfg, *w->st, w->s, &sa);
	err = make_place(w, nl, &sa, ret_changed);
	if (err < 0)
		return err;
	err = xfrm_sa_add(nl, &sa, w->why);
	for (int i = 0; i < LOCK_TRIES && lost_race(err, w->why); i++) {
		sleep_ms(LOCK_WAIT_MS);
		err = xfrm_sa_add(nl, &sa, w->why);
	}
	if (err < 0)
		return err;
	*ret_changed = true;
	err = xfrm_sa_get(nl, &sa, see_sa, &g, w->why);
	return err < 0 ? err : judge_granted(w, &g, sa.ifindex);
}

static int put_policy(const struct work *w, struct nl *nl, const struct xfrm_pol *p)
{
	return w->s->from ? xfrm_policy_update(nl, p, w->why) : xfrm_policy_add(nl, p, w->why);
}

static int add_policy(const struct work *w, struct nl *nl, bool *ret_changed)
{
	struct granted g = {};
	struct xfrm_pol p;
	int err;

	step_policy(w->cfg, *w->st, w->s, &p);
	err = put_policy(w, nl, &p);
	for (int i = 0; i < LOCK_TRIES && lost_race(err, w->why); i++) {
		sleep_ms(LOCK_WAIT_MS);
		err = put_policy(w, nl, &p);
	}
	if (err < 0)
		return err;
	*ret_changed = true;
	err = xfrm_policy_get(nl, &p, see_policy, &g, w->why);
	return err < 0 ? err : judge_granted(w, &g, p.ifindex);
}

int act_ipsec(const struct work *w, bool *ret_changed)
{
	const struct obs_link *l = step_link(w->cfg, *w->st, w->s);
	_nl_ struct nl *nl = NULL;
	char text[256];
	int err;

	if (!l->ifindex) {
		step_text(w->cfg, *w->st, w->s, text, sizeof(text));
		return why_set(w->why, -ENODEV, "find the net device to %s", text);
	}
	err = nl_open(NETLINK_XFRM, step_netns(w->cfg, *w->st, w->s), &nl, w->why);
	if (err < 0)
		return err;
	err = w->s->kind == STEP_SA ? add_sa(w, nl, ret_changed) : add_policy(w, nl, ret_changed);
	if (err < 0 && !(w->why && w->why->remedy[0]))
		tell_cause(w);
	return err;
}
