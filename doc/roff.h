/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text for the manual pages: man(7) macros, see groff_man(7). */
#ifndef IPSO_DOC_ROFF_H
#define IPSO_DOC_ROFF_H

#include <stdio.h>

/* Backslashes kept, dashes that stay dashes; in the middle of a line. */
static inline void roff_words(const char *text)
{
	for (; *text; text++) {
		if (*text == '\\')
			fputs("\\e", stdout);
		else if (*text == '-')
			fputs("\\-", stdout);
		else
			putchar(*text);
	}
}

/* A line of its own: no control line by accident. */
static inline void roff_line(const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", stdout);
	roff_words(text);
	putchar('\n');
}

#endif
