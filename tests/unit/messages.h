/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Netlink messages in tests: bytes as hexadecimal text, 32-bit words of attributes on a line. */
#ifndef IPSO_TEST_MESSAGES_H
#define IPSO_TEST_MESSAGES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "nl/sock.h"

/* Bytes from `from` on, without blanks; caller frees. */
static inline char *hex_of(const struct nl_msg *m, size_t from)
{
	size_t n = m->h.nlmsg_len - from;
	char *text = malloc(2 * n + 1);

	assert_non_null(text);
	for (size_t i = 0; i < n; i++)
		snprintf(text + 2 * i, 3, "%02x", m->bytes[from + i]);
	text[2 * n] = '\0';
	return text;
}

/* The message from `from` on is exactly these bytes; blanks in want are for the reader. */
static inline void assert_bytes(const struct nl_msg *m, size_t from, const char *want)
{
	_free_ char *got = hex_of(m, from);
	_free_ char *plain = malloc(strlen(want) + 1);
	char *p = plain;

	assert_non_null(plain);
	for (; *want; want++) {
		if (*want != ' ')
			*p++ = *want;
	}
	*p = '\0';
	assert_string_equal(got, plain);
}

static inline void assert_header(const struct nl_msg *m, uint16_t type, uint16_t flags)
{
	assert_int_equal(m->h.nlmsg_type, type);
	assert_int_equal(m->h.nlmsg_flags, flags);
	assert_true(m->h.nlmsg_len <= NL_MSG_SIZE);
}

#endif
