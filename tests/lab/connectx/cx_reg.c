/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ACCESS_REG: the port's registers. PTYS speed, PAOS administrative state, PMTU, PFCC pause, PPCNT
 * counters, HOST_ENDIANNESS; cx_firmware.c has the rest. One 100 Gb/s Ethernet port without
 * autonegotiation. Leaves out: module EEPROM, FEC, priorities, buffers, firmware reset, clocks;
 * they are refused and the driver says so in its own words. Counter groups of errors that cannot
 * happen here read zero.
 */
#include <stdio.h>

#include "cx.h"

enum {
	/* Register ids and counter groups: the driver's driver.h and device.h. */
	REG_PMTU = 0x5003,
	REG_PTYS = 0x5004,
	REG_PAOS = 0x5006,
	REG_PFCC = 0x5007,
	REG_PPCNT = 0x5008,
	REG_HOST_ENDIANNESS = 0x7004,
	REG_NODE_DESC = 0x6001,
	REG_MCQS = 0x9060,
	REG_MCQI = 0x9061,
	REG_MCAM = 0x907f,
	GROUP_802_3 = 0x0,
	GROUP_RFC_2863 = 0x1,
	GROUP_RFC_2819 = 0x2,
	GROUP_RFC_3635 = 0x3,
	GROUP_EXTENDED = 0x5,
	GROUP_PRIORITY = 0x10,
	GROUP_TRAFFIC_CLASS = 0x11,
	GROUP_PHYSICAL = 0x12,
	GROUP_CONGESTION = 0x13,
	GROUP_PHYSICAL_STATISTICS = 0x16,
	ACCESS_WRITE = 0,		/* op_mod */
	PROTO_ETHERNET = 4,		/* ptys_reg.proto_mask */
	PROTO_100G = 1 << 23,		/* MLX5E_100GBASE_LR4 */
	PORT_UP = 1,			/* paos_reg */
	PORT_DOWN = 2,
	FCS = 4,
};

static void reg_ptys(struct cx_cmd *cmd, const uint8_t *in, uint8_t *out, bool write)
{
	if (write && CX_GET(ptys_reg, in, eth_proto_admin) != PROTO_100G) {
		cx_refuse(cmd, CX_BAD_PARAM, "ptys_reg.eth_proto_admin", "0x%x: 100 Gb/s only",
			  (unsigned int)CX_GET(ptys_reg, in, eth_proto_admin));
		return;
	}
	CX_SET(ptys_reg, out, local_port, 1);
	CX_SET(ptys_reg, out, proto_mask, PROTO_ETHERNET);
	CX_SET(ptys_reg, out, eth_proto_capability, PROTO_100G);
	CX_SET(ptys_reg, out, eth_proto_admin, PROTO_100G);
	if (cx_vport_link_up(cmd->dev, CX_VPORT_UPLINK))
		CX_SET(ptys_reg, out, eth_proto_oper, PROTO_100G);
}

static void reg_paos(struct cx_cmd *cmd, const uint8_t *in, uint8_t *out, bool write)
{
	struct cx_port *port = &cmd->dev->port;

	if (write && CX_GET(paos_reg, in, ase)) {
		port->admin_up = CX_GET(paos_reg, in, admin_status) == PORT_UP;
		cx_cmd_log(cmd, "port: admin %s", port->admin_up ? "up" : "down");
		cx_vports_link_changed(cmd->dev);
	}
	CX_SET(paos_reg, out, local_port, 1);
	CX_SET(paos_reg, out, admin_status, port->admin_up ? PORT_UP : PORT_DOWN);
	CX_SET(paos_reg, out, oper_status,
	       cx_vport_link_up(cmd->dev, CX_VPORT_UPLINK) ? PORT_UP : PORT_DOWN);
}

static void reg_pmtu(struct cx_cmd *cmd, const uint8_t *in, uint8_t *out, bool write)
{
	struct cx_port *port = &cmd->dev->port;
	unsigned int mtu = CX_GET(pmtu_reg, in, admin_mtu);

	if (write && (!mtu || mtu > CX_PORT_MAX_MTU)) {
		cx_refuse(cmd, CX_BAD_PARAM, "pmtu_reg.admin_mtu", "%u of %d", mtu,
			  CX_PORT_MAX_MTU);
		return;
	}
	if (write)
		port->mtu = mtu;
	CX_SET(pmtu_reg, out, local_port, 1);
	CX_SET(pmtu_reg, out, max_mtu, CX_PORT_MAX_MTU);
	CX_SET(pmtu_reg, out, admin_mtu, port->mtu);
	CX_SET(pmtu_reg, out, oper_mtu, port->mtu);
}

/* Pause is remembered and reported; nothing on this wire is ever slow enough to need it. */
static void reg_pfcc(struct cx_cmd *cmd, const uint8_t *in, uint8_t *out, bool write)
{
	uint8_t *pfcc = cmd->dev->port.pfcc;

	if (write) {
		CX_SET(pfcc_reg, pfcc, pptx, CX_GET(pfcc_reg, in, pptx));
		CX_SET(pfcc_reg, pfcc, pprx, CX_GET(pfcc_reg, in, pprx));
	}
	memcpy(out, pfcc, CX_SIZE(pfcc_reg));
	CX_SET(pfcc_reg, out, local_port, 1);
}

#define COUNTER(layout, out, name, value)                                                          \
	cx_put_be64((out) + CX_OFF(layout, name##_high), (value))

static uint64_t sum(const uint64_t counts[CX_CASTS])
{
	return counts[CX_UNICAST] + counts[CX_MULTICAST] + counts[CX_BROADCAST];
}

/* The port counts octets with their FCS. */
static uint64_t octets(const uint64_t bytes[CX_CASTS], const uint64_t packets[CX_CASTS])
{
	return sum(bytes) + FCS * sum(packets);
}

static void group_802_3(const struct cx_traffic *t, uint8_t *o)
{
	COUNTER(eth_802_3_cntrs_grp_data_layout, o, a_frames_transmitted_ok, sum(t->tx_packets));
	COUNTER(eth_802_3_cntrs_grp_data_layout, o, a_frames_received_ok, sum(t->rx_packets));
	COUNTER(eth_802_3_cntrs_grp_data_layout, o, a_octets_transmitted_ok,
		octets(t->tx_bytes, t->tx_packets));
	COUNTER(eth_802_3_cntrs_grp_data_layout, o, a_octets_received_ok,
		octets(t->rx_bytes, t->rx_packets));
	COUNTER(eth_802_3_cntrs_grp_data_layout, o, a_multicast_frames_xmitted_ok,
		t->tx_packets[CX_MULTICAST]);
	COUNTER(eth_802_3_cntrs_grp_data_layout, o, a_broadcast_frames_xmitted_ok,
		t->tx_packets[CX_BROADCAST]);
	COUNTER(eth_802_3_cntrs_grp_data_layout, o, a_multicast_frames_received_ok,
		t->rx_packets[CX_MULTICAST]);
	COUNTER(eth_802_3_cntrs_grp_data_layout, o, a_broadcast_frames_received_ok,
		t->rx_packets[CX_BROADCAST]);
}

static void group_rfc_2863(const struct cx_traffic *t, uint8_t *o)
{
	COUNTER(eth_2863_cntrs_grp_data_layout, o, if_in_octets,
		octets(t->rx_bytes, t->rx_packets));
	COUNTER(eth_2863_cntrs_grp_data_layout, o, if_in_ucast_pkts, t->rx_packets[CX_UNICAST]);
	COUNTER(eth_2863_cntrs_grp_data_layout, o, if_in_discards, t->rx_dropped);
	COUNTER(eth_2863_cntrs_grp_data_layout, o, if_out_octets,
		octets(t->tx_bytes, t->tx_packets));
	COUNTER(eth_2863_cntrs_grp_data_layout, o, if_out_ucast_pkts, t->tx_packets[CX_UNICAST]);
	COUNTER(eth_2863_cntrs_grp_data_layout, o, if_out_discards, t->tx_dropped);
	COUNTER(eth_2863_cntrs_grp_data_layout, o, if_in_multicast_pkts,
		t->rx_packets[CX_MULTICAST]);
	COUNTER(eth_2863_cntrs_grp_data_layout, o, if_in_broadcast_pkts,
		t->rx_packets[CX_BROADCAST]);
	COUNTER(eth_2863_cntrs_grp_data_layout, o, if_out_multicast_pkts,
		t->tx_packets[CX_MULTICAST]);
	COUNTER(eth_2863_cntrs_grp_data_layout, o, if_out_broadcast_pkts,
		t->tx_packets[CX_BROADCAST]);
}

static void group_rfc_2819(const struct cx_traffic *t, uint8_t *o)
{
	COUNTER(eth_2819_cntrs_grp_data_layout, o, ether_stats_octets,
		octets(t->rx_bytes, t->rx_packets));
	COUNTER(eth_2819_cntrs_grp_data_layout, o, ether_stats_pkts, sum(t->rx_packets));
	COUNTER(eth_2819_cntrs_grp_data_layout, o, ether_stats_broadcast_pkts,
		t->rx_packets[CX_BROADCAST]);
	COUNTER(eth_2819_cntrs_grp_data_layout, o, ether_stats_multicast_pkts,
		t->rx_packets[CX_MULTICAST]);
}

/* Everything travels at priority 0. */
static void group_priority(const struct cx_traffic *t, uint8_t *o, unsigned int priority)
{
	if (priority)
		return;
	COUNTER(eth_per_prio_grp_data_layout, o, rx_octets, octets(t->rx_bytes, t->rx_packets));
	COUNTER(eth_per_prio_grp_data_layout, o, rx_frames, sum(t->rx_packets));
	COUNTER(eth_per_prio_grp_data_layout, o, tx_octets, octets(t->tx_bytes, t->tx_packets));
	COUNTER(eth_per_prio_grp_data_layout, o, tx_frames, sum(t->tx_packets));
}

static void reg_ppcnt(struct cx_cmd *cmd, const uint8_t *in, uint8_t *out, bool write)
{
	const struct cx_traffic *t = &cmd->dev->port.traffic;
	uint8_t *set = CX_PTR(ppcnt_reg, out, counter_set);

	if (write) {
		cx_refuse(cmd, CX_BAD_PARAM, "op_mod", "PPCNT is read only");
		return;
	}
	memcpy(out, in, CX_OFF(ppcnt_reg, counter_set));
	switch (CX_GET(ppcnt_reg, in, grp)) {
	case GROUP_802_3:
		group_802_3(t, set);
		break;
	case GROUP_RFC_2863:
		group_rfc_2863(t, set);
		break;
	case GROUP_RFC_2819:
		group_rfc_2819(t, set);
		break;
	case GROUP_PRIORITY:
		group_priority(t, set, CX_GET(ppcnt_reg, in, prio_tc));
		break;
	case GROUP_RFC_3635:
	case GROUP_EXTENDED:
	case GROUP_TRAFFIC_CLASS:
	case GROUP_PHYSICAL:
	case GROUP_CONGESTION:
	case GROUP_PHYSICAL_STATISTICS:
		break;		/* errors and congestion: none here */
	default:
		cx_refuse(cmd, CX_BAD_PARAM, "ppcnt_reg.grp", "0x%x is not modelled",
			  (unsigned int)CX_GET(ppcnt_reg, in, grp));
	}
}

/* The device would swap what it writes for a big endian host; x86 is little endian. */
static void reg_host_endianness(struct cx_cmd *cmd, const uint8_t *in, uint8_t *out, bool write)
{
	(void)cmd;
	(void)in;
	(void)out;
	(void)write;
}

enum { NODE_DESC_BYTES = 64 };

/* The name that RDMA tools show; no fields, so the driver's header has no layout for it. */
static void reg_node_desc(struct cx_cmd *cmd, const uint8_t *in, uint8_t *out, bool write)
{
	(void)in;
	if (!write)
		snprintf((char *)out, NODE_DESC_BYTES, "%s", cmd->dev->profile->description);
}

static const struct {
	uint16_t id;
	const char *name;
	uint32_t bytes;
	cx_reg_handler *access;
	bool vf_writes;
} registers[] = {
	{ REG_PMTU, "PMTU", CX_SIZE(pmtu_reg), reg_pmtu, false },
	{ REG_PTYS, "PTYS", CX_SIZE(ptys_reg), reg_ptys, false },
	{ REG_PAOS, "PAOS", CX_SIZE(paos_reg), reg_paos, false },
	{ REG_PFCC, "PFCC", CX_SIZE(pfcc_reg), reg_pfcc, false },
	{ REG_PPCNT, "PPCNT", CX_SIZE(ppcnt_reg), reg_ppcnt, false },
	{ REG_HOST_ENDIANNESS, "HOST_ENDIANNESS", 16, reg_host_endianness, true },
	{ REG_NODE_DESC, "NODE_DESC", NODE_DESC_BYTES, reg_node_desc, true },
	{ REG_MCQS, "MCQS", CX_SIZE(mcqs_reg), cx_reg_mcqs, false },
	{ REG_MCQI, "MCQI", CX_SIZE(mcqi_reg), cx_reg_mcqi, false },
	{ REG_MCAM, "MCAM", CX_SIZE(mcam_reg), cx_reg_mcam, false },
};

void cx_cmd_access_reg(struct cx_cmd *cmd)
{
	uint16_t id = CX_GET(access_register_in, cmd->in, register_id);
	const uint8_t *in = CX_PTR(access_register_in, cmd->in, register_data);
	uint8_t *out = CX_PTR(access_register_out, cmd->out, register_data);
	bool write = cmd->op_mod == ACCESS_WRITE;

	for (unsigned int i = 0; i < G_N_ELEMENTS(registers); i++) {
		uint32_t bytes = registers[i].bytes;

		if (registers[i].id != id)
			continue;
		cx_cmd_log(cmd, "%s %s", write ? "write" : "read", registers[i].name);
		if (write && !cx_is_pf(cmd->fn) && !registers[i].vf_writes) {
			/* The port belongs to the PF; a VF's wish has no effect and is no error. */
			write = false;
		}
		if (!cx_cmd_has(cmd, CX_SIZE(access_register_in), bytes, "register_data"))
			return;
		if (cmd->out_len < CX_SIZE(access_register_out) + bytes) {
			cx_refuse(cmd, CX_BAD_OUTP_LEN, "register_data", "%u bytes", cmd->out_len);
			return;
		}
		registers[i].access(cmd, in, out, write);
		return;
	}
	cx_refuse(cmd, CX_BAD_PARAM, "register_id", "%s of 0x%x is not modelled",
		  write ? "write" : "read", id);
}
