/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The receiving side of RC: packets in their order into receive buffers and into memory, acknowledged
 * when the sender asks; reads answered; what comes twice is acknowledged again and not done again. A
 * gap is answered once with a sequence NAK, a send without a receive request with an RNR NAK. Leaves
 * out: atomics, invalidation, end to end credits, responses held back.
 */
#include "cx_ib.h"

enum {
	RETH_BYTES = 16, IMM_BYTES = 4,
	CQE_WRITE_IMM = 1, CQE_SEND = 2, CQE_SEND_IMM = 3,
	TERMINATE_LKEY = 0x100,		/* ends a scatter list */
};

void cx_responder_start(struct cx_qp *qp, uint32_t psn)
{
	memset(&qp->rsp, 0, sizeof(qp->rsp));
	qp->rsp.psn = psn;
}

static bool is_write(uint8_t opcode)
{
	return opcode >= CX_WRITE_FIRST && opcode <= CX_WRITE_ONLY_IMM;
}

static bool is_first(uint8_t opcode)
{
	return opcode == CX_SEND_FIRST || opcode == CX_SEND_ONLY || opcode == CX_SEND_ONLY_IMM ||
	       opcode == CX_WRITE_FIRST || opcode == CX_WRITE_ONLY || opcode == CX_WRITE_ONLY_IMM;
}

static bool is_last(uint8_t opcode)
{
	return opcode != CX_SEND_FIRST && opcode != CX_SEND_MIDDLE && opcode != CX_WRITE_FIRST &&
	       opcode != CX_WRITE_MIDDLE;
}

static bool has_immediate(uint8_t opcode)
{
	return opcode == CX_SEND_LAST_IMM || opcode == CX_SEND_ONLY_IMM ||
	       opcode == CX_WRITE_LAST_IMM || opcode == CX_WRITE_ONLY_IMM;
}

/* The request cannot be carried out: the sender is told, and this side is in error too. */
static void refuse(struct cx_qp *qp, unsigned int code)
{
	cx_log(qp->fn, CX_LOG_ERROR, "qp %x: request at psn %u refused, code %u", qp->obj->id,
	       qp->rsp.psn, code);
	cx_roce_send_aeth(qp, qp->rsp.psn, CX_AETH_NAK | code);
	cx_qp_fail(qp);
}

static void take_wqe(struct cx_qp *qp)
{
	uint32_t mask = (1u << qp->log_receive) - 1;

	cx_dma_read(qp->fn,
		    cx_ring_addr(&qp->ring, (uint64_t)(qp->receive_ci & mask) * qp->stride),
		    qp->rsp.wqe, qp->stride);
	qp->rsp.got = 0;
}

/* Into the buffers of the receive request, behind what is there; 0, or the syndrome of an error. */
static uint8_t scatter(struct cx_qp *qp, const uint8_t *bytes, uint32_t len)
{
	uint32_t skip = qp->rsp.got;

	qp->rsp.got += len;
	for (uint32_t at = 0; at + CX_SEGMENT <= qp->stride && len; at += CX_SEGMENT) {
		uint32_t room = cx_be32(qp->rsp.wqe + at), key = cx_be32(qp->rsp.wqe + at + 4), n;

		if (key == TERMINATE_LKEY)
			break;
		if (skip >= room) {
			skip -= room;
			continue;
		}
		n = MIN(len, room - skip);
		if (!cx_mkey_move(qp, CX_LOCAL_WRITE, key, cx_be64(qp->rsp.wqe + at + 8) + skip,
				  (void *)bytes, n))
			return CX_SYN_LOCAL_PROTECTION;
		bytes += n;
		len -= n;
		skip = 0;
	}
	return len ? CX_SYN_LOCAL_LENGTH : 0;
}

static void complete(struct cx_qp *qp, const struct cx_bth *bth, const uint8_t *immediate)
{
	bool write = is_write(bth->opcode);
	uint8_t cqe[64] = { 0 };

	cx_put_be32(cqe + 24, CX_GET(qpc, qp->obj->data, remote_qpn));
	cx_put_be32(cqe + 32, qp->user_index);
	if (immediate)
		memcpy(cqe + 36, immediate, IMM_BYTES);
	cx_put_be32(cqe + 44, qp->rsp.got);
	cx_put_be64(cqe + 48, cx_now_ns());
	cx_put_be32(cqe + 56, qp->obj->id);
	cx_put_be16(cqe + 60, qp->receive_ci++);
	cqe[63] = (write ? CQE_WRITE_IMM : immediate ? CQE_SEND_IMM : CQE_SEND) << 4 |
		  bth->solicited << 1;
	cx_cq_post(qp->fn, qp->receive_cqn, cqe);
}

/* RDMA read: the answer is sent at once, all of it. */
static void read_memory(struct cx_qp *qp, const struct cx_bth *bth)
{
	uint64_t va = cx_be64(bth->bytes);
	uint32_t key = cx_be32(bth->bytes + 8), len = cx_be32(bth->bytes + 12);
	uint32_t packets = cx_qp_packets(qp, len);
	bool again = bth->psn != qp->rsp.psn;

	if (!CX_GET(qpc, qp->obj->data, rre)) {
		refuse(qp, CX_NAK_REQUEST);
		return;
	}
	cx_qp_count(qp, rx_read_requests);
	if (!again) {
		qp->rsp.psn = cx_psn_add(qp->rsp.psn, packets);
		qp->rsp.msn = cx_psn_add(qp->rsp.msn, 1);
	}
	for (uint32_t i = 0; i < packets; i++) {
		uint32_t n = MIN(qp->mtu, len - i * qp->mtu);
		bool last = i + 1 == packets;
		uint8_t opcode = packets == 1 ? CX_READ_ONLY : !i ? CX_READ_FIRST :
				 last ? CX_READ_LAST : CX_READ_MIDDLE;
		struct cx_pkt *pkt = cx_roce_begin(qp, opcode, cx_psn_add(bth->psn, i), false, false);

		if (opcode != CX_READ_MIDDLE)
			cx_put_be32(cx_pkt_append(pkt, 4), CX_AETH_ACK << 24 | qp->rsp.msn);
		if (!cx_mkey_move(qp, CX_REMOTE_READ, key, va + i * qp->mtu, cx_pkt_append(pkt, n),
				  n)) {
			cx_pkt_free(pkt);
			cx_roce_send_aeth(qp, cx_psn_add(bth->psn, i), CX_AETH_NAK | CX_NAK_ACCESS);
			cx_qp_fail(qp);
			return;
		}
		cx_roce_send(qp, pkt);
	}
}

/* What came before, or was lost on its way: true when the packet is the expected one. */
static bool in_order(struct cx_qp *qp, const struct cx_bth *bth)
{
	int32_t ahead = cx_psn_diff(bth->psn, qp->rsp.psn);

	if (!ahead) {
		qp->rsp.nak_sent = false;
		return true;
	}
	if (ahead > 0)
		cx_qp_count(qp, out_of_sequence);
	else
		cx_qp_count(qp, duplicate_request);
	if (ahead > 0) {
		if (!qp->rsp.nak_sent)
			cx_roce_send_aeth(qp, qp->rsp.psn, CX_AETH_NAK | CX_NAK_SEQUENCE);
		qp->rsp.nak_sent = true;
	} else if (bth->opcode == CX_READ_REQUEST && bth->len == RETH_BYTES) {
		read_memory(qp, bth);
	} else {
		cx_roce_send_aeth(qp, cx_psn_add(qp->rsp.psn, CX_PSN_MASK), CX_AETH_ACK);
	}
	return false;
}

/* Opcode and length fit what came before. */
static bool fits(const struct cx_qp *qp, const struct cx_bth *bth, uint32_t header)
{
	bool middle = !is_first(bth->opcode);

	if (bth->opcode > CX_WRITE_ONLY_IMM || bth->len < header)
		return false;
	if (middle != (qp->rsp.in_send || qp->rsp.in_write) ||
	    (middle && is_write(bth->opcode) != qp->rsp.in_write))
		return false;
	return is_last(bth->opcode) ? bth->len - header <= qp->mtu : bth->len - header == qp->mtu;
}

/* False when the packet was refused or put off. */
static bool take_data(struct cx_qp *qp, const struct cx_bth *bth, const uint8_t *bytes,
		      uint32_t len)
{
	uint8_t syndrome;

	if (!is_write(bth->opcode)) {
		if (is_first(bth->opcode))
			take_wqe(qp);
		syndrome = scatter(qp, bytes, len);
		if (!syndrome)
			return true;
		cx_qp_complete_error(qp, false, 0, qp->receive_ci++, syndrome);
		refuse(qp, syndrome == CX_SYN_LOCAL_LENGTH ? CX_NAK_REQUEST : CX_NAK_OPERATION);
		return false;
	}
	if (is_first(bth->opcode)) {
		qp->rsp.va = cx_be64(bth->bytes);
		qp->rsp.rkey = cx_be32(bth->bytes + 8);
		qp->rsp.left = cx_be32(bth->bytes + 12);
		cx_qp_count(qp, rx_write_requests);
		qp->rsp.got = 0;
	}
	if (!CX_GET(qpc, qp->obj->data, rwe) || len > qp->rsp.left ||
	    (is_last(bth->opcode) && len != qp->rsp.left)) {
		refuse(qp, CX_NAK_REQUEST);
		return false;
	}
	if (!cx_mkey_move(qp, CX_REMOTE_WRITE, qp->rsp.rkey, qp->rsp.va, (void *)bytes, len)) {
		refuse(qp, CX_NAK_ACCESS);
		return false;
	}
	qp->rsp.va += len;
	qp->rsp.left -= len;
	qp->rsp.got += len;
	return true;
}

static void take_packet(struct cx_qp *qp, const struct cx_bth *bth)
{
	bool write = is_write(bth->opcode), first = is_first(bth->opcode);
	uint32_t reth = write && first ? RETH_BYTES : 0;
	uint32_t header = reth + (has_immediate(bth->opcode) ? IMM_BYTES : 0);
	const uint8_t *immediate = has_immediate(bth->opcode) ? bth->bytes + reth : NULL;
	bool consumes = write ? immediate != NULL : first;

	if (!fits(qp, bth, header)) {
		refuse(qp, CX_NAK_REQUEST);
		return;
	}
	if (consumes && !cx_qp_receive_posted(qp)) {
		cx_qp_count(qp, out_of_buffer);
		cx_roce_send_aeth(qp, qp->rsp.psn,
				  CX_AETH_RNR | CX_GET(qpc, qp->obj->data, min_rnr_nak));
		return;
	}
	if (!take_data(qp, bth, bth->bytes + header, bth->len - header))
		return;
	qp->rsp.psn = cx_psn_add(qp->rsp.psn, 1);
	qp->rsp.in_send = !write && !is_last(bth->opcode);
	qp->rsp.in_write = write && !is_last(bth->opcode);
	if (is_last(bth->opcode)) {
		qp->rsp.msn = cx_psn_add(qp->rsp.msn, 1);
		if (!write || immediate)
			complete(qp, bth, immediate);
	}
	if (bth->ack_wanted)
		cx_roce_send_aeth(qp, bth->psn, CX_AETH_ACK);
}

void cx_responder_request(struct cx_qp *qp, const struct cx_bth *bth)
{
	if (qp->state != MLX5_QPC_STATE_RTR && qp->state != MLX5_QPC_STATE_RTS)
		return;
	if (!in_order(qp, bth))
		return;
	if (bth->opcode != CX_READ_REQUEST)
		take_packet(qp, bth);
	else if (bth->len == RETH_BYTES && !qp->rsp.in_send && !qp->rsp.in_write)
		read_memory(qp, bth);
	else
		refuse(qp, CX_NAK_REQUEST);
}
