/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Points in the past as people write them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/when.h"

#define NOW 1764079530 /* 2025-11-25T14:05:30Z */

static void times(void **state)
{
	static const struct {
		const char *text;
		int err;
		uint64_t seconds;
	} rows[] = {
		{"90s", 0, 90},
		{"10m", 0, 600},
		{"2h", 0, 7200},
		{"1d", 0, 86400},
		{"0s", 0, 0},
		{"14:05", 0, 30},
		{"14:05:29", 0, 1},
		{"14:05:30", 0, 0},
		{"14:05:31", 0, 86399}, /* yesterday's */
		{"2025-11-25T14:04:30Z", 0, 60},
		{"2025-11-25T14:05:31Z", -ERANGE, 0},
		{"", -EINVAL, 0},
		{"10", -EINVAL, 0},
		{"m", -EINVAL, 0},
		{"-5m", -EINVAL, 0},
		{"5mm", -EINVAL, 0},
		{"9999999999d", -EINVAL, 0},
		{"25:00", -EINVAL, 0},
		{"14:05 ", -EINVAL, 0},
		{"yesterday", -EINVAL, 0},
		{"2025-11-25", -EINVAL, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t seconds = 0;
		int err = when_parse(rows[i].text, NOW, &seconds);

		if (err != rows[i].err || (!err && seconds != rows[i].seconds))
			fail_msg("\"%s\": %d, %llu seconds", rows[i].text, err,
				 (unsigned long long)seconds);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(times),
	};

	return cmocka_run_group_tests_name("base_when", tests, NULL, NULL);
}
