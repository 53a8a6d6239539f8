/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One work request of a send queue, taken out of the ring. */
#ifndef CX_REQUEST_H
#define CX_REQUEST_H

#include "cx_ib.h"

enum {
	CX_MAX_BLOCKS = 16,	/* max_wqe_sz_sq of cx_caps_table.c */
	CX_MAX_SEGMENTS = CX_MAX_BLOCKS * CX_QP_BLOCK / CX_SEGMENT,
	/* Opcodes: device.h of the driver. */
	CX_OP_NOP = 0x00, CX_OP_WRITE = 0x08, CX_OP_WRITE_IMM = 0x09, CX_OP_SEND = 0x0a,
	CX_OP_SEND_IMM = 0x0b, CX_OP_READ = 0x10,
};

struct cx_wqe_segment {
	uint32_t len, lkey;
	uint64_t addr;
	const uint8_t *bytes;	/* inline data, in the request's wqe */
};

struct cx_request {
	uint8_t wqe[CX_MAX_BLOCKS * CX_QP_BLOCK];
	uint32_t bytes;		/* of wqe */
	uint16_t index, blocks;
	uint8_t opcode;
	bool signaled, solicited;
	uint32_t psn, packets;	/* the first, and how many the request takes */
	uint32_t len, rkey, received;
	uint64_t raddr;
	unsigned int segments;
	struct cx_wqe_segment segment[CX_MAX_SEGMENTS];
};

static inline bool cx_request_is_read(const struct cx_request *rq)
{
	return rq->opcode == CX_OP_READ;
}

static inline bool cx_request_is_write(const struct cx_request *rq)
{
	return rq->opcode == CX_OP_WRITE || rq->opcode == CX_OP_WRITE_IMM;
}

static inline bool cx_request_has_immediate(const struct cx_request *rq)
{
	return rq->opcode == CX_OP_WRITE_IMM || rq->opcode == CX_OP_SEND_IMM;
}

/* The next posted request out of the ring, to be freed with g_free(); NULL when there is none. */
struct cx_request *cx_request_fetch(struct cx_qp *qp);
/* Fills everything but the PSNs from wqe; false when it is malformed or of an unknown kind. */
bool cx_request_parse(struct cx_request *rq);
/* Moves len bytes from or (read) to what the segments name, offset bytes from its begin. */
bool cx_request_move(struct cx_qp *qp, const struct cx_request *rq, uint32_t offset, uint8_t *buf,
		     uint32_t len);

#endif
