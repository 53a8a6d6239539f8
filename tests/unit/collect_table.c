/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The SA table: found, removed, swept by namespace and round. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "collect/internal.h"
#include "records.h"

static struct ipso_sa_key key(uint32_t spi, uint32_t netns)
{
	struct ipso_sa_key k = {.spi = spi, .netns = netns, .family = AF_INET, .proto = 50};

	return k;
}

static void rows_are_told_apart(void **state)
{
	struct sa_table *t = calloc(1, sizeof(*t));
	struct ipso_sa_key a = key(0x1001, 1), b = key(0x1001, 2), c = key(0x1001, 1);

	(void)state;
	assert_non_null(t);
	c.mark = 9;
	assert_null(table_find(t, &a));
	assert_non_null(table_get(t, &a));
	assert_ptr_equal(table_get(t, &a), table_find(t, &a));
	assert_ptr_not_equal(table_get(t, &b), table_find(t, &a));
	assert_ptr_not_equal(table_get(t, &c), table_find(t, &a));
	assert_int_equal(t->count, 3);
	table_remove(t, &a);
	table_remove(t, &a);
	assert_int_equal(t->count, 2);
	assert_null(table_find(t, &a));
	assert_non_null(table_find(t, &c));
	table_clear(t);
	assert_int_equal(t->count, 0);
	free(t);
}

static void a_sweep_is_of_one_namespace(void **state)
{
	struct sa_table *t = calloc(1, sizeof(*t));
	struct ipso_sa_key kept = key(1, 1), stale = key(2, 1), other = key(2, 2);

	(void)state;
	assert_non_null(t);
	table_get(t, &kept)->round = 5;
	table_get(t, &stale)->round = 4;
	table_get(t, &other)->round = 4;
	table_sweep(t, 1, 5);
	assert_non_null(table_find(t, &kept));
	assert_null(table_find(t, &stale));
	assert_non_null(table_find(t, &other));
	table_clear(t);
	free(t);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_told_apart),
		cmocka_unit_test(a_sweep_is_of_one_namespace),
	};

	return cmocka_run_group_tests_name("collect_table", tests, NULL, NULL);
}
