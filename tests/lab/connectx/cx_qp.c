/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Queue pairs: CREATE/QUERY/DESTROY_QP and the changes of their state, their queues' memory, and what
 * an error does to what is posted. Service types: RC with its data path; UD, QP1 and REG_UMR (the
 * driver makes them for itself) as objects alone: what they send ends in error. Leaves out: UC, DC, XRC and raw pairs, shared
 * receive queues, alternate paths, SQD, automatic path migration, rate limits, data in completions,
 * events of a pair.
 */
#include "cx_ib.h"

enum {
	RQ_ZERO_LENGTH = 3, RQ_OWN = 0,		/* qpc.rq_type: mlx5_ib.h of the driver */
	OPT_RRE = BIT(1), OPT_RWE = BIT(3), OPT_RNR_TIMEOUT = BIT(6),	/* opt_param_mask */
	CQE_REQ_ERR = 13, CQE_RESP_ERR = 14,
	FLUSH_MS = 20,		/* how often a pair in error looks at its receive queue */
};

struct cx_qp *cx_qp_find(struct cx_fn *fn, uint32_t qpn)
{
	struct cx_obj *obj = cx_obj_find(fn, CX_OBJ_QP, qpn);

	return obj ? obj->priv : NULL;
}

struct late {
	struct cx_fn *fn;
	uint32_t generation, qpn;
	void (*call)(struct cx_qp *qp);
};

static void late_call(void *arg)
{
	struct late *late = arg;
	struct cx_qp *qp = NULL;

	if (late->fn->generation == late->generation)
		qp = cx_qp_find(late->fn, late->qpn);
	if (qp)
		late->call(qp);
	g_free(late);
}

void cx_qp_defer(struct cx_qp *qp, unsigned int ms, void (*fn)(struct cx_qp *qp))
{
	struct late *late = g_new(struct late, 1);

	*late = (struct late){ qp->fn, qp->fn->generation, qp->obj->id, fn };
	cx_defer(ms, late_call, late);
}

/* Creation. */

static void qp_release(struct cx_obj *obj)
{
	struct cx_qp *qp = obj->priv;

	cx_requester_reset(qp);
	g_queue_free(qp->req.requests);
	cx_ring_free(&qp->ring);
	g_free(qp);
}

static bool supported(struct cx_cmd *cmd, const uint8_t *qpc)
{
	unsigned int service = CX_GET(qpc, qpc, st), rq = CX_GET(qpc, qpc, rq_type);

	if (service != MLX5_QPC_ST_RC && service != MLX5_QPC_ST_UD && service != MLX5_QPC_ST_QP1 &&
	    service != MLX5_QPC_ST_REG_UMR)
		cx_refuse(cmd, CX_BAD_PARAM, "qpc.st", "service type %u is not modelled", service);
	else if (rq != RQ_OWN && rq != RQ_ZERO_LENGTH)
		cx_refuse(cmd, CX_BAD_PARAM, "qpc.rq_type", "%u: shared receive queues are not "
			  "modelled", rq);
	else if (CX_GET(create_qp_in, cmd->in, wq_umem_valid) || CX_GET(qpc, qpc, dbr_umem_valid) ||
		 CX_GET(qpc, qpc, wq_signature) || CX_GET(qpc, qpc, cs_req) ||
		 CX_GET(qpc, qpc, cs_res))
		cx_refuse(cmd, CX_BAD_PARAM, "qpc.*_umem_valid/wq_signature/cs_*", "not modelled");
	else
		return true;
	return false;
}

static bool take_queues(struct cx_cmd *cmd, struct cx_qp *qp, const uint8_t *qpc)
{
	qp->has_receive = CX_GET(qpc, qpc, rq_type) == RQ_OWN;
	qp->has_send = !CX_GET(qpc, qpc, no_sq);
	qp->log_receive = CX_GET(qpc, qpc, log_rq_size);
	qp->log_send = CX_GET(qpc, qpc, log_sq_size);
	qp->stride = CX_SEGMENT << CX_GET(qpc, qpc, log_rq_stride);
	qp->send_at = qp->has_receive ? qp->stride << qp->log_receive : 0;
	if (qp->stride > CX_MAX_RQ_STRIDE) {
		cx_refuse(cmd, CX_BAD_PARAM, "qpc.log_rq_stride", "%u bytes", qp->stride);
		return false;
	}
	return cx_ring_init(cmd, &qp->ring, CX_OFF(create_qp_in, pas),
			    qp->send_at + (qp->has_send ? CX_QP_BLOCK << qp->log_send : 0),
			    12 + CX_GET(qpc, qpc, log_page_size),
			    CX_GET(qpc, qpc, page_offset));
}

void cx_cmd_create_qp(struct cx_cmd *cmd)
{
	const uint8_t *qpc = CX_PTR(create_qp_in, cmd->in, qpc);
	unsigned int uses = 2;
	struct cx_obj *used[3];
	struct cx_qp *qp;

	if (!supported(cmd, qpc))
		return;
	used[0] = cx_cmd_obj(cmd, CX_OBJ_CQ, CX_GET(qpc, qpc, cqn_snd), "qpc.cqn_snd");
	if (!used[0])
		return;
	used[1] = cx_cmd_obj(cmd, CX_OBJ_CQ, CX_GET(qpc, qpc, cqn_rcv), "qpc.cqn_rcv");
	if (!used[1])
		return;
	/* Registering memory belongs to no protection domain. */
	if (CX_GET(qpc, qpc, st) != MLX5_QPC_ST_REG_UMR) {
		used[uses] = cx_cmd_obj(cmd, CX_OBJ_PD, CX_GET(qpc, qpc, pd), "qpc.pd");
		if (!used[uses++])
			return;
	}
	qp = g_new0(struct cx_qp, 1);
	if (!take_queues(cmd, qp, qpc)) {
		g_free(qp);
		return;
	}
	qp->fn = cmd->fn;
	qp->service = CX_GET(qpc, qpc, st);
	qp->pd = CX_GET(qpc, qpc, pd);
	qp->send_cqn = used[0]->id;
	qp->receive_cqn = used[1]->id;
	qp->user_index = CX_GET(qpc, qpc, user_index);
	qp->doorbell = CX_GET(qpc, qpc, dbr_addr);
	qp->req.requests = g_queue_new();
	qp->obj = cx_obj_new(cmd->fn, CX_OBJ_QP, qpc, CX_SIZE(qpc));
	qp->obj->priv = qp;
	qp->obj->release = qp_release;
	for (unsigned int i = 0; i < uses; i++)
		cx_obj_use(qp->obj, used[i]);
	CX_SET(create_qp_out, cmd->out, qpn, qp->obj->id);
	cx_cmd_log(cmd, "qp 0x%x: service %u, send 2^%u, receive 2^%u of %u bytes", qp->obj->id,
		   qp->service, qp->log_send, qp->log_receive, qp->stride);
}

void cx_cmd_destroy_qp(struct cx_cmd *cmd)
{
	cx_cmd_obj_destroy(cmd, CX_OBJ_QP, CX_GET(destroy_qp_in, cmd->in, qpn), "qpn");
}

void cx_cmd_query_qp(struct cx_cmd *cmd)
{
	uint8_t *qpc = CX_PTR(query_qp_out, cmd->out, qpc);
	struct cx_obj *obj = cx_cmd_obj(cmd, CX_OBJ_QP, CX_GET(query_qp_in, cmd->in, qpn), "qpn");
	const struct cx_qp *qp;

	if (!obj)
		return;
	qp = obj->priv;
	memcpy(qpc, obj->data, obj->len);
	CX_SET(qpc, qpc, state, qp->state);
	CX_SET(qpc, qpc, next_send_psn, qp->req.next);
	CX_SET(qpc, qpc, next_rcv_psn, qp->rsp.psn);
	CX_SET(qpc, qpc, last_acked_psn, cx_psn_add(qp->req.una, CX_PSN_MASK));
	CX_SET(qpc, qpc, hw_sq_wqebb_counter, qp->send_ci);
	CX_SET(qpc, qpc, hw_rq_counter, qp->receive_ci);
}

/* State. */

#define TAKE(field) CX_SET(qpc, qp->obj->data, field, CX_GET(qpc, qpc, field))

static void take_rights(struct cx_qp *qp, const uint8_t *qpc, uint32_t select)
{
	if (select & OPT_RRE)
		TAKE(rre);
	if (select & OPT_RWE)
		TAKE(rwe);
	if (select & OPT_RNR_TIMEOUT)
		TAKE(min_rnr_nak);
}

static bool to_rtr(struct cx_cmd *cmd, struct cx_qp *qp, const uint8_t *qpc)
{
	const uint8_t *path = CX_PTR(qpc, qpc, primary_address_path);
	unsigned int mtu = CX_GET(qpc, qpc, mtu);

	if (mtu < MLX5_QPC_MTU_256_BYTES || mtu > MLX5_QPC_MTU_4K_BYTES) {
		cx_refuse(cmd, CX_BAD_PARAM, "qpc.mtu", "%u", mtu);
		return false;
	}
	if (qp->service == MLX5_QPC_ST_RC && !cx_roce_path_ok(cmd, path))
		return false;
	TAKE(mtu);
	TAKE(log_msg_max);
	TAKE(remote_qpn);
	TAKE(log_rra_max);
	TAKE(min_rnr_nak);
	memcpy(CX_PTR(qpc, qp->obj->data, primary_address_path), path, CX_SIZE(ads));
	qp->mtu = 128u << mtu;
	cx_responder_start(qp, CX_GET(qpc, qpc, next_rcv_psn));
	return true;
}

static void to_rts(struct cx_qp *qp, const uint8_t *qpc)
{
	TAKE(log_sra_max);
	TAKE(retry_count);
	TAKE(rnr_retry);
	TAKE(primary_address_path.ack_timeout);
	cx_requester_start(qp, CX_GET(qpc, qpc, next_send_psn));
}

static void to_reset(struct cx_qp *qp)
{
	cx_requester_reset(qp);
	memset(&qp->rsp, 0, sizeof(qp->rsp));
	qp->receive_ci = 0;
	qp->send_ci = 0;
}

static const struct {
	uint16_t opcode;
	int8_t from;		/* -1: any */
	uint8_t to;
	bool has_qpc;
} changes[] = {
	{ MLX5_CMD_OP_RST2INIT_QP, MLX5_QPC_STATE_RST, MLX5_QPC_STATE_INIT, true },
	{ MLX5_CMD_OP_INIT2INIT_QP, MLX5_QPC_STATE_INIT, MLX5_QPC_STATE_INIT, true },
	{ MLX5_CMD_OP_INIT2RTR_QP, MLX5_QPC_STATE_INIT, MLX5_QPC_STATE_RTR, true },
	{ MLX5_CMD_OP_RTR2RTS_QP, MLX5_QPC_STATE_RTR, MLX5_QPC_STATE_RTS, true },
	{ MLX5_CMD_OP_RTS2RTS_QP, MLX5_QPC_STATE_RTS, MLX5_QPC_STATE_RTS, true },
	{ MLX5_CMD_OP_2RST_QP, -1, MLX5_QPC_STATE_RST, false },
	{ MLX5_CMD_OP_2ERR_QP, -1, MLX5_QPC_STATE_ERR, false },
};

/* All of these commands name the queue pair, and hold its context, in the same place. */
void cx_cmd_modify_qp(struct cx_cmd *cmd)
{
	struct cx_obj *obj = cx_cmd_obj(cmd, CX_OBJ_QP, CX_GET(rst2init_qp_in, cmd->in, qpn), "qpn");
	const uint8_t *qpc = CX_PTR(rst2init_qp_in, cmd->in, qpc);
	unsigned int i = 0;
	struct cx_qp *qp;

	if (!obj)
		return;
	qp = obj->priv;
	while (changes[i].opcode != cmd->opcode)
		i++;
	if (changes[i].from >= 0 && qp->state != changes[i].from) {
		cx_refuse(cmd, CX_BAD_RES_STATE, "qpn", "queue pair 0x%x is in state %u", obj->id,
			  qp->state);
		return;
	}
	if (cmd->opcode == MLX5_CMD_OP_RST2INIT_QP) {
		TAKE(counter_set_id);
		TAKE(q_key);
		take_rights(qp, qpc, OPT_RRE | OPT_RWE);
	} else if (changes[i].has_qpc) {
		take_rights(qp, qpc, CX_GET(rst2init_qp_in, cmd->in, opt_param_mask));
	}
	if (cmd->opcode == MLX5_CMD_OP_INIT2RTR_QP && !to_rtr(cmd, qp, qpc))
		return;
	if (cmd->opcode == MLX5_CMD_OP_RTR2RTS_QP)
		to_rts(qp, qpc);
	qp->state = changes[i].to;
	if (cmd->opcode == MLX5_CMD_OP_2RST_QP)
		to_reset(qp);
	if (cmd->opcode == MLX5_CMD_OP_2ERR_QP)
		cx_qp_fail(qp);
}

/* Queues. */

bool cx_qp_doorbell(struct cx_fn *fn, uint32_t qpn)
{
	struct cx_qp *qp = cx_qp_find(fn, qpn);

	if (qp)
		cx_requester_run(qp);
	return qp;
}

bool cx_qp_receive_posted(struct cx_qp *qp)
{
	uint8_t record[4];

	if (!qp->has_receive)
		return false;
	cx_dma_read(qp->fn, qp->doorbell, record, sizeof(record));
	return (uint16_t)cx_be32(record) != qp->receive_ci;
}

void cx_qp_complete_error(struct cx_qp *qp, bool send, uint8_t opcode, uint16_t index,
			  enum cx_cqe_syndrome syndrome)
{
	uint8_t cqe[64] = { 0 };

	if (syndrome != CX_SYN_FLUSHED)
		cx_log(qp->fn, CX_LOG_ERROR, "qp %x: %s request %u, opcode 0x%02x: syndrome 0x%02x",
		       qp->obj->id, send ? "send" : "receive", index, opcode, syndrome);
	cx_put_be32(cqe + 32, qp->user_index);
	cqe[55] = syndrome;
	cx_put_be32(cqe + 56, (uint32_t)opcode << 24 | qp->obj->id);
	cx_put_be16(cqe + 60, index);
	cqe[63] = (send ? CQE_REQ_ERR : CQE_RESP_ERR) << 4;
	cx_cq_post(qp->fn, send ? qp->send_cqn : qp->receive_cqn, cqe);
}

/*
 * A receive queue has no doorbell: a pair in error looks again and again for requests to flush, as
 * the driver waits for one that it posts after the error (mlx5_ib_drain_rq()).
 */
static void flush(struct cx_qp *qp)
{
	qp->flushing = qp->state == MLX5_QPC_STATE_ERR;
	if (!qp->flushing)
		return;
	while (cx_qp_receive_posted(qp))
		cx_qp_complete_error(qp, false, 0, qp->receive_ci++, CX_SYN_FLUSHED);
	cx_qp_defer(qp, FLUSH_MS, flush);
}

void cx_qp_fail(struct cx_qp *qp)
{
	qp->state = MLX5_QPC_STATE_ERR;
	cx_requester_flush(qp);
	if (!qp->flushing)
		flush(qp);
}
