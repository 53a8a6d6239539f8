/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Net devices: requests as bytes, and the loopback device as every host has it. */
#include "messages.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include "nl/ethtool.h"
#include "nl/link.h"

static void requests(void **state)
{
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 9};
	struct addr v4 = {AF_INET, 24, {192, 0, 2, 1}};
	struct addr v6 = {AF_INET6, 64, {0x20, 1, 0x0d, 0xb8, [15] = 1}};
	struct nl_msg m;

	(void)state;
	link_put_flags(&m, 5, IFF_UP, IFF_UP);
	assert_header(&m, RTM_NEWLINK, NLM_F_REQUEST);
	assert_bytes(&m, 16, "00000000 05000000 01000000 01000000");
	link_put_mtu(&m, 5, 2000);
	assert_bytes(&m, 16, "00000000 05000000 00000000 00000000 08000400 d0070000");
	link_put_netns_fd(&m, 5, 9);
	assert_bytes(&m, 16, "00000000 05000000 00000000 00000000 08001c00 09000000");
	link_put_vf_mac(&m, 5, 1, mac);
	assert_bytes(&m, 16, "00000000 05000000 00000000 00000000 30001680 2c000180 28000100"
			     "01000000 0200 0000 0009 0000 0000000000000000 0000000000000000"
			     "00000000 00000000");
	link_put_promote(&m, 5, 1); /* IFLA_AF_SPEC, AF_INET, IFLA_INET_CONF, number 20 */
	assert_bytes(&m, 16, "00000000 05000000 00000000 00000000 14001a80 10000280 0c000180"
			     "08001400 01000000");
	link_put_addr(&m, RTM_NEWADDR, 5, &v4);
	assert_header(&m, RTM_NEWADDR, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL);
	assert_bytes(&m, 16, "02180000 05000000 08000200 c0000201 08000100 c0000201");
	link_put_addr(&m, RTM_NEWADDR, 5, &v6);
	assert_bytes(&m, 16, "0a400200 05000000" /* IFA_F_NODAD */
			     "14000200 20010db8000000000000000000000001"
			     "14000100 20010db8000000000000000000000001");
}

/* The request that makes it is also how the kernel shows it. */
static void vxlan(void **state)
{
	struct link_info l;
	struct nl_msg m;

	(void)state;
	link_put_vxlan(&m, "vxlan4789", 4789);
	assert_header(&m, RTM_NEWLINK, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL);
	assert_bytes(&m, 16, "00000000 00000000 01000000 01000000"
			     "0e000300 7678 6c61 6e34 3738 3900 0000"
			     "2c001280 0a000100 7678 6c61 6e00 0000"
			     "1c000280 06000f00 12b5 0000 05001900 01000000 05000700 00000000");
	assert_int_equal(link_parse(&m.h, &l), 0);
	assert_string_equal(l.name, "vxlan4789");
	assert_int_equal(l.vxlan, 4789);
}

static void feature_requests(void **state)
{
	struct nl_msg m;

	(void)state;
	ethtool_put_get_features(&m, 21, 5);
	assert_bytes(&m, 16, "0b010000 0c000180 08000100 05000000");
	ethtool_put_set_feature(&m, 21, 5, ETHTOOL_TC_OFFLOAD, true);
	assert_bytes(&m, 16, "0c010000 0c000180 08000100 05000000"
			     "24000380 20000380 1c000180"
			     "12000200 68772d74632d6f66666c6f616400 0000"
			     "04000300");
}

static int find_lo(const struct link_info *l, void *arg)
{
	if (strcmp(l->name, "lo") == 0)
		*(struct link_info *)arg = *l;
	return 0;
}

/* Any user may read the devices: socket, dump, single request and refusal are all real. */
static void loopback(void **state)
{
	struct link_info lo = {}, one = {};
	struct why why = {};
	_nl_ struct nl *nl = NULL;

	(void)state;
	assert_int_equal(nl_open(NETLINK_ROUTE, NULL, &nl, &why), 0);
	assert_int_equal(link_dump(nl, find_lo, &lo, &why), 0);
	assert_true(lo.ifindex && lo.flags & IFF_LOOPBACK && !lo.parent[0]);
	assert_int_equal(link_get(nl, lo.ifindex, &one, &why), 0);
	assert_string_equal(one.name, "lo");
	assert_int_equal(link_get(nl, 0x7ffffff0, &one, &why), -ENODEV);
	assert_int_equal(why.err, -ENODEV);
	assert_non_null(strstr(why.what, "2147483632"));
}

static int stop(const struct link_info *l, void *arg)
{
	(void)l;
	++*(int *)arg;
	return -ECANCELED;
}

/* A callback that stops ends the dump, and the socket is good for the next request. */
static void stopped_dump(void **state)
{
	struct link_info lo = {};
	_nl_ struct nl *nl = NULL;
	int calls = 0;

	(void)state;
	assert_int_equal(nl_open(NETLINK_ROUTE, NULL, &nl, NULL), 0);
	assert_int_equal(link_dump(nl, stop, &calls, NULL), -ECANCELED);
	assert_int_equal(calls, 1);
	assert_int_equal(link_dump(nl, find_lo, &lo, NULL), 0);
	assert_true(lo.ifindex);
}

static void refusal_has_text(void **state)
{
	struct why why = {};
	_nl_ struct nl *nl = NULL;
	uint16_t id;

	(void)state;
	assert_int_equal(nl_open(NETLINK_GENERIC, NULL, &nl, &why), 0);
	assert_int_equal(nl_family(nl, "nlctrl", &id, &why), 0);
	assert_int_equal(id, GENL_ID_CTRL);
	assert_int_equal(nl_family(nl, "no-such-family", &id, &why), -ENOENT);
	assert_non_null(strstr(why.what, "no-such-family"));
}

static void missing_namespace(void **state)
{
	struct why why = {};
	_nl_ struct nl *nl = NULL;

	(void)state;
	assert_int_equal(nl_open(NETLINK_ROUTE, "no-such-namespace", &nl, &why), -ENOENT);
	assert_null(nl);
	assert_int_equal(nl_open(NETLINK_ROUTE, "../escape", &nl, &why), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests),
		cmocka_unit_test(vxlan),	    cmocka_unit_test(feature_requests),
		cmocka_unit_test(loopback),	    cmocka_unit_test(stopped_dump),
		cmocka_unit_test(refusal_has_text), cmocka_unit_test(missing_namespace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
