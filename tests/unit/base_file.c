/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small files, in a directory of the test's own. */
#include <errno.h>
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

#include "base/file.h"
#include "base/mem.h"

static char dir[] = "/tmp/ipso-unit-file.XXXXXX", path[64];

static int make_dir(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/f", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

static void replace_then_read(void **state)
{
	_free_ char *text = NULL, *big = malloc(20000);
	struct stat st;
	size_t len = 0;

	(void)state;
	assert_int_equal(file_replace(path, "one\ntwo\n", 8, 0640), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(file_read(path, 8, &text, &len), 0);
	assert_int_equal(len, 8);
	assert_string_equal(text, "one\ntwo\n");
	assert_non_null(big);
	memset(big, 'x', 20000);
	assert_int_equal(file_replace(path, big, 20000, 0600), 0);
	free(TAKE_PTR(text));
	assert_int_equal(file_read(path, 20000, &text, NULL), 0);
	assert_int_equal(strlen(text), 20000);
}

static void limits_hold(void **state)
{
	char *text = NULL, small[3];

	(void)state;
	assert_int_equal(file_replace(path, "12345\n6", 7, 0600), 0);
	assert_int_equal(file_read(path, 6, &text, NULL), -EFBIG);
	assert_null(text);
	assert_int_equal(file_read_line(path, small, sizeof(small)), -ENOBUFS);
	assert_int_equal(file_read("/tmp/ipso-no-such-file", 10, &text, NULL), -ENOENT);
	assert_int_equal(file_read(dir, 10, &text, NULL), -EISDIR);
}

static void link_names(void **state)
{
	char name[] = "/tmp/ipso-link-XXXXXX", buf[8];

	(void)state;
	assert_non_null(mkdtemp(name));
	assert_int_equal(rmdir(name), 0);
	assert_int_equal(symlink("../../drivers/mlx5", name), 0);
	assert_int_equal(file_link_name(name, buf, sizeof(buf)), 0);
	assert_string_equal(buf, "mlx5");
	unlink(name);
	assert_int_equal(symlink("longer-than-room", name), 0);
	assert_int_equal(file_link_name(name, buf, sizeof(buf)), 0);
	assert_string_equal(buf, "longer-");
	unlink(name);
	assert_int_equal(file_link_name(name, buf, sizeof(buf)), -ENOENT);
	assert_string_equal(buf, "");
}

static void attributes(void **state)
{
	char line[16];

	(void)state;
	assert_int_equal(file_replace(path, "0\n", 2, 0600), 0);
	assert_int_equal(file_write(path, "4\n"), 0);
	assert_int_equal(file_read_line(path, line, sizeof(line)), 0);
	assert_string_equal(line, "4");
	assert_int_equal(file_write("/tmp/ipso-no-such-file", "1"), -ENOENT);
	assert_int_equal(access("/tmp/ipso-no-such-file", F_OK), -1);
}

static void failed_replace_leaves_nothing(void **state)
{
	(void)state;
	assert_int_equal(file_replace("/tmp/ipso-no-such-dir/f", "x", 1, 0600), -ENOENT);
	/* A directory cannot be renamed over: the file beside it must be gone again. */
	assert_int_equal(mkdir(path, 0700), -1);
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(file_replace(path, "x", 1, 0600), -EISDIR);
	assert_int_equal(rmdir(path), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(replace_then_read),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(attributes),
		cmocka_unit_test(link_names),
		cmocka_unit_test(failed_replace_leaves_nothing),
	};

	return cmocka_run_group_tests_name("base_file", tests, make_dir, remove_dir);
}
