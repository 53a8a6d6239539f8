/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared receive queues, as far as the driver cannot do without: it makes a pair of them for itself
 * and names them in queue pairs that have none (RMP for the plain kind, XRC SRQ). Leaves out: their
 * use; a queue pair that would receive from one is refused (cx_qp.c).
 */
#include "cx.h"

void cx_cmd_create_rmp(struct cx_cmd *cmd)
{
	const uint8_t *rmpc = CX_PTR(create_rmp_in, cmd->in, ctx);
	const uint8_t *wq = CX_PTR(rmpc, rmpc, wq);
	struct cx_obj *pd = cx_cmd_obj(cmd, CX_OBJ_PD, CX_GET(wq, wq, pd), "wq.pd"), *rmp;

	if (!pd)
		return;
	rmp = cx_obj_new(cmd->fn, CX_OBJ_RMP, rmpc, CX_SIZE(rmpc));
	cx_obj_use(rmp, pd);
	CX_SET(create_rmp_out, cmd->out, rmpn, rmp->id);
}

void cx_cmd_destroy_rmp(struct cx_cmd *cmd)
{
	cx_cmd_obj_destroy(cmd, CX_OBJ_RMP, CX_GET(destroy_rmp_in, cmd->in, rmpn), "rmpn");
}

void cx_cmd_create_xrc_srq(struct cx_cmd *cmd)
{
	const uint8_t *xrc = CX_PTR(create_xrc_srq_in, cmd->in, xrc_srq_context_entry);
	struct cx_obj *used[3], *srq;

	used[0] = cx_cmd_obj(cmd, CX_OBJ_PD, CX_GET(xrc_srqc, xrc, pd), "xrc_srqc.pd");
	if (!used[0])
		return;
	used[1] = cx_cmd_obj(cmd, CX_OBJ_CQ, CX_GET(xrc_srqc, xrc, cqn), "xrc_srqc.cqn");
	if (!used[1])
		return;
	used[2] = cx_cmd_obj(cmd, CX_OBJ_XRCD, CX_GET(xrc_srqc, xrc, xrcd), "xrc_srqc.xrcd");
	if (!used[2])
		return;
	srq = cx_obj_new(cmd->fn, CX_OBJ_XRC_SRQ, xrc, CX_SIZE(xrc_srqc));
	for (unsigned int i = 0; i < G_N_ELEMENTS(used); i++)
		cx_obj_use(srq, used[i]);
	CX_SET(create_xrc_srq_out, cmd->out, xrc_srqn, srq->id);
}

void cx_cmd_destroy_xrc_srq(struct cx_cmd *cmd)
{
	uint32_t id = CX_GET(destroy_xrc_srq_in, cmd->in, xrc_srqn);

	cx_cmd_obj_destroy(cmd, CX_OBJ_XRC_SRQ, id, "xrc_srqn");
}
