/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A reason travels with its errno; names of errnos in either sign. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"

static void why_is_filled(void **state)
{
	struct why why = {.kernel = "Device is busy"};

	(void)state;
	assert_int_equal(why_set(&why, -EBUSY, "SA on %s", "eth0"), -EBUSY);
	why_remedy(&why, "remove rule %d", 3);
	assert_string_equal(why.what, "SA on eth0");
	assert_string_equal(why.remedy, "remove rule 3");
	assert_string_equal(why.kernel, "Device is busy");
	assert_int_equal(why.err, -EBUSY);
	assert_int_equal(why_set(NULL, -EIO, "nobody asks"), -EIO);
	why_remedy(NULL, "nobody asks");
}

static void long_text_is_cut(void **state)
{
	char text[2 * sizeof(((struct why *)NULL)->what)];
	struct why why;

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	why_set(&why, -EINVAL, "%s", text);
	assert_int_equal(strlen(why.what), sizeof(why.what) - 1);
}

static void names(void **state)
{
	(void)state;
	assert_string_equal(err_name(EBUSY), "EBUSY");
	assert_string_equal(err_name(-EOPNOTSUPP), "EOPNOTSUPP");
	assert_string_equal(err_name(-524), "ENOTSUPP");
	assert_string_equal(err_name(0), "E?");
	assert_string_equal(err_name(99999), "E?");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(why_is_filled),
		cmocka_unit_test(long_text_is_cut),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests_name("base_err", tests, NULL, NULL);
}
