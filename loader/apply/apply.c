/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The run through a plan: say it, record it, do it, read it back; on failure take all of it back. */
#include "apply/apply.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apply/run.h"
#include "base/mem.h"

static bool reads_back_itself(enum step_kind kind)
{
	return kind == STEP_SA || is_policy(kind) || kind == STEP_TC_FILTER || is_ovs(kind);
}

/* Say it, and write down how to undo it. */
static int announce(struct run *r, const struct work *w)
{
	char text[256], command[768];
	struct undo u;

	step_text(w->cfg, *w->st, w->s, text, sizeof(text));
	step_command(w->cfg, *w->st, w->s, command, sizeof(command));
	report(&r->to, text, command, false, 0);
	if (redo_make(w, &r->redo[r->redo_count]))
		r->redo_count++;
	if (w->s->gone)
		return 0; /* its record is there until the end of the run */
	undo_make(w->cfg, *w->st, w->s, &u);
	return journal_add(r->j, &u, w->why);
}

/* One by one up to the first that fails, then read back together; ret_tried: how many were begun. */
static int do_each(const struct work *w, unsigned int n, struct outcome *o, unsigned int *ret_tried)
{
	unsigned int i = 0;
	int err = 0;

	for (; i < n && !err; i++)
		err = o[i].err = act(&w[i], &o[i].changed);
	*ret_tried = i;
	if (w->s->gone || reads_back_itself(w->s->kind)) /* these tell their cause */
		return err;
	if (err)
		tell_cause(&w[i - 1]);
	else
		err = o[n - 1].err = settle(w, n);
	return err;
}

static bool happened(const struct work *w, unsigned int n, const struct outcome *o,
		     const struct step *s)
{
	for (unsigned int i = 0; i < n; i++) {
		if (w[i].s == s)
			return o[i].changed || (s->gone && !o[i].err);
	}
	return false;
}

/* What a failed step did not come to replace or take away is not put back. */
static void forget_redo(struct run *r, const struct work *w, unsigned int n,
			const struct outcome *o, unsigned int before)
{
	unsigned int kept = before;

	for (unsigned int i = before; i < r->redo_count; i++) {
		if (happened(w, n, o, r->redo[i].s))
			r->redo[kept++] = r->redo[i];
	}
	r->redo_count = kept;
}

/* n steps: one, or a group. */
static int do_steps(struct run *r, const struct work *w, unsigned int n)
{
	struct outcome o[GROUP_MAX] = {};
	const struct undo *list;
	unsigned int base = journal_entries(r->j, &list), redo_before = r->redo_count, tried = n;
	int err = 0;

	for (unsigned int i = 0; i < n && !err; i++)
		err = o[i].err = announce(r, &w[i]);
	if (!err)
		err = is_ipsec(w->s) && n > 1 ? act_group(w, n, o) : do_each(w, n, o, &tried);
	for (unsigned int i = 0; i < tried; i++) {
		char text[256];

		step_text(w->cfg, *w->st, w[i].s, text, sizeof(text));
		report(&r->to, text, "", true, o[i].err);
	}
	if (err < 0)
		forget_redo(r, w, n, o, redo_before);
	else if (w[0].s->gone)
		r->taken[r->taken_count++] = w[0].s->gone;
	if (err < 0 && !w[0].s->gone)
		roll_back(r, base, o);
	return err;
}

/* Its goal is reached, or it would put back what it turned out not to be necessary to take. */
static bool is_idle(const struct run *r, const struct step *s)
{
	const struct undo *list;
	unsigned int n = journal_entries(r->j, &list);

	if (!puts_back(s))
		return step_satisfied(r->cfg, *r->st, s);
	for (unsigned int i = 0; i < n; i++) {
		if (undo_same(&list[i], s->gone))
			return false;
	}
	return true;
}

/* The steps from the first on that can be done together; those whose goal is reached are left. */
static unsigned int take_group(const struct run *r, unsigned int *at, struct work group[GROUP_MAX])
{
	unsigned int n = 0;

	while (*at < r->plan->count && n < GROUP_MAX) {
		struct work w = {r->cfg, r->st, &r->plan->steps[*at], r->why, r->klog};

		if (!is_idle(r, w.s)) {
			if (n && !(groupable(&group[0]) && same_group(&group[0], &w)))
				break;
			group[n++] = w;
		}
		++*at;
	}
	return n;
}

static int do_plan(struct run *r, unsigned int *ret_done)
{
	struct work group[GROUP_MAX];
	unsigned int at = 0, done = 0, n;
	int err = 0;

	while (!err && (n = take_group(r, &at, group))) {
		err = do_steps(r, group, n);
		done += err ? 0 : n;
		/* What was taken away is forgotten; after a way back it may be there again. */
		if (err < 0 && group[0].s->gone)
			journal_squash(r->j, r->taken, r->taken_count, NULL);
	}
	if (ret_done)
		*ret_done = done;
	return err ? err : journal_squash(r->j, r->taken, r->taken_count, r->why);
}

int apply_plan(const struct ipso_config *cfg, const struct ipso_state *st,
	       struct ipso_plan **ret_p, struct why *why)
{
	_free_ struct undo *list = NULL;
	struct owned owned = {};
	int err = journal_read(JOURNAL_PATH, &list, &owned.count, why);

	owned.list = list;
	return err < 0 ? err : plan_up(cfg, st, &owned, ret_p, why);
}

int apply_steps(const struct ipso_config *cfg, struct ipso_state **st, const struct ipso_plan *p,
		bool again, const struct progress *to, unsigned int *ret_done, struct why *why)
{
	_journal_ struct journal *j = NULL;
	_close_ int klog = klog_open();
	_free_ struct redo *redo = calloc(p->count + 1, sizeof(*redo));
	_free_ const struct undo **taken = calloc(p->count + 1, sizeof(*taken));
	struct run r = {.cfg = cfg, .st = st, .plan = p, .to = *to, .why = why,
			.klog = klog};
	const struct undo *list;
	int err;

	if (!redo || !taken)
		return why_set(why, -ENOMEM, "begin with %u steps", p->count);
	err = journal_open(JOURNAL_PATH, &j, why);
	if (err < 0)
		return err;
	r.j = j;
	r.from = journal_entries(j, &list);
	if (again && !r.from)
		return 0;
	r.redo = redo;
	r.taken = taken;
	err = do_plan(&r, ret_done);
	if (!err)
		offload_again(&r);
	return err;
}

int apply_up(const struct ipso_config *cfg, struct ipso_state **st, const struct ipso_plan *p,
	     apply_progress_fn fn, void *arg, unsigned int *ret_done, struct why *why)
{
	const struct progress to = {fn, arg};

	return apply_steps(cfg, st, p, false, &to, ret_done, why);
}
