/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order depends on what the steps are, not on how they were found. */
#include "host.h"
#include "plan/priv.h"
#include "plan/undo.h"

static const char big[] =
	"version: 1\ndevices:\n"
	"  - { pf: pf0, mode: switchdev, mtu: 2000, addresses: [192.0.2.1/24, 2001:db8::1/64],\n"
	"      vfs: [{ index: 0, netns: ns0, addresses: [10.0.0.1/24] },\n"
	"            { index: 1, netns: ns1, mtu: 1400 }, { index: 2 }] }\n"
	"  - { pf: pf1, mode: switchdev, vfs: [{ index: 0, ipsec-packet: true, roce: true, netns: ns0 }] }\n"
	"tunnels:\n"
	"  - { name: t, device: pf0, local: 192.0.2.1, remote: 192.0.2.2,"
	" out: { spi: 0x1001, reqid: 1, key-file: o }, in: { spi: 0x1002, reqid: 2, key-file: i } }\n"
	"  - { name: v, device: pf1, vf: 0, local: 192.0.2.3, remote: 192.0.2.4,"
	" out: { spi: 0x1003, reqid: 3, key-file: p }, in: { spi: 0x1004, reqid: 4, key-file: q } }\n"
	"  - { name: u, device: pf0, mode: tunnel, local: 192.0.2.1, remote: 192.0.2.3,"
	" out: { spi: 0x1005, reqid: 5, key-file: r }, in: { spi: 0x1006, reqid: 6, key-file: s } }\n"
	"tc:\n"
	"  - { device: pf0, from: { vf: 0 }, to: uplink, pref: 5 }\n"
	"  - { device: pf0, from: { vf: 1 }, to: uplink, pref: 6 }\n"
	"  - { device: pf1, from: uplink, to: { vf: 0 }, pref: 7 }\n";

static struct ipso_plan *wanted(void)
{
	_cleanup_(config_free) struct ipso_config *cfg = config_of(big);
	struct ipso_plan *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	assert_int_equal(wanted_steps(cfg, p), 0);
	assert_true(p->count > 30);
	return p;
}

/* A fixed sequence of numbers, so that a failure can be repeated. */
static uint32_t next_random(uint32_t *x)
{
	*x = *x * 1664525 + 1013904223;
	return *x >> 8;
}

static void shuffle(struct ipso_plan *p, uint32_t *x)
{
	for (unsigned int i = p->count; i > 1; i--) {
		unsigned int k = next_random(x) % i;
		struct step s = p->steps[i - 1];

		p->steps[i - 1] = p->steps[k];
		p->steps[k] = s;
	}
}

static bool same(const struct step *a, const struct step *b)
{
	return a->kind == b->kind && a->device == b->device && a->vf == b->vf &&
	       a->item == b->item && a->rep == b->rep && a->dir == b->dir && a->to == b->to;
}

static void any_shuffle_gives_one_order(void **state)
{
	_cleanup_(plan_free) struct ipso_plan *first = wanted();
	_cleanup_(plan_free) struct ipso_plan *other = wanted();
	uint32_t x = 23;

	(void)state;
	plan_order(first);
	for (unsigned int round = 0; round < 500; round++) {
		shuffle(other, &x);
		plan_order(other);
		assert_int_equal(other->count, first->count);
		for (unsigned int i = 0; i < first->count; i++)
			assert_true(same(&other->steps[i], &first->steps[i]));
	}
}

/* Position of the last step of one kind, or the first of another. */
static unsigned int at(const struct ipso_plan *p, enum step_kind kind, bool last)
{
	unsigned int found = p->count;

	for (unsigned int i = 0; i < p->count; i++) {
		if (p->steps[i].kind != kind)
			continue;
		found = i;
		if (!last)
			break;
	}
	return found;
}

/* What design and driver need, said once more and apart from the table. */
static void needs_are_met(void **state)
{
	static const enum step_kind before[][2] = {
		{STEP_GATE, STEP_SRIOV},       {STEP_GATE, STEP_SA},
		{STEP_SRIOV, STEP_ESWITCH},    {STEP_STEERING, STEP_ESWITCH},
		{STEP_STEERING, STEP_ENCAP},   {STEP_ENCAP, STEP_ESWITCH},
		{STEP_ESWITCH, STEP_PORT_IPSEC}, {STEP_PORT_IPSEC, STEP_VF_BIND},
		{STEP_ESWITCH, STEP_PORT_ROCE}, {STEP_PORT_ROCE, STEP_VF_BIND},
		{STEP_VF_BIND, STEP_MOVE},     {STEP_NETNS, STEP_MOVE},
		{STEP_MOVE, STEP_MTU},	       {STEP_MOVE, STEP_ADDRESS},
		{STEP_ADDRESS, STEP_LINK_UP},  {STEP_LINK_UP, STEP_PIN},
		{STEP_GATE, STEP_PIN},	       {STEP_PIN, STEP_SA},
		{STEP_SA, STEP_POLICY},	       {STEP_POLICY, STEP_TC_OFFLOAD},
		{STEP_TC_OFFLOAD, STEP_TC_QDISC}, {STEP_TC_QDISC, STEP_TC_FILTER},
	};
	_cleanup_(plan_free) struct ipso_plan *p = wanted();

	(void)state;
	plan_order(p);
	for (size_t i = 0; i < ARRAY_SIZE(before); i++)
		assert_true(at(p, before[i][0], true) < at(p, before[i][1], false));
}

/* SAs and a policy that were flushed, and added again when the bridge stood. */
static void records_come_in_the_order_of_their_steps(void **state)
{
	struct undo list[] = {
		{.kind = STEP_GATE},	   {.kind = STEP_MTU},
		{.kind = STEP_OVS_BRIDGE}, {.kind = STEP_OVS_PORT, .pref = 1},
		{.kind = STEP_OVS_PORT, .pref = 2}, {.kind = STEP_OVS_VXLAN},
		{.kind = STEP_SA, .spi = 2}, {.kind = STEP_POLICY},
		{.kind = STEP_SA, .spi = 1}, {.kind = STEP_PIN},
	};
	static const enum step_kind want[] = {
		STEP_GATE,   STEP_MTU,	      STEP_PIN,	     STEP_SA,	    STEP_SA,
		STEP_POLICY, STEP_OVS_BRIDGE, STEP_OVS_PORT, STEP_OVS_PORT, STEP_OVS_VXLAN,
	};

	(void)state;
	undo_order(list, ARRAY_SIZE(list));
	for (size_t i = 0; i < ARRAY_SIZE(want); i++)
		assert_int_equal(list[i].kind, want[i]);
	assert_int_equal(list[3].spi, 2); /* those of one kind stay as they were */
	assert_int_equal(list[4].spi, 1);
	assert_int_equal(list[7].pref, 1);
	assert_int_equal(list[8].pref, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_shuffle_gives_one_order),
		cmocka_unit_test(needs_are_met),
		cmocka_unit_test(records_come_in_the_order_of_their_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
