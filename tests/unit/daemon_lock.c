/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lock: made, refused to a second with the pid of the first, free again when closed. */
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

#include "base/mem.h"
#include "daemon/lock.h"

static char top[] = "/tmp/ipso-unit-lock.XXXXXX", dir[64];

static int make_dir(void **state)
{
	(void)state;
	if (!mkdtemp(top))
		return -1;
	snprintf(dir, sizeof(dir), "%s/run", top);
	return 0;
}

static int remove_dir(void **state)
{
	char path[80];

	(void)state;
	snprintf(path, sizeof(path), "%s/lock", dir);
	unlink(path);
	rmdir(dir);
	return rmdir(top);
}

static void one_holder(void **state)
{
	_close_ int first = -1, second = -1;
	struct why why = {};
	char pid[32];
	struct stat st;

	(void)state;
	assert_int_equal(lock_holder(dir), 0);
	assert_int_equal(lock_take(dir, &first, &why), 0);
	assert_int_equal(lock_holder(dir), getpid());
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(lock_take(dir, &second, &why), -EBUSY);
	assert_int_equal(second, -1);
	snprintf(pid, sizeof(pid), "process %d", (int)getpid());
	assert_non_null(strstr(why.what, pid));
	close(TAKE_FD(first));
	assert_int_equal(lock_holder(dir), 0);
	assert_int_equal(lock_take(dir, &second, &why), 0);
}

static void no_place_for_it(void **state)
{
	struct why why = {};
	int fd = -1;

	(void)state;
	assert_int_equal(lock_take("/tmp/ipso-no-such-dir/run", &fd, &why), -ENOENT);
	assert_non_null(strstr(why.what, "/tmp/ipso-no-such-dir/run"));
	assert_int_equal(fd, -1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_holder),
		cmocka_unit_test(no_place_for_it),
	};

	return cmocka_run_group_tests_name("daemon_lock", tests, make_dir, remove_dir);
}
