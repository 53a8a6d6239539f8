/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A choice of SAs: searched, sorted, paged; sums by device. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "export/internal.h"
#include "snapshots.h"

static struct sa_selection chosen(const struct snapshot *s, struct sa_query q)
{
	struct sa_selection sel;

	assert_int_equal(export_select(s, &q, &sel), 0);
	return sel;
}

static void searched(void **state)
{
	struct sa_row sas[3];
	struct failure_row failure;
	struct snapshot s = test_snapshot(sas, &failure);
	static const struct {
		const char *word;
		unsigned int found;
	} rows[] = {{NULL, 3}, {"", 3}, {"QUOTED", 2}, {"0xb29e", 1}, {"192.0.2.2", 3},
		    {"eth0", 2}, {"none", 1}, {"nobody", 0}};

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sa_selection sel = chosen(&s, (struct sa_query){.search = rows[i].word});

		assert_int_equal(sel.matching, rows[i].found);
		assert_int_equal(sel.count, rows[i].found);
		export_select_free(&sel);
	}
}

static void sorted_and_paged(void **state)
{
	struct sa_row sas[3];
	struct failure_row failure;
	struct snapshot s = test_snapshot(sas, &failure);
	struct sa_selection sel;

	(void)state;
	sel = chosen(&s, (struct sa_query){.order = SA_BY_TUNNEL});
	assert_ptr_equal(sel.rows[2], &sas[2]); /* without a name: last */
	export_select_free(&sel);
	sel = chosen(&s, (struct sa_query){.order = SA_BY_DROPS, .descending = true});
	assert_ptr_equal(sel.rows[0], &sas[1]);
	assert_ptr_equal(sel.rows[1], &sas[2]); /* equal: as a snapshot has them */
	export_select_free(&sel);
	sel = chosen(&s, (struct sa_query){.order = SA_BY_SPI, .offset = 1, .limit = 1});
	assert_int_equal(sel.matching, 3);
	assert_int_equal(sel.count, 1);
	assert_ptr_equal(sel.rows[0], &sas[2]);
	export_select_free(&sel);
	sel = chosen(&s, (struct sa_query){.offset = 99});
	assert_int_equal(sel.count, 0);
	assert_int_equal(sel.offset, 3);
	export_select_free(&sel);
}

static void every_order_has_a_key(void **state)
{
	struct sa_row sas[3];
	struct failure_row failure;
	struct snapshot s = test_snapshot(sas, &failure);

	(void)state;
	for (unsigned int i = 0; i < SA_ORDERS; i++) {
		struct sa_selection sel = chosen(&s, (struct sa_query){.order = (enum sa_order)i});
		enum sa_order back = SA_ORDERS;

		assert_int_equal(sel.count, 3);
		assert_int_equal(export_order(export_order_key((enum sa_order)i), &back), 0);
		assert_int_equal(back, i);
		export_select_free(&sel);
	}
	assert_int_equal(export_order("colour", &(enum sa_order){0}), -EINVAL);
}

static void used_is_the_nearest_limit(void **state)
{
	struct sa_row r = test_sa(IPSO_DIR_OUT, 1, "t");

	(void)state;
	assert_float_equal(export_sa_used(&r, 0), 0.023, 1e-9);
	r.hard_bytes = 3864;
	assert_float_equal(export_sa_used(&r, 0), 0.5, 1e-9);
	r.hard_seconds = 100;
	r.add_time = 1000;
	assert_float_equal(export_sa_used(&r, 1075), 0.75, 1e-9);
	assert_float_equal(export_sa_used(&r, 900), 0.5, 1e-9); /* a clock that was set back */
	r.hard_packets = r.hard_bytes = r.hard_seconds = 0;
	assert_float_equal(export_sa_used(&r, 1075), 0, 1e-9);
	r.esn = false; /* its 2^32 sequence numbers */
	r.now.packets = 3ull << 30;
	r.hard_packets = 0;
	assert_float_equal(export_sa_used(&r, 1075), 0.75, 1e-9);
	r.esn = true;
	assert_float_equal(export_sa_used(&r, 1075), 0, 1e-9);
}

static void summed_by_device(void **state)
{
	struct sa_row sas[3];
	struct failure_row failure;
	struct snapshot s = test_snapshot(sas, &failure);
	struct device_sum d[DEVICES_MAX];

	(void)state;
	sas[0].packet_rate = 5;
	sas[1].packet_rate = 7;
	assert_int_equal(export_devices(&s, d), 2);
	assert_string_equal(d[0].ifname, "eth0");
	assert_non_null(d[0].probe);
	assert_int_equal(d[0].sas, 2);
	assert_int_equal(d[0].hardware, 2);
	assert_int_equal(d[0].replay, 2);
	assert_float_equal(d[0].dir[IPSO_DIR_OUT].packet_rate, 5, 1e-9);
	assert_float_equal(d[0].dir[IPSO_DIR_IN].packet_rate, 7, 1e-9);
	assert_string_equal(d[1].ifname, "");
	assert_null(d[1].probe);
	assert_int_equal(d[1].software_packets, 5);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(searched),
		cmocka_unit_test(sorted_and_paged),
		cmocka_unit_test(every_order_has_a_key),
		cmocka_unit_test(used_is_the_nearest_limit),
		cmocka_unit_test(summed_by_device),
	};

	return cmocka_run_group_tests_name("export_select", tests, NULL, NULL);
}
