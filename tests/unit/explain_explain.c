/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of failed offloads lead to the right row of the catalogue, with who, what and why. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "explain/explain.h"
#include "records.h"

static struct explanation ex;

static const char *id_of(const void *record)
{
	explain(record, NULL, &ex);
	return ex.id;
}

static void a_text_decides(void **state)
{
	struct ipso_event_sa e = record_sa(IPSO_EV_SA_ADD, 0x1001, -EINVAL);

	(void)state;
	strcpy(e.text, "mlx5_core: Packet offload is not supported");
	assert_string_equal(id_of(&e), "MI-20");
	strcpy(e.text, "Replay window should be 0 for output SA");
	assert_string_equal(id_of(&e), "XU-11");
	assert_string_equal(ex.class_, "CFG");
	strcpy(e.text, "mlx5_core: Packet offload is not supported for tunnel mode");
	assert_string_equal(id_of(&e), "MI-21");
	/* longer than a record holds: what was cut still finds its row */
	memcpy(e.text, "mlx5_core: Unsupported policy with reqid 0 without at least one of upper "
		       "protocol", IPSO_TEXT - 1);
	assert_string_equal(id_of(&e), "MI-34");
}

static void an_unknown_text_is_unexplained(void **state)
{
	struct ipso_event_sa e = record_sa(IPSO_EV_SA_ADD, 0x1001, -EOPNOTSUPP);

	(void)state;
	strcpy(e.text, "mlx5_core: something new");
	assert_string_equal(id_of(&e), "U-00");
	assert_string_equal(ex.answer, "EOPNOTSUPP \"mlx5_core: something new\"");
	assert_non_null(strstr(ex.cause, "not in ipso's catalogue; errno and state alone would be "
					 "S-03: "));
	e.hdr.result = -EPROTO;
	assert_string_equal(id_of(&e), "U-00");
	assert_string_equal(ex.cause, "this text is not in ipso's catalogue");
}

/* One text, three meanings: who says it, with what errno, to which request. */
static void equal_texts_are_told_apart(void **state)
{
	static const struct {
		const char *text, *id;
		int err;
		enum catalogue_step step;
	} rows[] = {
		{"mlx5_core: Device failed to offload this state", "MI-30", EBUSY,
		 CATALOGUE_STEP_XFRM},
		{"Device failed to offload this state", "XD-06", EBUSY, CATALOGUE_STEP_XFRM},
		{"Unsupported message type", "XS-19", EOPNOTSUPP, CATALOGUE_STEP_XFRM},
		{"Unsupported message type", "TC-36", EOPNOTSUPP, CATALOGUE_STEP_TC},
		{"Change of blocks is not supported", "TC-41", EINVAL, CATALOGUE_STEP_TC},
		{"Change of blocks is not supported", "TQ-09", EOPNOTSUPP, CATALOGUE_STEP_TC},
		{"act_police: Offload not supported when conform/exceed action is \"reclassify\"",
		 "TA-13", EOPNOTSUPP, CATALOGUE_STEP_TC},
		{"Packet offload is not supported", "MI-20", 0, CATALOGUE_STEP_LOG},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct catalogue_row *row =
			catalogue_by_text(rows[i].text, rows[i].err, rows[i].step);

		if (!row || strcmp(row->id, rows[i].id) != 0)
			fail_msg("\"%s\": %s, wanted %s", rows[i].text, row ? row->id : "none",
				 rows[i].id);
	}
	assert_null(catalogue_by_text("mlx5_core: Replay window should be 0 for output SA", 0,
				      CATALOGUE_STEP_XFRM));
	assert_null(catalogue_by_text("", EINVAL, CATALOGUE_STEP_XFRM));
}

/* Where the source has a conversion, the kernel has a value; a log line has more before it. */
static void values_match_their_format(void **state)
{
	static const struct {
		const char *text, *id;
	} rows[] = {
		{"Mode in template must be < XFRM_MODE_MAX (5)", "XU-75"},
		{"Unknown flags: 0x40", "XU-101"},
		{"mlx5_core: Value 4096 > max supported (100)", "MD-29"},
		{"mlx5_core 0000:08:00.0: mlx5_cmd_out_err:838:(pid 12): CREATE_FLOW_TABLE(0x930) "
		 "op_mod(0x0) failed, status bad parameter(0x3), syndrome (0x98afbb), err(-22)",
		 "KC-02"},
		{"mlx5_core 0000:08:00.0: E-Switch: Failed to create fdb chains err(-12)", "KO-13"},
		{"mlx5_core 0000:08:00.0 eth2: Failed to add RX ipsec rule err=-5", NULL},
		{"mlx5_core 0000:08:00.0: 4 VFs requested; only 2 enabled", "KS-04"},
		{"Unknown flags: many", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct catalogue_row *row = catalogue_by_line(rows[i].text);
		const char *got = row ? row->id : NULL;

		if ((got && rows[i].id) ? strcmp(got, rows[i].id) != 0 : got || rows[i].id)
			fail_msg("\"%s\": %s, wanted %s", rows[i].text, got ? got : "none",
				 rows[i].id ? rows[i].id : "none");
	}
}

/* The driver's general text says nothing, so the state decides; without state the text stays. */
static void a_general_text_gives_way(void **state)
{
	struct ipso_event_policy e = {
		.hdr = record_hdr(IPSO_EV_POLICY_ADD, sizeof(e), -EBUSY), .family = AF_INET,
		.dir = IPSO_DIR_IN, .ifname = "eth0", .drv = record_driver()};

	(void)state;
	strcpy(e.text, "mlx5_core: Device failed to offload this policy");
	e.drv.num_block_ipsec = 1;
	assert_string_equal(id_of(&e), "S-07");
	e.hdr.result = -EPROTO;
	assert_string_equal(id_of(&e), "MI-38");
}

static void busy_is_decided_by_driver_state(void **state)
{
	struct ipso_event_sa e = record_sa(IPSO_EV_SA_ADD, 0x1001, -EBUSY);

	(void)state;
	strcpy(e.text, "mlx5_core: Device failed to offload this state");
	e.drv.esw_users = 1;
	assert_string_equal(id_of(&e), "S-05");
	e.drv.rx_tables = e.drv.tx_tables = 2;
	assert_string_equal(id_of(&e), "S-06");
	e.drv.num_block_ipsec = 1;
	assert_string_equal(id_of(&e), "S-07");
	e.drv.vf_ipsec = 1;
	assert_string_equal(id_of(&e), "S-04");
	assert_string_equal(ex.in_the_way, "1 VF(s) with IPsec enabled");
	e.drv = record_driver();
	e.dir = IPSO_DIR_IN;
	e.drv.rx_tables = 2047;
	assert_string_equal(id_of(&e), "S-09");
	e.drv = (struct ipso_driver_state){0};
	assert_string_equal(id_of(&e), "S-22");
}

static void invalid_without_text(void **state)
{
	struct ipso_event_sa e = record_sa(IPSO_EV_SA_ADD, 0x1001, -EINVAL);

	(void)state;
	e.drv.takes_ipsec = 1;
	assert_string_equal(id_of(&e), "S-08");
	e.drv.takes_ipsec = 0; /* a representor, or a driver that was built without IPsec */
	assert_string_equal(id_of(&e), "S-02");
	e.ifname[0] = '\0';
	assert_string_equal(id_of(&e), "S-01");
}

static void firmware_is_quoted(void **state)
{
	struct ipso_event_sa e = record_sa(IPSO_EV_SA_ADD, 0x1001, -EAGAIN);

	(void)state;
	e.fw = (struct ipso_fw_error){0xa00, 0, 0xf, 0x0badcafe, -EREMOTEIO};
	assert_string_equal(id_of(&e), "S-10");
	assert_non_null(strstr(ex.cause, "opcode 0xa00, no resources (0xf), syndrome 0xbadcafe"));
	e.fw = (struct ipso_fw_error){0xa00, 0, 0, 0, -ETIMEDOUT};
	id_of(&e);
	assert_string_equal(ex.cause,
			    "a firmware command was not delivered: opcode 0xa00, ETIMEDOUT");
	/* a particular text stays the cause, the firmware's word goes with it */
	strcpy(e.text, "mlx5_core: Cannot offload without reqid");
	e.fw = (struct ipso_fw_error){0x936, 0, 0x3, 0x65c1fb, -EREMOTEIO};
	assert_string_equal(id_of(&e), "MI-23");
	assert_non_null(strstr(ex.cause, "; the firmware refused a command: opcode 0x936, bad "
					 "parameter (0x3), syndrome 0x65c1fb, seen for "));
}

static void rules_in_the_way_are_named(void **state)
{
	struct ipso_event_sa e = record_sa(IPSO_EV_SA_ADD, 0x1001, -EBUSY);
	struct tc_rule_note rules[] = {
		{.ifname = "eth0_0", .comm = "ovs-vswitchd", .pid = 9, .prio = 2, .protocol = 3},
		{.ifname = "eth0_1", .prio = 5, .chain = 1, .protocol = 0x0800},
	};
	const struct in_hardware hw = {.rules = rules, .rules_count = 2};

	(void)state;
	e.drv.esw_users = 2;
	explain(&e.hdr, &hw, &ex);
	assert_string_equal(ex.in_the_way, "eth0_0 pref 2 protocol all by ovs-vswitchd (pid 9); "
					   "eth0_1 pref 5 protocol ip chain 1");
	assert_string_equal(ex.what, "SA out 192.0.2.1 -> 192.0.2.2 spi 0x00001001 on eth0");
	assert_string_equal(ex.who, "ip (pid 42, uid 0), netns 4026531840");
	explain(&e.hdr, NULL, &ex);
	assert_non_null(strstr(ex.in_the_way, "2 rule(s) in hardware from before"));
}

static void the_state_of_the_driver_is_told(void **state)
{
	struct ipso_event_sa e = record_sa(IPSO_EV_SA_ADD, 0x1001, -EBUSY);

	(void)state;
	e.drv.num_block_ipsec = 1;
	e.drv.esw_users = 2;
	id_of(&e);
	assert_string_equal(ex.driver, "switchdev, dmfs, users of the IPsec tables: in 0, out 0, TC "
				       "rules that keep IPsec away: 1, IPsec that keeps TC rules "
				       "away: 0, holders of the eswitch: 2");
	e.drv.vf_ipsec = 3;
	e.drv.steering_mode = 1;
	e.drv.known = IPSO_DRV_ESWITCH | IPSO_DRV_STEERING;
	id_of(&e);
	assert_string_equal(ex.driver, "switchdev, smfs, VFs with IPsec: 3");
	e.drv.known = 0;
	id_of(&e);
	assert_string_equal(ex.driver, "");
	/* the longest there is has room */
	memset(&e.drv, 0xff, sizeof(e.drv));
	e.drv.steering_mode = 2;
	id_of(&e);
	assert_non_null(strstr(ex.driver, "VFs with IPsec: 4294967295"));
}

static void tc_rules(void **state)
{
	struct ipso_event_tc e = record_tc(IPSO_EV_TC_ADD, 1, -EBUSY);
	const struct sa_note sas[] = {
		{record_sa(IPSO_EV_SA_ADD, 0x1001, 0).key, "pair"},
		{record_sa(IPSO_EV_SA_ADD, 0x1002, 0).key, ""},
	};
	const struct in_hardware hw = {.sas = sas, .sas_count = 2};

	(void)state;
	e.drv.num_block_tc = 2;
	assert_string_equal(id_of(&e), "S-23");
	assert_string_equal(ex.in_the_way, "2 packet-offload SAs and policies");
	explain(&e.hdr, &hw, &ex);
	assert_string_equal(ex.in_the_way, "2 packet-offload SAs and policies: SA 0x00001001 to "
					   "192.0.2.2 (pair), SA 0x00001002 to 192.0.2.2");
	e.drv.num_block_tc = 0;
	assert_string_equal(id_of(&e), "S-22");
	e.hdr.result = -EOPNOTSUPP;
	assert_string_equal(id_of(&e), "S-25");
	strcpy(e.text, "mlx5_core: Unsupported key");
	assert_string_equal(id_of(&e), "MT-26");
	e.text[0] = '\0';
	e.fw = (struct ipso_fw_error){0x936, 0, 0x8, 1, -EREMOTEIO};
	assert_string_equal(id_of(&e), "S-28");
}

static void the_gate(void **state)
{
	struct ipso_event_gate e = record_gate(IPSO_VERDICT_REFUSED);

	(void)state;
	assert_string_equal(id_of(&e), "G-01");
	e = record_gate(IPSO_VERDICT_HELD);
	assert_string_equal(id_of(&e), "G-04");
	assert_string_equal(ex.what, "TC flower rule on eth0 pref 7 protocol all");
	assert_string_equal(ex.answer, "EBUSY");
	assert_string_equal(ex.class_, "ORDER");
	e = record_gate(IPSO_VERDICT_UNREADABLE);
	assert_string_equal(id_of(&e), "G-02");
	e = record_gate(IPSO_VERDICT_OBSERVED);
	assert_string_equal(id_of(&e), "G-03");
	assert_string_equal(ex.answer, "let through, the gate observes");
	e = record_gate(IPSO_VERDICT_REFUSED);
	e.msg_type = RTM_NEWQDISC;
	id_of(&e);
	assert_string_equal(ex.what, "shared TC block bound to eth0");
}

/* A row's text as the kernel would say it: with 7 where the source has a conversion. */
static void as_said(const char *prefix, const char *pattern, char *buf, size_t size)
{
	size_t used = (size_t)snprintf(buf, size, "%s", prefix);

	for (; *pattern && used + 1 < size; pattern++) {
		if (*pattern != '%') {
			buf[used++] = *pattern;
			continue;
		}
		buf[used++] = '7';
		pattern += strcspn(pattern, "duxX");
	}
	buf[used] = '\0';
}

/* Ids are stable keys: unique, findable, short enough for an explanation. */
static void the_catalogue_is_sound(void **state)
{
	const struct catalogue_row *row;
	unsigned int i, texts = 0;

	(void)state;
	for (i = 0; (row = catalogue_row(i)); i++) {
		const struct catalogue_section *section = catalogue_section(row);
		const struct catalogue_row *same;
		char text[400];

		assert_ptr_equal(catalogue_find(row->id), row);
		assert_non_null(section);
		assert_true(strlen(row->id) < sizeof(ex.id));
		assert_true(strlen(row->class_) < sizeof(ex.class_));
		assert_true(strlen(row->cause) < sizeof(ex.cause));
		assert_true(strlen(row->remedy) < sizeof(ex.remedy));
		assert_true(row->cause[0] && row->remedy[0]);
		if (row->kind != CATALOGUE_TEXT && row->kind != CATALOGUE_GENERAL)
			continue;
		texts++;
		as_said(section->driver ? "mlx5_core: " : "", row->text, text, sizeof(text));
		same = catalogue_by_text(text, row->err[0], section->step);
		if (!same || strcmp(same->text, row->text) != 0)
			fail_msg("%s is found as %s", row->id, same ? same->id : "nothing");
	}
	assert_int_equal(texts, 711);
	assert_ptr_equal(catalogue_find("s-05"), catalogue_find("S-05"));
	assert_null(catalogue_find("XX-99"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_decides),
		cmocka_unit_test(an_unknown_text_is_unexplained),
		cmocka_unit_test(equal_texts_are_told_apart),
		cmocka_unit_test(values_match_their_format),
		cmocka_unit_test(a_general_text_gives_way),
		cmocka_unit_test(busy_is_decided_by_driver_state),
		cmocka_unit_test(invalid_without_text),
		cmocka_unit_test(firmware_is_quoted),
		cmocka_unit_test(rules_in_the_way_are_named),
		cmocka_unit_test(the_state_of_the_driver_is_told),
		cmocka_unit_test(tc_rules),
		cmocka_unit_test(the_gate),
		cmocka_unit_test(the_catalogue_is_sound),
	};

	return cmocka_run_group_tests_name("explain_explain", tests, NULL, NULL);
}
