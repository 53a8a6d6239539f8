/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text as one word of a POSIX shell. */
#ifndef IPSO_BASE_SHELL_H
#define IPSO_BASE_SHELL_H

#include <stddef.h>

/* Room that is always enough for a text of n bytes with its NUL. */
#define SHELL_LEN(n) (4 * (n) + 3)

/* s, in single quotes where it needs them. Returns buf; "" becomes ''. size >= SHELL_LEN. */
const char *shell_quote(const char *s, char *buf, size_t size);

#endif
