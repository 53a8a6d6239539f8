/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rekey window: what keeps a driver from taking a new SA is out of hardware, while an IKE daemon
 * adds it. Steps and records are those of on-conflict: displace, so that whoever comes next puts back
 * what a killed service left out.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "apply/run.h"
#include "base/mem.h"

static bool any_ovs(const struct ipso_state *st)
{
	for (unsigned int i = 0; i < st->filters_count; i++) {
		if (st->filters[i].ovs && st->filters[i].in_hw)
			return true;
	}
	return false;
}

int apply_window_open(const struct ipso_config *cfg, struct ipso_state **st, unsigned int device,
		      apply_progress_fn fn, void *arg, unsigned int *ret_done, struct why *why)
{
	_cleanup_(plan_free) struct ipso_plan *p = NULL;
	int err = observe_again(cfg, st, OBS_LINKS | OBS_RULES | OBS_GATE, why);

	*ret_done = 0;
	if (!err && any_ovs(*st))
		err = observe_ovs(*st, why);
	if (!err)
		err = plan_window(cfg, *st, device, &p, why);
	if (err < 0 || !p->count)
		return err;
	return apply_up(cfg, st, p, fn, arg, ret_done, why);
}

/* The records of one kind, newest first; those that cannot be taken back stay. */
static int put_back_kind(struct journal *j, enum step_kind kind, const struct progress *to,
			 struct why *why)
{
	const struct undo *list;
	unsigned int n = journal_entries(j, &list), kept = 0;
	_free_ struct undo *keep = calloc(n + 1, sizeof(*keep));
	int err = 0;

	if (!keep)
		return why_set(why, -ENOMEM, "put back what was displaced");
	for (unsigned int i = n; i > 0; i--) {
		const struct undo *u = &list[i - 1];
		struct why own = {};
		int failed;

		if (u->kind != kind) {
			keep[n - ++kept] = *u;
			continue;
		}
		report(to, u->text, "", false, 0);
		failed = undo_run(u, &own);
		report(to, u->text, "", true, failed);
		if (!failed)
			continue;
		keep[n - ++kept] = *u;
		if (!err)
			*why = own;
		err = err ? err : failed;
	}
	memmove(keep, keep + n - kept, kept * sizeof(*keep));
	n = (unsigned int)journal_keep(j, keep, kept, err ? NULL : why);
	return err ? err : (int)n;
}

/* The gate first: it would refuse the rules, and Open vSwitch would keep its flows in software. */
int apply_window_close(apply_progress_fn fn, void *arg, struct why *why)
{
	static const enum step_kind order[] = {STEP_GATE_HOLD, STEP_DISPLACE, STEP_OVS_HOLD};
	_journal_ struct journal *j = NULL;
	const struct progress to = {fn, arg};
	int err = journal_open(JOURNAL_PATH, &j, why), first = 0;

	if (err < 0)
		return err;
	for (unsigned int i = 0; i < ARRAY_SIZE(order); i++) {
		err = put_back_kind(j, order[i], &to, why);
		first = first ? first : err;
	}
	return first;
}
