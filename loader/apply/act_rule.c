/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TC rules: installed, then read back. A rule that is not in hardware as it was asked for is taken
 * away again: the kernel may keep what the driver refused, and says nothing.
 */
#include <errno.h>

#include "apply/priv.h"

struct seen {
	const struct tc_filter *want;
	bool found, in_hw, same;
	uint32_t ports; /* that have it in hardware */
};

static int see_rule(const struct tc_filter *f, void *arg)
{
	struct seen *s = arg;

	if (f->handle != s->want->handle || f->pref != s->want->pref ||
	    f->protocol != s->want->protocol || f->chain)
		return 0;
	s->found = true;
	s->in_hw = f->in_hw;
	s->ports = f->in_hw_count;
	s->same = f->plain && tc_rule_equal(&f->rule, &s->want->rule);
	return 0;
}

static int judge(const struct work *w, const struct seen *s)
{
	unsigned int ports = block_ports(w->cfg, w->s);
	char text[256];

	if (s->found && s->in_hw && s->ports >= ports && s->same)
		return 0;
	step_text(w->cfg, *w->st, w->s, text, sizeof(text));
	if (s->found && s->in_hw && s->same)
		why_set(w->why, -EOPNOTSUPP, "%s: in the hardware of %u of the %u ports of its block",
			text, s->ports, ports);
	else
		why_set(w->why, -EOPNOTSUPP, "%s: accepted, but the kernel shows %s", text,
			!s->found   ? "nothing of it"
			: !s->in_hw ? "it outside the hardware (not_in_hw)"
				    : "another match or other actions");
	why_remedy(w->why, "dmesg for the driver's reason; hw-tc-offload must be on at every port "
			   "of the rule (ethtool -k DEV)");
	return -EOPNOTSUPP;
}

/* The rule's own port and every port that it sends to have their net devices. */
static int ports_there(const struct work *w, const struct tc_filter *f)
{
	bool there = f->ifindex || f->block;

	for (unsigned int i = 0; i < f->rule.actions_count; i++) {
		const struct tc_action *a = &f->rule.actions[i];

		if (a->kind == TC_DO_REDIRECT || a->kind == TC_DO_MIRROR)
			there &= a->ifindex != 0;
	}
	return there ? 0 : why_set(w->why, -ENODEV, "find the net devices of TC rule pref %u",
				   f->pref);
}

static int refused(const struct work *w, const struct tc_filter *f, int err)
{
	const char *dev = step_link(w->cfg, *w->st, w->s)->name;

	if (err == -EEXIST && f->block)
		why_remedy(w->why, "another rule has preference %u or the same match there: tc "
				   "filter show block %u", f->pref, f->block);
	else if (err == -EEXIST)
		why_remedy(w->why, "another rule has preference %u or the same match there: tc "
				   "filter show dev %s ingress", f->pref, dev);
	tell_cause(w);
	return err;
}

int act_rule(const struct work *w, bool *ret_changed)
{
	_nl_ struct nl *nl = NULL;
	struct tc_filter f;
	struct seen s = {.want = &f};
	int err;

	step_filter(w->cfg, *w->st, w->s, &f);
	err = ports_there(w, &f);
	if (!err)
		err = nl_open(NETLINK_ROUTE, NULL, &nl, w->why);
	if (!err && w->s->from) {
		err = tc_filter_delete(nl, &f, w->why);
		*ret_changed = !err;
	}
	if (err < 0)
		return err;
	err = tc_filter_add(nl, &f, w->why);
	if (err < 0)
		return refused(w, &f, err);
	*ret_changed = true;
	err = f.block ? tc_block_dump(nl, f.block, see_rule, &s, w->why)
		      : tc_filter_dump(nl, f.ifindex, see_rule, &s, w->why);
	return err < 0 ? err : judge(w, &s);
}
