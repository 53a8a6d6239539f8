/* SPDX-License-Identifier: GPL-2.0-or-later */
/* States as bytes, byte for byte, and back. */
#include "messages.h"

#include <errno.h>
#include <linux/xfrm.h>
#include <netinet/in.h>

#include "nl/xfrm_sa.h"

static const uint8_t key[36] = {0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9,
				0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf, 0xb0, 0xb1, 0xb2, 0xb3};

static struct xfrm_sa sample(void)
{
	struct xfrm_sa sa = {
		.src = {AF_INET, 32, {192, 0, 2, 1}},
		.dst = {AF_INET, 32, {192, 0, 2, 2}},
		.spi = 0x12345678,
		.reqid = 7,
		.esn = true,
		.dir = IPSO_DIR_OUT,
		.offload = IPSO_OFFLOAD_PACKET,
		.ifindex = 5,
		.say_dir = true,
		.key = key,
		.key_len = 20,
		.soft_packets = 10,
		.hard_packets = 20,
	};

	sa.sel_src = sa.src;
	sa.sel_dst = sa.dst;
	return sa;
}

/* 224 bytes of struct xfrm_usersa_info, then the attributes in the order they are put. */
static void outbound_attributes(void **state)
{
	struct xfrm_sa sa = sample();
	struct nl_msg m;

	(void)state;
	assert_int_equal(xfrm_sa_put_add(&m, &sa), 0);
	assert_header(&m, XFRM_MSG_NEWSA, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL);
	assert_int_equal(sizeof(struct xfrm_usersa_info), 224);
	assert_bytes(&m, 16 + 224,
		     /* XFRMA_REPLAY_ESN_VAL 23: no bitmap, window 0 */
		     "1c001700 00000000 00000000 00000000 00000000 00000000 00000000"
		     /* XFRMA_ALG_AEAD 18: name, 160 bits of key, 128 bits of ICV, key and salt */
		     "60001200 7266633431303628 67636d2861657329 2900000000000000"
		     "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
		     "a0000000 80000000 a0a1a2a3a4a5a6a7a8a9aaabacadaeaf b0b1b2b3"
		     /* XFRMA_SA_DIR 33: out */
		     "05002100 02000000"
		     /* XFRMA_OFFLOAD_DEV 28: device 5, packet */
		     "0c001c00 05000000 04000000");
}

static void inbound_attributes(void **state)
{
	struct xfrm_sa sa = sample();
	struct nl_msg m;

	(void)state;
	sa.dir = IPSO_DIR_IN;
	sa.replay_window = 64;
	sa.key_len = 0;
	assert_int_equal(xfrm_sa_put_add(&m, &sa), 0);
	assert_bytes(&m, 16 + 224,
		     "24001700 02000000 00000000 00000000 00000000 00000000 40000000"
		     "00000000 00000000"
		     "4c001200 7266633431303628 67636d2861657329 2900000000000000"
		     "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
		     "00000000 80000000"
		     "05002100 01000000"
		     "0c001c00 05000000 06000000");
}

/* A kernel that does not know XFRMA_SA_DIR must not be sent it; software needs no device. */
static void only_what_is_wanted(void **state)
{
	struct xfrm_sa sa = sample();
	struct nl_msg m;

	(void)state;
	sa.say_dir = false;
	sa.esn = false;
	sa.offload = IPSO_OFFLOAD_NONE;
	sa.replay_window = 32;
	assert_int_equal(xfrm_sa_put_add(&m, &sa), 0);
	assert_int_equal(m.h.nlmsg_len, 16 + 224 + 96);
	assert_int_equal(((struct xfrm_usersa_info *)mnl_nlmsg_get_payload(&m.h))->replay_window,
			 32);
}

/* ESP in UDP is an attribute, its padding cleared; a parsed SA has the ports again. */
static void in_udp(void **state)
{
	struct xfrm_sa sa = sample(), back;
	struct nl_msg m;

	(void)state;
	sa.esn = sa.say_dir = false;
	sa.offload = IPSO_OFFLOAD_NONE;
	sa.udp_sport = 4500;
	sa.udp_dport = 4501;
	assert_int_equal(xfrm_sa_put_add(&m, &sa), 0);
	assert_bytes(&m, 16 + 224 + 96,
		     /* XFRMA_ENCAP 4: UDP_ENCAP_ESPINUDP 2, ports, no address */
		     "1c000400 0200 1194 1195 0000 00000000 00000000 00000000 00000000");
	assert_int_equal(xfrm_sa_parse(&m.h, &back), 0);
	assert_true(back.udp_sport == 4500 && back.udp_dport == 4501);
}

/* What a daemon has got an SPI for, and is not negotiated yet, has no algorithm. */
static void larval(void **state)
{
	struct xfrm_sa sa = sample(), back;
	struct nl_msg m;

	(void)state;
	assert_int_equal(xfrm_sa_put_add(&m, &sa), 0);
	assert_int_equal(xfrm_sa_parse(&m.h, &back), 0);
	assert_false(back.larval);
	m.h.nlmsg_len = NLMSG_LENGTH(sizeof(struct xfrm_usersa_info));
	assert_int_equal(xfrm_sa_parse(&m.h, &back), 0);
	assert_true(back.larval);
}

static void info_fields(void **state)
{
	struct xfrm_sa sa = sample();
	const struct xfrm_usersa_info *i;
	struct nl_msg m;

	(void)state;
	assert_int_equal(xfrm_sa_put_add(&m, &sa), 0);
	i = mnl_nlmsg_get_payload(&m.h);
	assert_int_equal(i->id.spi, htonl(0x12345678));
	assert_int_equal(i->id.proto, IPPROTO_ESP);
	assert_memory_equal(&i->id.daddr, sa.dst.b, 16);
	assert_memory_equal(&i->saddr, sa.src.b, 16);
	assert_int_equal(i->sel.prefixlen_d, 32);
	assert_int_equal(i->family, AF_INET);
	assert_int_equal(i->mode, XFRM_MODE_TRANSPORT);
	assert_int_equal(i->flags, XFRM_STATE_ESN);
	assert_int_equal(i->replay_window, 0);
	assert_true(i->lft.soft_byte_limit == XFRM_INF); /* 0 would mean: used up */
	assert_true(i->lft.hard_packet_limit == 20);
	assert_int_equal(i->lft.hard_add_expires_seconds, 0);
}

static void same(const struct xfrm_sa *a, const struct xfrm_sa *b)
{
	assert_true(addr_equal(&a->src, &b->src, true));
	assert_true(addr_equal(&a->dst, &b->dst, true));
	assert_true(addr_equal(&a->sel_src, &b->sel_src, true));
	assert_int_equal(a->spi, b->spi);
	assert_int_equal(a->reqid, b->reqid);
	assert_int_equal(a->esn, b->esn);
	assert_int_equal(a->replay_window, b->replay_window);
	assert_int_equal(a->dir, b->dir);
	assert_int_equal(a->offload, b->offload);
	assert_int_equal(a->ifindex, b->ifindex);
	assert_true(a->hard_bytes == b->hard_bytes && a->soft_packets == b->soft_packets);
	assert_true(a->soft_seconds == b->soft_seconds && a->hard_seconds == b->hard_seconds);
	assert_int_equal(a->key_len, b->key_len);
	assert_memory_equal(a->key, b->key, a->key_len);
}

static void there_and_back(void **state)
{
	static const uint32_t windows[] = {0, 32, 64, 128, 256, 4096};

	(void)state;
	for (size_t i = 0; i < 6 * 8; i++) {
		struct xfrm_sa sa = sample(), back;
		struct nl_msg m;

		sa.esn = true;
		sa.replay_window = windows[i / 8];
		sa.dir = i & 1 ? IPSO_DIR_IN : IPSO_DIR_OUT;
		sa.key_len = i & 2 ? 36 : 20;
		sa.hard_bytes = i & 4 ? 1ull << 40 : 0;
		sa.soft_seconds = i & 1 ? 64800 : 0;
		sa.hard_seconds = i & 2 ? UINT32_MAX : 0;
		if (i & 4)
			sa.src.family = sa.dst.family = AF_INET6;
		sa.src.prefix = sa.dst.prefix = i & 4 ? 128 : 32;
		sa.sel_src = sa.src;
		sa.sel_dst = sa.dst;
		assert_int_equal(xfrm_sa_put_add(&m, &sa), 0);
		assert_int_equal(xfrm_sa_parse(&m.h, &back), 0);
		same(&sa, &back);
		assert_true(back.gcm && back.icv_bits == 128);
	}
}

static void unsound_requests(void **state)
{
	struct xfrm_sa sa = sample();
	struct nl_msg m;

	(void)state;
	sa.key_len = XFRM_KEY_MAX + 1;
	assert_int_equal(xfrm_sa_put_add(&m, &sa), -EINVAL);
	sa = sample();
	sa.key = NULL;
	assert_int_equal(xfrm_sa_put_add(&m, &sa), -EINVAL);
	sa = sample();
	sa.src.family = AF_INET6;
	assert_int_equal(xfrm_sa_put_add(&m, &sa), -EINVAL);
	sa = sample();
	sa.replay_window = 4097;
	assert_int_equal(xfrm_sa_put_add(&m, &sa), -EINVAL);
	sa = sample();
	sa.esn = false;
	sa.replay_window = 256; /* the old field has 8 bits */
	assert_int_equal(xfrm_sa_put_add(&m, &sa), -EINVAL);
}

/* Every shorter message (in netlink's 4 bytes) is refused, or parsed without what was cut off. */
static void short_replies(void **state)
{
	struct xfrm_sa sa = sample(), back;
	struct nl_msg m;
	uint32_t whole;

	(void)state;
	assert_int_equal(xfrm_sa_put_add(&m, &sa), 0);
	whole = m.h.nlmsg_len;
	for (uint32_t len = 16; len < whole; len += 4) {
		_free_ struct nlmsghdr *cut = malloc(len);

		assert_non_null(cut);
		memcpy(cut, &m, len);
		cut->nlmsg_len = len;
		if (xfrm_sa_parse(cut, &back) == 0)
			assert_true(len >= 16 + 224 && back.offload == IPSO_OFFLOAD_NONE);
	}
	m.h.nlmsg_type = XFRM_MSG_DELSA;
	assert_int_equal(xfrm_sa_parse(&m.h, &back), -EBADMSG);
}

static void delete_and_dump(void **state)
{
	struct xfrm_sa sa = sample();
	struct nl_msg m;

	(void)state;
	assert_int_equal(xfrm_sa_put_delete(&m, &sa), 0);
	assert_header(&m, XFRM_MSG_DELSA, NLM_F_REQUEST);
	assert_bytes(&m, 16, "c0000202 00000000 00000000 00000000 12345678 0200 32 00");
	xfrm_sa_put_dump(&m);
	assert_header(&m, XFRM_MSG_GETSA, NLM_F_REQUEST | NLM_F_DUMP);
	assert_int_equal(m.h.nlmsg_len, 16);
}

static void wiped(void **state)
{
	static const struct nl_msg zero;
	struct xfrm_sa sa = sample();
	struct nl_msg m;

	(void)state;
	assert_int_equal(xfrm_sa_put_add(&m, &sa), 0);
	nl_msg_wipe(&m);
	assert_memory_equal(&m, &zero, sizeof(m));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outbound_attributes), cmocka_unit_test(inbound_attributes),
		cmocka_unit_test(only_what_is_wanted), cmocka_unit_test(info_fields),
		cmocka_unit_test(in_udp),	       cmocka_unit_test(larval),
		cmocka_unit_test(there_and_back),      cmocka_unit_test(unsound_requests),
		cmocka_unit_test(short_replies),       cmocka_unit_test(delete_and_dump),
		cmocka_unit_test(wiped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
