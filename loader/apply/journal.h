/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What has to be undone, one JSON object a line, oldest first. A line is on disk before its step
 * acts; a last line that was cut short belongs to a step that never began. Lines of an earlier boot
 * are passed over: what they speak of went with it.
 */
#ifndef IPSO_APPLY_JOURNAL_H
#define IPSO_APPLY_JOURNAL_H

#include <jansson.h>

#include "plan/undo.h"

json_t *undo_to_json(const struct undo *u); /* new reference, NULL without memory */
int undo_from_json(const json_t *j, struct undo *ret_u); /* -EBADMSG */

/* A rule as such a record holds it: malloced, NULL without memory; and back, or -EBADMSG. */
char *journal_rule_text(const struct tc_filter *f);
int journal_rule_read(const char *text, struct tc_filter *ret_f);

/*
 * What names this run of the kernel, from file. An error where it cannot be read: any record would
 * pass for one of this boot, and `down` would undo what is not there, or is another's by now.
 */
#define JOURNAL_BOOT_LEN 40
int journal_boot(const char *file, char ret_boot[JOURNAL_BOOT_LEN], struct why *why);

/*
 * The records of the journal at path, which the caller frees; none when there is no journal. It is
 * not locked: for the plan, which changes nothing.
 */
int journal_read(const char *path, struct undo **ret_list, unsigned int *ret_n, struct why *why);

struct journal;

/* Makes the directory, and locks: -EALREADY when another process holds the lock. */
int journal_open(const char *path, struct journal **ret_j, struct why *why);
void journal_close(struct journal **j);
#define _journal_ _cleanup_(journal_close)

/* Entries in the file; borrowed until the next write. */
unsigned int journal_entries(const struct journal *j, const struct undo **ret_list);
/* Append and sync. */
int journal_add(struct journal *j, const struct undo *u, struct why *why);
/* Replace the whole by n entries; the file goes with the last of them. */
int journal_keep(struct journal *j, const struct undo *list, unsigned int n, struct why *why);
/* Without what the records taken[0..n-1] speak of, and one record a thing, see undo_squash(). */
int journal_squash(struct journal *j, const struct undo *const *taken, unsigned int n,
		   struct why *why);

#endif
