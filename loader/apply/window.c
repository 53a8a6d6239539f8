/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rekey window: what keeps a driver from taking a new SA is out of hardware, while an IKE daemon
 * adds it. Steps and records are those of on-conflict: displace, so that whoever comes next puts back
 * what a killed service left out.
 */
#include "apply/run.h"
#include "base/mem.h"

int apply_window_open(const struct ipso_config *cfg, struct ipso_state **st, unsigned int device,
		      apply_progress_fn fn, void *arg, unsigned int *ret_done, struct why *why)
{
	_cleanup_(plan_free) struct ipso_plan *p = NULL;
	int err = observe_again(cfg, st, OBS_LINKS | OBS_RULES | OBS_GATE, why);

	*ret_done = 0;
	if (!err && ovs_in_hardware(*st))
		err = observe_ovs(*st, why);
	if (!err)
		err = plan_window(cfg, *st, device, &p, why);
	if (err < 0 || !p->count)
		return err;
	return apply_up(cfg, st, p, fn, arg, ret_done, why);
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
		err = undo_entries(j, 0, &order[i], &to, NULL, first ? NULL : why);
		first = first ? first : err;
	}
	return first;
}
