/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Send and receive queues, the control of them: CREATE/MODIFY/QUERY/DESTROY_SQ and _RQ, queue
 * memory, and the counter sets receive queues are attached to. What the queues do is the data
 * half's. Leaves out: striding RQ, SHAMPO, hairpin, RMP, queues in user memory (umem), packet
 * pacing; an error state is only ever entered by command.
 */
#include "cx.h"

enum {
	MAX_Q_COUNTER = 0xff,		/* rqc.counter_set_id has 8 bits */
	RQ_MODIFY = MLX5_MODIFY_RQ_IN_MODIFY_BITMASK_VSD |
		    MLX5_MODIFY_RQ_IN_MODIFY_BITMASK_RQ_COUNTER_SET_ID,
};

bool cx_ring_init(struct cx_cmd *cmd, struct cx_ring *ring, uint32_t pas, uint64_t bytes,
		  unsigned int page_shift, uint32_t page_offset)
{
	/* Counted in 64ths of a page, as the driver's po_quanta are. */
	uint32_t offset = page_offset << (page_shift - 6);
	uint64_t pages = (bytes + offset + (1ull << page_shift) - 1) >> page_shift;

	if (pages > UINT32_MAX / 8 || !cx_cmd_has(cmd, pas, pages * 8, "pas"))
		return false;
	ring->pages = pages;
	ring->page_shift = page_shift;
	ring->offset = offset;
	ring->page = g_new(uint64_t, pages);
	for (uint32_t i = 0; i < pages; i++)
		ring->page[i] = cx_be64(cmd->in + pas + i * 8);
	return true;
}

void cx_ring_free(struct cx_ring *ring)
{
	g_free(ring->page);
	ring->page = NULL;
	ring->pages = 0;
}

uint64_t cx_ring_addr(const struct cx_ring *ring, uint64_t off)
{
	uint64_t at = off + ring->offset;
	uint64_t page = at >> ring->page_shift;

	g_assert(page < ring->pages);
	return ring->page[page] + (at & ((1ull << ring->page_shift) - 1));
}

static void wq_release(struct cx_obj *obj)
{
	struct cx_wq *wq = obj->priv;

	wq->state = CX_WQ_RST;
	cx_wq_changed(wq);
	cx_ring_free(&wq->ring);
	g_free(wq->priv);
	g_free(wq);
}

static bool wq_supported(struct cx_cmd *cmd, const uint8_t *wq, bool is_sq)
{
	unsigned int type = CX_GET(wq, wq, wq_type);

	if (type != MLX5_WQ_TYPE_CYCLIC && (is_sq || type != MLX5_WQ_TYPE_LINKED_LIST)) {
		cx_refuse(cmd, CX_BAD_PARAM, "wq.wq_type", "%u is not modelled", type);
		return false;
	}
	if (CX_GET(wq, wq, dbr_umem_valid) || CX_GET(wq, wq, wq_umem_valid)) {
		cx_refuse(cmd, CX_BAD_PARAM, "wq.*_umem_valid", "not modelled");
		return false;
	}
	if (CX_GET(wq, wq, shampo_enable) || CX_GET(wq, wq, wq_signature)) {
		cx_refuse(cmd, CX_BAD_PARAM, "wq.shampo_enable/wq_signature", "not modelled");
		return false;
	}
	return true;
}

/*
 * Makes the queue whose context begins at byte off of the input and its wq at byte wq_off of that.
 * used: the objects it refers to.
 */
static struct cx_wq *wq_create(struct cx_cmd *cmd, bool is_sq, uint32_t off, uint32_t wq_off,
			       struct cx_obj *used[], unsigned int used_count)
{
	const uint8_t *context = cmd->in + off, *in = context + wq_off;
	struct cx_wq *wq;

	if (!wq_supported(cmd, in, is_sq))
		return NULL;
	wq = g_new0(struct cx_wq, 1);
	wq->fn = cmd->fn;
	wq->is_sq = is_sq;
	wq->type = CX_GET(wq, in, wq_type);
	wq->log_size = CX_GET(wq, in, log_wq_sz);
	wq->stride = 1u << CX_GET(wq, in, log_wq_stride);
	wq->doorbell = CX_GET(wq, in, dbr_addr);
	if (!cx_ring_init(cmd, &wq->ring, off + wq_off + CX_OFF(wq, pas),
			  (uint64_t)wq->stride << wq->log_size, 12 + CX_GET(wq, in, log_wq_pg_sz),
			  CX_GET(wq, in, page_offset))) {
		g_free(wq);
		return NULL;
	}
	wq->obj = cx_obj_new(cmd->fn, is_sq ? CX_OBJ_SQ : CX_OBJ_RQ, context, wq_off + CX_SIZE(wq));
	wq->obj->priv = wq;
	wq->obj->release = wq_release;
	for (unsigned int i = 0; i < used_count; i++)
		cx_obj_use(wq->obj, used[i]);
	return wq;
}

void cx_cmd_create_sq(struct cx_cmd *cmd)
{
	const uint8_t *sqc = CX_PTR(create_sq_in, cmd->in, ctx);
	struct cx_obj *used[2];
	struct cx_wq *wq;

	if (CX_GET(sqc, sqc, hairpin) || CX_GET(sqc, sqc, non_wire)) {
		cx_refuse(cmd, CX_BAD_PARAM, "sqc.hairpin/non_wire", "not modelled");
		return;
	}
	used[0] = cx_cmd_obj(cmd, CX_OBJ_CQ, CX_GET(sqc, sqc, cqn), "sqc.cqn");
	if (!used[0])
		return;
	/* A queue for ASO operations alone (no packets) has no TIS. */
	if (CX_GET(sqc, sqc, tis_lst_sz)) {
		used[1] = cx_cmd_obj(cmd, CX_OBJ_TIS, CX_GET(sqc, sqc, tis_num_0), "sqc.tis_num_0");
		if (!used[1])
			return;
	}
	wq = wq_create(cmd, true, CX_OFF(create_sq_in, ctx), CX_OFF(sqc, wq), used,
		       CX_GET(sqc, sqc, tis_lst_sz) ? 2 : 1);
	if (!wq)
		return;
	wq->cqn = used[0]->id;
	CX_SET(create_sq_out, cmd->out, sqn, wq->obj->id);
	cx_cmd_log(cmd, "sq 0x%x: %u blocks, cq 0x%x", wq->obj->id, 1u << wq->log_size, wq->cqn);
}

void cx_cmd_create_rq(struct cx_cmd *cmd)
{
	const uint8_t *rqc = CX_PTR(create_rq_in, cmd->in, ctx);
	struct cx_obj *used[2];
	struct cx_wq *wq;

	if (CX_GET(rqc, rqc, mem_rq_type) || CX_GET(rqc, rqc, hairpin) ||
	    CX_GET(rqc, rqc, scatter_fcs) || CX_GET(rqc, rqc, delay_drop_en)) {
		cx_refuse(cmd, CX_BAD_PARAM,
			  "rqc.mem_rq_type/hairpin/scatter_fcs/delay_drop_en", "not modelled");
		return;
	}
	used[0] = cx_cmd_obj(cmd, CX_OBJ_CQ, CX_GET(rqc, rqc, cqn), "rqc.cqn");
	if (!used[0])
		return;
	if (CX_GET(rqc, rqc, counter_set_id)) {
		used[1] = cx_cmd_obj(cmd, CX_OBJ_Q_COUNTER, CX_GET(rqc, rqc, counter_set_id),
				     "rqc.counter_set_id");
		if (!used[1])
			return;
	}
	wq = wq_create(cmd, false, CX_OFF(create_rq_in, ctx), CX_OFF(rqc, wq), used,
		       CX_GET(rqc, rqc, counter_set_id) ? 2 : 1);
	if (!wq)
		return;
	wq->cqn = used[0]->id;
	CX_SET(create_rq_out, cmd->out, rqn, wq->obj->id);
	cx_cmd_log(cmd, "rq 0x%x: %u entries of %u bytes, type %u, cq 0x%x", wq->obj->id,
		   1u << wq->log_size, wq->stride, wq->type, wq->cqn);
}

/* from: the state the driver believes it in; to: the one wanted. */
static bool wq_set_state(struct cx_cmd *cmd, struct cx_wq *wq, unsigned int from, unsigned int to)
{
	if (from != wq->state) {
		cx_refuse(cmd, CX_BAD_RES_STATE, wq->is_sq ? "sq_state" : "rq_state",
			  "queue 0x%x is in state %u, not %u", wq->obj->id, wq->state, from);
		return false;
	}
	if (to != CX_WQ_RST && to != CX_WQ_RDY && to != CX_WQ_ERR) {
		cx_refuse(cmd, CX_BAD_PARAM, "ctx.state", "%u is unknown", to);
		return false;
	}
	if (to == CX_WQ_RST)
		wq->ci = 0;
	wq->state = to;
	cx_bits_set(wq->obj->data, wq->is_sq ? CX_BIT_OFF(sqc, state) : CX_BIT_OFF(rqc, state),
		    CX_BIT_LEN(sqc, state), to);
	cx_wq_changed(wq);
	return true;
}

void cx_cmd_modify_sq(struct cx_cmd *cmd)
{
	uint32_t sqn = CX_GET(modify_sq_in, cmd->in, sqn);
	uint64_t mask = CX_GET(modify_sq_in, cmd->in, modify_bitmask);
	struct cx_obj *obj = cx_cmd_obj(cmd, CX_OBJ_SQ, sqn, "sqn");

	if (!obj)
		return;
	if (mask) {
		cx_refuse(cmd, CX_BAD_PARAM, "modify_bitmask", "0x%llx: rate limits, not modelled",
			  (unsigned long long)mask);
		return;
	}
	wq_set_state(cmd, obj->priv, CX_GET(modify_sq_in, cmd->in, sq_state),
		     CX_GET(modify_sq_in, cmd->in, ctx.state));
}

void cx_cmd_modify_rq(struct cx_cmd *cmd)
{
	uint32_t rqn = CX_GET(modify_rq_in, cmd->in, rqn);
	uint64_t mask = CX_GET(modify_rq_in, cmd->in, modify_bitmask);
	struct cx_obj *obj = cx_cmd_obj(cmd, CX_OBJ_RQ, rqn, "rqn");
	const uint8_t *rqc = CX_PTR(modify_rq_in, cmd->in, ctx);

	if (!obj)
		return;
	if (mask & ~(uint64_t)RQ_MODIFY) {
		cx_refuse(cmd, CX_BAD_PARAM, "modify_bitmask", "0x%llx", (unsigned long long)mask);
		return;
	}
	if (!wq_set_state(cmd, obj->priv, CX_GET(modify_rq_in, cmd->in, rq_state),
			  CX_GET(rqc, rqc, state)))
		return;
	if (mask & MLX5_MODIFY_RQ_IN_MODIFY_BITMASK_VSD)
		CX_SET(rqc, obj->data, vsd, CX_GET(rqc, rqc, vsd));
	if (mask & MLX5_MODIFY_RQ_IN_MODIFY_BITMASK_RQ_COUNTER_SET_ID)
		CX_SET(rqc, obj->data, counter_set_id, CX_GET(rqc, rqc, counter_set_id));
}

void cx_cmd_destroy_sq(struct cx_cmd *cmd)
{
	cx_cmd_obj_destroy(cmd, CX_OBJ_SQ, CX_GET(destroy_sq_in, cmd->in, sqn), "sqn");
}

void cx_cmd_destroy_rq(struct cx_cmd *cmd)
{
	cx_cmd_obj_destroy(cmd, CX_OBJ_RQ, CX_GET(destroy_rq_in, cmd->in, rqn), "rqn");
}

/* hw_counter: entries consumed, what the driver prints when a queue hangs. */
static void wq_query(const struct cx_obj *obj, uint8_t *context, uint32_t wq_off)
{
	const struct cx_wq *wq = obj->priv;

	memcpy(context, obj->data, obj->len);
	CX_SET(wq, context + wq_off, hw_counter, wq->ci);
}

void cx_cmd_query_sq(struct cx_cmd *cmd)
{
	struct cx_obj *obj = cx_cmd_obj(cmd, CX_OBJ_SQ, CX_GET(query_sq_in, cmd->in, sqn), "sqn");

	if (obj)
		wq_query(obj, CX_PTR(query_sq_out, cmd->out, sq_context), CX_OFF(sqc, wq));
}

void cx_cmd_query_rq(struct cx_cmd *cmd)
{
	struct cx_obj *obj = cx_cmd_obj(cmd, CX_OBJ_RQ, CX_GET(query_rq_in, cmd->in, rqn), "rqn");

	if (obj)
		wq_query(obj, CX_PTR(query_rq_out, cmd->out, rq_context), CX_OFF(rqc, wq));
}

struct cx_wq *cx_sq_find(struct cx_fn *fn, uint32_t sqn)
{
	struct cx_obj *obj = cx_obj_find(fn, CX_OBJ_SQ, sqn);

	return obj ? obj->priv : NULL;
}

struct cx_wq *cx_rq_find(struct cx_fn *fn, uint32_t rqn)
{
	struct cx_obj *obj = cx_obj_find(fn, CX_OBJ_RQ, rqn);

	return obj ? obj->priv : NULL;
}

void cx_cmd_alloc_q_counter(struct cx_cmd *cmd)
{
	uint32_t id = 1;

	while (id <= MAX_Q_COUNTER &&
	       g_hash_table_contains(cmd->dev->objects, GUINT_TO_POINTER(id)))
		id++;
	if (id > MAX_Q_COUNTER) {
		cx_refuse(cmd, CX_NO_RES, "counter_set_id", "all %d are taken", MAX_Q_COUNTER);
		return;
	}
	cx_obj_new_id(cmd->fn, CX_OBJ_Q_COUNTER, id, NULL, CX_SIZE(query_q_counter_out));
	CX_SET(alloc_q_counter_out, cmd->out, counter_set_id, id);
}

void cx_cmd_dealloc_q_counter(struct cx_cmd *cmd)
{
	uint32_t id = CX_GET(dealloc_q_counter_in, cmd->in, counter_set_id);

	cx_cmd_obj_destroy(cmd, CX_OBJ_Q_COUNTER, id, "counter_set_id");
}

void cx_cmd_query_q_counter(struct cx_cmd *cmd)
{
	uint32_t id = CX_GET(query_q_counter_in, cmd->in, counter_set_id);
	struct cx_obj *obj;

	if (CX_GET(query_q_counter_in, cmd->in, other_vport) ||
	    CX_GET(query_q_counter_in, cmd->in, aggregate)) {
		cx_refuse(cmd, CX_BAD_PARAM, "other_vport/aggregate", "not modelled");
		return;
	}
	obj = cx_cmd_obj(cmd, CX_OBJ_Q_COUNTER, id, "counter_set_id");
	if (!obj)
		return;
	memcpy(cmd->out, obj->data, obj->len);
	if (CX_GET(query_q_counter_in, cmd->in, clear))
		memset(obj->data, 0, obj->len);
}

void cx_q_counter_add(struct cx_fn *fn, uint32_t set, uint32_t field)
{
	struct cx_obj *obj = cx_obj_find(fn, CX_OBJ_Q_COUNTER, set);

	if (obj)
		cx_put_be32(obj->data + field, cx_be32(obj->data + field) + 1);
}

void cx_rq_out_of_buffer(struct cx_wq *rq)
{
	cx_q_counter_add(rq->fn, CX_GET(rqc, rq->obj->data, counter_set_id),
			 CX_Q_COUNTER(out_of_buffer));
}
