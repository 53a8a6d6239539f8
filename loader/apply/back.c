/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way back: a run that failed, newest step first; or all that the journal says, in reverse order. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apply/run.h"
#include "base/mem.h"

void report(const struct progress *p, const char *text, const char *command, bool done, int err)
{
	if (p->fn)
		p->fn(text, command, done, err, p->arg);
}

/* A bridge or port sends what the tunnels below it protect; to hold Open vSwitch sends nothing. */
static bool is_bridge(enum step_kind kind)
{
	return is_ovs(kind) && kind != STEP_OVS_HOLD;
}

int undo_entries(struct journal *j, unsigned int from, const enum step_kind *only,
		 const struct progress *to, unsigned int *ret_done, struct why *why)
{
	const struct undo *list;
	unsigned int n = journal_entries(j, &list), kept = 0, done = 0;
	_free_ struct undo *keep = calloc(n + 1, sizeof(*keep));
	int err = 0, first = 0;

	if (!keep)
		return why_set(why, -ENOMEM, "undo %u steps", n - from);
	for (unsigned int i = n; i > from; i--) {
		struct why own = {};
		char text[300];

		if (only && list[i - 1].kind != *only) {
			keep[n - ++kept] = list[i - 1];
			continue;
		}
		snprintf(text, sizeof(text), "undo: %s", list[i - 1].text);
		report(to, text, "", false, 0);
		err = undo_run(&list[i - 1], &own);
		report(to, text, "", true, err);
		if (!err) {
			done++;
			continue;
		}
		keep[n - ++kept] = list[i - 1];
		if (is_bridge(list[i - 1].kind))
			from = i - 1;
		if (!first && why)
			*why = own;
		first = first ? first : err;
	}
	/* Those that stay, in their old order, behind those that were not touched. */
	memcpy(keep, list, from * sizeof(*keep));
	memmove(keep + from, keep + n - kept, kept * sizeof(*keep));
	err = journal_keep(j, keep, from + kept, first ? NULL : why);
	if (ret_done)
		*ret_done = done;
	return first ? first : err;
}

static void put_back(const struct run *r, bool policies)
{
	for (unsigned int i = r->redo_count; i > 0; i--) {
		const struct redo *redo = &r->redo[i - 1];

		if (is_policy(redo->kind) != policies)
			continue;
		report(&r->to, redo->text, "", false, 0);
		report(&r->to, redo->text, "", true, redo_run(redo, NULL));
	}
}

static void tell_kept(const struct run *r, const struct undo *u)
{
	char text[400];

	snprintf(text, sizeof(text), "stays: %s; the one before it is not put back, for its key was "
		 "in use: with the former configuration `ipso up` adds it anew", u->text);
	report(&r->to, text, "", false, 0);
}

enum fate {
	FATE_GOES,  /* its step changed nothing, or what was there before is put back in its place */
	FATE_STAYS, /* is ours from now on, like those of earlier runs */
	FATE_UNDONE,
};

static enum fate fate(const struct undo *u, bool changed)
{
	if (!changed || (u->replaced && is_policy(u->kind)))
		return FATE_GOES;
	return u->replaced && u->kind == STEP_SA ? FATE_STAYS : FATE_UNDONE;
}

void roll_back(const struct run *r, unsigned int base, const struct outcome *o)
{
	static const enum fate order[] = {FATE_STAYS, FATE_UNDONE};
	const struct undo *list;
	unsigned int n = journal_entries(r->j, &list), kept = r->from, stay = r->from;
	_free_ struct undo *keep = calloc(n + 1, sizeof(*keep));

	if (!keep)
		return; /* rather leave everything to `down` than undo what was not done */
	put_back(r, true);
	memcpy(keep, list, kept * sizeof(*keep));
	for (size_t f = 0; f < ARRAY_SIZE(order); f++) {
		for (unsigned int i = r->from; i < n; i++) {
			if (fate(&list[i], i < base || o[i - base].changed) != order[f])
				continue;
			if (order[f] == FATE_STAYS)
				tell_kept(r, &list[i]);
			keep[kept++] = list[i];
		}
		stay = order[f] == FATE_STAYS ? kept : stay;
	}
	if (journal_keep(r->j, keep, kept, NULL) < 0)
		return;
	undo_entries(r->j, stay, NULL, &r->to, NULL, NULL);
	put_back(r, false);
}

static bool stopped_at_ovs(const struct journal *j)
{
	const struct undo *list;
	unsigned int n = journal_entries(j, &list);

	while (n && !is_bridge(list[n - 1].kind))
		n--;
	return n;
}

/* The gate may also stand because of `ipso gate on`; down leaves none. */
static int open_gate(const struct progress *to, unsigned int *done, struct why *why)
{
	struct gate_status g;
	int err;

	if (gate_status(&g, NULL) < 0 || !g.installed)
		return 0;
	report(to, "remove the gate", "ipso gate off", false, 0);
	err = gate_remove(why);
	report(to, "remove the gate", "ipso gate off", true, err);
	*done += !err;
	return err;
}

static int order_entries(struct journal *j, struct why *why)
{
	const struct undo *list;
	unsigned int n = journal_entries(j, &list);
	_free_ struct undo *ordered = calloc(n + 1, sizeof(*ordered));

	if (!ordered)
		return why_set(why, -ENOMEM, "undo %u steps", n);
	memcpy(ordered, list, n * sizeof(*ordered));
	undo_order(ordered, n);
	return journal_keep(j, ordered, n, why);
}

int apply_down(apply_progress_fn fn, void *arg, unsigned int *ret_done, struct why *why)
{
	_journal_ struct journal *j = NULL;
	const struct progress to = {fn, arg};
	unsigned int done = 0;
	int err, gate;

	err = journal_open(JOURNAL_PATH, &j, why);
	if (!err)
		err = journal_squash(j, NULL, 0, why);
	if (!err)
		err = order_entries(j, why);
	if (err < 0)
		return err;
	err = undo_entries(j, 0, NULL, &to, &done, why);
	gate = stopped_at_ovs(j) ? 0 : open_gate(&to, &done, err ? NULL : why);
	if (ret_done)
		*ret_done = done;
	return err ? err : gate;
}
