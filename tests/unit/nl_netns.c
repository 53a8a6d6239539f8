/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Real exchanges with the kernel, in a mount and network namespace of the test's own: named
 * namespaces, links, addresses, TC rules, policies. Needs root; says so and passes over otherwise.
 */
#include "messages.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nl/link.h"
#include "nl/netns.h"
#include "nl/tc.h"
#include "nl/xfrm_policy.h"
#include "nl/xfrm_sa.h"

#define LO 1 /* the loopback device has index 1 in every new namespace */

static bool own_world;

static int make_world(void **state)
{
	(void)state;
	own_world = geteuid() == 0 && unshare(CLONE_NEWNS | CLONE_NEWNET) == 0 &&
		    mount("", "/", "none", MS_PRIVATE | MS_REC, NULL) == 0 &&
		    mount("none", "/run", "tmpfs", 0, NULL) == 0;
	return 0;
}

static void need_world(void)
{
	if (own_world)
		return;
	print_message("needs root, and the right to make namespaces\n");
	skip();
}

static struct nl *open_nl(int protocol, const char *netns)
{
	struct nl *nl = NULL;
	struct why why = {};

	if (nl_open(protocol, netns, &nl, &why) < 0)
		fail_msg("%s: %s", why.what, strerror(-why.err));
	return nl;
}

static void made_and_removed(void **state)
{
	uint32_t home, there, again;
	struct stat st;

	(void)state;
	need_world();
	assert_false(netns_exists("t0"));
	assert_int_equal(netns_remove("t0"), -ENOENT);
	assert_int_equal(netns_inode(NULL, &home), 0);
	assert_int_equal(netns_create("t0"), 0);
	assert_true(netns_exists("t0"));
	assert_int_equal(netns_create("t0"), -EEXIST);
	assert_int_equal(netns_inode("t0", &there), 0);
	assert_true(home != there);
	assert_int_equal(netns_inode(NULL, &again), 0);
	assert_int_equal(home, again);
	assert_int_equal(netns_remove("t0"), 0);
	assert_false(netns_exists("t0"));
	assert_int_equal(stat(NETNS_DIR "/t0", &st), -1);
}

/* What a crash between creating the file and mounting on it leaves is no namespace, and no hindrance. */
static void half_made(void **state)
{
	FILE *f;

	(void)state;
	need_world();
	mkdir(NETNS_DIR, 0755);
	f = fopen(NETNS_DIR "/t1", "w");
	assert_non_null(f);
	fclose(f);
	assert_false(netns_exists("t1"));
	assert_int_equal(netns_create("t1"), 0);
	assert_true(netns_exists("t1"));
	assert_int_equal(netns_remove("t1"), 0);
}

static void names_stay_inside(void **state)
{
	static const char *const names[] = {"", ".", "..", "a/b", "../x"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		assert_false(netns_exists(names[i]));
		assert_int_equal(netns_create(names[i]), -EINVAL);
		assert_int_equal(netns_remove(names[i]), -EINVAL);
	}
}

static int find(uint32_t ifindex, const struct addr *a, void *arg)
{
	struct addr *want = arg;

	if (ifindex == LO && addr_equal(a, want, true))
		want->family = 0;
	return 0;
}

static bool has_address(struct nl *nl, const struct addr *a)
{
	struct addr want = *a;

	assert_int_equal(link_addr_dump(nl, find, &want, NULL), 0);
	return !want.family;
}

static void links_and_addresses(void **state)
{
	struct addr a = {AF_INET, 24, {192, 0, 2, 1}};
	struct link_info l;
	_nl_ struct nl *nl = NULL;

	(void)state;
	need_world();
	assert_int_equal(netns_create("t2"), 0);
	nl = open_nl(NETLINK_ROUTE, "t2");
	assert_int_equal(link_set_mtu(nl, LO, 1400, NULL), 0);
	assert_int_equal(link_set_up(nl, LO, true, NULL), 0);
	assert_int_equal(link_get(nl, LO, &l, NULL), 0);
	assert_true(l.mtu == 1400 && l.flags & IFF_UP);
	assert_int_equal(link_addr_add(nl, LO, &a, NULL), 0);
	assert_true(has_address(nl, &a));
	assert_int_equal(link_addr_add(nl, LO, &a, NULL), -EEXIST);
	assert_int_equal(link_addr_delete(nl, LO, &a, NULL), 0);
	assert_false(has_address(nl, &a));
	assert_int_equal(link_addr_delete(nl, LO, &a, NULL), -EADDRNOTAVAIL);
	assert_int_equal(link_set_up(nl, LO, false, NULL), 0);
	assert_int_equal(netns_remove("t2"), 0);
}

static int keep_filter(const struct tc_filter *f, void *arg)
{
	*(struct tc_filter *)arg = *f;
	return 0;
}

static int keep_qdisc(uint32_t ifindex, uint32_t block, void *arg)
{
	assert_int_equal(block, 0);
	*(uint32_t *)arg = ifindex;
	return 0;
}

static void rules(void **state)
{
	struct tc_filter f = {.ifindex = LO, .pref = 7, .protocol = ETH_P_IP, .skip_hw = true,
			      .rule = {.match = {.protocol = ETH_P_IP, .has_src_mac = true,
						 .src_mac = {2, 0, 0, 0, 0, 9}},
				       .actions = {{.kind = TC_DO_REDIRECT, .ifindex = LO}},
				       .actions_count = 1}};
	struct tc_filter seen = {};
	_nl_ struct nl *nl = NULL;
	struct why why = {};
	uint32_t on = 0;

	(void)state;
	need_world();
	nl = open_nl(NETLINK_ROUTE, NULL);
	assert_int_equal(tc_filter_dump(nl, LO, keep_filter, &seen, NULL), 0);
	assert_int_equal(seen.pref, 0);
	if (tc_qdisc_add_ingress(nl, LO, 0, &why) == -ENOENT) {
		print_message("the kernel has no ingress qdisc\n");
		nl_close(&nl);
		skip();
	}
	assert_int_equal(tc_qdisc_dump(nl, keep_qdisc, &on, NULL), 0);
	assert_int_equal(on, LO);
	if (tc_filter_add(nl, &f, &why) == -ENOENT) {
		print_message("the kernel has no flower or mirred: %s\n", why.kernel);
		nl_close(&nl);
		skip();
	}
	assert_int_equal(tc_filter_dump(nl, LO, keep_filter, &seen, NULL), 0);
	assert_int_equal(seen.pref, 7);
	assert_true(seen.plain && seen.skip_hw && !seen.in_hw);
	assert_true(tc_rule_equal(&seen.rule, &f.rule));
	assert_string_equal(seen.kind, "flower");
	assert_int_equal(tc_filter_delete(nl, &f, NULL), 0);
	assert_int_equal(tc_filter_delete(nl, &f, NULL), -ENOENT);
	assert_int_equal(tc_qdisc_delete_ingress(nl, LO, NULL), 0);
}

static int keep_policy(const struct xfrm_pol *p, void *arg)
{
	*(struct xfrm_pol *)arg = *p;
	return 0;
}

/* In software: what the kernel keeps is what was sent. */
static void policies(void **state)
{
	struct xfrm_pol p = {.sel_src = {AF_INET6, 128, {0x20, 1, [15] = 1}},
			     .sel_dst = {AF_INET6, 64, {0x20, 1, [15] = 0}},
			     .dir = IPSO_DIR_IN, .priority = 12, .reqid = 7};
	struct xfrm_pol seen = {};
	_nl_ struct nl *nl = NULL;
	struct why why = {};

	(void)state;
	need_world();
	if (nl_open(NETLINK_XFRM, NULL, &nl, NULL) == -EPROTONOSUPPORT) {
		print_message("the kernel has no XFRM\n");
		skip();
	}
	p.tmpl_src = (struct addr){AF_INET6, 128, {0x20, 1, [15] = 1}};
	p.tmpl_dst = (struct addr){AF_INET6, 128, {0x20, 1, [15] = 2}};
	if (xfrm_policy_add(nl, &p, &why) < 0)
		fail_msg("%s: %s", why.what, strerror(-why.err));
	assert_int_equal(xfrm_policy_add(nl, &p, &why), -EEXIST);
	assert_non_null(strstr(why.what, "policy in 2001::1/128"));
	assert_int_equal(xfrm_policy_dump(nl, keep_policy, &seen, NULL), 0);
	assert_int_equal(seen.priority, 12);
	assert_int_equal(seen.reqid, 7);
	assert_true(addr_equal(&seen.sel_dst, &p.sel_dst, true));
	assert_int_equal(seen.offload, IPSO_OFFLOAD_NONE);
	assert_int_equal(xfrm_policy_get(nl, &p, keep_policy, &seen, NULL), 0);
	assert_int_equal(xfrm_policy_delete(nl, &p, NULL), 0);
	assert_int_equal(xfrm_policy_delete(nl, &p, NULL), -ENOENT);
}

/* A refusal brings the kernel's own words along. */
static void refusal_has_text(void **state)
{
	static const uint8_t key[20];
	struct xfrm_sa sa = {.src = {AF_INET, 32, {192, 0, 2, 1}}, .dst = {AF_INET, 32, {192, 0, 2, 2}},
			     .spi = 0x1001, .reqid = 1, .dir = IPSO_DIR_OUT, .say_dir = true,
			     .replay_window = 32, .key = key, .key_len = sizeof(key)};
	_nl_ struct nl *nl = NULL;
	struct why why = {};

	(void)state;
	need_world();
	if (nl_open(NETLINK_XFRM, NULL, &nl, NULL) < 0 || !xfrm_sa_knows_dir(nl)) {
		print_message("the kernel has no XFRM, or does not know the direction of a state\n");
		nl_close(&nl);
		skip();
	}
	assert_int_equal(xfrm_sa_add(nl, &sa, &why), -EINVAL);
	assert_string_equal(why.kernel, "Replay window should be 0 for output SA");
	assert_int_equal(xfrm_sa_delete(nl, &sa, &why), -ESRCH);
	assert_string_equal(why.kernel, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(made_and_removed),	 cmocka_unit_test(half_made),
		cmocka_unit_test(names_stay_inside),	 cmocka_unit_test(links_and_addresses),
		cmocka_unit_test(rules),		 cmocka_unit_test(policies),
		cmocka_unit_test(refusal_has_text),
	};

	return cmocka_run_group_tests(tests, make_world, NULL);
}
