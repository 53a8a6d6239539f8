/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An SA that is to be in hardware and is not: told once, with what the driver answered before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "collected.h"
#include "records.h"

/* As the dump would find it: of the tunnel "pair". */
static struct sa_node *dumped(struct collect *c, const struct ipso_sa_key *key, uint8_t offload)
{
	struct sa_node *n;

	assert_int_equal(collect_name(c, key, "pair"), 0);
	names_settle(&c->names, &c->table, true);
	n = table_get(&c->table, key);
	assert_non_null(n);
	memcpy(n->row.src, (uint8_t[]){192, 0, 2, 1}, 4);
	n->row.offload = offload;
	names_tunnel(&c->names, n);
	return n;
}

static void nobody_asked(void **state)
{
	struct ipso_event_sa sa = record_sa(IPSO_EV_SA_ADD, 7, 0);
	struct sa_node *n = dumped(*state, &sa.key, IPSO_OFFLOAD_NONE);
	struct snapshot *s = NULL;

	fallback_look(*state, n);
	fallback_look(*state, n); /* every second the same */
	assert_int_equal(seen.calls, 1);
	assert_string_equal(seen.id, "S-44");
	assert_string_equal(seen.what, "SA 192.0.2.1 -> 192.0.2.2 spi 0x00000007 is in software");
	assert_string_equal(seen.tunnel, "pair");
	assert_int_equal(collect_snapshot(*state, &s), 0);
	assert_int_equal(s->failures_count, 0);
	assert_int_equal(s->events[IPSO_EV_FALLBACK], 1);
	snapshot_free(&s);
}

static void crypto_is_not_packet(void **state)
{
	struct ipso_event_sa sa = record_sa(IPSO_EV_SA_ADD, 7, 0);
	struct sa_node *n = dumped(*state, &sa.key, IPSO_OFFLOAD_CRYPTO);

	n->row.dir = IPSO_DIR_IN;
	n->row.ifname = "eth0";
	fallback_look(*state, n);
	assert_string_equal(seen.id, "S-45");
	assert_string_equal(seen.what, "SA in 192.0.2.1 -> 192.0.2.2 spi 0x00000007 is in crypto "
				       "offload only on eth0");
	n->row.offload = IPSO_OFFLOAD_PACKET;
	fallback_look(*state, n);
	assert_int_equal(seen.calls, 1);
	n->row.offload = IPSO_OFFLOAD_CRYPTO; /* another SA under the same key */
	fallback_look(*state, n);
	assert_int_equal(seen.calls, 2);
}

static void the_answer_that_it_got_is_the_reason(void **state)
{
	struct ipso_event_sa refused = record_sa(IPSO_EV_SA_ADD, 7, -EBUSY);
	struct ipso_event_sa crypto = record_sa(IPSO_EV_SA_ADD, 7, -EINVAL);
	struct ipso_event_sa other = record_sa(IPSO_EV_SA_ADD, 8, -EPERM);
	struct snapshot *s = NULL;

	refused.drv.esw_users = 1;
	refused.drv.rx_tables = refused.drv.tx_tables = 1;
	crypto.offload = IPSO_OFFLOAD_CRYPTO; /* what hw_offload = auto tries next */
	collect_record(*state, &refused, sizeof(refused));
	collect_record(*state, &crypto, sizeof(crypto));
	collect_record(*state, &other, sizeof(other));
	assert_int_equal(seen.explained, 3);
	fallback_look(*state, dumped(*state, &refused.key, IPSO_OFFLOAD_NONE));
	assert_int_equal(seen.explained, 4);
	assert_string_equal(seen.id, "S-06");
	assert_string_equal(seen.what, "SA out 192.0.2.1 -> 192.0.2.2 spi 0x00000007 is in software");
	assert_int_equal(collect_snapshot(*state, &s), 0);
	assert_int_equal(s->failures_count, 3); /* the refusals; falling back is none */
	for (unsigned int i = 0; i < s->failures_count; i++)
		assert_int_equal(s->failures[i].count, 1);
	snapshot_free(&s);
}

static void of_no_tunnel_of_ours(void **state)
{
	struct ipso_event_sa sa = record_sa(IPSO_EV_SA_ADD, 7, 0);
	struct collect *c = *state;

	fallback_look(c, table_get(&c->table, &sa.key));
	assert_int_equal(seen.calls, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nobody_asked, setup, teardown),
		cmocka_unit_test_setup_teardown(crypto_is_not_packet, setup, teardown),
		cmocka_unit_test_setup_teardown(the_answer_that_it_got_is_the_reason, setup, teardown),
		cmocka_unit_test_setup_teardown(of_no_tunnel_of_ours, setup, teardown),
	};

	return cmocka_run_group_tests_name("collect_fallback", tests, NULL, NULL);
}
