/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs that end well, end badly, do not end, say too much, or are not there. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include <cmocka.h>

#include "base/exec.h"
#include "base/mem.h"

static int sh(const char *script, unsigned int ms, size_t limit, char **ret_out, char errors[64],
	      int *ret_status)
{
	const char *const argv[] = {"sh", "-c", script, NULL};

	return exec_read(argv, ms, limit, ret_out, errors, 64, ret_status);
}

static void ends_well(void **state)
{
	_free_ char *out = NULL, *nothing = NULL;
	char errors[64];

	(void)state;
	assert_int_equal(sh("cat; echo one; echo two >&2", 5000, 100, &out, errors, NULL), 0);
	assert_string_equal(out, "one\n");
	assert_string_equal(errors, "two");
	assert_int_equal(sh(":", 5000, 100, &nothing, NULL, NULL), 0);
	assert_string_equal(nothing, "");
}

static void ends_badly(void **state)
{
	char *out = NULL, errors[64];
	int status = 0;

	(void)state;
	assert_int_equal(sh("echo a; printf 'x\\ty\\n\\n' >&2; exit 3", 5000, 100, &out, errors,
			    &status), -EREMOTEIO);
	assert_int_equal(WEXITSTATUS(status), 3);
	assert_string_equal(errors, "x y");
	assert_null(out);
	assert_int_equal(sh("kill -9 $$", 5000, 100, &out, errors, &status), -EREMOTEIO);
	assert_int_equal(WTERMSIG(status), SIGKILL);
}

/* Silent, talking, or with its pipes closed. */
static void does_not_end(void **state)
{
	static const char *const scripts[] = {"exec sleep 60", "while :; do echo >&2; done",
					      "exec sleep 60 >&- 2>&-"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(scripts); i++) {
		char *out = NULL, errors[64];
		time_t start = time(NULL);

		assert_int_equal(sh(scripts[i], 200, 100, &out, errors, NULL), -ETIMEDOUT);
		assert_true(time(NULL) - start < 20);
		assert_null(out);
	}
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* all were reaped */
}

static void says_too_much(void **state)
{
	char *out = NULL, errors[64];

	(void)state;
	assert_int_equal(sh("while :; do echo; done", 20000, 1000, &out, errors, NULL), -EFBIG);
	assert_null(out);
}

static void is_not_there(void **state)
{
	const char *const argv[] = {"ipso-no-such-program", NULL};
	char *out = NULL;

	(void)state;
	assert_int_equal(exec_read(argv, 1000, 100, &out, NULL, 0, NULL), -ENOENT);
}

/* That we block SIGTERM and ignore SIGPIPE is not handed on. */
static void signals(void **state)
{
	unsigned long blocked = 0, ignored = 0;
	_free_ char *out = NULL;
	sigset_t set, old;

	(void)state;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, &old);
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(sh("grep -E '^Sig(Blk|Ign)' /proc/self/status", 5000, 200, &out, NULL,
			    NULL), 0);
	sigprocmask(SIG_SETMASK, &old, NULL);
	assert_int_equal(sscanf(out, "SigBlk: %lx SigIgn: %lx", &blocked, &ignored), 2);
	assert_int_equal(blocked, 0);
	assert_int_equal(ignored & 1ul << (SIGPIPE - 1), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends_well),	 cmocka_unit_test(ends_badly),
		cmocka_unit_test(does_not_end),	 cmocka_unit_test(says_too_much),
		cmocka_unit_test(is_not_there),	 cmocka_unit_test(signals),
	};

	return cmocka_run_group_tests_name("base_exec", tests, NULL, NULL);
}
