/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Work requests of a queue pair: taken out of the send queue, understood, their data gathered or
 * scattered. Sends, RDMA writes (both with or without immediate data), RDMA reads, NOP; data named by
 * memory keys or inline. Leaves out: atomics, invalidation, memory registration, signatures.
 */
#include "cx_request.h"

enum { CE_MASK = 3 << 2, CE_ALWAYS = 2 << 2, SOLICITED = 1 << 1 };

static const uint32_t inline_flag = 1u << 31;

/* The rest of the request from byte at on: data segments. */
static bool parse_segments(struct cx_request *rq, uint32_t at)
{
	while (at + CX_SEGMENT <= rq->bytes) {
		struct cx_wqe_segment *s = &rq->segment[rq->segments++];

		s->len = cx_be32(rq->wqe + at);
		if (s->len & inline_flag) {
			s->len &= ~inline_flag;
			s->bytes = rq->wqe + at + 4;
			if (at + 4 + s->len > rq->bytes)
				return false;
			at += (4 + s->len + CX_SEGMENT - 1) / CX_SEGMENT * CX_SEGMENT;
		} else {
			s->lkey = cx_be32(rq->wqe + at + 4);
			s->addr = cx_be64(rq->wqe + at + 8);
			at += CX_SEGMENT;
		}
		rq->len += s->len;
	}
	return at == rq->bytes;
}

bool cx_request_parse(struct cx_request *rq)
{
	uint32_t at = CX_SEGMENT;

	rq->signaled = (rq->wqe[11] & CE_MASK) == CE_ALWAYS;
	rq->solicited = rq->wqe[11] & SOLICITED;
	switch (rq->opcode) {
	case CX_OP_WRITE:
	case CX_OP_WRITE_IMM:
	case CX_OP_READ:
		if (rq->bytes < 2 * CX_SEGMENT)
			return false;
		rq->raddr = cx_be64(rq->wqe + at);
		rq->rkey = cx_be32(rq->wqe + at + 8);
		at += CX_SEGMENT;
		return parse_segments(rq, at);
	case CX_OP_SEND:
	case CX_OP_SEND_IMM:
		return parse_segments(rq, at);
	default:
		return rq->opcode == CX_OP_NOP;
	}
}

static uint16_t producer(struct cx_qp *qp)
{
	uint8_t record[4];

	cx_dma_read(qp->fn, qp->doorbell + 4, record, sizeof(record));
	return cx_be32(record);
}

static void read_block(struct cx_qp *qp, uint32_t number, uint8_t *to)
{
	uint32_t mask = (1u << qp->log_send) - 1;

	cx_dma_read(qp->fn,
		    cx_ring_addr(&qp->ring, qp->send_at + (uint64_t)(number & mask) * CX_QP_BLOCK),
		    to, CX_QP_BLOCK);
}

struct cx_request *cx_request_fetch(struct cx_qp *qp)
{
	struct cx_request *rq;

	if (!qp->has_send || qp->send_ci == producer(qp))
		return NULL;
	rq = g_new0(struct cx_request, 1);
	rq->index = qp->send_ci;
	read_block(qp, rq->index, rq->wqe);
	rq->opcode = rq->wqe[3];
	rq->bytes = (rq->wqe[7] & 0x3f) * CX_SEGMENT;
	rq->blocks = MAX(1u, (rq->bytes + CX_QP_BLOCK - 1) / CX_QP_BLOCK);
	for (unsigned int i = 1; i < rq->blocks; i++)
		read_block(qp, rq->index + i, rq->wqe + i * CX_QP_BLOCK);
	qp->send_ci += rq->blocks;
	return rq;
}

bool cx_request_move(struct cx_qp *qp, const struct cx_request *rq, uint32_t offset, uint8_t *buf,
		     uint32_t len)
{
	enum cx_mem how = cx_request_is_read(rq) ? CX_LOCAL_WRITE : CX_LOCAL_READ;

	for (unsigned int i = 0; i < rq->segments && len; i++) {
		const struct cx_wqe_segment *s = &rq->segment[i];
		uint32_t n;

		if (offset >= s->len) {
			offset -= s->len;
			continue;
		}
		n = MIN(len, s->len - offset);
		if (s->bytes)
			memcpy(buf, s->bytes + offset, n);
		else if (!cx_mkey_move(qp, how, s->lkey, s->addr + offset, buf, n))
			return false;
		buf += n;
		len -= n;
		offset = 0;
	}
	return !len;
}
