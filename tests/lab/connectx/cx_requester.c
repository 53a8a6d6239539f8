/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sending side of RC: work requests -> packets -> answers -> completions. Sends, RDMA writes
 * (both with or without immediate data) and RDMA reads, with gathered or inline data. Go-back-N: what
 * was not acknowledged within the time, or was answered as out of sequence, is sent again from there.
 * Leaves out: atomics, invalidation, memory-registration requests, fences (requests are in order
 * anyway), end to end credits, adaptive retransmission, pacing.
 */
#include "cx_request.h"

enum {
	WINDOW = 64,		/* packets on their way */
	ACK_EVERY = 16,
	CQE_REQ = 0,		/* device.h of the driver */
	RNR_RETRY_FOREVER = 7,
	/* A host without KVM may be late; the standard allows four times what was asked for. */
	LEAST_TIMEOUT_MS = 250,
};

static void run(struct cx_qp *qp);

void cx_requester_reset(struct cx_qp *qp)
{
	GQueue *requests = qp->req.requests;

	while (!g_queue_is_empty(requests))
		g_free(g_queue_pop_head(requests));
	memset(&qp->req, 0, sizeof(qp->req));
	qp->req.requests = requests;
}

void cx_requester_start(struct cx_qp *qp, uint32_t psn)
{
	cx_requester_reset(qp);
	qp->req.una = qp->req.psn = qp->req.next = psn;
	qp->req.rewound = CX_PSN_MASK + 1;	/* none */
}

/* Completions. */

static void complete(struct cx_qp *qp, const struct cx_request *rq)
{
	uint8_t cqe[64] = { 0 };

	if (!rq->signaled)
		return;
	cx_put_be32(cqe + 32, qp->user_index);
	cx_put_be32(cqe + 44, rq->len);
	cx_put_be64(cqe + 48, cx_now_ns());
	cx_put_be32(cqe + 56, (uint32_t)rq->opcode << 24 | qp->obj->id);
	cx_put_be16(cqe + 60, rq->index);
	cqe[63] = CQE_REQ << 4;
	cx_cq_post(qp->fn, qp->send_cqn, cqe);
}

/* The oldest request has failed for good; the queue pair with it. */
static void fail(struct cx_qp *qp, enum cx_cqe_syndrome syndrome)
{
	struct cx_request *rq = g_queue_pop_head(qp->req.requests);

	if (rq)
		cx_qp_complete_error(qp, true, rq->opcode, rq->index, syndrome);
	g_free(rq);
	cx_qp_fail(qp);
}

void cx_requester_flush(struct cx_qp *qp)
{
	struct cx_request *rq;

	while ((rq = g_queue_pop_head(qp->req.requests)) || (rq = cx_request_fetch(qp))) {
		cx_qp_complete_error(qp, true, rq->opcode, rq->index, CX_SYN_FLUSHED);
		g_free(rq);
	}
}

/* Time. */

static void check_time(struct cx_qp *qp);

static void expect_answer(struct cx_qp *qp)
{
	unsigned int code = CX_GET(qpc, qp->obj->data, primary_address_path.ack_timeout);
	uint64_t ms = (4096ull << code) / 1000000;

	if (!code)
		return;		/* forever */
	ms = MAX(ms, (uint64_t)LEAST_TIMEOUT_MS);
	qp->req.deadline = cx_now_ns() + ms * 1000000;
	if (!qp->req.timing) {
		qp->req.timing = true;
		cx_qp_defer(qp, ms, check_time);
	}
}

/* Sends again from the oldest PSN without an answer. */
static void go_back(struct cx_qp *qp)
{
	if (++qp->req.retries > CX_GET(qpc, qp->obj->data, retry_count)) {
		fail(qp, CX_SYN_RETRIES);
		return;
	}
	cx_log(qp->fn, CX_LOG_COMMAND, "qp %x: again from psn %u", qp->obj->id, qp->req.una);
	qp->req.psn = qp->req.una;
	run(qp);
}

static void check_time(struct cx_qp *qp)
{
	uint64_t now = cx_now_ns();

	qp->req.timing = false;
	if (qp->state != MLX5_QPC_STATE_RTS || qp->req.rnr_wait || qp->req.una == qp->req.psn)
		return;
	if (now < qp->req.deadline) {
		qp->req.timing = true;
		cx_qp_defer(qp, (qp->req.deadline - now) / 1000000 + 1, check_time);
		return;
	}
	cx_qp_count(qp, local_ack_timeout_err);
	go_back(qp);
}

/* Sending. */

static struct cx_request *request_of(struct cx_qp *qp, uint32_t psn)
{
	for (GList *l = qp->req.requests->head; l; l = l->next) {
		struct cx_request *rq = l->data;

		if (cx_psn_diff(psn, cx_psn_add(rq->psn, rq->packets)) < 0)
			return rq;
	}
	return NULL;
}

static uint8_t opcode_of(const struct cx_request *rq, bool first, bool last)
{
	uint8_t base = cx_request_is_write(rq) ? CX_WRITE_FIRST : CX_SEND_FIRST;

	if (first && last)
		return base + CX_SEND_ONLY + cx_request_has_immediate(rq);
	if (last)
		return base + CX_SEND_LAST + cx_request_has_immediate(rq);
	return base + (first ? CX_SEND_FIRST : CX_SEND_MIDDLE);
}

static void put_reth(struct cx_pkt *pkt, uint64_t va, uint32_t rkey, uint32_t len)
{
	uint8_t *reth = cx_pkt_append(pkt, 16);

	cx_put_be64(reth, va);
	cx_put_be32(reth + 8, rkey);
	cx_put_be32(reth + 12, len);
}

static void send_read(struct cx_qp *qp, const struct cx_request *rq, uint32_t done)
{
	struct cx_pkt *pkt = cx_roce_begin(qp, CX_READ_REQUEST, qp->req.psn, true, false);

	put_reth(pkt, rq->raddr + done, rq->rkey, rq->len - done);
	qp->req.psn = cx_psn_add(rq->psn, rq->packets);
	cx_roce_send(qp, pkt);
}

/* Packet qp->req.psn; false when its data cannot be read. */
static bool send_one(struct cx_qp *qp)
{
	const struct cx_request *rq = request_of(qp, qp->req.psn);
	uint32_t n = cx_psn_diff(qp->req.psn, rq->psn), at = n * qp->mtu;
	bool last = n + 1 == rq->packets;
	uint32_t len = last ? rq->len - at : qp->mtu;
	struct cx_pkt *pkt;

	if (cx_request_is_read(rq)) {
		send_read(qp, rq, at);
		return true;
	}
	pkt = cx_roce_begin(qp, opcode_of(rq, !n, last), qp->req.psn,
			    last || n % ACK_EVERY == ACK_EVERY - 1, last && rq->solicited);
	if (cx_request_is_write(rq) && !n)
		put_reth(pkt, rq->raddr, rq->rkey, rq->len);
	if (last && cx_request_has_immediate(rq))
		memcpy(cx_pkt_append(pkt, 4), rq->wqe + 12, 4);
	if (!cx_request_move(qp, rq, at, cx_pkt_append(pkt, len), len)) {
		cx_pkt_free(pkt);
		return false;
	}
	qp->req.psn = cx_psn_add(qp->req.psn, 1);
	cx_roce_send(qp, pkt);
	return true;
}

/* Takes the next request into the window; false when there is none, or it ended the pair. */
static bool take_next(struct cx_qp *qp)
{
	struct cx_request *rq = cx_request_fetch(qp);

	if (!rq)
		return false;
	if (!cx_request_parse(rq) || rq->len > 1u << 30) {
		g_queue_push_head(qp->req.requests, rq);
		fail(qp, CX_SYN_LOCAL_QP_OP);
		return false;
	}
	if (rq->opcode == CX_OP_NOP) {
		complete(qp, rq);
		g_free(rq);
		return true;
	}
	rq->psn = qp->req.next;
	rq->packets = cx_qp_packets(qp, rq->len);
	qp->req.next = cx_psn_add(rq->psn, rq->packets);
	g_queue_push_tail(qp->req.requests, rq);
	return true;
}

static void run(struct cx_qp *qp)
{
	/* An answer may come while a packet is sent, when both ends are on this card. */
	if (qp->req.busy)
		return;
	qp->req.busy = true;
	while (qp->state == MLX5_QPC_STATE_RTS && !qp->req.rnr_wait &&
	       cx_psn_diff(qp->req.psn, qp->req.una) < WINDOW) {
		if (qp->req.psn == qp->req.next) {
			if (!take_next(qp))
				break;
			continue;
		}
		if (qp->req.psn == qp->req.una)
			expect_answer(qp);
		if (!send_one(qp))
			fail(qp, CX_SYN_LOCAL_PROTECTION);
	}
	qp->req.busy = false;
}

void cx_requester_run(struct cx_qp *qp)
{
	if (qp->state == MLX5_QPC_STATE_ERR) {
		cx_requester_flush(qp);
	} else if (qp->state == MLX5_QPC_STATE_RTS && qp->service != MLX5_QPC_ST_RC) {
		struct cx_request *rq = cx_request_fetch(qp);

		if (!rq)
			return;
		g_queue_push_head(qp->req.requests, rq);
		fail(qp, CX_SYN_LOCAL_QP_OP);	/* datagrams are not modelled */
	} else {
		run(qp);
	}
}

/* Answers. */

static void progress(struct cx_qp *qp, uint32_t una)
{
	if (una == qp->req.una)
		return;
	qp->req.una = una;
	if (cx_psn_diff(qp->req.psn, una) < 0)
		qp->req.psn = una;
	qp->req.retries = qp->req.rnr_retries = 0;
	qp->req.rewound = CX_PSN_MASK + 1;
	expect_answer(qp);
}

/* Responses of a read were lost: it is asked for again, once for each place. */
static void response_lost(struct cx_qp *qp)
{
	if (qp->req.rewound == qp->req.una)
		return;
	qp->req.rewound = qp->req.una;
	cx_qp_count(qp, implied_nak_seq_err);
	go_back(qp);
}

/* Everything before psn has arrived. A read is done by its data only. */
static void acknowledge(struct cx_qp *qp, uint32_t psn)
{
	struct cx_request *rq;

	while ((rq = g_queue_peek_head(qp->req.requests))) {
		uint32_t end = cx_psn_add(rq->psn, rq->packets);

		if (cx_request_is_read(rq) && cx_psn_diff(psn, rq->psn) > 0) {
			response_lost(qp);
			return;
		}
		if (cx_psn_diff(psn, end) < 0)
			break;
		g_queue_pop_head(qp->req.requests);
		progress(qp, end);
		complete(qp, rq);
		g_free(rq);
	}
	if (cx_psn_diff(psn, qp->req.una) > 0)
		progress(qp, psn);
}

static void rnr_over(struct cx_qp *qp)
{
	qp->req.rnr_wait = false;
	qp->req.psn = qp->req.una;
	run(qp);
}

static void not_ready(struct cx_qp *qp, unsigned int timer)
{
	/* Milliseconds, rounded up: the standard's table. */
	static const uint16_t wait[32] = {
		656, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2,
		3, 4, 6, 8, 11, 16, 21, 31, 41, 62, 82, 123, 164, 246, 328, 492,
	};
	unsigned int limit = CX_GET(qpc, qp->obj->data, rnr_retry);

	if (qp->req.rnr_wait)
		return;
	cx_qp_count(qp, rnr_nak_retry_err);
	if (limit != RNR_RETRY_FOREVER && ++qp->req.rnr_retries > limit) {
		fail(qp, CX_SYN_RNR_RETRIES);
		return;
	}
	qp->req.rnr_wait = true;
	cx_qp_defer(qp, wait[timer], rnr_over);
}

static void refused(struct cx_qp *qp, unsigned int code)
{
	switch (code) {
	case CX_NAK_SEQUENCE:
		cx_qp_count(qp, packet_seq_err);
		go_back(qp);
		break;
	case CX_NAK_REQUEST:
		fail(qp, CX_SYN_REMOTE_REQUEST);
		break;
	case CX_NAK_ACCESS:
		fail(qp, CX_SYN_REMOTE_ACCESS);
		break;
	default:
		fail(qp, CX_SYN_REMOTE_OPERATION);
	}
}

static void read_response(struct cx_qp *qp, const struct cx_bth *bth)
{
	uint32_t skip = bth->opcode == CX_READ_MIDDLE ? 0 : 4, len;
	struct cx_request *rq;

	acknowledge(qp, request_of(qp, bth->psn) ? request_of(qp, bth->psn)->psn : qp->req.una);
	rq = g_queue_peek_head(qp->req.requests);
	if (!rq || !cx_request_is_read(rq) || bth->len < skip || cx_psn_diff(bth->psn, qp->req.una) < 0)
		return;
	len = bth->len - skip;
	if (bth->psn != qp->req.una) {
		response_lost(qp);
		return;
	}
	if (len != MIN(qp->mtu, rq->len - rq->received) ||
	    !cx_request_move(qp, rq, rq->received, (uint8_t *)bth->bytes + skip, len)) {
		fail(qp, CX_SYN_LOCAL_PROTECTION);
		return;
	}
	rq->received += len;
	progress(qp, cx_psn_add(bth->psn, 1));
	if (rq->received < rq->len)
		return;
	g_queue_pop_head(qp->req.requests);
	complete(qp, rq);
	g_free(rq);
}

void cx_requester_answer(struct cx_qp *qp, const struct cx_bth *bth)
{
	uint8_t syndrome = bth->len ? bth->bytes[0] : 0;

	if (qp->state != MLX5_QPC_STATE_RTS || cx_psn_diff(bth->psn, qp->req.una) < 0 ||
	    cx_psn_diff(bth->psn, qp->req.next) >= 0)
		return;		/* old, or of what was never sent */
	if (bth->opcode != CX_ACKNOWLEDGE) {
		read_response(qp, bth);
	} else if (syndrome >> 5 == 0) {
		acknowledge(qp, cx_psn_add(bth->psn, 1));
	} else {
		acknowledge(qp, bth->psn);
		if (syndrome >> 5 == CX_AETH_RNR >> 5)
			not_ready(qp, syndrome & 31);
		else
			refused(qp, syndrome & 31);
	}
	run(qp);
}
