/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From what the kernel said to its row. Texts repeat: the driver's prefix, the errno and what was
 * asked for tell rows of one text apart. Where the kernel's source has %d, a text has a value.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "explain/internal.h"

/* A record, and a formatted extack, hold 79 characters; a struct why some more. */
static bool may_be_cut(const char *text)
{
	size_t len = strlen(text);

	return len == IPSO_TEXT - 1 || len == sizeof(((struct why *)NULL)->kernel) - 1;
}

/*
 * Past one conversion of printk(): "%d", "%02x", "%pe", "%-5lu". ret_words: its value may be any
 * text, not only a number.
 */
static const char *past_conversion(const char *p, bool *ret_words)
{
	p++;
	p += strspn(p, "-+ #0123456789.hlz");
	*ret_words = *p == 's' || *p == 'p';
	if (*p == 'p')
		return p + 1 + strspn(p + 1, "eMR");
	return *p ? p + 1 : p;
}

/* cut: text may end anywhere in the pattern. */
static bool matches(const char *pattern, const char *text, bool cut)
{
	bool words;

	for (; *pattern; pattern++, text++) {
		if (cut && !*text)
			return true;
		if (*pattern == '%') {
			const char *rest = past_conversion(pattern, &words);

			while (*text && (words || isxdigit(*text) || *text == 'x' || *text == '-')) {
				if (matches(rest, ++text, cut))
					return true;
			}
			return cut && !*text;
		}
		if (*pattern != *text)
			return false;
	}
	return !*text;
}

/* What follows "module: ", or text itself. */
static const char *past_module(const char *text)
{
	size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");

	return n && strncmp(text + n, ": ", 2) == 0 ? text + n + 2 : text;
}

static bool has_errno(const struct catalogue_row *row, int err)
{
	for (unsigned int i = 0; i < CATALOGUE_ERRNOS && row->err[i]; i++) {
		if (row->err[i] == abs(err))
			return true;
	}
	return false;
}

#define CUT_LITERAL 8

/* How well a row fits, 0 = not at all. */
static unsigned int fit(const struct catalogue_row *row, const char *text, int err,
			enum catalogue_step step)
{
	const struct catalogue_section *s = catalogue_section(row);
	bool by_driver = strncmp(text, "mlx5_core: ", 11) == 0;
	/* the cut end of a text may be anything: what is before the first word to fill in decides */
	bool cut = may_be_cut(text) && strcspn(row->text, "%") >= CUT_LITERAL;
	unsigned int points = 1;

	if ((by_driver && !s->driver) || (!matches(row->text, text, cut) &&
					  !matches(row->text, past_module(text), cut)))
		return 0;
	if (by_driver == s->driver)
		points += 16;
	if (step == s->step)
		points += 8;
	if (!strchr(row->text, '%'))
		points += 4;
	if (has_errno(row, err))
		points += 2;
	else if (!row->err[0])
		points += 1;
	return points;
}

const struct catalogue_row *catalogue_by_text(const char *text, int err, enum catalogue_step step)
{
	const struct catalogue_row *row, *best = NULL;
	unsigned int most = 0;

	for (unsigned int i = 0; *text && (row = catalogue_row(i)); i++) {
		unsigned int points;

		if (row->kind != CATALOGUE_TEXT && row->kind != CATALOGUE_GENERAL &&
		    (row->kind != CATALOGUE_LOG || step != CATALOGUE_STEP_LOG))
			continue;
		points = fit(row, text, err, step);
		if (points > most) {
			most = points;
			best = row;
		}
	}
	return best;
}

/* A line of the kernel log has the device and the function before the text. */
const struct catalogue_row *catalogue_by_line(const char *line)
{
	const struct catalogue_row *row = NULL;

	while (!row && line) {
		row = catalogue_by_text(line, 0, CATALOGUE_STEP_LOG);
		line = strstr(line, ": ");
		line = line ? line + 2 : NULL;
	}
	return row;
}
