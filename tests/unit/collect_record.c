/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records build the table, the notes and the failures; bad ones are counted and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "collected.h"
#include "records.h"

static struct snapshot *snap(struct collect *c)
{
	struct snapshot *s = NULL;

	assert_int_equal(collect_snapshot(c, &s), 0);
	return s;
}

static void an_sa_lives(void **state)
{
	struct ipso_event_sa add = record_sa(IPSO_EV_SA_ADD, 0x1001, 0);
	struct ipso_event_sample sample = {
		.hdr = record_hdr(IPSO_EV_SA_SAMPLE, sizeof(sample), 0),
		.key = add.key,
		.now = {.packets = 23, .bytes = 1932, .integrity = 1, .replay = 2},
	};
	struct ipso_event_sa gone = record_sa(IPSO_EV_SA_DELETE, 0x1001, 0);
	struct snapshot *s;

	collect_record(*state, &sample, sizeof(sample)); /* before its SA: no row of its own */
	collect_record(*state, &add, sizeof(add));
	sample.hdr.ktime = 5;
	collect_record(*state, &sample, sizeof(sample));
	s = snap(*state);
	assert_int_equal(s->sas_count, 1);
	assert_int_equal(s->sas[0]->now.packets, 23);
	assert_int_equal(s->sas[0]->now.bytes, 1932);
	assert_int_equal(s->sas[0]->sampled_ns, 5);
	assert_int_equal(s->sas[0]->dir, IPSO_DIR_OUT);
	assert_int_equal(s->sas[0]->offload, IPSO_OFFLOAD_PACKET);
	assert_true(s->sas[0]->esn);
	assert_string_equal(s->sas[0]->ifname, "eth0");
	assert_int_equal(s->events[IPSO_EV_SA_SAMPLE], 2);
	snapshot_free(&s);
	collect_record(*state, &gone, sizeof(gone));
	s = snap(*state);
	assert_int_equal(s->sas_count, 0);
	snapshot_free(&s);
	assert_int_equal(seen.calls, 2); /* samples are no news */
	assert_int_equal(seen.explained, 0);
}

static void names_come_before_or_after(void **state)
{
	struct ipso_event_sa a = record_sa(IPSO_EV_SA_ADD, 0x1001, 0);
	struct ipso_event_sa b = record_sa(IPSO_EV_SA_ADD, 0x1002, 0);
	struct ipso_sa_key elsewhere = a.key;
	struct snapshot *s;

	elsewhere.netns = 0; /* a name holds in any namespace */
	collect_record(*state, &a, sizeof(a));
	assert_int_equal(collect_name(*state, &elsewhere, "to-b"), 0);
	assert_int_equal(collect_name(*state, &b.key, "to-c"), 0);
	collect_record(*state, &b, sizeof(b));
	s = snap(*state);
	assert_int_equal(s->sas_count, 2);
	assert_string_equal(s->sas[0]->tunnel, "to-b");
	assert_string_equal(s->sas[1]->tunnel, "to-c");
	snapshot_free(&s);
}

static void read_counters(struct collect *c, const struct ipso_sa_key *key, uint64_t packets)
{
	struct ipso_event_sample e = {
		.hdr = record_hdr(IPSO_EV_SA_SAMPLE, sizeof(e), 0),
		.key = *key,
		.now = {.packets = packets, .bytes = 100 * packets},
	};

	collect_record(c, &e, sizeof(e));
}

/* Packets, bytes and rekeys of outbound SAs. */
static void sums_are(struct collect *c, const char *tunnel, uint64_t packets, uint64_t rekeys)
{
	struct snapshot *s = snap(c);
	const struct tunnel_sums *sums = NULL;

	for (unsigned int i = 0; i < s->tunnels_count; i++) {
		if (strcmp(s->tunnels[i]->name, tunnel) == 0)
			sums = &s->tunnels[i]->dir[IPSO_DIR_OUT];
	}
	assert_non_null(sums);
	assert_int_equal(sums->packets, packets);
	assert_int_equal(sums->bytes, 100 * packets);
	assert_int_equal(sums->rekeys, rekeys);
	snapshot_free(&s);
}

static void sums_of_a_tunnel_outlive_its_sas(void **state)
{
	struct ipso_event_sa a = record_sa(IPSO_EV_SA_ADD, 0x1001, 0), gone = a;
	struct ipso_event_sa b = record_sa(IPSO_EV_SA_ADD, 0x1002, 0);

	gone.hdr.kind = IPSO_EV_SA_DELETE;
	assert_int_equal(collect_name(*state, &a.key, "t"), 0);
	assert_int_equal(collect_name(*state, &b.key, "t"), 0);
	assert_int_equal(collect_name(*state, &b.key, "t"), 0); /* one row, however often it is said */
	sums_are(*state, "t", 0, 0);
	collect_record(*state, &a, sizeof(a));
	read_counters(*state, &a.key, 7);
	read_counters(*state, &a.key, 7);
	read_counters(*state, &a.key, 23);
	sums_are(*state, "t", 23, 0);
	collect_record(*state, &b, sizeof(b)); /* make before break */
	read_counters(*state, &b.key, 5);
	sums_are(*state, "t", 28, 1);
	collect_record(*state, &gone, sizeof(gone));
	sums_are(*state, "t", 28, 1);
	read_counters(*state, &b.key, 6);
	sums_are(*state, "t", 29, 1);
	collect_record(*state, &a, sizeof(a)); /* the old key anew: it counts from 0 */
	read_counters(*state, &a.key, 2);
	sums_are(*state, "t", 31, 2);
	collect_record(*state, &a, sizeof(a)); /* put in place of itself */
	read_counters(*state, &a.key, 1);
	sums_are(*state, "t", 32, 2);
}

/* An SA that another process set up before the service was told its name. */
static void a_rekey_that_is_named_later(void **state)
{
	struct ipso_event_sa a = record_sa(IPSO_EV_SA_ADD, 0x1001, 0);
	struct ipso_event_sa b = record_sa(IPSO_EV_SA_ADD, 0x1002, 0);
	struct collect *c = *state;

	assert_int_equal(collect_name(c, &a.key, "t"), 0);
	collect_record(c, &a, sizeof(a));
	c->refreshed_ns = 1;
	collect_record(c, &b, sizeof(b));
	read_counters(c, &b.key, 4);
	sums_are(c, "t", 0, 0);
	collect_forget(c);
	assert_int_equal(collect_name(c, &a.key, "t"), 0);
	assert_int_equal(collect_name(c, &b.key, "t"), 0);
	sums_are(c, "t", 4, 1);
	collect_forget(c);
	assert_int_equal(collect_name(c, &b.key, "t"), 0);
	sums_are(c, "t", 4, 1);
}

/* A reload: what was carried is the old name's, what comes the new one's, and nothing counts twice. */
static void sums_of_a_tunnel_that_is_renamed(void **state)
{
	struct ipso_event_sa a = record_sa(IPSO_EV_SA_ADD, 0x1001, 0);

	collect_record(*state, &a, sizeof(a));
	read_counters(*state, &a.key, 10); /* before it had a name */
	assert_int_equal(collect_name(*state, &a.key, "old"), 0);
	sums_are(*state, "old", 10, 0);
	read_counters(*state, &a.key, 13);
	collect_forget(*state);
	read_counters(*state, &a.key, 14);
	assert_int_equal(collect_name(*state, &a.key, "new"), 0);
	sums_are(*state, "old", 13, 0);
	read_counters(*state, &a.key, 16);
	sums_are(*state, "old", 13, 0);
	sums_are(*state, "new", 2, 0);
	collect_forget(*state);
	assert_int_equal(collect_name(*state, &a.key, "old"), 0);
	read_counters(*state, &a.key, 17);
	sums_are(*state, "old", 14, 0);
}

static void names_of_two_ends(void **state)
{
	struct ipso_event_sa a = record_sa(IPSO_EV_SA_ADD, 0x1001, 0);
	struct addr local = {.family = AF_INET, .prefix = 32}, remote = local, other = local;
	struct snapshot *s;

	memcpy(local.b, a.saddr, 4);
	memcpy(remote.b, a.key.daddr, 4);
	other.b[0] = 9;
	assert_int_equal(collect_name_ends(*state, &remote, &other, "elsewhere"), 0);
	assert_int_equal(collect_name_ends(*state, &remote, &local, "ike"), 0);
	collect_record(*state, &a, sizeof(a));
	s = snap(*state);
	assert_int_equal(s->sas_count, 1);
	assert_string_equal(s->sas[0]->tunnel, "ike");
	snapshot_free(&s);
}

static void a_refused_sa_names_the_rule_in_the_way(void **state)
{
	struct ipso_event_tc rule = record_tc(IPSO_EV_TC_ADD, 0xc0de, 0);
	struct ipso_event_tc refused = record_tc(IPSO_EV_TC_ADD, 0xbad, -EOPNOTSUPP);
	struct ipso_event_tc gone = record_tc(IPSO_EV_TC_DELETE, 0xc0de, 0);
	struct ipso_event_sa sa = record_sa(IPSO_EV_SA_ADD, 0x1001, -EBUSY);
	struct snapshot *s;

	sa.drv.esw_users = 1;
	collect_record(*state, &rule, sizeof(rule));
	collect_record(*state, &refused, sizeof(refused)); /* never in hardware: not in the way */
	collect_record(*state, &sa, sizeof(sa));
	assert_string_equal(seen.id, "S-05");
	assert_string_equal(seen.in_the_way, "eth0 pref 5 protocol ip by tc (pid 42)");
	collect_record(*state, &gone, sizeof(gone));
	sa.hdr.ktime += 1000000000; /* else it would be the same again */
	collect_record(*state, &sa, sizeof(sa));
	assert_non_null(strstr(seen.in_the_way, "from before ipso watched"));
	s = snap(*state);
	assert_int_equal(s->sas_count, 0);
	assert_int_equal(s->failures_count, 2);
	assert_string_equal(s->failures[0].ex.id, "S-05"); /* newest first */
	assert_int_equal(s->failures[0].count, 2);
	snapshot_free(&s);
}

static void a_refused_rule_names_the_sas_in_the_way(void **state)
{
	struct ipso_event_sa here = record_sa(IPSO_EV_SA_ADD, 0x1001, 0);
	struct ipso_event_sa there = record_sa(IPSO_EV_SA_ADD, 0x1002, 0);
	struct ipso_event_tc e = record_tc(IPSO_EV_TC_ADD, 0xbad, -EBUSY);

	there.ifindex = 4;
	e.drv.num_block_tc = 3;
	collect_record(*state, &here, sizeof(here));
	collect_record(*state, &there, sizeof(there));
	collect_record(*state, &e, sizeof(e));
	assert_string_equal(seen.id, "S-23");
	assert_string_equal(seen.in_the_way,
			    "3 packet-offload SAs and policies: SA 0x00001001 to 192.0.2.2");
}

/* BTF did not tell: the first refusal of a new SA beside tables and a rule does. */
static void a_refused_rekey_tells_of_the_driver(void **state)
{
	struct ipso_event_sa e = record_sa(IPSO_EV_SA_ADD, 0x1001, -EBUSY);
	struct snapshot *s;

	e.drv.esw_users = 1;
	collect_record(*state, &e, sizeof(e));
	assert_string_equal(seen.id, "S-05");
	s = snap(*state);
	assert_false(s->sa_needs_free_eswitch);
	snapshot_free(&s);
	e.drv.rx_tables = e.drv.tx_tables = 1;
	e.hdr.ktime += 1000000000;
	collect_record(*state, &e, sizeof(e));
	assert_string_equal(seen.id, "S-06");
	s = snap(*state);
	assert_true(s->sa_needs_free_eswitch);
	snapshot_free(&s);
}

static void an_unknown_text_is_counted(void **state)
{
	struct ipso_event_sa e = record_sa(IPSO_EV_SA_ADD, 0x1001, -EINVAL);
	struct snapshot *s;

	strcpy(e.text, "mlx5_core: the moon is in the wrong house");
	collect_record(*state, &e, sizeof(e));
	collect_record(*state, &e, sizeof(e));
	assert_string_equal(seen.id, "U-00");
	s = snap(*state);
	assert_int_equal(s->failures_count, 1);
	assert_int_equal(s->failures[0].count, 2);
	assert_non_null(strstr(s->failures[0].ex.answer, "the moon is in the wrong house"));
	snapshot_free(&s);
}

static void the_gate_observing_is_no_failure(void **state)
{
	struct ipso_event_gate e = record_gate(IPSO_VERDICT_OBSERVED);
	struct snapshot *s;

	collect_record(*state, &e, sizeof(e));
	assert_string_equal(seen.id, "G-03");
	s = snap(*state);
	assert_int_equal(s->failures_count, 0);
	snapshot_free(&s);
	e = record_gate(IPSO_VERDICT_REFUSED);
	collect_record(*state, &e, sizeof(e));
	s = snap(*state);
	assert_int_equal(s->failures_count, 1);
	snapshot_free(&s);
}

enum ipso_gate_mode __wrap_gate_mode(uint32_t pci);
enum ipso_gate_mode __wrap_gate_mode(uint32_t pci)
{
	return pci == IPSO_PCI(0, 1, 0) ? IPSO_GATE_ENFORCE : IPSO_GATE_OFF;
}

static void a_rule_past_the_gate_is_counted_and_explained(void **state)
{
	struct ipso_event_tc e = record_tc(IPSO_EV_TC_ADD, 7, 0);
	struct snapshot *s;

	e.way = IPSO_WAY_CHAIN;
	e.drv.known = IPSO_DRV_TABLES;
	e.drv.rx_tables = 1;
	e.drv.tx_tables = 1;
	e.pci = IPSO_PCI(0, 1, 0);
	collect_record(*state, &e, sizeof(e)); /* the tables exist */
	e.drv.tx_tables = 0;
	e.pci++;
	collect_record(*state, &e, sizeof(e)); /* nobody guards it */
	e.pci--;
	e.hdr.result = -EBUSY;
	collect_record(*state, &e, sizeof(e)); /* the driver refused it */
	s = snap(*state);
	assert_int_equal(s->bypasses[IPSO_WAY_CHAIN], 0);
	snapshot_free(&s);
	e.hdr.result = 0;
	collect_record(*state, &e, sizeof(e));
	assert_string_equal(seen.id, "G-05");
	s = snap(*state);
	assert_int_equal(s->bypasses[IPSO_WAY_CHAIN], 1);
	assert_int_equal(s->bypasses[IPSO_WAY_RULE], 0);
	snapshot_free(&s);
}

static void bad_records_are_counted(void **state)
{
	struct ipso_event_sa e = record_sa(IPSO_EV_SA_ADD, 0x1001, 0);
	struct snapshot *s;

	collect_record(*state, &e, 8);
	collect_record(*state, &e, sizeof(e) - 8);
	e.hdr.version++;
	collect_record(*state, &e, sizeof(e));
	e.hdr.version--;
	e.hdr.kind = IPSO_EV_MAX;
	collect_record(*state, &e, sizeof(e));
	e.hdr.kind = IPSO_EV_NONE;
	collect_record(*state, &e, sizeof(e));
	e.hdr.kind = IPSO_EV_GATE; /* a length that is another kind's */
	collect_record(*state, &e, sizeof(e));
	s = snap(*state);
	assert_int_equal(s->unreadable, 6);
	assert_int_equal(s->sas_count, 0);
	snapshot_free(&s);
	assert_int_equal(seen.calls, 0);
}

static void the_table_is_bounded(void **state)
{
	struct ipso_event_sa e = record_sa(IPSO_EV_SA_ADD, 0, 0);
	struct snapshot *s;
	unsigned int i;

	for (i = 0; i < COLLECT_SAS_MAX + 23; i++) {
		e.key.spi = 256 + i;
		collect_record(*state, &e, sizeof(e));
	}
	s = snap(*state);
	assert_int_equal(s->sas_count, COLLECT_SAS_MAX);
	assert_int_equal(s->sas_overflow, 23);
	snapshot_free(&s);
}

/* As charon does: the same again without a pause. It is counted, and told once a second. */
static void the_same_again_is_counted(void **state)
{
	struct ipso_event_sa e = record_sa(IPSO_EV_SA_ADD, 0x1001, -EBUSY);
	struct snapshot *s;

	for (unsigned int i = 0; i < 2000; i++) {
		e.hdr.ktime = 5000000000ull + i * 1000000ull;
		collect_record(*state, &e, sizeof(e));
	}
	e.key.spi++;
	collect_record(*state, &e, sizeof(e));
	assert_int_equal(seen.calls, 3);
	s = snap(*state);
	assert_int_equal(s->failures_count, 1);
	assert_int_equal(s->failures[0].count, 2001);
	assert_int_equal(s->events[IPSO_EV_SA_ADD], 2001);
	snapshot_free(&s);
}

/* Removed ones leave room for others; who stays is found, through growth and reuse. */
static void rows_come_and_go(void **state)
{
	struct ipso_event_sa add = record_sa(IPSO_EV_SA_ADD, 0, 0);
	struct ipso_event_sa del = record_sa(IPSO_EV_SA_DELETE, 0, 0);
	struct snapshot *s;
	unsigned int i;

	for (i = 1; i <= 5000; i++) {
		add.key.spi = i;
		add.reqid = i;
		collect_record(*state, &add, sizeof(add));
		if (i % 3)
			continue;
		del.key.spi = i / 3;
		collect_record(*state, &del, sizeof(del));
	}
	s = snap(*state);
	assert_int_equal(s->sas_count, 5000 - 5000 / 3);
	for (i = 0; i < s->sas_count; i++) {
		assert_int_equal(s->sas[i]->key.spi, 5000 / 3 + 1 + i);
		assert_int_equal(s->sas[i]->reqid, s->sas[i]->key.spi);
	}
	assert_int_equal(s->sas_overflow, 0);
	snapshot_free(&s);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_sa_lives, setup, teardown),
		cmocka_unit_test_setup_teardown(names_come_before_or_after, setup, teardown),
		cmocka_unit_test_setup_teardown(sums_of_a_tunnel_outlive_its_sas, setup, teardown),
		cmocka_unit_test_setup_teardown(a_rekey_that_is_named_later, setup, teardown),
		cmocka_unit_test_setup_teardown(sums_of_a_tunnel_that_is_renamed, setup, teardown),
		cmocka_unit_test_setup_teardown(names_of_two_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(a_refused_sa_names_the_rule_in_the_way, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_refused_rule_names_the_sas_in_the_way, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_refused_rekey_tells_of_the_driver, setup,
						teardown),
		cmocka_unit_test_setup_teardown(an_unknown_text_is_counted, setup, teardown),
		cmocka_unit_test_setup_teardown(the_gate_observing_is_no_failure, setup, teardown),
		cmocka_unit_test_setup_teardown(a_rule_past_the_gate_is_counted_and_explained, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_records_are_counted, setup, teardown),
		cmocka_unit_test_setup_teardown(the_same_again_is_counted, setup, teardown),
		cmocka_unit_test_setup_teardown(rows_come_and_go, setup, teardown),
		cmocka_unit_test_setup_teardown(the_table_is_bounded, setup, teardown),
	};

	return cmocka_run_group_tests_name("collect_record", tests, NULL, NULL);
}
