/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events as JSON and as a line; the status as JSON and as tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "export/export.h"
#include "records.h"
#include "snapshots.h"

static const char *text(const json_t *j, const char *key)
{
	const char *s = json_string_value(json_object_get(j, key));

	return s ? s : "(none)";
}

static json_int_t number(const json_t *j, const char *key)
{
	return json_integer_value(json_object_get(j, key));
}

static char *line_of(json_t *j)
{
	char *line = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&line, &len);

	assert_non_null(f);
	export_event_text(j, f);
	fclose(f);
	return line;
}

static void an_sa_that_was_added(void **state)
{
	struct ipso_event_sa e = record_sa(IPSO_EV_SA_ADD, 0xb29ed314, 0);
	json_t *j = export_event_json(&e.hdr, NULL);
	_free_ char *line = line_of(j);

	(void)state;
	assert_string_equal(text(j, "kind"), "sa-add");
	assert_true(json_is_integer(json_object_get(j, "result")));
	assert_string_equal(text(j, "spi"), "0xb29ed314");
	assert_string_equal(text(j, "direction"), "out");
	assert_string_equal(text(j, "offload"), "packet");
	assert_string_equal(text(j, "source"), "192.0.2.1");
	assert_string_equal(text(j, "destination"), "192.0.2.2");
	assert_true(json_is_true(json_object_get(j, "esn")));
	assert_null(json_object_get(j, "explanation"));
	assert_null(json_object_get(j, "firmware"));
	assert_non_null(strstr(line, " sa-add: SA out 192.0.2.1 -> 192.0.2.2 spi 0xb29ed314 on "
				     "eth0, ip (pid 42)\n"));
	json_decref(j);
}

static void a_refusal_with_firmware(void **state)
{
	struct ipso_event_sa e = record_sa(IPSO_EV_SA_ADD, 0x1001, -EAGAIN);
	struct explanation ex;
	const json_t *fw;
	json_t *j;

	(void)state;
	e.fw = (struct ipso_fw_error){0xa00, 0, 0xf, 0x0badcafe, -EREMOTEIO};
	strcpy(e.text, "mlx5_core: Device failed to offload this state");
	explain(&e.hdr, NULL, &ex);
	j = export_event_json(&e.hdr, &ex);
	assert_string_equal(text(j, "result"), "EAGAIN");
	assert_string_equal(text(j, "text"), e.text);
	assert_string_equal(text(json_object_get(j, "explanation"), "id"), "S-10");
	fw = json_object_get(j, "firmware");
	assert_string_equal(text(fw, "opcode"), "0xa00");
	assert_string_equal(text(fw, "status"), "0x0f");
	assert_string_equal(text(fw, "syndrome"), "0x0badcafe");
	assert_string_equal(text(fw, "status_name"), "no resources");
	json_decref(j);
}

static void a_refused_rule(void **state)
{
	struct ipso_event_gate e = record_gate(IPSO_VERDICT_REFUSED);
	struct explanation ex;
	_free_ char *line = NULL;
	json_t *j;

	(void)state;
	explain(&e.hdr, NULL, &ex);
	j = export_event_json(&e.hdr, &ex);
	assert_string_equal(text(j, "kind"), "gate");
	assert_string_equal(text(j, "result"), "EBUSY");
	assert_string_equal(text(j, "verdict"), "refused");
	assert_string_equal(text(j, "eswitch"), "0000:01:00.0");
	assert_int_equal(number(j, "pref"), 7);
	assert_int_equal(number(json_object_get(j, "driver"), "rx_table_users"), 0);
	line = line_of(j);
	assert_non_null(strstr(line, " gate EBUSY: TC flower rule on eth0 pref 7 protocol all, tc "
				     "(pid 42): [G-01] "));
	json_decref(j);
}

static void work_of_the_kernel_has_no_author(void **state)
{
	struct ipso_event_sa e = record_sa(IPSO_EV_SA_EXPIRE, 0x1001, 0);
	json_t *j;

	(void)state;
	e.hdr.comm[0] = '\0';
	e.hdr.pid = 0;
	e.hard = 1;
	e.drv.known = 0;
	j = export_event_json(&e.hdr, NULL);
	assert_null(json_object_get(j, "comm"));
	assert_null(json_object_get(j, "driver"));
	assert_string_equal(text(j, "limit"), "hard");
	json_decref(j);
}

/* The author where there is one, "" where nobody was heard; a unit only where it is known. */
static void a_drift_and_its_author(void **state)
{
	struct ipso_event_drift e = {
		.hdr = record_hdr(IPSO_EV_DRIFT, sizeof(e), 0),
		.pci = IPSO_PCI(0, 8, 0),
		.item = IPSO_MODE_VFS,
		.found = 0,
		.wanted = 2,
		.ifname = "pf0",
		.author = {.by = {"bash", "(udev-worker)"}, .unit = "udev"},
	};
	struct ipso_event_mode m = {
		.hdr = record_hdr(IPSO_EV_MODE, sizeof(m), 0),
		.item = IPSO_MODE_STEERING,
		.value = "smfs",
	};
	json_t *j = export_event_json(&e.hdr, NULL);

	(void)state;
	assert_string_equal(text(j, "author"), "udev");
	assert_string_equal(text(j, "unit"), "udev");
	assert_string_equal(text(j, "wanted"), "2");
	json_decref(j);
	m.hdr.comm[0] = '\0';
	j = export_event_json(&m.hdr, NULL);
	assert_string_equal(text(j, "author"), "");
	assert_null(json_object_get(j, "unit"));
	assert_string_equal(text(j, "to"), "smfs");
	json_decref(j);
}

static void the_status(void **state)
{
	struct sa_row sas[3];
	struct failure_row failure;
	struct snapshot s = test_snapshot(sas, &failure);
	json_t *j = export_status_json(&s), *sa, *events;
	_free_ char *table = NULL;
	size_t len = 0;
	FILE *f;

	(void)state;
	sa = json_array_get(json_object_get(j, "sas"), 1);
	assert_string_equal(text(sa, "spi"), "0xb29ed314");
	assert_int_equal(number(sa, "packets"), 23);
	assert_int_equal(number(sa, "integrity_failed"), 1);
	assert_int_equal(number(sa, "replay_drops"), 2);
	assert_int_equal(number(sa, "hard_packets"), 1000);
	assert_float_equal(json_real_value(json_object_get(sa, "sample_age_seconds")), 0.5, 0.001);
	events = json_object_get(j, "events");
	assert_int_equal(number(json_object_get(events, "seen"), "fw-error"), 4);
	assert_int_equal(number(json_object_get(events, "lost"), "gate"), 1);
	assert_int_equal(
		number(json_object_get(json_object_get(j, "gate"), "verdicts"), "refused"), 2);
	f = open_memstream(&table, &len);
	assert_non_null(f);
	export_status_text(j, f);
	fclose(f);
	assert_non_null(strstr(table, "0xb29ed314  192.0.2.2  192.0.2.1    eth0    packet"));
	assert_non_null(strstr(table, "policies in hardware: 1 in, 2 out\n"));
	assert_non_null(strstr(table, "0000:01:00.0  enforce  yes   unknown\n"));
	assert_non_null(strstr(table, "gate: installed, pass 0, refused 2"));
	assert_non_null(strstr(table, "failed: [S-05] 3 times"));
	assert_non_null(strstr(table, "warning: 1 events found no room"));
	assert_non_null(strstr(table, "not attached: tc_add (mlx5e_configure_flower)"));
	json_decref(j);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_sa_that_was_added),
		cmocka_unit_test(a_refusal_with_firmware),
		cmocka_unit_test(a_refused_rule),
		cmocka_unit_test(work_of_the_kernel_has_no_author),
		cmocka_unit_test(a_drift_and_its_author),
		cmocka_unit_test(the_status),
	};

	return cmocka_run_group_tests_name("export_event", tests, NULL, NULL);
}
