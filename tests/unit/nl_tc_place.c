/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TC rules of shared blocks, and those that look at the tunnel a frame came in by. */
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

static void shared_block(void **state)
{
	struct tc_filter f = sample(), back;
	struct nl_msg m;

	(void)state;
	f.handle = 1;
	f.ifindex = 0;
	f.block = 22;
	tc_put_filter(&m, &f);
	assert_int_equal(((struct tcmsg *)mnl_nlmsg_get_payload(&m.h))->tcm_ifindex, -1);
	assert_int_equal(((struct tcmsg *)mnl_nlmsg_get_payload(&m.h))->tcm_block_index, 22);
	assert_int_equal(tc_parse_filter(&m.h, &back), 0);
	assert_int_equal(back.ifindex, 0);
	assert_int_equal(back.block, 22);
	assert_true(tc_rule_equal(&back.rule, &f.rule));
}

/* As `enc_src_ip 192.0.2.2 enc_dst_ip 192.0.2.1 enc_key_id 78 enc_dst_port 4789`. */
static struct tc_filter decapsulates(void)
{
	struct tc_filter f = sample();

	f.rule.match.tunnel = true;
	f.rule.match.tunnel_src = (struct addr){AF_INET, 32, {192, 0, 2, 2}};
	f.rule.match.tunnel_dst = (struct addr){AF_INET, 32, {192, 0, 2, 1}};
	f.rule.match.tunnel_id = 78;
	f.rule.match.tunnel_port = 4789;
	return f;
}

static void tunnel_match(void **state)
{
	static const uint16_t parts[] = {TCA_FLOWER_KEY_ENC_KEY_ID, TCA_FLOWER_KEY_ENC_UDP_DST_PORT,
					 TCA_FLOWER_KEY_ENC_UDP_DST_PORT_MASK,
					 TCA_FLOWER_KEY_ENC_IPV4_SRC, TCA_FLOWER_KEY_ENC_IPV4_DST_MASK};
	struct tc_filter f = decapsulates(), back, other;
	struct nl_msg m;

	(void)state;
	f.handle = 1;
	tc_put_filter(&m, &f);
	assert_int_equal(tc_parse_filter(&m.h, &back), 0);
	assert_true(back.plain);
	assert_true(tc_rule_equal(&back.rule, &f.rule));
	other = f;
	other.rule.match.tunnel_id++;
	assert_false(tc_rule_equal(&back.rule, &other.rule));
	other = f;
	other.rule.match.tunnel_src.b[3]++;
	assert_false(tc_rule_equal(&back.rule, &other.rule));
	/* a rule that looks at a part of the tunnel only is more than can be said */
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		struct nlattr *options, *a;
		struct nl_msg n;

		tc_put_filter(&n, &f);
		mnl_attr_for_each(options, &n.h, sizeof(struct tcmsg)) {
			if (mnl_attr_get_type(options) != TCA_OPTIONS)
				continue;
			mnl_attr_for_each_nested(a, options) {
				if (mnl_attr_get_type(a) == parts[i])
					a->nla_type = TCA_FLOWER_UNSPEC;
			}
		}
		assert_int_equal(tc_parse_filter(&n.h, &back), 0);
		assert_false(back.plain && back.rule.match.tunnel);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(shared_block), cmocka_unit_test(tunnel_match),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
