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

static struct ipso_event_drift drifted(const char *comm)
{
	struct ipso_event_drift e = {
		.hdr = record_hdr(IPSO_EV_DRIFT, sizeof(e), 0),
		.pci = IPSO_PCI(0, 8, 0),
		.item = IPSO_MODE_ESWITCH,
		.wanted = 1,
		.ifname = "pf0",
		.author = {.by = {"bash", "sshd", "systemd"}, .unit = "session-3.scope"},
	};

	snprintf(e.hdr.comm, sizeof(e.hdr.comm), "%s", comm);
	return e;
}

/* Who asked: by the names of the process, of those that started it, and of its unit. */
static void a_drift_has_a_likely_author(void **state)
{
	struct ipso_event_drift e = drifted("devlink"), nobody = drifted("");
	char buf[IPSO_UNIT];
	struct explanation ex;

	(void)state;
	assert_string_equal(author_name(&e.hdr, &e.author, buf), "devlink");
	explain(&e.hdr, NULL, &ex);
	assert_non_null(strstr(ex.cause, "likely devlink: devlink (pid 42), started by bash, sshd, "
					 "systemd, in session-3.scope"));
	assert_non_null(strstr(ex.remedy, "CK-46"));
	strcpy(e.author.unit, "pf0-modes.service");
	assert_string_equal(author_name(&e.hdr, &e.author, buf), "pf0-modes.service");
	strcpy(e.author.unit, "netplan-sriov-apply.service");
	assert_string_equal(author_name(&e.hdr, &e.author, buf), "netplan");
	strcpy(e.author.by[0], "mlnx_bf_configu");
	assert_string_equal(author_name(&e.hdr, &e.author, buf), "mlnx_bf_configure");
	explain(&e.hdr, NULL, &ex);
	assert_non_null(strstr(ex.remedy, "/etc/mellanox/mlnx-bf.conf"));
	e = drifted("sriov-network-c");
	assert_string_equal(author_name(&e.hdr, &e.author, buf), "sriov-network-operator");
	strcpy(nobody.author.by[0], "");
	strcpy(nobody.author.unit, "");
	explain(&nobody.hdr, NULL, &ex);
	assert_non_null(strstr(ex.cause, "nobody was heard"));
}

/* Each of the four items: told when it was seen twice, once, in the name of who asked for it. */
static void each_item_is_compared(void **state)
{
	struct mode_want want = {.pci = IPSO_PCI(0, 8, 0),
				 .wanted = {[IPSO_MODE_ESWITCH] = 1, [IPSO_MODE_VFS] = -1,
					    [IPSO_MODE_PARAMETER] = -1, [IPSO_MODE_RELOAD] = -1}};
	struct ipso_driver_state now = record_driver();
	struct ipso_event_mode asked = mode(IPSO_MODE_STEERING, 0, 0);
	struct collect *c = *state;

	strcpy(asked.author.by[0], "sriov-network-c");
	assert_int_equal(collect_want(c, &want), 0);
	collect_record(c, &asked, sizeof(asked));
	seen.calls = 0;
	drift_look(c, c->drifts, &now);
	drift_look(c, c->drifts, &now);
	assert_int_equal(seen.calls, 0);
	assert_false(collect_drifted(c));

	now.steering_mode = 1;
	drift_look(c, c->drifts, &now);
	assert_int_equal(seen.calls, 0);
	drift_look(c, c->drifts, &now);
	drift_look(c, c->drifts, &now);
	assert_int_equal(seen.calls, 1);
	assert_string_equal(seen.what, "steering of 0000:08:00.0 () is smfs, configured is dmfs");
	assert_non_null(strstr(seen.cause, "likely sriov-network-operator"));
	assert_true(collect_drifted(c));
	assert_int_equal(drift_told(c, want.pci), 1u << IPSO_MODE_STEERING);

	now = record_driver();
	now.eswitch_mode = 0;
	now.vf_ipsec = 1;
	drift_look(c, c->drifts, &now);
	assert_false(collect_drifted(c));
	drift_look(c, c->drifts, &now);
	assert_int_equal(seen.calls, 3);
	assert_int_equal(drift_told(c, want.pci),
			 1u << IPSO_MODE_ESWITCH | 1u << IPSO_MODE_IPSEC_PACKET);
	assert_non_null(strstr(seen.cause, "nobody was heard"));
	now.known = 0; /* cannot be read now: nothing new is said */
	drift_look(c, c->drifts, &now);
	assert_int_equal(seen.calls, 3);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_refused_mode_is_explained, setup, teardown),
		cmocka_unit_test_setup_teardown(a_link_takes_the_sas_of_its_device, setup, teardown),
		cmocka_unit_test_setup_teardown(what_went_and_what_drifted_is_in_words, setup,
						teardown),
		cmocka_unit_test(a_drift_has_a_likely_author),
		cmocka_unit_test_setup_teardown(each_item_is_compared, setup, teardown),
	};

	return cmocka_run_group_tests_name("collect_modes", tests, NULL, NULL);
}
