/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A whole TC rule as one word of the journal: the request that adds it, in hexadecimal. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apply/journal.h"
#include "nl/tc.h"

char *journal_rule_text(const struct tc_filter *f)
{
	struct nl_msg m;
	char *text;

	tc_put_filter(&m, f);
	text = malloc(2 * (size_t)m.h.nlmsg_len + 1);
	for (uint32_t i = 0; text && i < m.h.nlmsg_len; i++)
		snprintf(text + 2 * (size_t)i, 3, "%02x", m.bytes[i]);
	return text;
}

static int digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

int journal_rule_read(const char *text, struct tc_filter *ret_f)
{
	size_t len = strlen(text) / 2;
	struct nl_msg m = {};

	if (strlen(text) % 2 || len < sizeof(m.h) || len > sizeof(m.bytes))
		return -EBADMSG;
	for (size_t i = 0; i < len; i++) {
		int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EBADMSG;
		m.bytes[i] = (uint8_t)(high << 4 | low);
	}
	if (m.h.nlmsg_len != len)
		return -EBADMSG;
	return tc_parse_filter(&m.h, ret_f) < 0 || !ret_f->plain ? -EBADMSG : 0;
}
