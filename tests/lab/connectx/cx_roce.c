/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RoCE v2 on the wire: the table of addresses (GIDs), frames made and taken apart, the invariant
 * checksum (ICRC). A frame leaves through RDMA TX and comes through RDMA RX. Leaves out: RoCE v1 (an
 * address of it may be set, a path over it is refused), partition keys but the default one,
 * congestion notification, loopback inside a function.
 */
#include "cx_ib.h"

enum {
	ROCE_V2 = 2, L3_IPV4 = 0,	/* roce_addr_layout: device.h of the driver */
	ETHERTYPE_IPV4 = 0x0800, ETHERTYPE_IPV6 = 0x86dd, TPID_8021Q = 0x8100,
	PROTO_UDP = 17, UDP_BYTES = 8, BTH_BYTES = 12, ICRC_BYTES = 4,
	MAX_IP_BYTES = 60,	/* IPv4 with all its options; IPv6 without extensions is shorter */
	PKEY = 0xffff, ALL_PKEYS = 0xffff, DONT_FRAGMENT = 0x4000,
	DEFAULT_HOPS = 64, FIRST_SPORT = 49152,
};

static uint8_t *cmd_address(struct cx_cmd *cmd)
{
	uint32_t index = CX_GET(set_roce_address_in, cmd->in, roce_address_index);

	if (index < CX_ROCE_ADDRESSES)
		return cmd->fn->roce_address[index];
	cx_refuse(cmd, CX_BAD_INDEX, "roce_address_index", "%u of %d", index, CX_ROCE_ADDRESSES);
	return NULL;
}

void cx_cmd_set_roce_address(struct cx_cmd *cmd)
{
	uint8_t *address = cmd_address(cmd);

	if (address)
		memcpy(address, CX_PTR(set_roce_address_in, cmd->in, roce_address),
		       CX_SIZE(roce_addr_layout));
}

void cx_cmd_query_roce_address(struct cx_cmd *cmd)
{
	const uint8_t *address = cmd_address(cmd);

	if (address)
		memcpy(CX_PTR(query_roce_address_out, cmd->out, roce_address), address,
		       CX_SIZE(roce_addr_layout));
}

/* Partitions are InfiniBand's: RoCE has the default one alone. */
void cx_cmd_query_hca_vport_pkey(struct cx_cmd *cmd)
{
	unsigned int index = CX_GET(query_hca_vport_pkey_in, cmd->in, pkey_index);

	if (index == 0 || index == ALL_PKEYS)
		CX_SET(pkey, CX_PTR(query_hca_vport_pkey_out, cmd->out, pkey), pkey, PKEY);
}

bool cx_roce_path_ok(struct cx_cmd *cmd, const uint8_t *ads)
{
	unsigned int index = CX_GET(ads, ads, src_addr_index);
	unsigned int version = index < CX_ROCE_ADDRESSES ?
		CX_GET(roce_addr_layout, cmd->fn->roce_address[index], roce_version) : 0;

	if (version == ROCE_V2)
		return true;
	cx_refuse(cmd, CX_BAD_PARAM, "ads.src_addr_index", "address %u is not of RoCE v2", index);
	return false;
}

/* The CRC of Ethernet, one byte at a time. */
static uint32_t crc(uint32_t sum, const uint8_t *p, uint32_t n)
{
	static uint32_t table[256];

	for (uint32_t i = 0; !table[255] && i < 256; i++) {
		uint32_t v = i;

		for (unsigned int bit = 0; bit < 8; bit++)
			v = v >> 1 ^ (v & 1 ? 0xedb88320 : 0);
		table[i] = v;
	}
	while (n--)
		sum = table[(sum ^ *p++) & 0xff] ^ sum >> 8;
	return sum;
}

/* Over len bytes from the IP header on, with every field that a router may change set to ones. */
static uint32_t icrc(const uint8_t *ip, uint32_t header, uint32_t len)
{
	uint8_t masked[8 + MAX_IP_BYTES + UDP_BYTES + BTH_BYTES];
	uint8_t *m = masked + 8;
	uint32_t front = header + UDP_BYTES + BTH_BYTES;

	memset(masked, 0xff, 8);	/* in place of InfiniBand's local route header */
	memcpy(m, ip, front);
	if (ip[0] >> 4 == 4) {
		m[1] = 0xff;
		m[8] = 0xff;
		memset(m + 10, 0xff, 2);
	} else {
		m[0] |= 0x0f;
		memset(m + 1, 0xff, 3);
		m[7] = 0xff;
	}
	memset(m + header + 6, 0xff, 2);
	m[header + UDP_BYTES + 4] = 0xff;
	return ~crc(crc(UINT32_MAX, masked, 8 + front), ip + front, len - front);
}

static uint8_t *put(struct cx_pkt *pkt, uint32_t n)
{
	uint8_t *p = cx_pkt_append(pkt, n);

	g_assert(p);	/* the largest MTU and all headers are far below CX_PKT_MAX */
	memset(p, 0, n);
	return p;
}

static void put_ethernet(struct cx_pkt *pkt, const uint8_t *ads, const uint8_t *from, bool v4)
{
	uint8_t *eth = put(pkt, 12);

	memcpy(eth, CX_PTR(ads, ads, rmac_47_32), 6);
	memcpy(eth + 6, CX_PTR(roce_addr_layout, from, source_mac_47_32), 6);
	if (CX_GET(roce_addr_layout, from, vlan_valid)) {
		eth = put(pkt, 4);
		cx_put_be16(eth, TPID_8021Q);
		cx_put_be16(eth + 2, CX_GET(ads, ads, eth_prio) << 13 |
				     CX_GET(roce_addr_layout, from, vlan_id));
	}
	cx_put_be16(put(pkt, 2), v4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6);
}

static void put_ip(struct cx_pkt *pkt, const uint8_t *ads, const uint8_t *from, bool v4)
{
	const uint8_t *src = CX_PTR(roce_addr_layout, from, source_l3_address);
	const uint8_t *dst = CX_PTR(ads, ads, rgid_rip);
	unsigned int hops = CX_GET(ads, ads, hop_limit) ?: DEFAULT_HOPS;
	unsigned int tos = CX_GET(ads, ads, dscp) << 2 | CX_GET(ads, ads, ecn);
	uint8_t *ip = put(pkt, v4 ? 20 : 40);

	if (v4) {
		ip[0] = 0x45;
		ip[1] = tos;
		cx_put_be16(ip + 6, DONT_FRAGMENT);
		ip[8] = hops;
		ip[9] = PROTO_UDP;
		memcpy(ip + 12, src + 12, 4);
		memcpy(ip + 16, dst + 12, 4);
	} else {
		cx_put_be32(ip, 6u << 28 | tos << 20 | CX_GET(ads, ads, flow_label));
		ip[6] = PROTO_UDP;
		ip[7] = hops;
		memcpy(ip + 8, src, 16);
		memcpy(ip + 24, dst, 16);
	}
}

struct cx_pkt *cx_roce_begin(struct cx_qp *qp, uint8_t opcode, uint32_t psn, bool ack_wanted,
			     bool solicited)
{
	const uint8_t *ads = CX_PTR(qpc, qp->obj->data, primary_address_path);
	const uint8_t *from = qp->fn->roce_address[CX_GET(ads, ads, src_addr_index)];
	bool v4 = CX_GET(roce_addr_layout, from, roce_l3_type) == L3_IPV4;
	struct cx_pkt *pkt = cx_pkt_new();
	uint8_t *udp, *bth;

	put_ethernet(pkt, ads, from, v4);
	put_ip(pkt, ads, from, v4);
	udp = put(pkt, UDP_BYTES);
	cx_put_be16(udp, CX_GET(ads, ads, udp_sport) ?: FIRST_SPORT);
	cx_put_be16(udp + 2, CX_ROCE_PORT);
	bth = put(pkt, BTH_BYTES);
	bth[0] = opcode;
	bth[1] = solicited << 7 | 1 << 6;	/* migrated, as the path never changes */
	cx_put_be16(bth + 2, PKEY);
	cx_put_be32(bth + 4, CX_GET(qpc, qp->obj->data, remote_qpn));
	cx_put_be32(bth + 8, (uint32_t)ack_wanted << 31 | psn);
	return pkt;
}

void cx_roce_send(struct cx_qp *qp, struct cx_pkt *pkt)
{
	uint32_t l3 = cx_be16(pkt->data + 12) == TPID_8021Q ? 18 : 14;
	uint32_t header = pkt->data[l3] >> 4 == 4 ? 20 : 40;
	uint32_t l4 = l3 + header, pad = -(pkt->len - l4) & 3, sum;

	put(pkt, pad);
	pkt->data[l4 + UDP_BYTES + 1] |= pad << 4;
	put(pkt, ICRC_BYTES);
	cx_put_be16(pkt->data + l4 + 4, pkt->len - l4);
	cx_pkt_fill_ip_length(pkt);
	/* The UDP sum stays 0: IPv6 allows that to tunnels, and RoCE counts as one. */
	sum = htole32(icrc(pkt->data + l3, header, pkt->len - l3 - ICRC_BYTES));
	memcpy(pkt->data + pkt->len - ICRC_BYTES, &sum, ICRC_BYTES);
	pkt->sqn = qp->obj->id;
	cx_pkt_changed(pkt);
	cx_eswitch_send_rdma(qp->fn, pkt);
	cx_pkt_free(pkt);
}

void cx_roce_send_aeth(struct cx_qp *qp, uint32_t psn, uint8_t syndrome)
{
	struct cx_pkt *pkt = cx_roce_begin(qp, CX_ACKNOWLEDGE, psn, false, false);

	cx_put_be32(put(pkt, 4), (uint32_t)syndrome << 24 | qp->rsp.msn);
	cx_roce_send(qp, pkt);
}

bool cx_pkt_is_roce(struct cx_pkt *pkt)
{
	const struct cx_hdrs *h = cx_pkt_hdrs(pkt);

	return h->proto == PROTO_UDP && h->l4_ok && !h->fragment &&
	       cx_be16(pkt->data + h->l4 + 2) == CX_ROCE_PORT;
}

static bool is_answer(uint8_t opcode)
{
	return opcode >= CX_READ_FIRST && opcode <= CX_ACKNOWLEDGE;
}

void cx_roce_receive(struct cx_fn *fn, struct cx_pkt *pkt)
{
	const struct cx_hdrs *h = cx_pkt_hdrs(pkt);
	const uint8_t *b = pkt->data + h->l4 + UDP_BYTES;
	uint32_t end = h->end - ICRC_BYTES, sum, pad;
	struct cx_bth bth;
	struct cx_qp *qp;

	if (!cx_pkt_is_roce(pkt) || h->l4 - h->l3 > MAX_IP_BYTES ||
	    h->l4 + UDP_BYTES + BTH_BYTES + ICRC_BYTES > h->end)
		return;
	memcpy(&sum, pkt->data + end, sizeof(sum));
	pad = b[1] >> 4 & 3;
	if (le32toh(sum) != icrc(pkt->data + h->l3, h->l4 - h->l3, end - h->l3) ||
	    h->l4 + UDP_BYTES + BTH_BYTES + pad > end) {
		cx_log(fn, CX_LOG_DETAIL, "     RoCE: wrong ICRC or length, dropped");
		return;
	}
	bth.opcode = b[0];
	bth.solicited = b[1] >> 7;
	bth.ack_wanted = b[8] >> 7;
	bth.psn = cx_be32(b + 8) & CX_PSN_MASK;
	bth.bytes = b + BTH_BYTES;
	bth.len = end - pad - (h->l4 + UDP_BYTES + BTH_BYTES);
	qp = cx_qp_find(fn, cx_be32(b + 4) & CX_PSN_MASK);
	cx_log(fn, CX_LOG_DETAIL, "     RoCE: qp %x opcode 0x%02x psn %u, %u bytes%s",
	       cx_be32(b + 4) & CX_PSN_MASK, bth.opcode, bth.psn, bth.len, qp ? "" : ": none");
	if (!qp || qp->service != MLX5_QPC_ST_RC)
		return;
	if (is_answer(bth.opcode))
		cx_requester_answer(qp, &bth);
	else
		cx_responder_request(qp, &bth);
}
