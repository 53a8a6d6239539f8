/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What reaches stderr: prefix, errno text, level, and never more than one line's room. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "stderr.h"

static void plain_lines(void **state)
{
	(void)state;
	assert_int_equal(log_err(-EBUSY, "add %s", "SA"), -EBUSY);
	assert_string_equal(written(), "ipso: add SA: Device or resource busy\n");
	assert_int_equal(log_err(EBUSY, "add"), -EBUSY);
	assert_string_equal(written(), "ipso: add: Device or resource busy\n");
	assert_int_equal(log_warn("odd"), 0);
	assert_string_equal(written(), "ipso: warning: odd\n");
	log_info("up");
	assert_string_equal(written(), "up\n");
}

static void levels_hide(void **state)
{
	(void)state;
	log_debug("hidden");
	assert_string_equal(written(), "");
	log_set_level(LOG_LV_DEBUG);
	log_debug("shown");
	assert_string_equal(written(), "ipso: debug: shown\n");
	log_set_level(LOG_LV_INFO);
}

static void journal_priorities(void **state)
{
	char name[64];
	struct stat st;

	(void)state;
	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	snprintf(name, sizeof(name), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	setenv("JOURNAL_STREAM", name, 1);
	log_err(0, "bad");
	assert_string_equal(written(), "<3>bad\n");
	setenv("JOURNAL_STREAM", "1:2", 1);
	log_err(0, "bad");
	assert_string_equal(written(), "ipso: bad\n");
}

static void long_lines_are_cut(void **state)
{
	char text[5000];
	const char *line;

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_err(EIO, "%s", text);
	line = written();
	assert_true(strlen(line) < 2048);
	assert_int_equal(line[strlen(line) - 1], '\n');
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(plain_lines, redirect, restore),
		cmocka_unit_test_setup_teardown(levels_hide, redirect, restore),
		cmocka_unit_test_setup_teardown(journal_priorities, redirect, restore),
		cmocka_unit_test_setup_teardown(long_lines_are_cut, redirect, restore),
	};

	return cmocka_run_group_tests_name("base_log", tests, NULL, NULL);
}
