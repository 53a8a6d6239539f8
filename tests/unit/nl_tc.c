/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TC rules as bytes and back. */
#include "messages.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_tunnel_key.h>
#include <netinet/in.h>

#include "nl/tc.h"

static struct tc_filter sample(void)
{
	return (struct tc_filter){
		.ifindex = 5,
		.pref = 7,
		.protocol = ETH_P_IP,
		.kind = "flower",
		.skip_sw = true,
		.rule = {.match = {.protocol = ETH_P_IP, .has_dst_mac = true,
				   .dst_mac = {2, 0, 0, 0, 0, 9}},
			 .actions = {{.kind = TC_DO_REDIRECT, .ifindex = 6}},
			 .actions_count = 1},
	};
}

/* Two tags off, and a redirect; as `tc filter add ... protocol 802.1q flower vlan_id 10 ...`. */
static struct tc_filter qinq(void)
{
	return (struct tc_filter){
		.ifindex = 5,
		.handle = 0x69000001,
		.pref = 7,
		.protocol = ETH_P_8021Q,
		.kind = "flower",
		.skip_sw = true,
		.rule = {.match = {.vlans = 2, .vlan = {10, 5}, .protocol = ETH_P_ALL},
			 .actions = {{.kind = TC_DO_VLAN_POP},
				     {.kind = TC_DO_VLAN_POP},
				     {.kind = TC_DO_REDIRECT, .ifindex = 6}},
			 .actions_count = 3},
	};
}

/* Everything at once. */
static struct tc_filter rich(void)
{
	return (struct tc_filter){
		.ifindex = 5,
		.handle = 1,
		.pref = 7,
		.protocol = ETH_P_8021AD,
		.kind = "flower",
		.rule = {.match = {.vlans = 1, .vlan = {4094}, .protocol = ETH_P_IPV6,
				   .has_src_mac = true, .src_mac = {2, 0, 0, 0, 0, 7},
				   .src = {AF_INET6, 33, {0x20, 1, 0x0d, 0xb8, 0x80}},
				   .dst = {AF_INET6, 128, {0x20, 1, 0x0d, 0xb8, [15] = 1}},
				   .has_ip_protocol = true, .ip_protocol = 50},
			 .actions = {{.kind = TC_DO_MIRROR, .ifindex = 8},
				     {.kind = TC_DO_VLAN_PUSH, .vlan_id = 5,
				      .vlan_protocol = ETH_P_8021Q},
				     {.kind = TC_DO_VLAN_PUSH, .vlan_id = 10,
				      .vlan_protocol = ETH_P_8021AD},
				     {.kind = TC_DO_REDIRECT, .ifindex = 6}},
			 .actions_count = 4},
	};
}

static void rule_bytes(void **state)
{
	struct tc_filter f = sample();
	struct nl_msg m;

	(void)state;
	tc_put_filter(&m, &f);
	assert_header(&m, RTM_NEWTFILTER, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL);
	assert_bytes(&m, 16,
		     "00000000 05000000 00000000 f2ffffff 08000700" /* parent ingress; pref, IP */
		     "0b000100 666c6f77657200 00"
		     "64000280"
		     "06000800 08000000"		 /* KEY_ETH_TYPE 8, big endian */
		     "0a000400 020000000009 0000"	 /* KEY_ETH_DST 4 */
		     "0a000500 ffffffffffff 0000"	 /* KEY_ETH_DST_MASK 5 */
		     "38000380 34000180"		 /* ACT 3, action 1 */
		     "0b000100 6d697272656400 00"	 /* mirred */
		     "24000280 20000200"		 /* OPTIONS, PARMS 2 */
		     "00000000 00000000 04000000 00000000 00000000 01000000 06000000"
		     "08001600 02000000");		 /* FLAGS 22: skip_sw */
}

static void qinq_bytes(void **state)
{
	struct tc_filter f = qinq();
	struct nl_msg m;

	(void)state;
	tc_put_filter(&m, &f);
	assert_bytes(&m, 16,
		     "00000000 05000000 01000069 f2ffffff 81000700"
		     "0b000100 666c6f77657200 00"
		     "c4000280"
		     "06000800 81000000"		 /* KEY_ETH_TYPE 8: 802.1Q */
		     "06001700 0a000000"		 /* KEY_VLAN_ID 23, host order */
		     "06001900 81000000"		 /* KEY_VLAN_ETH_TYPE 25: 802.1Q */
		     "06004d00 05000000"		 /* KEY_CVLAN_ID 77 */
		     "98000380"			 /* ACT 3 */
		     "30000180 09000100 766c616e00 000000" /* action 1: vlan */
		     "20000280 1c000200"		 /* OPTIONS, PARMS 2 */
		     "00000000 00000000 03000000 00000000 00000000 01000000" /* pipe, pop */
		     "30000280 09000100 766c616e00 000000"
		     "20000280 1c000200"
		     "00000000 00000000 03000000 00000000 00000000 01000000"
		     "34000380 0b000100 6d697272656400 00"
		     "24000280 20000200"
		     "00000000 00000000 04000000 00000000 00000000 01000000 06000000"
		     "08001600 02000000");
}

static void push_bytes(void **state)
{
	struct tc_filter f = sample();
	struct nl_msg m;

	(void)state;
	f.rule = (struct tc_rule){
		.match = {.protocol = ETH_P_IP, .dst = {AF_INET, 20, {192, 0, 0x20}},
			  .has_ip_protocol = true, .ip_protocol = 17},
		.actions = {{.kind = TC_DO_VLAN_PUSH, .vlan_id = 5, .vlan_protocol = ETH_P_8021AD},
			    {.kind = TC_DO_MIRROR, .ifindex = 6}},
		.actions_count = 2,
	};
	tc_put_filter(&m, &f);
	assert_bytes(&m, 16 + 20 + 12,
		     "a4000280"
		     "06000800 08000000"
		     "05000900 11000000"		 /* KEY_IP_PROTO 9 */
		     "08000c00 c0002000"		 /* KEY_IPV4_DST 12 */
		     "08000d00 fffff000"		 /* KEY_IPV4_DST_MASK 13 */
		     "78000380"
		     "40000180 09000100 766c616e00 000000"
		     "30000280 1c000200"
		     "00000000 00000000 03000000 00000000 00000000 02000000" /* pipe, push */
		     "06000300 05000000"		 /* PUSH_VLAN_ID 3, host order */
		     "06000400 88a80000"		 /* PUSH_VLAN_PROTOCOL 4 */
		     "34000280 0b000100 6d697272656400 00"
		     "24000280 20000200"
		     "00000000 00000000 03000000 00000000 00000000 02000000 06000000"
		     "08001600 02000000");
}

static void qdisc_bytes(void **state)
{
	struct nl_msg m;

	(void)state;
	tc_put_qdisc(&m, RTM_NEWQDISC, 5, 0);
	assert_header(&m, RTM_NEWQDISC, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL);
	assert_bytes(&m, 16, "00000000 05000000 0000ffff f1ffffff 00000000"
			     "0c000100 696e677265737300");
	tc_put_qdisc(&m, RTM_NEWQDISC, 5, 22); /* TCA_INGRESS_BLOCK */
	assert_bytes(&m, 16, "00000000 05000000 0000ffff f1ffffff 00000000"
			     "0c000100 696e677265737300 08000d00 16000000");
}

/* As `action tunnel_key set ... csum tos 8 ttl 9` and a redirect to the tunnels' net device. */
static struct tc_filter encapsulates(void)
{
	struct tc_filter f = sample();

	f.rule.actions[0] = (struct tc_action){
		.kind = TC_DO_TUNNEL_SET,
		.src = {AF_INET, 32, {192, 0, 2, 1}},
		.dst = {AF_INET, 32, {192, 0, 2, 2}},
		.tunnel_id = 78,
		.tunnel_port = 4789,
		.tunnel_csum = true,
		.tunnel_tos = 8,
		.tunnel_ttl = 9,
	};
	f.rule.actions[1] = (struct tc_action){.kind = TC_DO_TUNNEL_UNSET};
	f.rule.actions[2] = (struct tc_action){.kind = TC_DO_REDIRECT, .ifindex = 77};
	f.rule.actions_count = 3;
	return f;
}

/* The action alone, as the kernel takes it. */
static void tunnel_bytes(void **state)
{
	const struct nlattr *a[TCA_CHAIN + 1], *o[TC_OPTIONS_MAX + 1];
	struct tc_filter f = encapsulates();
	struct nl_msg m;

	(void)state;
	f.rule.actions_count = 1;
	tc_put_filter(&m, &f);
	nl_attrs(&m.h, sizeof(struct tcmsg), a, TCA_CHAIN);
	nl_nest(a[TCA_OPTIONS], o, TC_OPTIONS_MAX);
	assert_bytes(&m, (size_t)((const uint8_t *)o[TCA_FLOWER_ACT] - m.bytes),
		     "70000380"
		     "6c000180 0f000100 74756e6e656c5f6b657900 00" /* action 1: tunnel_key */
		     "58000280 1c000200"		  /* OPTIONS, PARMS 2 */
		     "00000000 00000000 03000000 00000000 00000000 01000000" /* pipe, set */
		     "08000300 c0000201"		  /* ENC_IPV4_SRC 3 */
		     "08000400 c0000202"		  /* ENC_IPV4_DST 4 */
		     "08000700 0000004e"		  /* ENC_KEY_ID 7, network order */
		     "06000900 12b50000"		  /* ENC_DST_PORT 9 */
		     "05000a00 00000000"		  /* NO_CSUM 10 */
		     "05000c00 08000000"		  /* ENC_TOS 12 */
		     "05000d00 09000000"		  /* ENC_TTL 13 */
		     "08001600 02000000");
}

/* More than the action can say is not taken for less. */
static void tunnel_options(void **state)
{
	static const uint16_t more[] = {TCA_TUNNEL_KEY_ENC_OPTS, TCA_TUNNEL_KEY_ENC_TTL + 1};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(more); i++) {
		const struct nlattr *a[TCA_CHAIN + 1], *o[TC_OPTIONS_MAX + 1];
		struct tc_filter f = encapsulates(), back;
		struct nlattr *tos;
		struct nl_msg m;

		f.handle = 1;
		f.rule.actions_count = 1;
		tc_put_filter(&m, &f);
		nl_attrs(&m.h, sizeof(struct tcmsg), a, TCA_CHAIN);
		nl_nest(a[TCA_OPTIONS], o, TC_OPTIONS_MAX);
		/* Behind ACT: head 4, action 4, kind 16, options 4, parms 28, then as above. */
		tos = (struct nlattr *)((uint8_t *)o[TCA_FLOWER_ACT] + 4 + 4 + 16 + 4 + 28 + 40);
		assert_int_equal(tos->nla_type, TCA_TUNNEL_KEY_ENC_TOS);
		assert_int_equal(tc_parse_filter(&m.h, &back), 0);
		assert_true(back.plain);
		tos->nla_type = more[i];
		assert_int_equal(tc_parse_filter(&m.h, &back), 0);
		assert_false(back.plain);
	}
}

static void there_and_back(void **state)
{
	struct tc_filter all[] = {sample(), qinq(), rich(), encapsulates(), encapsulates()}, back;
	struct nl_msg m;

	(void)state;
	all[4].rule.actions[0].src = (struct addr){AF_INET6, 128, {0x20, 1, 0x0d, 0xb8, [15] = 1}};
	all[4].rule.actions[0].dst = (struct addr){AF_INET6, 128, {0x20, 1, 0x0d, 0xb8, [15] = 2}};
	all[4].rule.actions[0].tunnel_csum = false;
	all[4].rule.actions[0].tunnel_ttl = 0;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		all[i].handle = 1;
		tc_put_filter(&m, &all[i]);
		assert_int_equal(tc_parse_filter(&m.h, &back), 0);
		assert_int_equal(back.ifindex, 5);
		assert_int_equal(back.pref, 7);
		assert_int_equal(back.protocol, all[i].protocol);
		assert_true(back.plain && !back.skip_hw && !back.in_hw);
		assert_int_equal(back.skip_sw, all[i].skip_sw);
		assert_true(tc_rule_equal(&back.rule, &all[i].rule));
		assert_false(tc_rule_equal(&back.rule, &all[(i + 1) % ARRAY_SIZE(all)].rule));
	}
}

/* One thing other at a time makes two rules differ. */
static void differs(void **state)
{
	struct tc_filter f = rich(), other;

	(void)state;
#define OTHER(member, value)                                       \
	do {                                                       \
		other = f;                                         \
		other.rule.member = value;                         \
		assert_false(tc_rule_equal(&f.rule, &other.rule)); \
	} while (0)
	OTHER(match.vlans, 2);
	OTHER(match.vlan[0], 1);
	OTHER(match.protocol, ETH_P_IP);
	OTHER(match.has_src_mac, false);
	OTHER(match.src_mac[5], 8);
	OTHER(match.dst_mac[5], 8);
	OTHER(match.src.prefix, 34);
	OTHER(match.dst.b[0], 1);
	OTHER(match.ip_protocol, 17);
	OTHER(actions_count, 3);
	OTHER(actions[0].kind, TC_DO_REDIRECT);
	OTHER(actions[0].ifindex, 9);
	OTHER(actions[1].vlan_id, 6);
	OTHER(actions[2].vlan_protocol, ETH_P_8021Q);
	f = encapsulates();
	OTHER(actions[0].src.b[3], 3);
	OTHER(actions[0].dst.b[3], 3);
	OTHER(actions[0].tunnel_id, 79);
	OTHER(actions[0].tunnel_port, 8472);
	OTHER(actions[0].tunnel_csum, false);
	OTHER(actions[0].tunnel_tos, 0);
	OTHER(actions[0].tunnel_ttl, 0);
#undef OTHER
}

/* As the kernel shows it: the payload's type also as KEY_ETH_TYPE, fl_dump_key(). */
static void as_the_kernel_shows(void **state)
{
	struct tc_filter f = rich(), back;
	struct nlattr *type;
	struct nl_msg m;

	(void)state;
	tc_put_filter(&m, &f);
	type = (struct nlattr *)(m.bytes + 16 + 20 + 12 + 4);
	assert_int_equal(type->nla_type, TCA_FLOWER_KEY_ETH_TYPE);
	*(uint16_t *)mnl_attr_get_payload(type) = htons(ETH_P_IPV6);
	assert_int_equal(tc_parse_filter(&m.h, &back), 0);
	assert_true(back.plain && tc_rule_equal(&back.rule, &f.rule));
}

/* A match or an action more makes it somebody else's rule. */
/* An action at the end of a rule's message gets one attribute more. */
static struct tc_filter with_attr(uint16_t type, const void *data, size_t len)
{
	const struct nlattr *a[TCA_CHAIN + 1], *o[TC_OPTIONS_MAX + 1];
	struct tc_filter f = sample(), back;
	struct nlattr *outer[4];
	struct nl_msg m;

	f.handle = 1;
	f.skip_sw = false;
	tc_put_filter(&m, &f);
	nl_attrs(&m.h, sizeof(struct tcmsg), a, TCA_CHAIN);
	nl_nest(a[TCA_OPTIONS], o, TC_OPTIONS_MAX);
	outer[0] = (struct nlattr *)a[TCA_OPTIONS];
	outer[1] = (struct nlattr *)o[TCA_FLOWER_ACT];
	outer[2] = mnl_attr_get_payload(outer[1]);
	/* What comes behind the actions, the flags, is not needed. */
	m.h.nlmsg_len = (uint32_t)((uint8_t *)outer[2] + MNL_ALIGN(outer[2]->nla_len) - m.bytes);
	mnl_attr_put(&m.h, type, len, data);
	for (unsigned int i = 0; i < 3; i++)
		outer[i]->nla_len = (uint16_t)(m.bytes + m.h.nlmsg_len - (uint8_t *)outer[i]);
	assert_int_equal(tc_parse_filter(&m.h, &back), 0);
	assert_true(back.plain);
	return back;
}

/* Put back, an action would lose its owner's mark, or flags that somebody asked for. */
static void not_alone(void **state)
{
	static const struct nla_bitfield32 none = {}, no_percpu = {1, 1}, skip_sw = {4, 4};
	struct tc_filter f;

	(void)state;
	assert_true(with_attr(TCA_ACT_FLAGS, &none, sizeof(none)).alone);
	assert_true(with_attr(TCA_ACT_USED_HW_STATS, &skip_sw, sizeof(skip_sw)).alone);
	assert_false(with_attr(TCA_ACT_FLAGS, &no_percpu, sizeof(no_percpu)).alone);
	/* Actions show the flag of their rule, and this one has none. */
	assert_false(with_attr(TCA_ACT_FLAGS, &skip_sw, sizeof(skip_sw)).alone);
	assert_false(with_attr(TCA_ACT_HW_STATS, &no_percpu, sizeof(no_percpu)).alone);
	f = with_attr(TCA_ACT_COOKIE, "0123456789abcdef", 16);
	assert_true(f.cookie && !f.alone);
}

static void drop(void **state)
{
	struct tc_filter f = sample(), back;
	struct nl_msg m;

	(void)state;
	f.handle = 1;
	f.rule.actions[0] = (struct tc_action){.kind = TC_DO_DROP};
	tc_put_filter(&m, &f);
	assert_int_equal(tc_parse_filter(&m.h, &back), 0);
	assert_true(back.plain && back.alone && tc_rule_equal(&back.rule, &f.rule));
}

static void not_plain(void **state)
{
	static const uint16_t more[] = {TCA_FLOWER_KEY_VLAN_PRIO, TCA_FLOWER_KEY_TCP_DST,
					TCA_FLOWER_KEY_FLAGS, 200 /* not known to any header */};
	struct tc_filter f = sample(), back;

	(void)state;
	f.handle = 1;
	for (size_t i = 0; i < ARRAY_SIZE(more); i++) {
		struct nlattr *options;
		struct nl_msg m;

		tc_put_filter(&m, &f);
		options = (struct nlattr *)(m.bytes + 16 + 20 + 12);
		mnl_attr_put_u8(&m.h, more[i], 6);
		options->nla_len += 8;
		assert_int_equal(tc_parse_filter(&m.h, &back), 0);
		assert_false(back.plain);
	}
}

/* A mask that no configuration can say. */
static void no_prefix(void **state)
{
	struct tc_filter f = rich(), back;
	struct nl_msg m;
	uint8_t *at;

	(void)state;
	tc_put_filter(&m, &f);
	at = memmem(m.bytes, m.h.nlmsg_len, "\xff\xff\xff\xff\x80", 5);
	assert_non_null(at);
	at[1] = 0xf0; /* a one after a zero */
	assert_int_equal(tc_parse_filter(&m.h, &back), 0);
	assert_false(back.plain);
}

/* What the kernel sends for a chain, or for a priority that has no rule yet. */
static void nothing_in_it(void **state)
{
	struct tc_filter f = sample(), back;
	struct nl_msg m;

	(void)state;
	tc_put_filter(&m, &f); /* handle 0 */
	assert_int_equal(tc_parse_filter(&m.h, &back), -ENODATA);
	m.h.nlmsg_type = RTM_NEWQDISC;
	assert_int_equal(tc_parse_filter(&m.h, &back), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rule_bytes),
		cmocka_unit_test(qinq_bytes),
		cmocka_unit_test(push_bytes),
		cmocka_unit_test(qdisc_bytes),
		cmocka_unit_test(there_and_back), cmocka_unit_test(tunnel_bytes),
		cmocka_unit_test(tunnel_options),
		cmocka_unit_test(differs),
		cmocka_unit_test(as_the_kernel_shows),
		cmocka_unit_test(not_plain), cmocka_unit_test(not_alone), cmocka_unit_test(drop),
		cmocka_unit_test(no_prefix),
		cmocka_unit_test(nothing_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
