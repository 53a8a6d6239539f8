/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The capabilities of the cards, as data: one row a field, a column for the PF and one for its VFs,
 * and what single profiles have otherwise. A field that is not here reads zero. Set is what the
 * driver needs for a netdev, SR-IOV, switchdev with TC, and packet offload, and what the model
 * really does; so these stay zero: software steering (sw_owner), striding RQ, CQE compression, LRO,
 * QoS, TLS, crypto offload, VLANs handled by the vport, the register capability masks but
 * MCAM.
 */
#include "cx_caps.h"

#define ROW(prefix, page, type, field, pf, vf)                                                     \
	{ prefix "." #field, page, CX_BIT_OFF(type, field), CX_BIT_LEN(type, field), pf, vf }
#define GENERAL(f, pf, vf) ROW("general", CX_PAGE_GENERAL, cmd_hca_cap, f, pf, vf)
#define ETHERNET(f, v)                                                                             \
	ROW("ethernet", CX_PAGE_ETHERNET, per_protocol_networking_offload_caps, f, v, v)
#define NIC(f, v) ROW("flow_table", CX_PAGE_FLOW_TABLE, flow_table_nic_cap, f, v, v)
#define ESWITCH_FT(f, v)                                                                           \
	ROW("eswitch_flow_table", CX_PAGE_ESWITCH_FLOW_TABLE, flow_table_eswitch_cap, f, v, 0)
#define ESWITCH(f, v) ROW("eswitch", CX_PAGE_ESWITCH, e_switch_cap, f, v, 0)
#define ROCE(f, v) ROW("roce", CX_PAGE_ROCE, roce_cap, f, v, v)
#define IPSEC(f, pf, vf) ROW("ipsec", CX_PAGE_IPSEC, ipsec_cap, f, pf, vf)

/* One bit of general_obj_types: bit n of a big endian 64 bit field. */
#define OBJECT_TYPE(label, n, v)                                                                   \
	{ "general.object_type_" label, CX_PAGE_GENERAL,                                           \
	  CX_BIT_OFF(cmd_hca_cap, general_obj_types) + 63 - (n), 1, v, v }

/* A field of one of the flow_table_prop_layout blocks; blocks of the eswitch are the PF's alone. */
#define PROP_AT(prefix, page, type, block, f, pf, vf)                                              \
	{ prefix "." #f, page, CX_BIT_OFF(type, block) + CX_BIT_OFF(flow_table_prop_layout, f),    \
	  CX_BIT_LEN(flow_table_prop_layout, f), pf, vf }
#define RX(f, v)                                                                                   \
	PROP_AT("nic_receive", CX_PAGE_FLOW_TABLE, flow_table_nic_cap,                             \
		flow_table_properties_nic_receive, f, v, v)
#define TX(f, v)                                                                                   \
	PROP_AT("nic_transmit", CX_PAGE_FLOW_TABLE, flow_table_nic_cap,                            \
		flow_table_properties_nic_transmit, f, v, v)
#define RDMA_RX(f, v)                                                                              \
	PROP_AT("nic_receive_rdma", CX_PAGE_FLOW_TABLE, flow_table_nic_cap,                        \
		flow_table_properties_nic_receive_rdma, f, v, v)
#define RDMA_TX(f, v)                                                                              \
	PROP_AT("nic_transmit_rdma", CX_PAGE_FLOW_TABLE, flow_table_nic_cap,                       \
		flow_table_properties_nic_transmit_rdma, f, v, v)
#define FDB(f, v)                                                                                  \
	PROP_AT("fdb", CX_PAGE_ESWITCH_FLOW_TABLE, flow_table_eswitch_cap,                         \
		flow_table_properties_nic_esw_fdb, f, v, 0)
#define INGRESS(f, v)                                                                              \
	PROP_AT("acl_ingress", CX_PAGE_ESWITCH_FLOW_TABLE, flow_table_eswitch_cap,                 \
		flow_table_properties_esw_acl_ingress, f, v, 0)
#define EGRESS(f, v)                                                                               \
	PROP_AT("acl_egress", CX_PAGE_ESWITCH_FLOW_TABLE, flow_table_eswitch_cap,                  \
		flow_table_properties_esw_acl_egress, f, v, 0)

enum { CX_ROCE_TABLES = MLX5_FT_NIC_RX_2_NIC_RX_RDMA | MLX5_FT_NIC_TX_RDMA_2_NIC_TX };

/* What every kind of flow table can do. */
#define EVERY_TABLE(P)                                                                             \
	P(ft_support, 1), P(flow_counter, 1), P(flow_modify_en, 1), P(modify_root, 1),             \
	P(identified_miss_table_mode, 1), P(flow_table_modify, 1),                                 \
	P(reformat_and_modify_action, 1),                                                          \
	P(log_max_ft_size, 24), P(log_max_modify_header_context, 16),                              \
	P(max_modify_header_actions, 16), P(max_ft_level, 255), P(log_max_ft_num, 16),             \
	P(log_max_flow_counter, 16), P(log_max_destination, 5), P(log_max_flow, 20),               \
	P(pop_vlan, 1), P(push_vlan, 1), P(ft_field_support.outer_ip_version, 1)

/* Tables that forward. */
#define FORWARDING_TABLE(P)                                                                        \
	P(ignore_flow_level, 1), P(reset_root_to_default, 1), P(reformat, 1),                      \
	P(reformat_and_fwd_to_table, 1), P(reformat_and_vlan_action, 1)

#define ENCRYPTING_TABLE(P)                                                                        \
	P(ipsec_encrypt, 1), P(reformat_add_esp_trasport, 1), P(reformat_l2_to_l3_esp_tunnel, 1),  \
	P(reformat_add_esp_transport_over_udp, 1), P(reformat_l2_to_l3_tunnel, 1)

#define DECRYPTING_TABLE(P)                                                                        \
	P(ipsec_decrypt, 1), P(reformat_del_esp_trasport, 1), P(reformat_l3_esp_tunnel_to_l2, 1),  \
	P(reformat_del_esp_transport_over_udp, 1), P(decap, 1), P(reformat_l3_tunnel_to_l2, 1)

const struct cx_cap_field cx_cap_fields[] = {
	/* The function and its port. */
	GENERAL(port_type, 1, 1),
	GENERAL(num_ports, 1, 1),
	GENERAL(native_port_num, 1, 1),
	GENERAL(eth_net_offloads, 1, 1),
	GENERAL(eth_virt, 1, 1),
	GENERAL(nic_flow_table, 1, 1),
	GENERAL(hca_cap_2, 1, 1),
	GENERAL(vport_counters, 1, 1),
	GENERAL(driver_version, 1, 1),
	GENERAL(mcam_reg, 1, 1),
	GENERAL(uplink_follow, 1, 0),
	GENERAL(nic_vport_change_event, 1, 1),
	GENERAL(disable_local_lb_uc, 1, 1),
	GENERAL(disable_local_lb_mc, 1, 1),
	GENERAL(max_tc, 8, 8),
	GENERAL(device_frequency_mhz, 1000, 1000),
	GENERAL(device_frequency_khz, 1000000, 1000000),
	/* Managing the eswitch and other functions. */
	GENERAL(vport_group_manager, 1, 0),
	GENERAL(eswitch_manager, 1, 0),
	GENERAL(vhca_resource_manager, 1, 0),
	GENERAL(log_max_l2_table, 7, 0),
	/* Queues and what they lie in. */
	GENERAL(log_max_eq_sz, 16, 16),
	GENERAL(log_max_eq, 6, 6),
	GENERAL(max_num_eqs, CX_MAX_EQ - 1, CX_MAX_EQ - 1),
	GENERAL(log_max_cq_sz, 16, 16),
	GENERAL(log_max_cq, 16, 16),
	GENERAL(cq_moderation, 1, 1),
	GENERAL(cq_period_mode_modify, 1, 1),
	GENERAL(cq_period_start_from_cqe, 1, 1),
	GENERAL(cqe_version, 1, 1),
	GENERAL(log_max_rq, 16, 16),
	GENERAL(log_max_sq, 16, 16),
	GENERAL(log_max_tir, 16, 16),
	GENERAL(log_max_tis, 16, 16),
	GENERAL(log_max_rqt, 16, 16),
	GENERAL(log_max_rqt_size, 11, 11),
	GENERAL(log_max_tis_per_sq, 3, 3),
	GENERAL(log_max_stride_sz_rq, 13, 13),
	GENERAL(log_min_stride_sz_rq, 5, 5),
	GENERAL(log_max_stride_sz_sq, 6, 6),
	GENERAL(log_min_stride_sz_sq, 6, 6),
	GENERAL(log_max_wq_sz, 15, 15),
	GENERAL(basic_cyclic_rcv_wqe, 1, 1),
	GENERAL(max_wqe_sz_sq, 1024, 1024),
	GENERAL(max_wqe_sz_rq, 512, 512),
	GENERAL(log_max_msg, 30, 30),
	GENERAL(uar_sz, 4, 1),
	GENERAL(num_of_uars_per_page, 1, 1),
	GENERAL(log_pg_sz, 12, 12),
	GENERAL(bf, 1, 1),
	GENERAL(log_bf_reg_size, 9, 9),
	GENERAL(log_max_mkey, 20, 20),
	GENERAL(log_max_mrw_sz, 40, 40),
	GENERAL(log_max_pd, 16, 16),
	GENERAL(log_max_transport_domain, 16, 16),
	GENERAL(max_qp_cnt, 10, 10),
	/*
	 * Queue pairs. RoCE itself is switched off here, as the owner of a card may do; see the profile
	 * connectx-7-roce. No UMR (umr_modify_entity_size_disabled): memory is registered by command.
	 */
	GENERAL(roce, 0, 0),
	GENERAL(xrc, 1, 1),
	GENERAL(log_max_xrcd, 8, 8),
	GENERAL(log_max_rmp, 8, 8),
	GENERAL(log_max_qp, 12, 12),
	GENERAL(log_max_qp_sz, 15, 15),
	GENERAL(log_max_srq, 8, 8),
	GENERAL(log_max_srq_sz, 15, 15),
	GENERAL(log_max_ra_req_qp, 4, 4),
	GENERAL(log_max_ra_res_qp, 4, 4),
	GENERAL(log_max_klm_list_size, 8, 8),
	GENERAL(umr_modify_entity_size_disabled, 1, 1),
	GENERAL(out_of_seq_cnt, 1, 1),
	GENERAL(retransmission_q_counters, 1, 1),
	/* Lists of a NIC vport context: CX_MAX_MAC_LIST, CX_MAX_VLAN_LIST. */
	GENERAL(log_max_current_uc_list, 7, 7),
	GENERAL(log_max_current_mc_list, 7, 7),
	GENERAL(log_max_vlan_list, 9, 9),
	/* Flow counters: by 128 ids a command. */
	GENERAL(max_flow_counter_31_16, 1, 1),
	GENERAL(flow_counter_bulk_alloc, 1, 1),
	GENERAL(log_max_flow_counter_bulk, 12, 12),
	GENERAL(reg_c_preserve, 1, 1),
	/* IPsec. A VF has none until the PF grants it (port function ipsec_packet). */
	GENERAL(ipsec_offload, 1, 0),
	GENERAL(log_max_dek, 12, 12),
	OBJECT_TYPE("key", MLX5_GENERAL_OBJECT_TYPES_ENCRYPTION_KEY, 1),
	OBJECT_TYPE("ipsec", MLX5_GENERAL_OBJECT_TYPES_IPSEC, 1),

	ETHERNET(csum_cap, 1),
	ETHERNET(vlan_cap, 1),
	ETHERNET(wqe_vlan_insert, 1),
	ETHERNET(self_lb_en_modifiable, 1),
	ETHERNET(tunnel_stateless_vxlan, 1),
	ETHERNET(max_vxlan_udp_ports, 2),	/* the driver fails with less */
	ETHERNET(max_lso_cap, 16),
	ETHERNET(wqe_inline_mode, 2),	/* MLX5_CAP_INLINE_MODE_NOT_REQUIRED */
	ETHERNET(rss_ind_tbl_cap, 4),

	NIC(nic_rx_multi_path_tirs, 1),
	NIC(nic_rx_multi_path_tirs_fts, 1),
	NIC(encap_general_header, 1),
	NIC(log_max_packet_reformat_context, 16),
	NIC(max_encap_header_size, 256),
	EVERY_TABLE(RX), FORWARDING_TABLE(RX), DECRYPTING_TABLE(RX),
	EVERY_TABLE(TX), FORWARDING_TABLE(TX), ENCRYPTING_TABLE(TX),

	EVERY_TABLE(RDMA_RX), FORWARDING_TABLE(RDMA_RX), RDMA_RX(table_miss_action_domain, 1),
	EVERY_TABLE(RDMA_TX), FORWARDING_TABLE(RDMA_TX),

	ROCE(l3_type, 1 << 1 | 1 << 2),	/* IPv4 and IPv6 */
	ROCE(roce_version, 1 << 0 | 1 << 2),	/* v1 and v2, though v1 has no data path */
	ROCE(r_roce_dest_udp_port, 4791),
	ROCE(r_roce_min_src_udp_port, 49152),
	ROCE(r_roce_max_src_udp_port, 65535),
	ROCE(roce_address_table_size, CX_ROCE_ADDRESSES),

	/* As on real cards, the port is told by reg_c_0, set by ingress ACLs. */
	ESWITCH_FT(fdb_to_vport_reg_c_id, 3),
	ESWITCH_FT(flow_source, 1),
	ESWITCH_FT(fdb_multi_path_any_table, 1),
	ESWITCH_FT(fdb_multi_path_any_table_limit_regc, 1),
	ESWITCH_FT(fdb_multi_path_to_table, 1),
	ESWITCH_FT(fdb_modify_header_fwd_to_table, 1),
	ESWITCH_FT(fdb_ipv4_ttl_modify, 1),
	ESWITCH_FT(multi_fdb_encap, 1),
	EVERY_TABLE(FDB), FORWARDING_TABLE(FDB), ENCRYPTING_TABLE(FDB), DECRYPTING_TABLE(FDB),
	FDB(pop_vlan_2, 1),
	FDB(push_vlan_2, 1),
	FDB(ft_field_support.outer_second_vid, 1),
	FDB(ft_field_support.outer_vxlan_vni, 1),
	EVERY_TABLE(INGRESS),
	EVERY_TABLE(EGRESS),

	ESWITCH(esw_uplink_ingress_acl, 1),
	ESWITCH(vxlan_encap_decap, 1),
	ESWITCH(log_max_fdb_encap_uplink, 10),
	ESWITCH(log_max_packet_reformat_context, 10),
	ESWITCH(max_encap_header_size, 256),
	ESWITCH(nic_vport_node_guid_modify, 1),

	IPSEC(ipsec_full_offload, 1, 0),
	IPSEC(ipsec_esn, 1, 1),
	IPSEC(ipsec_crypto_esp_aes_gcm_128_encrypt, 1, 1),
	IPSEC(ipsec_crypto_esp_aes_gcm_128_decrypt, 1, 1),
	IPSEC(ipsec_crypto_esp_aes_gcm_256_encrypt, 1, 1),
	IPSEC(ipsec_crypto_esp_aes_gcm_256_decrypt, 1, 1),
	IPSEC(log_max_ipsec_offload, 12, 12),
	IPSEC(min_log_ipsec_full_replay_window, 5, 5),
	IPSEC(max_log_ipsec_full_replay_window, 8, 8),

	/* Empty but for RoCE's rules; general.hca_cap_2 makes the driver ask for it. */
	ROW("general_2", CX_PAGE_GENERAL_2, cmd_hca_cap_2, flow_table_type_2_type, 0, 0),
};

const unsigned int cx_cap_field_count = G_N_ELEMENTS(cx_cap_fields);

/*
 * ConnectX-6 Dx. Unknown which firmware offers packet offload in tunnel mode on it; here it does
 * not, so that the lab has a card that offloads transport mode alone.
 */
static const struct cx_cap_override connectx_6dx[] = {
	{ "nic_transmit.reformat_l2_to_l3_esp_tunnel", 0, 0 },
	{ "nic_receive.reformat_l3_esp_tunnel_to_l2", 0, 0 },
	{ "fdb.reformat_l2_to_l3_esp_tunnel", 0, 0 },
	{ "fdb.reformat_l3_esp_tunnel_to_l2", 0, 0 },
	{ }
};

/*
 * BlueField-2 seen from an x86 host that manages the eswitch itself (NIC mode). Unknown: whether
 * its firmware has policy priorities (ignore_flow_level); here it has none in any table, so that
 * the lab has a card that takes policies of priority 0 alone.
 */
static const struct cx_cap_override bluefield_2[] = {
	{ "nic_transmit.ignore_flow_level", 0, 0 },
	{ "nic_receive.ignore_flow_level", 0, 0 },
	{ "fdb.ignore_flow_level", 0, 0 },
	{ }
};

/* ConnectX-6 without crypto: no IPsec anywhere, the rest as above. */
static const struct cx_cap_override connectx_6[] = {
	{ "general.ipsec_offload", 0, 0 },
	{ "general.log_max_dek", 0, 0 },
	{ "general.object_type_key", 0, 0 },
	{ "general.object_type_ipsec", 0, 0 },
	{ "nic_transmit.ipsec_encrypt", 0, 0 },
	{ "nic_receive.ipsec_decrypt", 0, 0 },
	{ "fdb.ipsec_encrypt", 0, 0 },
	{ "fdb.ipsec_decrypt", 0, 0 },
	{ "ipsec.ipsec_full_offload", 0, 0 },
	{ "ipsec.ipsec_esn", 0, 0 },
	{ "ipsec.ipsec_crypto_esp_aes_gcm_128_encrypt", 0, 0 },
	{ "ipsec.ipsec_crypto_esp_aes_gcm_128_decrypt", 0, 0 },
	{ "ipsec.ipsec_crypto_esp_aes_gcm_256_encrypt", 0, 0 },
	{ "ipsec.ipsec_crypto_esp_aes_gcm_256_decrypt", 0, 0 },
	{ "ipsec.log_max_ipsec_offload", 0, 0 },
	{ }
};

/* ConnectX-7 with RoCE on, and IPsec for it: RoCE frames reach the crypto tables of the NIC. */
static const struct cx_cap_override connectx_7_roce[] = {
	{ "general.roce", 1, 1 },
	{ "general_2.flow_table_type_2_type", CX_ROCE_TABLES, CX_ROCE_TABLES },
	{ }
};

static const struct cx_cap_override nothing[] = { { } };

static const struct cx_profile profiles[] = {
	{ "connectx-7", "ConnectX-7", 0x1021, 0x101e, 28, "EMU_CX7", nothing },
	{ "connectx-7-roce", "ConnectX-7, RoCE on", 0x1021, 0x101e, 28, "EMU_CX7R", connectx_7_roce },
	{ "connectx-6dx", "ConnectX-6 Dx", 0x101d, 0x101e, 22, "EMU_CX6DX", connectx_6dx },
	{ "bluefield-2", "BlueField-2", 0xa2d6, 0x101e, 24, "EMU_BF2", bluefield_2 },
	{ "connectx-6", "ConnectX-6", 0x101b, 0x101c, 20, "EMU_CX6", connectx_6 },
};

const struct cx_profile *cx_profile_find(const char *name)
{
	for (unsigned int i = 0; i < G_N_ELEMENTS(profiles); i++)
		if (!strcmp(profiles[i].name, name))
			return &profiles[i];
	return NULL;
}
