/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run through a plan, and the way back from it. */
#ifndef IPSO_APPLY_RUN_H
#define IPSO_APPLY_RUN_H

#include "apply/priv.h"

/* Who is told. */
struct progress {
	apply_progress_fn fn;
	void *arg;
};
void report(const struct progress *p, const char *text, const char *command, bool done, int err);

struct run {
	const struct ipso_config *cfg;
	struct ipso_state **st;
	const struct ipso_plan *plan;
	struct journal *j;
	unsigned int from; /* entries of the journal before this run */
	struct progress to;
	struct why *why;
	int klog; /* klog_open() */
	struct redo *redo; /* what can be put back, oldest first; room for every step of the plan */
	unsigned int redo_count;
	const struct undo **taken; /* records of what was taken away; room as before */
	unsigned int taken_count;
};

/*
 * apply_up(); again: only when there are records of former runs, ret_done 0 else. That is known for
 * certain with the journal in hand alone, for `ipso down` keeps it until it has taken all of them.
 */
int apply_steps(const struct ipso_config *cfg, struct ipso_state **st, const struct ipso_plan *p,
		bool again, const struct progress *to, unsigned int *ret_done, struct why *why);

/*
 * Undo entries [from, end) newest first, only NULL: all of them, else those of that kind; what cannot be
 * undone stays in the journal. Open vSwitch stays with all that is below it: without the tunnels it
 * would send what they protect in the clear. The first failure is returned.
 */
int undo_entries(struct journal *j, unsigned int from, const enum step_kind *only,
		 const struct progress *to, unsigned int *ret_done, struct why *why);

/*
 * Of the steps whose entries in the journal are the last ones, from `base` on, one has failed:
 * entries of those that changed nothing go, then all the rest of this run is undone, and what it
 * replaced or took away is put back. o: outcomes of the entries from base on.
 */
void roll_back(const struct run *r, unsigned int base, const struct outcome *o);

/* After a run that was done: what the gate kept out of hardware until then. */
void offload_again(const struct run *r);

#endif
