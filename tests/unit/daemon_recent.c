/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ring of recent events: numbers, bound, what is kept of a failure. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "daemon/recent.h"

static struct ipso_event_sa sa_event(uint32_t spi, int result)
{
	return (struct ipso_event_sa){
		.hdr = {.version = IPSO_EVENT_VERSION, .kind = IPSO_EV_SA_ADD,
			.len = sizeof(struct ipso_event_sa), .ktime = 1000 + spi, .result = result},
		.key = {.spi = spi, .family = 2, .proto = 50},
	};
}

static void oldest_leave(void **state)
{
	_cleanup_(recent_free) struct recent *r = NULL;

	(void)state;
	assert_int_equal(recent_new(23, &r), 0);
	assert_true(recent_first(r) == 0 && recent_end(r) == 0);
	assert_null(recent_get(r, 0));
	for (uint32_t i = 0; i < 53; i++) {
		struct ipso_event_sa ev = sa_event(0x1000 + i, 0);

		assert_int_equal(recent_add(r, &ev.hdr, NULL, ""), 0);
	}
	assert_true(recent_first(r) == 30 && recent_end(r) == 53);
	assert_null(recent_get(r, 29));
	assert_null(recent_get(r, 53));
	for (uint64_t n = 30; n < 53; n++) {
		const struct recent_event *e = recent_get(r, n);

		assert_non_null(e);
		assert_true(e->number == n && e->has_spi);
		assert_int_equal(e->spi, 0x1000 + n);
		assert_true(e->ktime == 1000 + 0x1000 + n);
		assert_null(e->explanation);
	}
}

static void lines_are_json(void **state)
{
	_cleanup_(recent_free) struct recent *r = NULL;
	struct ipso_event_sa ev = sa_event(0x1001, -EBUSY);
	struct explanation ex = {.id = "S-05", .class_ = "ORDER", .cause = "a rule is in the way"};
	const struct recent_event *e;
	const char *line;
	json_t *j;

	(void)state;
	assert_int_equal(recent_new(4, &r), 0);
	assert_int_equal(recent_add(r, &ev.hdr, &ex, "pair"), 0);
	e = recent_get(r, 0);
	line = recent_line(r, 0);
	assert_int_equal(line[strlen(line) - 1], '\n');
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
	assert_ptr_equal(recent_line(r, 0), line);
	assert_null(recent_line(r, 1));
	j = json_loads(line, 0, NULL);
	assert_true(json_is_object(j));
	assert_int_equal(json_integer_value(json_object_get(j, "event")), 0);
	assert_string_equal(json_string_value(json_object_get(j, "tunnel")), "pair");
	assert_string_equal(json_string_value(json_object_get(json_object_get(j, "explanation"), "id")),
			    "S-05");
	json_decref(j);
	assert_string_equal(json_string_value(json_object_get(e->explanation, "id")), "S-05");
	assert_string_equal(json_string_value(json_object_get(e->explanation, "class")), "ORDER");
	assert_null(json_object_get(e->explanation, "count"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(oldest_leave),
		cmocka_unit_test(lines_are_json),
	};

	return cmocka_run_group_tests_name("daemon_recent", tests, NULL, NULL);
}
