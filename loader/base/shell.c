/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text as one word of a POSIX shell (Shell Command Language, section 2.2.2). */
#include "base/shell.h"

#include <stdio.h>
#include <string.h>

static const char plain[] =
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@%+=,-";

const char *shell_quote(const char *s, char *buf, size_t size)
{
	size_t used = 0;

	if (*s && s[strspn(s, plain)] == '\0') {
		snprintf(buf, size, "%s", s);
		return buf;
	}
	buf[used++] = '\'';
	for (; *s && used + 6 <= size; s++) {
		/* A quote cannot stand between quotes: end them, escape it, begin them again. */
		const char *as = *s == '\'' ? "'\\''" : (const char[]){*s, '\0'};

		used += (size_t)snprintf(buf + used, size - used, "%s", as);
	}
	buf[used++] = '\'';
	buf[used] = '\0';
	return buf;
}
