/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Completion queues: CREATE/DESTROY/QUERY/MODIFY_CQ, arming, the writing of CQEs, overrun (CQ_ERROR
 * event, the queue stops as on a card). Leaves out: moderation (an armed CQ reports its first
 * completion), CQE compression, resize; arming for solicited events only counts as arming.
 */
#include "cx.h"

enum {
	CQE_BYTES = 64,
	CQ_COUNTER_MASK = 0xffffff,
	CQ_STATUS_OVERFLOW = 0x9,	/* cqc.status */
	CQ_ARMED = 0x9,			/* cqc.st */
	CQ_FIRED = 0xa,
	CQ_ERR_OVERRUN = 1,		/* mlx5_eqe_cq_err.syndrome */
	/* MLX5_CQ_MODIFY_* of the driver's cq.h: moderation, which has no effect here */
	MODIFY_PERIOD = BIT(0),
	MODIFY_COUNT = BIT(1),
	MODIFY_PERIOD_MODE = BIT(4),
};

struct cx_cq {
	uint8_t log_size;
	uint8_t entry_bytes;
	uint8_t eqn;
	bool armed, failed;
	bool ignore_overrun;
	uint32_t pi;
	uint32_t ci;		/* as last read from the doorbell record */
	uint64_t doorbell;	/* DMA address: consumer at +0, arm at +4 */
	struct cx_ring ring;
};

static void cq_release(struct cx_obj *obj)
{
	struct cx_cq *cq = obj->priv;

	cx_eq_unuse(obj->fn, cq->eqn);
	cx_ring_free(&cq->ring);
	g_free(cq);
}

static bool cq_supported(struct cx_cmd *cmd, const uint8_t *cqc)
{
	if (CX_GET(cqc, cqc, cqe_sz) > 1) {
		cx_refuse(cmd, CX_BAD_PARAM, "cqc.cqe_sz", "%u is neither 64 nor 128 bytes",
			  (unsigned int)CX_GET(cqc, cqc, cqe_sz));
		return false;
	}
	if (CX_GET(cqc, cqc, cqe_comp_en) || CX_GET(cqc, cqc, apu_cq)) {
		cx_refuse(cmd, CX_BAD_PARAM, "cqc.cqe_comp_en/apu_cq", "not modelled");
		return false;
	}
	return true;
}

void cx_cmd_create_cq(struct cx_cmd *cmd)
{
	const uint8_t *cqc = CX_PTR(create_cq_in, cmd->in, cq_context);
	uint32_t eqn = CX_GET(cqc, cqc, c_eqn_or_apu_element);
	struct cx_eq *eq = cx_cmd_eq(cmd, eqn, "cqc.c_eqn_or_apu_element");
	struct cx_cq *cq;
	struct cx_obj *obj;

	if (!eq || !cq_supported(cmd, cqc))
		return;
	cq = g_new0(struct cx_cq, 1);
	cq->log_size = CX_GET(cqc, cqc, log_cq_size);
	cq->entry_bytes = CX_GET(cqc, cqc, cqe_sz) ? 2 * CQE_BYTES : CQE_BYTES;
	cq->eqn = eqn;
	cq->ignore_overrun = CX_GET(cqc, cqc, oi);
	cq->doorbell = CX_GET(cqc, cqc, dbr_addr);
	if (!cx_ring_init(cmd, &cq->ring, CX_OFF(create_cq_in, pas),
			  (uint64_t)cq->entry_bytes << cq->log_size,
			  12 + CX_GET(cqc, cqc, log_page_size),
			  CX_GET(cqc, cqc, page_offset))) {
		g_free(cq);
		return;
	}
	cx_eq_use(eq);
	obj = cx_obj_new(cmd->fn, CX_OBJ_CQ, cqc, CX_SIZE(cqc));
	obj->priv = cq;
	obj->release = cq_release;
	CX_SET(create_cq_out, cmd->out, cqn, obj->id);
	cx_cmd_log(cmd, "cq 0x%x: %u entries, eq %u", obj->id, 1u << cq->log_size, eqn);
}

void cx_cmd_destroy_cq(struct cx_cmd *cmd)
{
	cx_cmd_obj_destroy(cmd, CX_OBJ_CQ, CX_GET(destroy_cq_in, cmd->in, cqn), "cqn");
}

void cx_cmd_query_cq(struct cx_cmd *cmd)
{
	uint8_t *cqc = CX_PTR(query_cq_out, cmd->out, cq_context);
	struct cx_obj *obj = cx_cmd_obj(cmd, CX_OBJ_CQ, CX_GET(query_cq_in, cmd->in, cqn), "cqn");
	const struct cx_cq *cq;

	if (!obj)
		return;
	cq = obj->priv;
	memcpy(cqc, obj->data, obj->len);
	CX_SET(cqc, cqc, status, cq->failed ? CQ_STATUS_OVERFLOW : 0);
	CX_SET(cqc, cqc, st, cq->armed ? CQ_ARMED : CQ_FIRED);
	CX_SET(cqc, cqc, producer_counter, cq->pi);
	CX_SET(cqc, cqc, consumer_counter, cq->ci);
}

#define MODIFY_SELECT \
	modify_field_select_resize_field_select.modify_field_select.modify_field_select

void cx_cmd_modify_cq(struct cx_cmd *cmd)
{
	const uint8_t *cqc = CX_PTR(modify_cq_in, cmd->in, cq_context);
	uint32_t select = CX_GET(modify_cq_in, cmd->in, MODIFY_SELECT);
	struct cx_obj *obj = cx_cmd_obj(cmd, CX_OBJ_CQ, CX_GET(modify_cq_in, cmd->in, cqn), "cqn");

	if (!obj)
		return;
	if (cmd->op_mod) {
		cx_refuse(cmd, CX_BAD_PARAM, "op_mod", "%u: resize is not modelled", cmd->op_mod);
		return;
	}
	if (select & ~(MODIFY_PERIOD | MODIFY_COUNT | MODIFY_PERIOD_MODE)) {
		cx_refuse(cmd, CX_BAD_PARAM, "modify_field_select", "0x%x", select);
		return;
	}
	if (select & MODIFY_PERIOD)
		CX_SET(cqc, obj->data, cq_period, CX_GET(cqc, cqc, cq_period));
	if (select & MODIFY_COUNT)
		CX_SET(cqc, obj->data, cq_max_count, CX_GET(cqc, cqc, cq_max_count));
	if (select & MODIFY_PERIOD_MODE)
		CX_SET(cqc, obj->data, cq_period_mode, CX_GET(cqc, cqc, cq_period_mode));
}

static bool cq_full(struct cx_fn *fn, struct cx_cq *cq)
{
	uint32_t size = 1u << cq->log_size;
	uint8_t record[4];

	if (cq->ignore_overrun || ((cq->pi - cq->ci) & CQ_COUNTER_MASK) < size)
		return false;
	cx_dma_read(fn, cq->doorbell, record, sizeof(record));
	cq->ci = cx_be32(record) & CQ_COUNTER_MASK;
	return ((cq->pi - cq->ci) & CQ_COUNTER_MASK) >= size;
}

static void cq_overrun(struct cx_fn *fn, struct cx_cq *cq, uint32_t cqn)
{
	uint8_t data[28] = { 0 };	/* struct mlx5_eqe_cq_err */

	cq->failed = true;
	cx_log(fn, CX_LOG_ERROR, "cq 0x%x overrun: producer %u, consumer %u", cqn, cq->pi, cq->ci);
	cx_put_be32(data, cqn);
	data[11] = CQ_ERR_OVERRUN;
	cx_async_event(fn, MLX5_EVENT_TYPE_CODING_CQ_ERROR, 0, data);
}

void cx_cq_post(struct cx_fn *fn, uint32_t cqn, uint8_t cqe[64])
{
	struct cx_obj *obj = cx_obj_find(fn, CX_OBJ_CQ, cqn);
	struct cx_cq *cq = obj ? obj->priv : NULL;
	uint64_t off;

	if (!cq || cq->failed) {
		cx_log(fn, CX_LOG_ERROR, "completion for cq 0x%x, which %s", cqn,
		       cq ? "has failed" : "does not exist");
		return;
	}
	if (cq_full(fn, cq)) {
		cq_overrun(fn, cq, cqn);
		return;
	}
	/* A 128 byte entry carries the CQE in its second half. */
	off = (uint64_t)(cq->pi & ((1u << cq->log_size) - 1)) * cq->entry_bytes +
	      cq->entry_bytes - CQE_BYTES;
	cqe[CQE_BYTES - 1] = (cqe[CQE_BYTES - 1] & ~1) | (cq->pi >> cq->log_size & 1);
	cx_dma_write_owned(fn, cx_ring_addr(&cq->ring, off), cqe, CQE_BYTES);
	cq->pi = (cq->pi + 1) & CQ_COUNTER_MASK;
	if (cq->armed) {
		cq->armed = false;
		cx_completion_event(fn, cq->eqn, cqn);
	}
}

void cx_cq_arm(struct cx_fn *fn, uint32_t command, uint32_t cqn)
{
	struct cx_obj *obj = cx_obj_find(fn, CX_OBJ_CQ, cqn & CQ_COUNTER_MASK);
	struct cx_cq *cq = obj ? obj->priv : NULL;

	if (!cq) {
		cx_log(fn, CX_LOG_ERROR, "arm of cq 0x%x, which does not exist", cqn);
		return;
	}
	cq->ci = command & CQ_COUNTER_MASK;
	cq->armed = cq->ci == cq->pi;
	if (!cq->armed)
		cx_completion_event(fn, cq->eqn, obj->id);
}
