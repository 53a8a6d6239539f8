/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Policies as bytes and back. */
#include "messages.h"

#include <errno.h>
#include <linux/xfrm.h>
#include <netinet/in.h>

#include "nl/xfrm_policy.h"

static struct xfrm_pol sample(void)
{
	struct xfrm_pol p = {
		.sel_src = {AF_INET, 32, {192, 0, 2, 1}},
		.sel_dst = {AF_INET, 24, {198, 51, 100, 0}},
		.dir = IPSO_DIR_OUT,
		.priority = 12,
		.reqid = 7,
		.offload = IPSO_OFFLOAD_PACKET,
		.ifindex = 5,
	};

	p.tmpl_src = p.sel_src;
	p.tmpl_dst = (struct addr){AF_INET, 32, {198, 51, 100, 1}};
	return p;
}

/* 168 bytes of struct xfrm_userpolicy_info, then template and device. */
static void bytes(void **state)
{
	struct xfrm_pol p = sample();
	struct nl_msg m;

	(void)state;
	assert_int_equal(xfrm_policy_put_add(&m, &p), 0);
	assert_header(&m, XFRM_MSG_NEWPOLICY, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL);
	assert_int_equal(sizeof(struct xfrm_userpolicy_info), 168);
	assert_bytes(&m, 16 + 168,
		     /* XFRMA_TMPL 5: daddr, spi 0, ESP, family, saddr, reqid, transport, ~0 */
		     "44000500 c6336401 00000000 00000000 00000000 00000000 32000000"
		     "02000000 c0000201 00000000 00000000 00000000 07000000"
		     "00000000 ffffffff ffffffff ffffffff"
		     /* XFRMA_OFFLOAD_DEV 28: a policy knows no direction bit */
		     "0c001c00 05000000 04000000");
}

/* What blocks has no template; the action is the byte after the direction. */
static void block(void **state)
{
	struct xfrm_pol p = sample(), back;
	const struct xfrm_userpolicy_info *info;
	struct nl_msg m;

	(void)state;
	p.block = true;
	p.tmpl_src.family = p.tmpl_dst.family = 0;
	assert_int_equal(xfrm_policy_put_add(&m, &p), 0);
	info = (const void *)(m.bytes + 16);
	assert_int_equal(info->action, XFRM_POLICY_BLOCK);
	assert_bytes(&m, 16 + 168, "0c001c00 05000000 04000000");
	assert_int_equal(xfrm_policy_parse(&m.h, &back), 0);
	assert_true(back.block);
	assert_int_equal(back.tmpl_dst.family, 0);
	assert_int_equal(back.offload, IPSO_OFFLOAD_PACKET);
}

/* The same packets, behind every other policy, in software; another one to the kernel. */
static void below(void **state)
{
	struct xfrm_pol p = sample(), b = xfrm_policy_below(&p), back;
	struct nl_msg m;

	(void)state;
	p.proto = IPPROTO_UDP;
	p.dport = 9;
	b = xfrm_policy_below(&p);
	assert_int_equal(xfrm_policy_put_add(&m, &b), 0);
	assert_int_equal(m.h.nlmsg_len, 16 + 168); /* neither template nor device */
	assert_int_equal(xfrm_policy_parse(&m.h, &back), 0);
	assert_true(back.block);
	assert_int_equal(back.priority, UINT32_MAX);
	assert_int_equal(back.user, XFRM_USER_BELOW);
	assert_int_equal(back.dir, p.dir);
	assert_int_equal(back.proto, IPPROTO_UDP);
	assert_int_equal(back.dport, 9);
	assert_true(addr_equal(&back.sel_src, &p.sel_src, true));
	assert_true(addr_equal(&back.sel_dst, &p.sel_dst, true));
	assert_int_equal(p.user, 0);
}

/* The same policy in the place of another: nothing differs but the message's type. */
static void update(void **state)
{
	struct xfrm_pol p = sample();
	struct nl_msg add, update;

	(void)state;
	assert_int_equal(xfrm_policy_put_add(&add, &p), 0);
	assert_int_equal(xfrm_policy_put_update(&update, &p), 0);
	assert_int_equal(update.h.nlmsg_type, XFRM_MSG_UPDPOLICY);
	update.h.nlmsg_type = XFRM_MSG_NEWPOLICY;
	assert_memory_equal(add.bytes, update.bytes, add.h.nlmsg_len);
}

static void there_and_back(void **state)
{
	static const uint8_t dirs[] = {IPSO_DIR_IN, IPSO_DIR_OUT, IPSO_DIR_FWD};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct xfrm_pol p = sample(), back;
		struct nl_msg m;

		p.dir = dirs[i];
		p.offload = i == 2 ? IPSO_OFFLOAD_NONE : IPSO_OFFLOAD_PACKET;
		assert_int_equal(xfrm_policy_put_add(&m, &p), 0);
		assert_int_equal(xfrm_policy_parse(&m.h, &back), 0);
		assert_true(addr_equal(&p.sel_dst, &back.sel_dst, true));
		assert_true(addr_equal(&p.tmpl_dst, &back.tmpl_dst, true));
		assert_int_equal(back.dir, dirs[i]);
		assert_int_equal(back.priority, 12);
		assert_int_equal(back.reqid, 7);
		assert_int_equal(back.offload, p.offload);
		assert_int_equal(back.ifindex, i == 2 ? 0 : 5);
	}
}

/* Ports are matched as a whole, and stand in what names a policy, too. */
static void selector_of_ports(void **state)
{
	struct xfrm_pol p = sample(), back;
	const struct xfrm_userpolicy_info *info;
	struct nl_msg m;

	(void)state;
	p.proto = IPPROTO_UDP;
	p.dport = 4789;
	assert_int_equal(xfrm_policy_put_add(&m, &p), 0);
	info = mnl_nlmsg_get_payload(&m.h);
	assert_int_equal(info->sel.proto, IPPROTO_UDP);
	assert_int_equal(ntohs(info->sel.dport), 4789);
	assert_int_equal(info->sel.dport_mask, 0xffff);
	assert_int_equal(info->sel.sport_mask, 0);
	assert_int_equal(xfrm_policy_parse(&m.h, &back), 0);
	assert_true(back.proto == IPPROTO_UDP && back.dport == 4789 && back.sport == 0);
	p.sport = 7;
	assert_int_equal(xfrm_policy_put_delete(&m, &p), 0);
	assert_int_equal(((const struct xfrm_userpolicy_id *)mnl_nlmsg_get_payload(&m.h))->sel.sport,
			 htons(7));
}

/* Socket policies have direction 3 and 4 (XFRM_POLICY_MAX + in/out). */
static void socket_policies(void **state)
{
	struct xfrm_pol p = sample(), back;
	struct xfrm_userpolicy_info *info;
	struct nl_msg m;

	(void)state;
	assert_int_equal(xfrm_policy_put_add(&m, &p), 0);
	info = mnl_nlmsg_get_payload(&m.h);
	info->dir = 3;
	assert_int_equal(xfrm_policy_parse(&m.h, &back), 0);
	assert_int_equal(back.dir, IPSO_DIR_NONE);
	info->dir = 255;
	assert_int_equal(xfrm_policy_parse(&m.h, &back), 0);
	assert_int_equal(back.dir, IPSO_DIR_NONE);
}

static void refused(void **state)
{
	struct xfrm_pol p = sample(), back;
	struct nl_msg m;

	(void)state;
	p.sel_dst.family = AF_INET6;
	assert_int_equal(xfrm_policy_put_add(&m, &p), -EINVAL);
	assert_int_equal(xfrm_policy_put_delete(&m, &p), -EINVAL);
	p = sample();
	assert_int_equal(xfrm_policy_put_delete(&m, &p), 0);
	assert_header(&m, XFRM_MSG_DELPOLICY, NLM_F_REQUEST);
	assert_int_equal(xfrm_policy_parse(&m.h, &back), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes),
		cmocka_unit_test(block), cmocka_unit_test(below), cmocka_unit_test(update),
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(selector_of_ports),
		cmocka_unit_test(socket_policies),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
