/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Drift put right: what `up` does, by the service. */
#include "apply/run.h"
#include "base/mem.h"

/*
 * `ipso down` has taken all records, and then it is not for the service to set anything up; while it
 * runs it has the journal (-EALREADY). Without records the journal is left alone: who runs `up` now
 * must not be told that another ipso is at work. apply_steps() looks again.
 */
static int is_ours(bool *ret_ours, struct why *why)
{
	_free_ struct undo *list = NULL;
	_journal_ struct journal *j = NULL;
	unsigned int n = 0;
	int err = journal_read(JOURNAL_PATH, &list, &n, why);

	*ret_ours = n;
	return err < 0 || !n ? err : journal_open(JOURNAL_PATH, &j, why);
}

int apply_restore(const struct ipso_config *cfg, struct ipso_state **st, apply_progress_fn fn,
		  void *arg, unsigned int *ret_done, struct why *why)
{
	_cleanup_(plan_free) struct ipso_plan *p = NULL;
	const struct progress to = {fn, arg};
	bool ours = false;
	int err = is_ours(&ours, why);

	*ret_done = 0;
	if (err < 0 || !ours)
		return err;
	err = observe_again(cfg, st, OBS_ALL, why);
	if (!err)
		err = apply_plan(cfg, *st, &p, why);
	if (err < 0 || !p->count)
		return err;
	return apply_steps(cfg, st, p, true, &to, ret_done, why);
}
