/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Objects that are little more than a number and a context: protection and transport domains, UAR
 * pages, TIS, TIR, RQT, XRC domains; and the list of VXLAN ports. Leaves out: LAG affinity, TLS, LRO
 * and packet merge, RQTs over other functions' queues, VXLAN ports but 4789.
 */
#include "cx.h"

enum {
	FIRST_UAR = 8,		/* pages 0..7 of the BAR: init segment and room above it */
	UAR_COUNT = 64,		/* bits of cx_fn.uars */
	PORT_VXLAN = 4789,
	DISP_DIRECT = MLX5_TIRC_DISP_TYPE_DIRECT,
	DISP_INDIRECT = MLX5_TIRC_DISP_TYPE_INDIRECT,
};

void cx_cmd_alloc_pd(struct cx_cmd *cmd)
{
	CX_SET(alloc_pd_out, cmd->out, pd, cx_obj_new(cmd->fn, CX_OBJ_PD, NULL, 0)->id);
}

void cx_cmd_dealloc_pd(struct cx_cmd *cmd)
{
	cx_cmd_obj_destroy(cmd, CX_OBJ_PD, CX_GET(dealloc_pd_in, cmd->in, pd), "pd");
}

void cx_cmd_alloc_td(struct cx_cmd *cmd)
{
	CX_SET(alloc_transport_domain_out, cmd->out, transport_domain,
	       cx_obj_new(cmd->fn, CX_OBJ_TD, NULL, 0)->id);
}

void cx_cmd_dealloc_td(struct cx_cmd *cmd)
{
	uint32_t id = CX_GET(dealloc_transport_domain_in, cmd->in, transport_domain);

	cx_cmd_obj_destroy(cmd, CX_OBJ_TD, id, "transport_domain");
}

void cx_cmd_alloc_xrcd(struct cx_cmd *cmd)
{
	CX_SET(alloc_xrcd_out, cmd->out, xrcd, cx_obj_new(cmd->fn, CX_OBJ_XRCD, NULL, 0)->id);
}

void cx_cmd_dealloc_xrcd(struct cx_cmd *cmd)
{
	cx_cmd_obj_destroy(cmd, CX_OBJ_XRCD, CX_GET(dealloc_xrcd_in, cmd->in, xrcd), "xrcd");
}

void cx_cmd_alloc_uar(struct cx_cmd *cmd)
{
	for (unsigned int i = 0; i < UAR_COUNT; i++) {
		if (cmd->fn->uars & 1ull << i)
			continue;
		cmd->fn->uars |= 1ull << i;
		CX_SET(alloc_uar_out, cmd->out, uar, FIRST_UAR + i);
		return;
	}
	cx_refuse(cmd, CX_NO_RES, "uar", "all %u pages are taken", UAR_COUNT);
}

void cx_cmd_dealloc_uar(struct cx_cmd *cmd)
{
	uint32_t bit = CX_GET(dealloc_uar_in, cmd->in, uar) - FIRST_UAR;

	if (bit >= UAR_COUNT || !(cmd->fn->uars & 1ull << bit)) {
		cx_refuse(cmd, CX_BAD_RES, "uar", "page %u is not allocated", bit + FIRST_UAR);
		return;
	}
	cmd->fn->uars &= ~(1ull << bit);
}

void cx_cmd_create_tis(struct cx_cmd *cmd)
{
	const uint8_t *tisc = CX_PTR(create_tis_in, cmd->in, ctx);
	struct cx_obj *td, *tis;

	if (CX_GET(tisc, tisc, tls_en)) {
		cx_refuse(cmd, CX_BAD_PARAM, "tisc.tls_en", "TLS is not modelled");
		return;
	}
	td = cx_cmd_obj(cmd, CX_OBJ_TD, CX_GET(tisc, tisc, transport_domain),
			"tisc.transport_domain");
	if (!td)
		return;
	tis = cx_obj_new(cmd->fn, CX_OBJ_TIS, tisc, CX_SIZE(tisc));
	cx_obj_use(tis, td);
	CX_SET(create_tis_out, cmd->out, tisn, tis->id);
}

/* Only the priority can change, and there is one traffic class. */
void cx_cmd_modify_tis(struct cx_cmd *cmd)
{
	const uint8_t *tisc = CX_PTR(modify_tis_in, cmd->in, ctx);
	struct cx_obj *tis = cx_cmd_obj(cmd, CX_OBJ_TIS, CX_GET(modify_tis_in, cmd->in, tisn),
					"tisn");

	if (!tis)
		return;
	if (CX_GET(modify_tis_in, cmd->in, bitmask.lag_tx_port_affinity)) {
		cx_refuse(cmd, CX_BAD_PARAM, "bitmask.lag_tx_port_affinity", "no LAG");
		return;
	}
	if (CX_GET(modify_tis_in, cmd->in, bitmask.prio))
		CX_SET(tisc, tis->data, prio, CX_GET(tisc, tisc, prio));
}

void cx_cmd_destroy_tis(struct cx_cmd *cmd)
{
	cx_cmd_obj_destroy(cmd, CX_OBJ_TIS, CX_GET(destroy_tis_in, cmd->in, tisn), "tisn");
}

void cx_cmd_create_tir(struct cx_cmd *cmd)
{
	const uint8_t *tirc = CX_PTR(create_tir_in, cmd->in, ctx);
	unsigned int disp = CX_GET(tirc, tirc, disp_type);
	struct cx_obj *td, *to, *tir;

	if (CX_GET(tirc, tirc, tls_en) || CX_GET(tirc, tirc, packet_merge_mask)) {
		cx_refuse(cmd, CX_BAD_PARAM, "tirc.tls_en/packet_merge_mask", "not modelled");
		return;
	}
	td = cx_cmd_obj(cmd, CX_OBJ_TD, CX_GET(tirc, tirc, transport_domain),
			"tirc.transport_domain");
	if (!td)
		return;
	if (disp == DISP_DIRECT) {
		to = cx_cmd_obj(cmd, CX_OBJ_RQ, CX_GET(tirc, tirc, inline_rqn),
				"tirc.inline_rqn");
	} else if (disp == DISP_INDIRECT) {
		to = cx_cmd_obj(cmd, CX_OBJ_RQT, CX_GET(tirc, tirc, indirect_table),
				"tirc.indirect_table");
	} else {
		cx_refuse(cmd, CX_BAD_PARAM, "tirc.disp_type", "%u is unknown", disp);
		return;
	}
	if (!to)
		return;
	tir = cx_obj_new(cmd->fn, CX_OBJ_TIR, tirc, CX_SIZE(tirc));
	cx_obj_use(tir, td);
	cx_obj_use(tir, to);
	CX_SET(create_tir_out, cmd->out, tirn, tir->id);
}

/* Hash and loopback can change; where the TIR leads to cannot. */
void cx_cmd_modify_tir(struct cx_cmd *cmd)
{
	const uint8_t *tirc = CX_PTR(modify_tir_in, cmd->in, ctx);
	struct cx_obj *tir = cx_cmd_obj(cmd, CX_OBJ_TIR, CX_GET(modify_tir_in, cmd->in, tirn),
					"tirn");

	if (!tir)
		return;
	if (CX_GET(modify_tir_in, cmd->in, bitmask.packet_merge) &&
	    CX_GET(tirc, tirc, packet_merge_mask)) {
		cx_refuse(cmd, CX_BAD_PARAM, "bitmask.packet_merge", "not modelled");
		return;
	}
	if (CX_GET(modify_tir_in, cmd->in, bitmask.self_lb_en))
		CX_SET(tirc, tir->data, self_lb_block, CX_GET(tirc, tirc, self_lb_block));
	if (CX_GET(modify_tir_in, cmd->in, bitmask.hash)) {
		CX_SET(tirc, tir->data, rx_hash_fn, CX_GET(tirc, tirc, rx_hash_fn));
		CX_SET(tirc, tir->data, rx_hash_symmetric, CX_GET(tirc, tirc, rx_hash_symmetric));
		memcpy(CX_PTR(tirc, tir->data, rx_hash_toeplitz_key),
		       CX_PTR(tirc, tirc, rx_hash_toeplitz_key),
		       CX_FIELD_BYTES(tirc, rx_hash_toeplitz_key));
		memcpy(CX_PTR(tirc, tir->data, rx_hash_field_selector_outer),
		       CX_PTR(tirc, tirc, rx_hash_field_selector_outer),
		       CX_FIELD_BYTES(tirc, rx_hash_field_selector_outer));
		memcpy(CX_PTR(tirc, tir->data, rx_hash_field_selector_inner),
		       CX_PTR(tirc, tirc, rx_hash_field_selector_inner),
		       CX_FIELD_BYTES(tirc, rx_hash_field_selector_inner));
	}
}

void cx_cmd_destroy_tir(struct cx_cmd *cmd)
{
	cx_cmd_obj_destroy(cmd, CX_OBJ_TIR, CX_GET(destroy_tir_in, cmd->in, tirn), "tirn");
}

/*
 * Checks the queue list of an rqtc at byte off of the input and references each queue from rqt.
 * Returns its byte length, 0 after a refusal.
 */
static uint32_t rqt_take(struct cx_cmd *cmd, uint32_t off, struct cx_obj *rqt)
{
	const uint8_t *rqtc = cmd->in + off;
	uint32_t count = CX_GET(rqtc, rqtc, rqt_actual_size);
	GPtrArray *rqs = g_ptr_array_new();
	struct cx_obj *rq = NULL;

	if (CX_GET(rqtc, rqtc, rq_vhca_id_format) || CX_GET(rqtc, rqtc, list_q_type)) {
		cx_refuse(cmd, CX_BAD_PARAM, "rqtc.rq_vhca_id_format/list_q_type", "not modelled");
		count = 0;
	} else if (!count) {
		cx_refuse(cmd, CX_BAD_PARAM, "rqtc.rqt_actual_size", "0");
	} else if (!cx_cmd_has(cmd, off + CX_SIZE(rqtc), count * 4, "rqtc.rq_num")) {
		count = 0;
	}
	for (uint32_t i = 0; i < count; i++) {
		rq = cx_cmd_obj(cmd, CX_OBJ_RQ, cx_be32(rqtc + CX_SIZE(rqtc) + i * 4) & 0xffffff,
				"rqtc.rq_num");
		if (!rq)
			break;
		g_ptr_array_add(rqs, rq);
	}
	if (rq) {
		cx_obj_drop_uses(rqt);
		for (uint32_t i = 0; i < count; i++)
			cx_obj_use(rqt, g_ptr_array_index(rqs, i));
	}
	g_ptr_array_free(rqs, TRUE);
	return rq ? CX_SIZE(rqtc) + count * 4 : 0;
}

void cx_cmd_create_rqt(struct cx_cmd *cmd)
{
	const uint8_t *rqtc = CX_PTR(create_rqt_in, cmd->in, rqt_context);
	struct cx_obj *rqt = cx_obj_new(cmd->fn, CX_OBJ_RQT, NULL, 0);
	uint32_t len = rqt_take(cmd, CX_OFF(create_rqt_in, rqt_context), rqt);

	if (!len) {
		cx_obj_free(rqt);
		return;
	}
	g_free(rqt->data);
	rqt->data = g_memdup2(rqtc, len);
	rqt->len = len;
	CX_SET(create_rqt_out, cmd->out, rqtn, rqt->id);
}

void cx_cmd_modify_rqt(struct cx_cmd *cmd)
{
	const uint8_t *rqtc = CX_PTR(modify_rqt_in, cmd->in, ctx);
	struct cx_obj *rqt = cx_cmd_obj(cmd, CX_OBJ_RQT, CX_GET(modify_rqt_in, cmd->in, rqtn),
					"rqtn");
	uint32_t len;

	if (!rqt || !CX_GET(modify_rqt_in, cmd->in, bitmask.rqn_list))
		return;
	len = rqt_take(cmd, CX_OFF(modify_rqt_in, ctx), rqt);
	if (!len)
		return;
	rqt->data = g_realloc(rqt->data, len);
	rqt->len = len;
	CX_SET(rqtc, rqt->data, rqt_actual_size, CX_GET(rqtc, rqtc, rqt_actual_size));
	memcpy(rqt->data + CX_SIZE(rqtc), rqtc + CX_SIZE(rqtc), len - CX_SIZE(rqtc));
}

void cx_cmd_destroy_rqt(struct cx_cmd *cmd)
{
	cx_cmd_obj_destroy(cmd, CX_OBJ_RQT, CX_GET(destroy_rqt_in, cmd->in, rqtn), "rqtn");
}

/* A list of one: the port that the parser (cx_packet.c) knows. */
void cx_cmd_add_vxlan_dport(struct cx_cmd *cmd)
{
	unsigned int port = CX_GET(add_vxlan_udp_dport_in, cmd->in, vxlan_udp_port);

	if (port != PORT_VXLAN)
		cx_refuse(cmd, CX_BAD_PARAM, "vxlan_udp_port", "%u: only %d is parsed", port,
			  PORT_VXLAN);
}
