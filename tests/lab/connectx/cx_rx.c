// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The receive side: TIR -> RSS -> receive queue -> buffers and completion.
 *
 * A CQE carries what the driver uses: bytes, checksum (sum of the IP datagram, as hardware
 * without csum_full gives it), header types, checks, RSS hash, flow tag, metadata register B, and
 * the VLAN tag taken out unless the queue says not to (rqc.vsd). RSS is Toeplitz or XOR over the
 * fields the TIR selects. Left out: LRO, striding and shared receive queues, inner RSS, self
 * loopback blocking, FCS scatter, time stamps other than virtual time.
 */
#include "cx_path.h"

enum {
	CQE_RESP_SEND = 2,		/* opcode of a received frame */
	CQE_L2_OK = 1, CQE_L3_OK = 2, CQE_L4_OK = 4,
	CQE_L3_IPV6 = 1, CQE_L3_IPV4 = 2,
	CQE_L4_TCP = 1, CQE_L4_UDP = 2,
	RSS_IPV4 = 1 << 2, RSS_IPV6 = 2 << 2, RSS_TCP = 1 << 6, RSS_UDP = 2 << 6,
	PROTO_TCP = 6, PROTO_UDP = 17, TPID_8021Q = 0x8100,
	SEGMENT = 16,			/* data segment of a receive WQE: count, lkey, address */
	TERMINATE_LKEY = 0x100,		/* ends a scatter list */
	MAX_STRIDE = 512,
};

/* Bytes the hash covers, as the TIR selects them: addresses, then ports. */
static unsigned int hash_input(const uint8_t *tirc, struct cx_pkt *pkt, uint8_t input[36],
			       uint8_t *ret_type)
{
	const uint8_t *select = CX_PTR(tirc, tirc, rx_hash_field_selector_outer);
	uint32_t fields = CX_GET(rx_hash_field_select, select, selected_fields);
	const struct cx_hdrs *h = cx_pkt_hdrs(pkt);
	unsigned int n = 0, len = h->ip_version == 4 ? 4 : 16;
	const uint8_t *src = pkt->data + h->l3 + (h->ip_version == 4 ? 12 : 8);

	*ret_type = 0;
	if (!h->ip_version)
		return 0;
	if (fields >> MLX5_RX_HASH_FIELD_SELECT_SELECTED_FIELDS_SRC_IP & 1) {
		memcpy(input + n, src, len);
		n += len;
	}
	if (fields >> MLX5_RX_HASH_FIELD_SELECT_SELECTED_FIELDS_DST_IP & 1) {
		memcpy(input + n, src + len, len);
		n += len;
	}
	if (n)
		*ret_type = h->ip_version == 4 ? RSS_IPV4 : RSS_IPV6;
	if (!h->l4_ok || h->fragment)
		return n;
	if (fields >> MLX5_RX_HASH_FIELD_SELECT_SELECTED_FIELDS_L4_SPORT & 1) {
		memcpy(input + n, pkt->data + h->l4, 2);
		n += 2;
		*ret_type |= h->proto == PROTO_TCP ? RSS_TCP : RSS_UDP;
	}
	if (fields >> MLX5_RX_HASH_FIELD_SELECT_SELECTED_FIELDS_L4_DPORT & 1) {
		memcpy(input + n, pkt->data + h->l4 + 2, 2);
		n += 2;
	}
	return n;
}

static uint32_t toeplitz(const uint8_t *key, const uint8_t *input, unsigned int len)
{
	uint64_t window = (uint64_t)cx_be32(key) << 32 | cx_be32(key + 4);
	uint32_t hash = 0;
	unsigned int i, bit;

	for (i = 0; i < len; i++) {
		for (bit = 0; bit < 8; bit++, window <<= 1)
			if (input[i] >> (7 - bit) & 1)
				hash ^= window >> 32;
		window |= key[i + 8];	/* the byte that follows the eight in the window */
	}
	return hash;
}

static uint32_t hash(const uint8_t *tirc, struct cx_pkt *pkt, uint8_t *ret_type)
{
	const uint8_t *key = CX_PTR(tirc, tirc, rx_hash_toeplitz_key);
	/* Zeros behind the key keep the window of the last input bytes inside. */
	uint8_t padded[CX_FIELD_BYTES(tirc, rx_hash_toeplitz_key) + 8] = { 0 };
	uint8_t input[36];
	unsigned int n = hash_input(tirc, pkt, input, ret_type);

	if (CX_GET(tirc, tirc, rx_hash_fn) == MLX5_RX_HASH_FN_INVERTED_XOR8) {
		uint8_t x = 0xff;

		while (n)
			x ^= input[--n];
		return x;
	}
	memcpy(padded, key, CX_FIELD_BYTES(tirc, rx_hash_toeplitz_key));
	return n ? toeplitz(padded, input, n) : 0;
}

/* Takes the C-VLAN tag out unless the queue wants it left in; true when it did. */
static bool strip_vlan(const struct cx_wq *rq, struct cx_pkt *pkt, uint16_t *ret_tci)
{
	const struct cx_hdrs *h = cx_pkt_hdrs(pkt);

	if (CX_GET(rqc, rq->obj->data, vsd) || !h->vlans || h->vlan[0].tpid != TPID_8021Q)
		return false;
	*ret_tci = h->vlan[0].tci;
	return cx_vlan_pop(pkt);
}

static void fill_headers(uint8_t *cqe, struct cx_pkt *pkt)
{
	const struct cx_hdrs *h = cx_pkt_hdrs(pkt);
	uint32_t from = h->ip_version ? h->l3 : 14, to = h->ip_version ? h->end : pkt->len;
	uint8_t checks = CQE_L2_OK, types = 0;

	if (h->ip_version) {
		types = (h->ip_version == 4 ? CQE_L3_IPV4 : CQE_L3_IPV6) << 2;
		if (cx_pkt_ip_ok(pkt))
			checks |= CQE_L3_OK;
		if (h->l4_ok && !h->fragment) {
			types |= (h->proto == PROTO_TCP ? CQE_L4_TCP : CQE_L4_UDP) << 4;
			if (cx_pkt_l4_ok(pkt))
				checks |= CQE_L4_OK;
		}
	}
	cx_put_be16(cqe + 20, cx_sum(pkt->data + from, to - from));
	cqe[28] = checks;
	cqe[29] = types;
}

/* Scatters the frame over the WQE's segments; false when they are too small. */
static bool scatter(struct cx_wq *rq, const struct cx_pkt *pkt, uint32_t index)
{
	uint8_t wqe[MAX_STRIDE];
	uint32_t len = MIN(rq->stride, (uint32_t)sizeof(wqe)), done = 0, at;
	/* Entries of a linked list begin with the segment that links them. */
	uint32_t first = rq->type == MLX5_WQ_WQ_TYPE_WQ_LINKED_LIST ? SEGMENT : 0;

	cx_dma_read(rq->fn, cx_ring_addr(&rq->ring, (uint64_t)index * rq->stride), wqe, len);
	for (at = first; at + SEGMENT <= len && done < pkt->len; at += SEGMENT) {
		uint32_t room = cx_be32(wqe + at) & 0x7fffffff, n = MIN(room, pkt->len - done);

		if (!room || cx_be32(wqe + at + 4) == TERMINATE_LKEY)
			break;
		cx_dma_write(rq->fn, cx_be64(wqe + at + 8), pkt->data + done, n);
		done += n;
	}
	return done == pkt->len;
}

static void receive(struct cx_wq *rq, struct cx_pkt *pkt, uint32_t rss_hash, uint8_t rss_type)
{
	struct cx_vport *vport = &rq->fn->dev->vport[rq->fn->vport];
	uint32_t index = rq->ci & ((1u << rq->log_size) - 1);
	uint8_t cqe[64] = { 0 }, record[4];
	uint16_t tci = 0;
	bool stripped;

	cx_dma_read(rq->fn, rq->doorbell, record, sizeof(record));
	if (rq->state != CX_WQ_RDY || (uint16_t)cx_be32(record) == rq->ci) {
		vport->traffic.rx_dropped++;
		if (rq->state == CX_WQ_RDY)
			cx_rq_out_of_buffer(rq);
		return;
	}
	stripped = strip_vlan(rq, pkt, &tci);
	if (!scatter(rq, pkt, index)) {
		vport->traffic.rx_dropped++;
		cx_log(rq->fn, CX_LOG_ERROR, "rq %x: %u bytes do not fit into a receive buffer",
		       rq->obj->id, pkt->len);
		return;
	}
	fill_headers(cqe, pkt);
	cx_put_be32(cqe + 12, rss_hash);
	cqe[16] = rss_type;
	cqe[29] |= stripped;
	cx_put_be16(cqe + 30, tci);
	cx_put_be32(cqe + 36, pkt->reg_b);
	cx_put_be32(cqe + 44, pkt->len);
	cx_put_be64(cqe + 48, cx_now_ns());
	cx_put_be32(cqe + 56, pkt->flow_tag & 0xffffff);
	cx_put_be16(cqe + 60, rq->type == MLX5_WQ_WQ_TYPE_WQ_LINKED_LIST ? index : rq->ci);
	cqe[63] = CQE_RESP_SEND << 4;
	rq->ci++;
	cx_log(rq->fn, CX_LOG_DETAIL, "     rq %x: %u bytes, reg_b %x tag %x", rq->obj->id,
	       pkt->len, pkt->reg_b, pkt->flow_tag);
	cx_cq_post(rq->fn, rq->cqn, cqe);
}

/* The RQ number of an RSS bucket; 0 when the table is gone or empty. */
static uint32_t rqt_entry(struct cx_fn *fn, uint32_t rqtn, uint32_t rss_hash)
{
	const struct cx_obj *rqt = cx_obj_find(fn, CX_OBJ_RQT, rqtn);
	uint32_t n, at;

	if (!rqt)
		return 0;
	n = CX_GET(rqtc, rqt->data, rqt_actual_size);
	if (!n)
		return 0;
	at = CX_OFF(rqtc, rq_num) + rss_hash % n * CX_SIZE(rq_num);
	if (at + CX_SIZE(rq_num) > rqt->len)
		return 0;
	return CX_GET(rq_num, rqt->data + at, rq_num);
}

void cx_rx_tir(struct cx_obj *tir, struct cx_pkt *pkt)
{
	struct cx_fn *fn = tir->fn;
	bool direct = CX_GET(tirc, tir->data, disp_type) == MLX5_TIRC_DISP_TYPE_DIRECT;
	uint32_t rqn, rss_hash = 0;
	uint8_t rss_type = 0;
	struct cx_wq *rq;

	if (direct) {
		rqn = CX_GET(tirc, tir->data, inline_rqn);
	} else {
		rss_hash = hash(tir->data, pkt, &rss_type);
		rqn = rqt_entry(fn, CX_GET(tirc, tir->data, indirect_table), rss_hash);
	}
	rq = cx_rq_find(fn, rqn);
	if (rq) {
		receive(rq, pkt, rss_hash, rss_type);
		return;
	}
	fn->dev->vport[fn->vport].traffic.rx_dropped++;
	cx_log(fn, CX_LOG_DETAIL, "     tir %x: no rq %x", tir->id, rqn);
}
