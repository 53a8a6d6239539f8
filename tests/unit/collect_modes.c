/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of modes, links and tables: explained when they end offload, counted as failures when refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "collected.h"
#include "records.h"

static struct ipso_event_mode mode(uint32_t item, uint32_t number, int result)
{
	return (struct ipso_event_mode){
		.hdr = record_hdr(IPSO_EV_MODE, sizeof(struct ipso_event_mode), result),
		.pci = IPSO_PCI(0, 8, 0),
		.item = item,
		.number = number,
	};
}

static void a_refused_mode_is_explained(void **state)
{
	struct ipso_event_mode busy = mode(IPSO_MODE_IPSEC_PACKET, 1, -EBUSY);
	struct ipso_event_mode done = mode(IPSO_MODE_ESWITCH, 1, 0);
	struct snapshot *s = NULL;

	collect_record(*state, &done, sizeof(done));
	assert_int_equal(seen.explained, 0);
	collect_record(*state, &busy, sizeof(busy));
	assert_int_equal(seen.explained, 1);
	assert_string_equal(seen.id, "S-30");
	assert_string_equal(seen.what, "ipsec-packet of 0000:08:00.0 to enable");
	assert_int_equal(collect_snapshot(*state, &s), 0);
	assert_int_equal(s->failures_count, 1);
	snapshot_free(&s);
}

static void a_link_takes_the_sas_of_its_device(void **state)
{
	struct ipso_event_sa sa = record_sa(IPSO_EV_SA_ADD, 7, 0);
	struct ipso_event_link link = {
		.hdr = record_hdr(IPSO_EV_LINK, sizeof(link), 0),
		.ifname = "elsewhere",
	};

	sa.offload = IPSO_OFFLOAD_PACKET;
	collect_record(*state, &sa, sizeof(sa));
	collect_record(*state, &link, sizeof(link));
	assert_int_equal(seen.sas, 0);
	memcpy(link.ifname, sa.ifname, sizeof(link.ifname));
	collect_record(*state, &link, sizeof(link));
	assert_int_equal(seen.sas, 1);
	assert_string_equal(seen.id, "S-43");
}

static void what_went_and_what_drifted_is_in_words(void **state)
{
	struct ipso_event_tables tables = {
		.hdr = record_hdr(IPSO_EV_TABLES, sizeof(tables), 0),
		.dir = IPSO_DIR_IN,
		.ifname = "pf0",
	};
	struct ipso_event_drift drift = {
		.hdr = record_hdr(IPSO_EV_DRIFT, sizeof(drift), 0),
		.pci = IPSO_PCI(0, 8, 0),
		.item = IPSO_MODE_STEERING,
		.found = 1,
		.ifname = "pf0",
	};
	struct snapshot *s = NULL;

	collect_record(*state, &tables, sizeof(tables));
	assert_string_equal(seen.id, "G-06");
	assert_string_equal(seen.what, "IPsec tables in of pf0 are gone, TC rules are in hardware");
	collect_record(*state, &drift, sizeof(drift));
	assert_string_equal(seen.id, "G-07");
	assert_string_equal(seen.what, "steering of 0000:08:00.0 (pf0) is smfs, configured is dmfs");
	assert_int_equal(collect_snapshot(*state, &s), 0);
	assert_int_equal(s->failures_count, 0); /* nothing was refused */
	snapshot_free(&s);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_refused_mode_is_explained, setup, teardown),
		cmocka_unit_test_setup_teardown(a_link_takes_the_sas_of_its_device, setup, teardown),
		cmocka_unit_test_setup_teardown(what_went_and_what_drifted_is_in_words, setup,
						teardown),
	};

	return cmocka_run_group_tests_name("collect_modes", tests, NULL, NULL);
}
