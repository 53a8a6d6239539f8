/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RDMA: memory keys, queue pairs, and the reliable connection (RC) over RoCE v2. Numbers of packets
 * (PSN) have 24 bits and wrap.
 */
#ifndef CX_IB_H
#define CX_IB_H

#include "cx_path.h"

enum {
	CX_PSN_MASK = 0xffffff,
	CX_QP_BLOCK = 64,	/* of a send queue */
	CX_SEGMENT = 16,	/* of a work request */
	CX_MAX_RQ_STRIDE = 512,	/* max_wqe_sz_rq of cx_caps_table.c */
	CX_ROCE_PORT = 4791,
};

/* Syndromes of an error completion: MLX5_CQE_SYNDROME_* of the driver's device.h. */
enum cx_cqe_syndrome {
	CX_SYN_LOCAL_LENGTH = 0x01,
	CX_SYN_LOCAL_QP_OP = 0x02,
	CX_SYN_LOCAL_PROTECTION = 0x04,
	CX_SYN_FLUSHED = 0x05,
	CX_SYN_LOCAL_ACCESS = 0x11,
	CX_SYN_REMOTE_REQUEST = 0x12,
	CX_SYN_REMOTE_ACCESS = 0x13,
	CX_SYN_REMOTE_OPERATION = 0x14,
	CX_SYN_RETRIES = 0x15,
	CX_SYN_RNR_RETRIES = 0x16,
};

/* Opcodes of the base transport header, RC. */
enum cx_bth_opcode {
	CX_SEND_FIRST = 0x00, CX_SEND_MIDDLE = 0x01, CX_SEND_LAST = 0x02, CX_SEND_LAST_IMM = 0x03,
	CX_SEND_ONLY = 0x04, CX_SEND_ONLY_IMM = 0x05,
	CX_WRITE_FIRST = 0x06, CX_WRITE_MIDDLE = 0x07, CX_WRITE_LAST = 0x08,
	CX_WRITE_LAST_IMM = 0x09, CX_WRITE_ONLY = 0x0a, CX_WRITE_ONLY_IMM = 0x0b,
	CX_READ_REQUEST = 0x0c,
	CX_READ_FIRST = 0x0d, CX_READ_MIDDLE = 0x0e, CX_READ_LAST = 0x0f, CX_READ_ONLY = 0x10,
	CX_ACKNOWLEDGE = 0x11,
};

/* AETH: kind in the upper three bits of the syndrome, then a credit, timer or code. */
enum cx_aeth {
	CX_AETH_ACK = 0x1f,	/* no end to end credits */
	CX_AETH_RNR = 0x20,
	CX_AETH_NAK = 0x60,
	CX_NAK_SEQUENCE = 0, CX_NAK_REQUEST = 1, CX_NAK_ACCESS = 2, CX_NAK_OPERATION = 3,
};

/* A received RoCE packet taken apart; bytes point into the frame. */
struct cx_bth {
	uint8_t opcode;
	bool solicited, ack_wanted;
	uint32_t psn;
	const uint8_t *bytes;	/* behind the BTH: extension headers, payload */
	uint32_t len;		/* without pad and ICRC */
};

/* The sending side of a queue pair: cx_requester.c. */
struct cx_requester {
	GQueue *requests;	/* struct cx_request, oldest first, until answered */
	uint32_t una;		/* oldest PSN not acknowledged */
	uint32_t psn;		/* next to be sent; goes back to una for a retransmission */
	uint32_t next;		/* first PSN of the next request */
	uint32_t rewound;	/* una when a lost response was noticed last */
	unsigned int retries, rnr_retries;
	uint64_t deadline;	/* ns; of the acknowledgement waited for */
	bool timing, rnr_wait, busy;
};

/* The receiving side: cx_responder.c. */
struct cx_responder {
	uint32_t psn;		/* expected next */
	uint32_t msn;
	bool nak_sent, in_send, in_write;
	uint64_t va;		/* RDMA write: where the next byte goes */
	uint32_t rkey, left;
	uint8_t wqe[CX_MAX_RQ_STRIDE];	/* of the message being received */
	uint32_t got;		/* bytes of it */
};

struct cx_qp {
	struct cx_obj *obj;	/* id is the queue pair's number, data its qpc */
	struct cx_fn *fn;
	uint8_t service;	/* MLX5_QPC_ST_* */
	uint8_t state;		/* MLX5_QPC_STATE_* */
	uint32_t pd, send_cqn, receive_cqn, user_index;
	uint64_t doorbell;	/* DMA address: receive producer at +0, send producer at +4 */
	struct cx_ring ring;	/* receive queue, then send queue */
	bool has_receive, has_send;
	uint8_t log_receive, log_send;
	uint32_t stride, send_at;
	uint16_t receive_ci, send_ci;
	uint32_t mtu;
	bool flushing;		/* looks for requests posted since the error */
	struct cx_requester req;
	struct cx_responder rsp;
};

static inline int32_t cx_psn_diff(uint32_t a, uint32_t b)
{
	return (int32_t)((a - b) << 8) >> 8;
}

static inline uint32_t cx_psn_add(uint32_t psn, uint32_t n)
{
	return (psn + n) & CX_PSN_MASK;
}

/* Packets that len bytes take. */
static inline uint32_t cx_qp_packets(const struct cx_qp *qp, uint32_t len)
{
	return len ? (len + qp->mtu - 1) / qp->mtu : 1;
}

/*
 * cx_mkey.c: moves len bytes between buf and the memory at addr that key covers. False, and nothing
 * moved: no such key in the protection domain, out of its bounds, or not allowed.
 */
enum cx_mem { CX_LOCAL_READ, CX_LOCAL_WRITE, CX_REMOTE_READ, CX_REMOTE_WRITE };
bool cx_mkey_move(struct cx_qp *qp, enum cx_mem how, uint32_t key, uint64_t addr, void *buf,
		  uint32_t len);

/* cx_qp.c */
struct cx_qp *cx_qp_find(struct cx_fn *fn, uint32_t qpn);
/* The queue pair is in error: what is posted comes back flushed. */
void cx_qp_fail(struct cx_qp *qp);
/* An error completion of a send (opcode: of the request) or receive request. */
void cx_qp_complete_error(struct cx_qp *qp, bool send, uint8_t opcode, uint16_t index,
			  enum cx_cqe_syndrome syndrome);
/* The next receive request, not yet consumed: false when none is posted. */
bool cx_qp_receive_posted(struct cx_qp *qp);
/* Calls fn(qp) ms milliseconds later if the queue pair still exists then. */
void cx_qp_defer(struct cx_qp *qp, unsigned int ms, void (*fn)(struct cx_qp *qp));

/* One more in the pair's counter set. */
#define cx_qp_count(qp, name)                                                                      \
	cx_q_counter_add((qp)->fn, CX_GET(qpc, (qp)->obj->data, counter_set_id), CX_Q_COUNTER(name))

/* cx_roce.c */
/* A frame of the pair's path up to the BTH; the caller appends and hands it to cx_roce_send(). */
struct cx_pkt *cx_roce_begin(struct cx_qp *qp, uint8_t opcode, uint32_t psn, bool ack_wanted,
			     bool solicited);
/* Pads, fills lengths and ICRC, sends and frees. */
void cx_roce_send(struct cx_qp *qp, struct cx_pkt *pkt);
void cx_roce_send_aeth(struct cx_qp *qp, uint32_t psn, uint8_t syndrome);
/* True when the path's address index holds one that this card can send from. */
bool cx_roce_path_ok(struct cx_cmd *cmd, const uint8_t *ads);

/* cx_requester.c */
void cx_requester_start(struct cx_qp *qp, uint32_t psn);
void cx_requester_reset(struct cx_qp *qp);
void cx_requester_run(struct cx_qp *qp);	/* a doorbell */
void cx_requester_flush(struct cx_qp *qp);
void cx_requester_answer(struct cx_qp *qp, const struct cx_bth *bth);

/* cx_responder.c */
void cx_responder_start(struct cx_qp *qp, uint32_t psn);
void cx_responder_request(struct cx_qp *qp, const struct cx_bth *bth);

#endif
