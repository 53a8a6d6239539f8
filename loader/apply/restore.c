/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Drift put right: what `up` does, by the service. */
#include "apply/apply.h"
#include "apply/journal.h"
#include "base/mem.h"

/* `ipso down` has taken all records, and then it is not for the service to set anything up. */
static int is_ours(bool *ret_ours, struct why *why)
{
	_free_ struct undo *list = NULL;
	unsigned int n = 0;
	int err = journal_read(JOURNAL_PATH, &list, &n, why);

	*ret_ours = n;
	return err;
}

int apply_restore(const struct ipso_config *cfg, struct ipso_state **st, apply_progress_fn fn,
		  void *arg, unsigned int *ret_done, struct why *why)
{
	_cleanup_(plan_free) struct ipso_plan *p = NULL;
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
	return apply_up(cfg, st, p, fn, arg, ret_done, why);
}
