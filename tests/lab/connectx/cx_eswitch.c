// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The eswitch: function -> NIC TX -> ingress ACL -> FDB -> egress ACL -> NIC RX or the wire.
 *
 * Without an FDB root the PF and the wire are joined; a frame that misses in the FDB goes from a
 * function to the wire and from the wire to the PF. ALLOW in an FDB entry means the same default.
 * Registers end at domain borders: what NIC TX set is gone in the FDB, and of the FDB's only the
 * reg_c that the vport context names (fdb_to_vport_reg_c_id) reach NIC RX.
 * RoCE frames pass RDMA TX and RDMA RX in place of NIC TX and NIC RX; ESP frames that hold RoCE go
 * from one to the other where the driver's rules say so.
 * Wire faults are applied here, to ESP and RoCE frames as they leave. Left out: rate limits, spoof check
 * other than by ACL, QoS, pause frames, bonding, MAC-level errors.
 */
#include "cx_path.h"

enum {
	ETH_MIN = 60,		/* without FCS */
	ETH_MAX_HEADER = 18,	/* what a frame may have on top of the port's MTU */
	TPID_8021Q = 0x8100,
	INSERT_IF_NONE = 1, INSERT_ALWAYS = 2,	/* esw_vport_context.vport_cvlan_insert */
};

static void count(uint64_t *packets, uint64_t *bytes, const struct cx_pkt *pkt)
{
	enum cx_cast cast = cx_cast_of(pkt->data);

	packets[cast]++;
	bytes[cast] += pkt->len;
}

static void forget_registers(struct cx_pkt *pkt, uint8_t keep_reg_c)
{
	unsigned int i;

	for (i = 0; i < G_N_ELEMENTS(pkt->reg_c); i++)
		if (!(keep_reg_c >> i & 1))
			pkt->reg_c[i] = 0;
	pkt->reg_b = 0;
	pkt->ipsec_syndrome = 0;
	pkt->flow_tag = 0;
	pkt->hops = 0;
	cx_pkt_regs_changed(pkt);
}

/* VLAN set by the administrator of a VF (VST) through the vport context. */
static void insert_vst(const struct cx_vport *vport, struct cx_pkt *pkt)
{
	unsigned int insert = CX_GET(esw_vport_context, vport->esw_context, vport_cvlan_insert);
	struct cx_vlan_tag tag = {
		.tpid = TPID_8021Q,
		.tci = CX_GET(esw_vport_context, vport->esw_context, cvlan_pcp) << 13 |
		       CX_GET(esw_vport_context, vport->esw_context, cvlan_id),
	};

	if (insert == INSERT_ALWAYS || (insert == INSERT_IF_NONE && !cx_pkt_hdrs(pkt)->vlans))
		cx_vlan_push(pkt, tag);
}

static void strip_vst(const struct cx_vport *vport, struct cx_pkt *pkt)
{
	if (CX_GET(esw_vport_context, vport->esw_context, vport_cvlan_strip))
		cx_vlan_pop(pkt);
}

void cx_eswitch_default(struct cx_dev *dev, struct cx_pkt *pkt)
{
	cx_eswitch_to_vport(dev, pkt, pkt->source_port == CX_VPORT_UPLINK ? 0 : CX_VPORT_UPLINK);
}

/* Into the switch from a port. */
static void enter(struct cx_dev *dev, struct cx_pkt *pkt, uint16_t from)
{
	struct cx_table *root;

	pkt->source_port = from;
	cx_pkt_regs_changed(pkt);
	root = cx_flow_root(dev, MLX5_FLOW_TABLE_TYPE_ESW_INGRESS_ACL, from);
	if (cx_steer(dev, root, pkt) != CX_NEXT)
		return;
	root = cx_flow_root(dev, MLX5_FLOW_TABLE_TYPE_FDB, 0);
	if (cx_steer(dev, root, pkt) != CX_NEXT)
		return;
	cx_eswitch_default(dev, pkt);
}

static void send(struct cx_fn *fn, struct cx_pkt *pkt, unsigned int domain)
{
	struct cx_vport *vport = &fn->dev->vport[fn->vport];
	enum cx_verdict verdict;

	count(vport->traffic.tx_packets, vport->traffic.tx_bytes, pkt);
	pkt->source_port = fn->vport;
	verdict = cx_steer(fn->dev, cx_flow_root(fn->dev, domain, fn->vport), pkt);
	if (verdict == CX_DROPPED)
		vport->traffic.tx_dropped++;
	if (verdict != CX_NEXT)
		return;
	forget_registers(pkt, 0);
	insert_vst(vport, pkt);
	enter(fn->dev, pkt, fn->vport);
}

void cx_eswitch_send(struct cx_fn *fn, struct cx_pkt *pkt)
{
	send(fn, pkt, MLX5_FLOW_TABLE_TYPE_NIC_TX);
}

void cx_eswitch_send_rdma(struct cx_fn *fn, struct cx_pkt *pkt)
{
	send(fn, pkt, CX_TABLE_RDMA_TX);
}

/* Flips a bit in the middle of the payload: authentic no more, the headers in front intact. */
static void corrupt(struct cx_pkt *pkt)
{
	const struct cx_hdrs *h = cx_pkt_hdrs(pkt);
	uint32_t from = h->esp ? h->esp + 16 : h->l4 + 8;

	pkt->data[(from + h->end) / 2] ^= 0x10;
}

static void wire_send(struct cx_dev *dev, struct cx_pkt *pkt)
{
	struct cx_port *port = &dev->port;
	unsigned int times = 1;
	uint8_t *pad;

	if (!cx_vport_link_up(dev, CX_VPORT_UPLINK)) {
		port->traffic.tx_dropped++;
		return;
	}
	if (cx_pkt_hdrs(pkt)->esp || cx_pkt_is_roce(pkt)) {
		if (cx_fault_wire(dev, CX_WIRE_DROP))
			return;
		if (cx_fault_wire(dev, CX_WIRE_CORRUPT))
			corrupt(pkt);
		if (cx_fault_wire(dev, CX_WIRE_REPLAY))
			times = 2;
	}
	if (pkt->len < ETH_MIN) {
		uint32_t missing = ETH_MIN - pkt->len;

		pad = cx_pkt_append(pkt, missing);
		if (!pad)
			return;
		memset(pad, 0, missing);
	}
	while (times--) {
		count(port->traffic.tx_packets, port->traffic.tx_bytes, pkt);
		cx_wire_send(dev, pkt->data, pkt->len);
	}
}

/* True when RDMA RX has taken the frame. */
static bool deliver_rdma(struct cx_fn *fn, struct cx_pkt *pkt)
{
	enum cx_verdict verdict;

	if (!cx_vport_roce(fn->dev, fn->vport) || !cx_pkt_is_roce(pkt))
		return false;
	verdict = cx_steer(fn->dev, cx_flow_root(fn->dev, CX_TABLE_RDMA_RX, fn->vport), pkt);
	if (verdict == CX_NEXT)
		cx_roce_receive(fn, pkt);
	return verdict != CX_LEAVES;
}

static void deliver(struct cx_dev *dev, struct cx_pkt *pkt, struct cx_vport *vport)
{
	struct cx_fn *fn = dev->fn[vport->number];
	struct cx_table *root;

	if (!fn || !fn->hca_running)
		return;
	strip_vst(vport, pkt);
	count(vport->traffic.rx_packets, vport->traffic.rx_bytes, pkt);
	forget_registers(pkt, cx_vport_reg_c_ids(dev, vport->number));
	if (deliver_rdma(fn, pkt))
		return;
	root = cx_flow_root(dev, MLX5_FLOW_TABLE_TYPE_NIC_RX, vport->number);
	if (cx_steer(dev, root, pkt) == CX_DONE)
		return;
	vport->traffic.rx_dropped++;
	cx_log(fn, CX_LOG_DETAIL, "     NIC RX dropped %u bytes", pkt->len);
}

void cx_eswitch_to_vport(struct cx_dev *dev, struct cx_pkt *pkt, uint16_t number)
{
	struct cx_vport *vport = cx_vport(dev, number);
	struct cx_table *root;

	if (!vport || pkt->len < 14)
		return;
	root = cx_flow_root(dev, MLX5_FLOW_TABLE_TYPE_ESW_EGRESS_ACL, number);
	if (cx_steer(dev, root, pkt) != CX_NEXT)
		return;
	if (number == CX_VPORT_UPLINK)
		wire_send(dev, pkt);
	else
		deliver(dev, pkt, vport);
}

void cx_wire_rx(struct cx_dev *dev, const uint8_t *frame, size_t len)
{
	struct cx_port *port = &dev->port;
	struct cx_pkt *pkt;

	if (len < 14 || !cx_vport_link_up(dev, CX_VPORT_UPLINK))
		return;
	if (len > (size_t)port->mtu + ETH_MAX_HEADER || len > CX_PKT_MAX) {
		port->traffic.rx_dropped++;
		cx_log(dev->fn[0], CX_LOG_DETAIL, "   wire: %zu bytes, port MTU %u", len,
		       port->mtu);
		return;
	}
	pkt = cx_pkt_new();
	memcpy(cx_pkt_append(pkt, len), frame, len);
	count(port->traffic.rx_packets, port->traffic.rx_bytes, pkt);
	cx_log(dev->fn[0], CX_LOG_DETAIL, "   wire: received %zu bytes", len);
	enter(dev, pkt, CX_VPORT_UPLINK);
	cx_pkt_free(pkt);
}
