// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The send side: doorbell -> work requests -> frames -> completions.
 *
 * Work requests: NOP, SEND, LSO (TCP and UDP) and ACCESS_ASO. Of the Ethernet segment: inline
 * headers, VLAN insertion, checksums outside and inside VXLAN, the metadata word (register A). The
 * lkey is not looked at: the driver's memory key covers all of its memory. Left out: multi-packet
 * and memory-registration requests, the software parser, crypto trailers, time stamps other than
 * virtual time. An unknown request completes in error, as on the card.
 */
#include "cx_path.h"

enum {
	BLOCK = 64, SEGMENT = 16, MAX_BLOCKS = 64 * SEGMENT / BLOCK,
	/* Opcodes and completion opcodes: device.h of the driver. */
	OP_NOP = 0x00, OP_SEND = 0x0a, OP_LSO = 0x0e, OP_ACCESS_ASO = 0x2d,
	CQE_REQ = 0, CQE_REQ_ERR = 13, SYNDROME_LOCAL_QP_OP = 0x02,
	CE_MASK = 3 << 2, CE_ALWAYS = 2 << 2,
	/* Ethernet segment: qp.h of the driver. */
	CS_INNER_L3 = 1 << 4, CS_INNER_L4 = 1 << 5, CS_L3 = 1 << 6, CS_L4 = 1 << 7,
	INSERT_VLAN = 1 << 15, INSERT_SVLAN = 1 << 0, INLINE_MASK = 0x3ff,
	TPID_8021Q = 0x8100, TPID_8021AD = 0x88a8,
	PROTO_TCP = 6, PROTO_UDP = 17, TCP_FIN_PSH = 0x09, TCP_CWR = 0x80,
};

/* One work request, pulled out of the ring in one piece. */
struct request {
	uint8_t wqe[MAX_BLOCKS * BLOCK];
	uint32_t len;		/* bytes the control segment claims */
	uint8_t opcode;
	uint16_t index;		/* of its first block */
	uint16_t blocks;
};

static void complete(struct cx_wq *sq, const struct request *rq, bool ok)
{
	uint8_t cqe[64] = { 0 };

	if (ok && (rq->wqe[11] & CE_MASK) != CE_ALWAYS)
		return;
	if (!ok)
		cqe[55] = SYNDROME_LOCAL_QP_OP;
	else
		cx_put_be64(cqe + 48, cx_now_ns());
	cx_put_be32(cqe + 56, (uint32_t)rq->opcode << 24 | sq->obj->id);
	cx_put_be16(cqe + 60, rq->index);
	cqe[63] = (ok ? CQE_REQ : CQE_REQ_ERR) << 4;
	cx_cq_post(sq->fn, sq->cqn, cqe);
}

/* From here to leave_tunnel() the frame is the one inside the tunnel. */
static void enter_tunnel(struct cx_pkt *pkt, uint32_t inner)
{
	pkt->data += inner;
	pkt->len -= inner;
	cx_pkt_changed(pkt);
}

static void leave_tunnel(struct cx_pkt *pkt, uint32_t inner)
{
	pkt->data -= inner;
	pkt->len += inner;
	cx_pkt_changed(pkt);
}

/* Checksums of the datagram inside a tunnel. */
static void fill_inner(struct cx_pkt *pkt, uint8_t flags)
{
	uint32_t inner = cx_pkt_hdrs(pkt)->inner;

	if (!inner)
		return;
	enter_tunnel(pkt, inner);
	if (flags & CS_INNER_L3)
		cx_pkt_fill_ip_checksum(pkt);
	if (flags & CS_INNER_L4)
		cx_pkt_fill_l4_checksum(pkt);
	leave_tunnel(pkt, inner);
}

/* Last step of every frame: checksums, then into the NIC's TX domain. */
static void emit(struct cx_wq *sq, struct cx_pkt *pkt, const uint8_t *eth_segment)
{
	uint8_t flags = eth_segment[4];

	if (flags & (CS_INNER_L3 | CS_INNER_L4))
		fill_inner(pkt, flags);
	if (flags & CS_L3)
		cx_pkt_fill_ip_checksum(pkt);
	if (flags & CS_L4)
		cx_pkt_fill_l4_checksum(pkt);
	pkt->sqn = sq->obj->id;
	pkt->reg_a = cx_be32(eth_segment + 8);
	cx_pkt_changed(pkt);
	cx_eswitch_send(sq->fn, pkt);
}

/* Piece number `number` of a large datagram: header fields that differ from piece to piece. */
static void fix_datagram(struct cx_pkt *piece, uint32_t offset, unsigned int number, bool last)
{
	const struct cx_hdrs *h = cx_pkt_hdrs(piece);
	uint8_t *ip = piece->data + h->l3, *l4 = piece->data + h->l4;

	if (h->ip_version == 4)
		cx_put_be16(ip + 4, cx_be16(ip + 4) + number);
	if (h->proto == PROTO_TCP) {
		cx_put_be32(l4 + 4, cx_be32(l4 + 4) + offset);
		if (!last)
			l4[13] &= ~TCP_FIN_PSH;
		if (number)
			l4[13] &= ~TCP_CWR;
	} else {
		cx_put_be16(l4 + 4, piece->len - h->l4);
	}
	cx_pkt_fill_ip_length(piece);
	cx_pkt_fill_l4_checksum(piece);
}

/* The same for the outer headers of a tunnel; a UDP checksum of 0 stays 0. */
static void fix_outer(struct cx_pkt *piece, unsigned int number)
{
	const struct cx_hdrs *h = cx_pkt_hdrs(piece);
	uint8_t *ip = piece->data + h->l3, *udp = piece->data + h->l4;

	if (h->ip_version == 4)
		cx_put_be16(ip + 4, cx_be16(ip + 4) + number);
	cx_put_be16(udp + 4, piece->len - h->l4);
	cx_pkt_fill_ip_length(piece);
	if (cx_be16(udp + 6))
		cx_pkt_fill_l4_checksum(piece);
}

/* LSO needs a TCP or UDP header, all of it inside the inline headers. */
static bool can_segment(const struct cx_hdrs *h, uint32_t header)
{
	return h->ip_version && !h->fragment && h->l4 + 8 <= header &&
	       (h->proto == PROTO_TCP || h->proto == PROTO_UDP);
}

static bool segment(struct cx_wq *sq, struct cx_pkt *big, uint32_t header, const uint8_t *eth_seg)
{
	uint32_t mss = cx_be16(eth_seg + 6), payload, offset;
	uint32_t inner = header <= big->len ? cx_pkt_hdrs(big)->inner : 0;
	struct cx_hdrs h;
	unsigned int number = 0;

	cx_parse(big->data + inner, big->len - inner, &h);
	if (!mss || header > big->len || header < inner || !can_segment(&h, header - inner)) {
		cx_log(sq->fn, CX_LOG_ERROR, "sq %x: LSO of protocol %u, mss %u, header %u: no",
		       sq->obj->id, h.proto, mss, header);
		return false;
	}
	payload = big->len - header;
	for (offset = 0; offset < payload; offset += mss, number++) {
		uint32_t n = MIN(mss, payload - offset);
		struct cx_pkt *piece = cx_pkt_new();

		memcpy(cx_pkt_append(piece, header), big->data, header);
		memcpy(cx_pkt_append(piece, n), big->data + header + offset, n);
		enter_tunnel(piece, inner);
		fix_datagram(piece, offset, number, offset + n == payload);
		leave_tunnel(piece, inner);
		if (inner)
			fix_outer(piece, number);
		emit(sq, piece, eth_seg);
		cx_pkt_free(piece);
	}
	return true;
}

/* Appends what the data segments point to; inline segments carry the bytes themselves. */
static bool gather(struct cx_wq *sq, const struct request *rq, uint32_t at, struct cx_pkt *pkt)
{
	while (at + SEGMENT <= rq->len) {
		uint32_t count = cx_be32(rq->wqe + at);
		bool is_inline = count >> 31;
		uint8_t *room;

		count &= is_inline ? INLINE_MASK : 0x7fffffff;
		room = cx_pkt_append(pkt, count);
		if (!room || (is_inline && at + 4 + count > rq->len))
			return false;
		if (is_inline)
			memcpy(room, rq->wqe + at + 4, count);
		else if (count)
			cx_dma_read(sq->fn, cx_be64(rq->wqe + at + 8), room, count);
		at += is_inline ? (4 + count + SEGMENT - 1) / SEGMENT * SEGMENT : SEGMENT;
	}
	return true;
}

static bool send_frame(struct cx_wq *sq, const struct request *rq, struct cx_pkt *pkt)
{
	const uint8_t *eth = rq->wqe + SEGMENT;
	uint16_t inline_size = cx_be16(eth + 12);
	bool insert = inline_size & INSERT_VLAN;
	struct cx_vlan_tag tag = {
		.tpid = inline_size & INSERT_SVLAN ? TPID_8021AD : TPID_8021Q,
		.tci = cx_be16(eth + 14),
	};
	uint32_t header = insert ? 0 : inline_size & INLINE_MASK, at = 2 * SEGMENT;

	/* The first two inline bytes are inside the Ethernet segment. */
	if (header > 2)
		at += (header - 2 + SEGMENT - 1) / SEGMENT * SEGMENT;
	if (rq->len < 2 * SEGMENT || at > rq->len)
		return false;
	if (eth[5]) {
		cx_log(sq->fn, CX_LOG_ERROR, "sq %x: swp_flags 0x%02x: not modelled", sq->obj->id,
		       eth[5]);
		return false;
	}
	memcpy(cx_pkt_append(pkt, header), eth + 14, header);
	if (!gather(sq, rq, at, pkt) || pkt->len < 14 || (insert && !cx_vlan_push(pkt, tag)))
		return false;
	cx_log(sq->fn, CX_LOG_DETAIL, "   sq %x: send %u bytes, flags %02x, reg_a %x",
	       sq->obj->id, pkt->len, eth[4], cx_be32(eth + 8));
	if (rq->opcode == OP_LSO)
		return segment(sq, pkt, header, eth);
	emit(sq, pkt, eth);
	return true;
}

static bool execute(struct cx_wq *sq, const struct request *rq)
{
	struct cx_pkt *pkt;
	bool ok;

	switch (rq->opcode) {
	case OP_NOP:
		return true;
	case OP_SEND:
	case OP_LSO:
		pkt = cx_pkt_new();
		ok = send_frame(sq, rq, pkt);
		cx_pkt_free(pkt);
		return ok;
	case OP_ACCESS_ASO:
		return cx_aso_access(sq->fn, rq->wqe, rq->len);
	default:
		return false;
	}
}

static void fetch(const struct cx_wq *sq, struct request *rq)
{
	uint32_t mask = (1u << sq->log_size) - 1, i;

	rq->index = sq->ci;
	cx_dma_read(sq->fn, cx_ring_addr(&sq->ring, (uint64_t)(rq->index & mask) * BLOCK), rq->wqe,
		    BLOCK);
	rq->opcode = rq->wqe[3];
	rq->len = (rq->wqe[7] & 0x3f) * SEGMENT;
	rq->blocks = MAX(1u, (rq->len + BLOCK - 1) / BLOCK);
	for (i = 1; i < rq->blocks; i++)
		cx_dma_read(sq->fn,
			    cx_ring_addr(&sq->ring, (uint64_t)((rq->index + i) & mask) * BLOCK),
			    rq->wqe + i * BLOCK, BLOCK);
}

static uint16_t producer(const struct cx_wq *sq)
{
	uint8_t record[4];

	cx_dma_read(sq->fn, sq->doorbell + 4, record, sizeof(record));
	return cx_be32(record);
}

void cx_sq_doorbell(struct cx_fn *fn, uint32_t sqn)
{
	struct cx_wq *sq = cx_sq_find(fn, sqn);
	struct request rq;
	bool ok = true;

	if (!sq && cx_qp_doorbell(fn, sqn))
		return;
	if (!sq || sq->state != CX_WQ_RDY || sq->stride != BLOCK) {
		cx_log(fn, CX_LOG_ERROR, "doorbell of sq %x: %s", sqn,
		       sq ? "not ready" : "no such queue");
		return;
	}
	if (sq->busy)
		return;
	sq->busy = true;
	while (ok && sq->ci != producer(sq)) {
		fetch(sq, &rq);
		sq->ci += rq.blocks;
		ok = execute(sq, &rq);
		if (!ok)
			cx_log(fn, CX_LOG_ERROR, "sq %x: request %u, opcode 0x%02x, %u bytes: failed",
			       sqn, rq.index, rq.opcode, rq.len);
		complete(sq, &rq, ok);
	}
	sq->busy = false;
	if (!ok) {
		sq->state = CX_WQ_ERR;
		CX_SET(sqc, sq->obj->data, state, CX_WQ_ERR);
	}
}

void cx_wq_changed(struct cx_wq *wq)
{
	/* Nothing is kept beside the queue: requests are finished within the doorbell. */
	if (wq->state == CX_WQ_RST)
		wq->busy = false;
}
