/* SPDX-License-Identifier: GPL-2.0-or-later */
/* XFRM states: bytes out, bytes in, and the exchanges around them. */
#include "nl/xfrm_sa.h"

#include <errno.h>
#include <linux/udp.h>
#include <linux/xfrm.h>
#include <netinet/in.h>
#include <string.h>

#include "base/secret.h"
#include "nl/compat.h"
#include "nl/xfrm_wire.h"

#define GCM_NAME "rfc4106(gcm(aes))"
#define GCM_ICV_BITS 128
#define REPLAY_BITMAP_MAX 128 /* words; XFRMA_REPLAY_ESN_MAX / 4, net/xfrm/xfrm_user.c */

struct esn_wire {
	struct xfrm_replay_state_esn h;
	uint32_t bmp[REPLAY_BITMAP_MAX];
};

static uint64_t limit_or_inf(uint64_t v)
{
	return v ? v : XFRM_INF;
}

static uint64_t limit_or_zero(uint64_t v)
{
	return v == XFRM_INF ? 0 : v;
}

static void put_limits(struct xfrm_lifetime_cfg *l, const struct xfrm_sa *sa)
{
	l->soft_byte_limit = limit_or_inf(sa->soft_bytes);
	l->hard_byte_limit = limit_or_inf(sa->hard_bytes);
	l->soft_packet_limit = limit_or_inf(sa->soft_packets);
	l->hard_packet_limit = limit_or_inf(sa->hard_packets);
	/* Here 0 is no limit to the kernel itself (xfrm_timer_handler()). */
	l->soft_add_expires_seconds = sa->soft_seconds;
	l->hard_add_expires_seconds = sa->hard_seconds;
}

static void put_key(struct nl_msg *m, const struct xfrm_sa *sa)
{
	struct {
		struct xfrm_algo_aead h;
		uint8_t key[XFRM_KEY_MAX];
	} algo = {};

	strcpy(algo.h.alg_name, GCM_NAME);
	algo.h.alg_key_len = sa->key_len * 8;
	algo.h.alg_icv_len = GCM_ICV_BITS;
	memcpy(algo.key, sa->key, sa->key_len);
	mnl_attr_put(&m->h, XFRMA_ALG_AEAD, sizeof(algo.h) + sa->key_len, &algo);
	secret_wipe(&algo, sizeof(algo));
}

/* The legacy window field must stay 0 with ESN (XU-10), whose window travels with its bitmap. */
static void put_replay(struct nl_msg *m, struct xfrm_usersa_info *info, const struct xfrm_sa *sa)
{
	struct esn_wire esn = {};
	size_t words = (sa->replay_window + 31) / 32;

	if (!sa->esn) {
		info->replay_window = (uint8_t)sa->replay_window;
		return;
	}
	info->flags |= XFRM_STATE_ESN;
	esn.h.bmp_len = (uint32_t)words;
	esn.h.replay_window = sa->replay_window;
	mnl_attr_put(&m->h, XFRMA_REPLAY_ESN_VAL, sizeof(esn.h) + words * 4, &esn);
}

static void put_offload(struct nl_msg *m, const struct xfrm_sa *sa)
{
	struct xfrm_user_offload o;

	if (sa->offload == IPSO_OFFLOAD_NONE)
		return;
	memset(&o, 0, sizeof(o)); /* its padding goes to the kernel, too */
	o.ifindex = (int)sa->ifindex;
	if (sa->dir == IPSO_DIR_IN)
		o.flags |= XFRM_OFFLOAD_INBOUND;
	if (sa->offload == IPSO_OFFLOAD_PACKET)
		o.flags |= XFRM_OFFLOAD_PACKET;
	mnl_attr_put(&m->h, XFRMA_OFFLOAD_DEV, sizeof(o), &o);
}

/* encap_oa is of no use to ESP; the header says which UDP encapsulation this is. */
static void put_udp(struct nl_msg *m, const struct xfrm_sa *sa)
{
	struct xfrm_encap_tmpl e;

	if (!sa->udp_dport)
		return;
	memset(&e, 0, sizeof(e)); /* its padding goes to the kernel, too */
	e.encap_type = UDP_ENCAP_ESPINUDP;
	e.encap_sport = htons(sa->udp_sport);
	e.encap_dport = htons(sa->udp_dport);
	mnl_attr_put(&m->h, XFRMA_ENCAP, sizeof(e), &e);
}

static bool sa_is_sound(const struct xfrm_sa *sa)
{
	return sa->src.family == sa->dst.family &&
	       (sa->src.family == AF_INET || sa->src.family == AF_INET6) && sa->key &&
	       sa->key_len <= XFRM_KEY_MAX && sa->replay_window <= 32 * REPLAY_BITMAP_MAX &&
	       (sa->esn || sa->replay_window <= UINT8_MAX);
}

int xfrm_sa_put_add(struct nl_msg *m, const struct xfrm_sa *sa)
{
	struct xfrm_usersa_info *info;

	if (!sa_is_sound(sa))
		return -EINVAL;
	info = nl_msg_start(m, XFRM_MSG_NEWSA, NLM_F_CREATE | NLM_F_EXCL, sizeof(*info));
	xfrm_wire_selector(&info->sel, &sa->sel_src, &sa->sel_dst);
	if (!info->sel.family)
		info->sel.family = sa->dst.family;
	xfrm_wire_addr(&info->id.daddr, &sa->dst);
	xfrm_wire_addr(&info->saddr, &sa->src);
	info->id.spi = htonl(sa->spi);
	info->id.proto = IPPROTO_ESP;
	info->reqid = sa->reqid;
	info->family = sa->dst.family;
	info->mode = sa->mode;
	put_limits(&info->lft, sa);
	put_replay(m, info, sa);
	put_key(m, sa);
	put_udp(m, sa);
	if (sa->say_dir)
		mnl_attr_put_u8(&m->h, NL_XFRMA_SA_DIR,
				sa->dir == IPSO_DIR_IN ? NL_XFRM_SA_DIR_IN : NL_XFRM_SA_DIR_OUT);
	put_offload(m, sa);
	return 0;
}

static int put_id(struct nl_msg *m, uint16_t type, const struct xfrm_sa *sa)
{
	struct xfrm_mark mark = {.v = sa->mark, .m = 0xffffffff};
	struct xfrm_usersa_id *id = nl_msg_start(m, type, 0, sizeof(*id));

	if (sa->dst.family != AF_INET && sa->dst.family != AF_INET6)
		return -EINVAL;
	xfrm_wire_addr(&id->daddr, &sa->dst);
	id->spi = htonl(sa->spi);
	id->family = sa->dst.family;
	id->proto = IPPROTO_ESP;
	if (sa->mark)
		mnl_attr_put(&m->h, XFRMA_MARK, sizeof(mark), &mark);
	return 0;
}

int xfrm_sa_put_delete(struct nl_msg *m, const struct xfrm_sa *sa)
{
	return put_id(m, XFRM_MSG_DELSA, sa);
}

int xfrm_sa_put_get(struct nl_msg *m, const struct xfrm_sa *sa)
{
	return put_id(m, XFRM_MSG_GETSA, sa);
}

void xfrm_sa_put_dump(struct nl_msg *m)
{
	/* A dump has no header of its own: xfrm_dump_sa() takes what follows for attributes. */
	nl_msg_start(m, XFRM_MSG_GETSA, NLM_F_DUMP, 0);
}

static void parse_info(const struct xfrm_usersa_info *info, struct xfrm_sa *sa)
{
	xfrm_wire_take_addr(&sa->dst, &info->id.daddr, info->family);
	xfrm_wire_take_addr(&sa->src, &info->saddr, info->family);
	xfrm_wire_take_selector(&info->sel, &sa->sel_src, &sa->sel_dst);
	sa->spi = ntohl(info->id.spi);
	sa->proto = info->id.proto;
	sa->reqid = info->reqid;
	sa->mode = info->mode;
	sa->esn = info->flags & XFRM_STATE_ESN;
	sa->replay_window = info->replay_window;
	sa->soft_bytes = limit_or_zero(info->lft.soft_byte_limit);
	sa->hard_bytes = limit_or_zero(info->lft.hard_byte_limit);
	sa->soft_packets = limit_or_zero(info->lft.soft_packet_limit);
	sa->hard_packets = limit_or_zero(info->lft.hard_packet_limit);
	sa->soft_seconds = info->lft.soft_add_expires_seconds;
	sa->hard_seconds = info->lft.hard_add_expires_seconds;
	sa->packets = info->curlft.packets;
	sa->bytes = info->curlft.bytes;
	sa->add_time = info->curlft.add_time;
	sa->use_time = info->curlft.use_time;
	sa->integrity = info->stats.integrity_failed;
	sa->replay_drops = info->stats.replay;
	sa->window_drops = info->stats.replay_window;
}

static void parse_key(const struct nlattr *attr, struct xfrm_sa *sa)
{
	const struct xfrm_algo_aead *algo = mnl_attr_get_payload(attr);
	size_t len = mnl_attr_get_payload_len(attr);

	if (len < sizeof(*algo) || (algo->alg_key_len + 7) / 8 > len - sizeof(*algo))
		return;
	sa->gcm = strncmp(algo->alg_name, GCM_NAME, sizeof(algo->alg_name)) == 0;
	sa->icv_bits = algo->alg_icv_len;
	sa->key = (const uint8_t *)algo->alg_key;
	sa->key_len = (algo->alg_key_len + 7) / 8;
}

static void parse_replay(const struct nlattr *const *a, struct xfrm_sa *sa)
{
	const struct nlattr *esn = a[XFRMA_REPLAY_ESN_VAL], *plain = a[XFRMA_REPLAY_VAL];

	if (esn && mnl_attr_get_payload_len(esn) >= sizeof(struct xfrm_replay_state_esn)) {
		const struct xfrm_replay_state_esn *r = mnl_attr_get_payload(esn);
		bool out = sa->dir == IPSO_DIR_OUT;

		sa->replay_window = r->replay_window;
		sa->seq_lo = out ? r->oseq : r->seq;
		sa->seq_hi = out ? r->oseq_hi : r->seq_hi;
	} else if (plain && mnl_attr_get_payload_len(plain) >= sizeof(struct xfrm_replay_state)) {
		const struct xfrm_replay_state *r = mnl_attr_get_payload(plain);

		sa->seq_lo = sa->dir == IPSO_DIR_OUT ? r->oseq : r->seq;
	}
}

/* Direction comes from the offload; a software state tells it only where SA_DIR is known. */
static void parse_offload(const struct nlattr *const *a, struct xfrm_sa *sa)
{
	const struct nlattr *o = a[XFRMA_OFFLOAD_DEV], *dir = a[NL_XFRMA_SA_DIR];

	if (dir && mnl_attr_get_payload_len(dir) >= 1)
		sa->dir = mnl_attr_get_u8(dir) == NL_XFRM_SA_DIR_IN ? IPSO_DIR_IN : IPSO_DIR_OUT;
	if (o && mnl_attr_get_payload_len(o) >= sizeof(struct xfrm_user_offload)) {
		const struct xfrm_user_offload *x = mnl_attr_get_payload(o);

		sa->ifindex = (uint32_t)x->ifindex;
		sa->dir = x->flags & XFRM_OFFLOAD_INBOUND ? IPSO_DIR_IN : IPSO_DIR_OUT;
		sa->offload = x->flags & XFRM_OFFLOAD_PACKET ? IPSO_OFFLOAD_PACKET
							     : IPSO_OFFLOAD_CRYPTO;
	}
}

static void parse_udp(const struct nlattr *attr, struct xfrm_sa *sa)
{
	const struct xfrm_encap_tmpl *e = mnl_attr_get_payload(attr);

	if (mnl_attr_get_payload_len(attr) < sizeof(*e) || e->encap_type != UDP_ENCAP_ESPINUDP)
		return;
	sa->udp_sport = ntohs(e->encap_sport);
	sa->udp_dport = ntohs(e->encap_dport);
}

int xfrm_sa_parse(const struct nlmsghdr *nlh, struct xfrm_sa *ret_sa)
{
	const struct nlattr *a[NL_XFRMA_SA_DIR + 1];
	struct xfrm_sa sa = {};

	if (nlh->nlmsg_type != XFRM_MSG_NEWSA ||
	    mnl_nlmsg_get_payload_len(nlh) < sizeof(struct xfrm_usersa_info))
		return -EBADMSG;
	nl_attrs(nlh, sizeof(struct xfrm_usersa_info), a, NL_XFRMA_SA_DIR);
	parse_info(mnl_nlmsg_get_payload(nlh), &sa);
	parse_offload(a, &sa);
	parse_replay(a, &sa);
	if (a[XFRMA_ALG_AEAD])
		parse_key(a[XFRMA_ALG_AEAD], &sa);
	sa.larval = !a[XFRMA_ALG_AEAD] && !a[XFRMA_ALG_CRYPT] && !a[XFRMA_ALG_AUTH];
	if (a[XFRMA_ENCAP])
		parse_udp(a[XFRMA_ENCAP], &sa);
	if (a[XFRMA_MARK] && mnl_attr_get_payload_len(a[XFRMA_MARK]) >= sizeof(struct xfrm_mark))
		sa.mark = ((const struct xfrm_mark *)mnl_attr_get_payload(a[XFRMA_MARK]))->v;
	*ret_sa = sa;
	return 0;
}

static const char *sa_name(const struct xfrm_sa *sa, char *buf, size_t size)
{
	char src[ADDR_STRLEN], dst[ADDR_STRLEN];

	snprintf(buf, size, "SA %s%s -> %s spi 0x%08x",
		 sa->dir == IPSO_DIR_IN	   ? "in "
		 : sa->dir == IPSO_DIR_OUT ? "out "
					   : "",
		 addr_str(&sa->src, false, src), addr_str(&sa->dst, false, dst), sa->spi);
	return buf;
}

int xfrm_sa_add(struct nl *nl, const struct xfrm_sa *sa, struct why *why)
{
	struct nl_msg m;
	char name[160];
	int err = xfrm_sa_put_add(&m, sa);

	if (!err)
		err = nl_request(nl, &m, NULL, NULL, why);
	nl_msg_wipe(&m);
	if (err < 0)
		why_set(why, err, "add %s", sa_name(sa, name, sizeof(name)));
	return err;
}

int xfrm_sa_delete(struct nl *nl, const struct xfrm_sa *sa, struct why *why)
{
	struct nl_msg m;
	char name[160];
	int err = xfrm_sa_put_delete(&m, sa);

	if (!err)
		err = nl_request(nl, &m, NULL, NULL, why);
	if (err < 0)
		why_set(why, err, "delete %s", sa_name(sa, name, sizeof(name)));
	return err;
}

struct sa_call {
	xfrm_sa_fn fn;
	void *arg;
};

static int take_sa(const struct nlmsghdr *nlh, void *arg)
{
	const struct sa_call *c = arg;
	struct xfrm_sa sa;
	int err = xfrm_sa_parse(nlh, &sa);

	return err < 0 ? err : c->fn(&sa, c->arg);
}

int xfrm_sa_get(struct nl *nl, const struct xfrm_sa *sa, xfrm_sa_fn fn, void *arg, struct why *why)
{
	struct sa_call c = {fn, arg};
	struct nl_msg m;
	char name[160];
	int err = xfrm_sa_put_get(&m, sa);

	if (!err)
		err = nl_request(nl, &m, take_sa, &c, why);
	if (err < 0)
		why_set(why, err, "read %s", sa_name(sa, name, sizeof(name)));
	return err;
}

int xfrm_sa_dump(struct nl *nl, xfrm_sa_fn fn, void *arg, struct why *why)
{
	struct sa_call c = {fn, arg};
	struct nl_msg m;
	int err;

	xfrm_sa_put_dump(&m);
	err = nl_dump(nl, &m, take_sa, &c, why);
	return err < 0 ? why_set(why, err, "read the SAs of the kernel") : 0;
}

bool xfrm_sa_knows_dir(struct nl *nl)
{
	/* SPI 0 never names a state, so that nothing is read even where the attribute is ignored. */
	struct xfrm_sa none = {.dst = {.family = AF_INET, .prefix = 32, .b = {127, 0, 0, 1}}};
	struct nl_msg m;

	xfrm_sa_put_get(&m, &none);
	mnl_attr_put_u8(&m.h, NL_XFRMA_SA_DIR, NL_XFRM_SA_DIR_OUT);
	return nl_request(nl, &m, NULL, NULL, NULL) == -EINVAL;
}
