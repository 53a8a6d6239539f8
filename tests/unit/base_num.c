/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strict integers: what is taken, and that an answer is untouched when it is not. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/num.h"

static void takes_whole_numbers(void **state)
{
	static const struct {
		const char *text;
		uint64_t value;
	} rows[] = {
		{"0", 0},	  {"7", 7},
		{"0x0", 0},	  {"0xb29ed314", 0xb29ed314},
		{"0XFF", 255},	  {"0x00ff", 255},
		{"18446744073709551615", UINT64_MAX},
	};
	uint64_t v;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(num_u64(rows[i].text, 0, UINT64_MAX, &v), 0);
		assert_true(v == rows[i].value);
	}
}

static void refuses_everything_else(void **state)
{
	static const char *const rows[] = {"",	 "0x",	"-1", "+1", " 1", "1 ",
					   "1k", "010", "1.", "0xg", "a", "1\n"};
	uint64_t v = 42;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(num_u64(rows[i], 0, UINT64_MAX, &v), -EINVAL);
	assert_true(v == 42);
}

static void holds_the_limits(void **state)
{
	uint64_t v = 42;
	uint32_t w = 42;

	(void)state;
	assert_int_equal(num_u64("18446744073709551616", 0, UINT64_MAX, &v), -ERANGE);
	assert_int_equal(num_u64("99999999999999999999999999", 0, UINT64_MAX, &v), -ERANGE);
	assert_int_equal(num_u64("4", 5, 9, &v), -ERANGE);
	assert_int_equal(num_u64("10", 5, 9, &v), -ERANGE);
	assert_true(v == 42);
	assert_int_equal(num_u32("4294967296", 0, UINT32_MAX, &w), -ERANGE);
	assert_int_equal(w, 42);
	assert_int_equal(num_u32("4294967295", 0, UINT32_MAX, &w), 0);
	assert_int_equal(w, UINT32_MAX);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_whole_numbers),
		cmocka_unit_test(refuses_everything_else),
		cmocka_unit_test(holds_the_limits),
	};

	return cmocka_run_group_tests_name("base_num", tests, NULL, NULL);
}
