/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every command the model knows: its handler, its smallest input and output, whether it may come
 * before INIT_HCA. Commands without a handler need only an ok; the table says why that is honest.
 */
#include "cx.h"

#define OP(op, layout, handler)                                                                    \
	{ MLX5_CMD_OP_##op, #op, handler, CX_SIZE(layout##_in), CX_SIZE(layout##_out), false, NULL }
#define EARLY(op, layout, handler)                                                                 \
	{ MLX5_CMD_OP_##op, #op, handler, CX_SIZE(layout##_in), CX_SIZE(layout##_out), true, NULL }
#define OK(op, layout, why)                                                                        \
	{ MLX5_CMD_OP_##op, #op, NULL, CX_SIZE(layout##_in), CX_SIZE(layout##_out), false, why }

static const struct cx_opcode opcodes[] = {
	/* cx_hca.c */
	EARLY(ENABLE_HCA, enable_hca, cx_cmd_enable_hca),
	EARLY(DISABLE_HCA, disable_hca, cx_cmd_disable_hca),
	EARLY(QUERY_ISSI, query_issi, cx_cmd_query_issi),
	EARLY(SET_ISSI, set_issi, cx_cmd_set_issi),
	EARLY(QUERY_PAGES, query_pages, cx_cmd_query_pages),
	EARLY(INIT_HCA, init_hca, cx_cmd_init_hca),
	EARLY(TEARDOWN_HCA, teardown_hca, cx_cmd_teardown_hca),
	OP(QUERY_ADAPTER, query_adapter, cx_cmd_query_adapter),
	/* cx_caps.c */
	EARLY(QUERY_HCA_CAP, query_hca_cap, cx_cmd_query_hca_cap),
	EARLY(SET_HCA_CAP, set_hca_cap, cx_cmd_set_hca_cap),
	/* cx_eq.c, cx_cq.c */
	OP(CREATE_EQ, create_eq, cx_cmd_create_eq),
	OP(DESTROY_EQ, destroy_eq, cx_cmd_destroy_eq),
	OP(QUERY_EQ, query_eq, cx_cmd_query_eq),
	OP(CREATE_CQ, create_cq, cx_cmd_create_cq),
	OP(DESTROY_CQ, destroy_cq, cx_cmd_destroy_cq),
	OP(QUERY_CQ, query_cq, cx_cmd_query_cq),
	OP(MODIFY_CQ, modify_cq, cx_cmd_modify_cq),
	/* cx_queue.c */
	OP(CREATE_SQ, create_sq, cx_cmd_create_sq),
	OP(MODIFY_SQ, modify_sq, cx_cmd_modify_sq),
	OP(DESTROY_SQ, destroy_sq, cx_cmd_destroy_sq),
	OP(QUERY_SQ, query_sq, cx_cmd_query_sq),
	OP(CREATE_RQ, create_rq, cx_cmd_create_rq),
	OP(MODIFY_RQ, modify_rq, cx_cmd_modify_rq),
	OP(DESTROY_RQ, destroy_rq, cx_cmd_destroy_rq),
	OP(QUERY_RQ, query_rq, cx_cmd_query_rq),
	OP(ALLOC_Q_COUNTER, alloc_q_counter, cx_cmd_alloc_q_counter),
	OP(DEALLOC_Q_COUNTER, dealloc_q_counter, cx_cmd_dealloc_q_counter),
	OP(QUERY_Q_COUNTER, query_q_counter, cx_cmd_query_q_counter),
	/* cx_simple.c */
	OP(ALLOC_PD, alloc_pd, cx_cmd_alloc_pd),
	OP(DEALLOC_PD, dealloc_pd, cx_cmd_dealloc_pd),
	OP(ALLOC_TRANSPORT_DOMAIN, alloc_transport_domain, cx_cmd_alloc_td),
	OP(DEALLOC_TRANSPORT_DOMAIN, dealloc_transport_domain, cx_cmd_dealloc_td),
	OP(ALLOC_UAR, alloc_uar, cx_cmd_alloc_uar),
	OP(DEALLOC_UAR, dealloc_uar, cx_cmd_dealloc_uar),
	OP(ALLOC_XRCD, alloc_xrcd, cx_cmd_alloc_xrcd),
	OP(DEALLOC_XRCD, dealloc_xrcd, cx_cmd_dealloc_xrcd),
	OP(CREATE_TIS, create_tis, cx_cmd_create_tis),
	OP(MODIFY_TIS, modify_tis, cx_cmd_modify_tis),
	OP(DESTROY_TIS, destroy_tis, cx_cmd_destroy_tis),
	OP(CREATE_TIR, create_tir, cx_cmd_create_tir),
	OP(MODIFY_TIR, modify_tir, cx_cmd_modify_tir),
	OP(DESTROY_TIR, destroy_tir, cx_cmd_destroy_tir),
	OP(CREATE_RQT, create_rqt, cx_cmd_create_rqt),
	OP(MODIFY_RQT, modify_rqt, cx_cmd_modify_rqt),
	OP(DESTROY_RQT, destroy_rqt, cx_cmd_destroy_rqt),
	OP(ADD_VXLAN_UDP_DPORT, add_vxlan_udp_dport, cx_cmd_add_vxlan_dport),
	/* cx_mkey.c, cx_qp.c, cx_srq.c, cx_roce.c */
	OP(CREATE_MKEY, create_mkey, cx_cmd_create_mkey),
	OP(DESTROY_MKEY, destroy_mkey, cx_cmd_destroy_mkey),
	OP(CREATE_QP, create_qp, cx_cmd_create_qp),
	OP(RST2INIT_QP, rst2init_qp, cx_cmd_modify_qp),
	OP(INIT2INIT_QP, init2init_qp, cx_cmd_modify_qp),
	OP(INIT2RTR_QP, init2rtr_qp, cx_cmd_modify_qp),
	OP(RTR2RTS_QP, rtr2rts_qp, cx_cmd_modify_qp),
	OP(RTS2RTS_QP, rts2rts_qp, cx_cmd_modify_qp),
	OP(2RST_QP, qp_2rst, cx_cmd_modify_qp),
	OP(2ERR_QP, qp_2err, cx_cmd_modify_qp),
	OP(QUERY_QP, query_qp, cx_cmd_query_qp),
	OP(DESTROY_QP, destroy_qp, cx_cmd_destroy_qp),
	OP(CREATE_RMP, create_rmp, cx_cmd_create_rmp),
	OP(DESTROY_RMP, destroy_rmp, cx_cmd_destroy_rmp),
	OP(CREATE_XRC_SRQ, create_xrc_srq, cx_cmd_create_xrc_srq),
	OP(DESTROY_XRC_SRQ, destroy_xrc_srq, cx_cmd_destroy_xrc_srq),
	OP(SET_ROCE_ADDRESS, set_roce_address, cx_cmd_set_roce_address),
	OP(QUERY_ROCE_ADDRESS, query_roce_address, cx_cmd_query_roce_address),
	OP(QUERY_HCA_VPORT_PKEY, query_hca_vport_pkey, cx_cmd_query_hca_vport_pkey),
	/* cx_general.c */
	{ MLX5_CMD_OP_CREATE_GENERAL_OBJECT, "CREATE_GENERAL_OBJECT", cx_cmd_create_general,
	  CX_SIZE(general_obj_in_cmd_hdr), CX_SIZE(general_obj_out_cmd_hdr), false, NULL },
	{ MLX5_CMD_OP_MODIFY_GENERAL_OBJECT, "MODIFY_GENERAL_OBJECT", cx_cmd_modify_general,
	  CX_SIZE(general_obj_in_cmd_hdr), CX_SIZE(general_obj_out_cmd_hdr), false, NULL },
	{ MLX5_CMD_OP_QUERY_GENERAL_OBJECT, "QUERY_GENERAL_OBJECT", cx_cmd_query_general,
	  CX_SIZE(general_obj_in_cmd_hdr), CX_SIZE(general_obj_out_cmd_hdr), false, NULL },
	{ MLX5_CMD_OP_DESTROY_GENERAL_OBJECT, "DESTROY_GENERAL_OBJECT", cx_cmd_destroy_general,
	  CX_SIZE(general_obj_in_cmd_hdr), CX_SIZE(general_obj_out_cmd_hdr), false, NULL },
	/* cx_vport.c, cx_reg.c */
	OP(QUERY_NIC_VPORT_CONTEXT, query_nic_vport_context, cx_cmd_query_nic_vport),
	OP(MODIFY_NIC_VPORT_CONTEXT, modify_nic_vport_context, cx_cmd_modify_nic_vport),
	OP(QUERY_ESW_VPORT_CONTEXT, query_esw_vport_context, cx_cmd_query_esw_vport),
	OP(MODIFY_ESW_VPORT_CONTEXT, modify_esw_vport_context, cx_cmd_modify_esw_vport),
	OP(QUERY_VPORT_STATE, query_vport_state, cx_cmd_query_vport_state),
	OP(MODIFY_VPORT_STATE, modify_vport_state, cx_cmd_modify_vport_state),
	OP(QUERY_VPORT_COUNTER, query_vport_counter, cx_cmd_query_vport_counter),
	EARLY(ACCESS_REG, access_register, cx_cmd_access_reg),
	/* cx_flow.c */
	OP(CREATE_FLOW_TABLE, create_flow_table, cx_cmd_create_flow_table),
	OP(DESTROY_FLOW_TABLE, destroy_flow_table, cx_cmd_destroy_flow_table),
	OP(MODIFY_FLOW_TABLE, modify_flow_table, cx_cmd_modify_flow_table),
	OP(QUERY_FLOW_TABLE, query_flow_table, cx_cmd_query_flow_table),
	OP(SET_FLOW_TABLE_ROOT, set_flow_table_root, cx_cmd_set_flow_table_root),
	OP(CREATE_FLOW_GROUP, create_flow_group, cx_cmd_create_flow_group),
	OP(DESTROY_FLOW_GROUP, destroy_flow_group, cx_cmd_destroy_flow_group),
	OP(SET_FLOW_TABLE_ENTRY, set_fte, cx_cmd_set_fte),
	OP(DELETE_FLOW_TABLE_ENTRY, delete_fte, cx_cmd_delete_fte),
	OP(ALLOC_FLOW_COUNTER, alloc_flow_counter, cx_cmd_alloc_flow_counter),
	OP(DEALLOC_FLOW_COUNTER, dealloc_flow_counter, cx_cmd_dealloc_flow_counter),
	OP(QUERY_FLOW_COUNTER, query_flow_counter, cx_cmd_query_flow_counter),
	/* The layout ends with the first two bytes of data, and removing ESP has none. */
	{ MLX5_CMD_OP_ALLOC_PACKET_REFORMAT_CONTEXT, "ALLOC_PACKET_REFORMAT_CONTEXT",
	  cx_cmd_alloc_packet_reformat, CX_SIZE(alloc_packet_reformat_context_in) - 2,
	  CX_SIZE(alloc_packet_reformat_context_out), false, NULL },
	OP(DEALLOC_PACKET_REFORMAT_CONTEXT, dealloc_packet_reformat_context,
	   cx_cmd_dealloc_packet_reformat),
	OP(ALLOC_MODIFY_HEADER_CONTEXT, alloc_modify_header_context, cx_cmd_alloc_modify_header),
	OP(DEALLOC_MODIFY_HEADER_CONTEXT, dealloc_modify_header_context,
	   cx_cmd_dealloc_modify_header),
	/* An ok is all there is to say. */
	OK(SET_DRIVER_VERSION, set_driver_version, "only for the firmware's own reports"),
	OK(SET_L2_TABLE_ENTRY, set_l2_table_entry,
	   "MPFS tells hosts of one port apart by MAC; this one has one host, for every frame"),
	OK(DELETE_L2_TABLE_ENTRY, delete_l2_table_entry, "as SET_L2_TABLE_ENTRY"),
	OK(DELETE_VXLAN_UDP_DPORT, delete_vxlan_udp_dport, "only 4789 was ever accepted, and stays"),
};

const struct cx_opcode *cx_opcode_find(uint16_t opcode)
{
	for (unsigned int i = 0; i < G_N_ELEMENTS(opcodes); i++)
		if (opcodes[i].opcode == opcode)
			return &opcodes[i];
	return NULL;
}
