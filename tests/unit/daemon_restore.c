/* SPDX-License-Identifier: GPL-2.0-or-later */
/* on-drift: when the service puts modes right, when it rests, and when it gives up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "daemon/service.h"

#define SECOND 1000000000ull

static struct {
	unsigned int calls, done;
	int err;
} world;

static int run(struct service *s, void *arg, unsigned int *ret_done, struct why *why)
{
	(void)s;
	(void)arg;
	world.calls++;
	*ret_done = world.done;
	return world.err < 0 ? why_set(why, world.err, "set a mode") : 0;
}

static struct restore r;
static struct ipso_config cfg;
static struct service s;

static int setup(void **state)
{
	(void)state;
	r = (struct restore){.run = run};
	cfg = (struct ipso_config){.on_drift = CFG_DRIFT_RESTORE};
	s = (struct service){.cfg = &cfg, .restore = &r};
	world.calls = 0;
	world.done = 3;
	world.err = 0;
	return 0;
}

static void only_where_the_configuration_says_so(void **state)
{
	(void)state;
	cfg.on_drift = CFG_DRIFT_ALARM;
	restore_tend(&r, &s, true, 100 * SECOND);
	assert_int_equal(world.calls, 0);
	cfg.on_drift = CFG_DRIFT_RESTORE;
	restore_tend(&r, &s, false, 100 * SECOND);
	assert_int_equal(world.calls, 0);
	restore_tend(&r, &s, true, 100 * SECOND);
	assert_int_equal(world.calls, 1);
	assert_int_equal(r.done, 1);
}

static void it_gives_up_what_comes_back_too_often(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < RESTORE_TRIES; i++)
		restore_tend(&r, &s, true, (100 + i) * SECOND);
	assert_int_equal(r.done, RESTORE_TRIES);
	for (unsigned int i = 0; i < 5; i++)
		restore_tend(&r, &s, true, (200 + i) * SECOND);
	assert_int_equal(world.calls, RESTORE_TRIES);
	assert_int_equal(r.gave_up, 1);
	/* not by itself, however long ago it is */
	restore_tend(&r, &s, true, 100000 * SECOND);
	assert_int_equal(world.calls, RESTORE_TRIES);
	restore_reset(&r);
	restore_tend(&r, &s, true, 100001 * SECOND);
	assert_int_equal(r.done, RESTORE_TRIES + 1);
}

static void seldom_is_not_too_often(void **state)
{
	(void)state;
	for (unsigned int i = 1; i <= 4 * RESTORE_TRIES; i++)
		restore_tend(&r, &s, true, i * RESTORE_SPAN_NS / (RESTORE_TRIES - 1));
	assert_int_equal(r.done, 4 * RESTORE_TRIES);
	assert_int_equal(r.gave_up, 0);
}

static void after_a_failure_it_rests(void **state)
{
	uint64_t now = monotonic_ns();

	(void)state;
	world.err = -EBUSY;
	restore_tend(&r, &s, true, now);
	assert_int_equal(r.failed, 1);
	restore_tend(&r, &s, true, now + SECOND);
	assert_int_equal(world.calls, 1);
	world.err = 0;
	restore_tend(&r, &s, true, now + RESTORE_REST_NS + 3600 * SECOND);
	assert_int_equal(r.done, 1);
}

/* Another ipso at work, or nothing left to do (ipso down): asked again, and never too often. */
static void what_was_no_try_does_not_count(void **state)
{
	(void)state;
	world.err = -EALREADY;
	for (unsigned int i = 0; i < 2 * RESTORE_TRIES; i++)
		restore_tend(&r, &s, true, (100 + i) * SECOND);
	world.err = 0;
	world.done = 0;
	for (unsigned int i = 0; i < 2 * RESTORE_TRIES; i++)
		restore_tend(&r, &s, true, (200 + i) * SECOND);
	assert_int_equal(world.calls, 4 * RESTORE_TRIES);
	assert_int_equal(r.done + r.failed + r.gave_up, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(only_where_the_configuration_says_so, setup),
		cmocka_unit_test_setup(it_gives_up_what_comes_back_too_often, setup),
		cmocka_unit_test_setup(seldom_is_not_too_often, setup),
		cmocka_unit_test_setup(after_a_failure_it_rests, setup),
		cmocka_unit_test_setup(what_was_no_try_does_not_count, setup),
	};

	return cmocka_run_group_tests_name("daemon_restore", tests, NULL, NULL);
}
