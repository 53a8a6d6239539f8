/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rates of an SA: steady although the driver's counters step, and anew for another SA. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "collect/internal.h"

#define SECOND 1000000000ull

static void at(struct sa_node *n, uint64_t second, uint64_t packets)
{
	n->row.now.packets = packets;
	n->row.now.bytes = packets * 100;
	rate_take(n, second * SECOND);
}

static void steady_over_steps(void **state)
{
	struct sa_node n = {};

	(void)state;
	at(&n, 100, 1000);
	assert_float_equal(n.row.packet_rate, 0, 1e-9); /* one reading is no rate */
	/* 10 a second, but every other reading sees nothing new */
	for (uint64_t t = 101; t < 130; t++) {
		at(&n, t, 1000 + (t - 100) / 2 * 20);
		if (t < 104)
			continue;
		assert_in_range((uint64_t)n.row.packet_rate, 6, 14);
		assert_float_equal(n.row.byte_rate, n.row.packet_rate * 100, 1e-6);
	}
	for (uint64_t t = 130; t < 140; t++) /* and none any more */
		at(&n, t, n.row.now.packets);
	assert_float_equal(n.row.packet_rate, 0, 1e-9);
}

static void another_sa_begins_again(void **state)
{
	struct sa_node n = {};

	(void)state;
	at(&n, 100, 1000);
	at(&n, 101, 2000);
	at(&n, 102, 10);
	assert_float_equal(n.row.packet_rate, 0, 1e-9);
	at(&n, 103, 30);
	assert_float_equal(n.row.packet_rate, 20, 1e-9);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(steady_over_steps),
		cmocka_unit_test(another_sa_begins_again),
	};

	return cmocka_run_group_tests_name("collect_rate", tests, NULL, NULL);
}
