/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strict integers. A leading zero is refused: YAML 1.1 and strtoull(base 0) read it as octal,
 * people as decimal.
 */
#include "base/num.h"

#include <errno.h>
#include <stdbool.h>

static int digit(char c, unsigned int base)
{
	unsigned int v;

	if (c >= '0' && c <= '9')
		v = (unsigned int)(c - '0');
	else if (c >= 'a' && c <= 'f')
		v = (unsigned int)(c - 'a') + 10;
	else if (c >= 'A' && c <= 'F')
		v = (unsigned int)(c - 'A') + 10;
	else
		return -EINVAL;
	return v < base ? (int)v : -EINVAL;
}

int num_u64(const char *s, uint64_t min, uint64_t max, uint64_t *ret_v)
{
	bool hex = s[0] == '0' && (s[1] == 'x' || s[1] == 'X');
	unsigned int base = hex ? 16 : 10;
	bool overflow = false;
	uint64_t v = 0;

	if (hex)
		s += 2;
	else if (s[0] == '0' && s[1])
		return -EINVAL;
	if (!*s)
		return -EINVAL;
	for (; *s; s++) {
		int d = digit(*s, base);

		if (d < 0)
			return d;
		overflow |= __builtin_mul_overflow(v, base, &v) ||
			    __builtin_add_overflow(v, (uint64_t)d, &v);
	}
	if (overflow || v < min || v > max)
		return -ERANGE;
	*ret_v = v;
	return 0;
}

int num_u32(const char *s, uint32_t min, uint32_t max, uint32_t *ret_v)
{
	uint64_t v;
	int err = num_u64(s, min, max, &v);

	if (!err)
		*ret_v = (uint32_t)v;
	return err;
}
