// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reformat actions that are not ESP: VLAN push and pop, and the L2-over-IP tunnel (VXLAN) whose
 * outer headers the driver gives as a template (L2_TO_VXLAN, L2_TO_L2_TUNNEL; DECAP undoes it).
 *
 * Left out: NVGRE, L3 tunnels, MPLS, INSERT_HDR and REMOVE_HDR, a UDP checksum on IPv4 tunnels.
 */
#include "cx_path.h"

enum { TAG_LEN = 4, TYPE_AT = 12, PROTO_UDP = 17 };

bool cx_vlan_push(struct cx_pkt *pkt, struct cx_vlan_tag tag)
{
	if (pkt->len < 14 || !cx_pkt_resize_at(pkt, TYPE_AT, TAG_LEN))
		return false;
	cx_put_be16(pkt->data + TYPE_AT, tag.tpid);
	cx_put_be16(pkt->data + TYPE_AT + 2, tag.tci);
	cx_pkt_changed(pkt);
	return true;
}

bool cx_vlan_pop(struct cx_pkt *pkt)
{
	return cx_pkt_hdrs(pkt)->vlans && cx_pkt_resize_at(pkt, TYPE_AT, -TAG_LEN);
}

/* The driver leaves the source port 0: the card spreads flows over it (RFC 7348, 4.1). */
static uint16_t entropy_port(const uint8_t *inner)
{
	uint32_t hash = cx_be32(inner + 2) * 31 + cx_be32(inner + 6) * 17 + cx_be32(inner + 10);

	return 0xc000 | ((hash ^ hash >> 16) & 0x3fff);
}

bool cx_l2_tunnel_encap(struct cx_pkt *pkt, const struct cx_reformat *reformat)
{
	const struct cx_hdrs *h;
	uint8_t *udp;

	if (pkt->len < 14 || !cx_pkt_resize_at(pkt, 0, reformat->size))
		return false;
	memcpy(pkt->data, reformat->data, reformat->size);
	cx_pkt_fill_ip_length(pkt);
	cx_pkt_changed(pkt);
	h = cx_pkt_hdrs(pkt);
	if (!h->l4_ok || h->proto != PROTO_UDP)
		return false;
	udp = pkt->data + h->l4;
	if (!cx_be16(udp))
		cx_put_be16(udp, entropy_port(pkt->data + reformat->size));
	cx_put_be16(udp + 4, pkt->len - h->l4);
	cx_pkt_changed(pkt);
	if (h->ip_version == 6)		/* not optional there */
		cx_pkt_fill_l4_checksum(pkt);
	return true;
}

bool cx_l2_tunnel_decap(struct cx_pkt *pkt)
{
	const struct cx_hdrs *h = cx_pkt_hdrs(pkt);

	if (!h->inner)
		return false;
	pkt->len = h->end;	/* what followed the outer datagram was padding of its frame */
	return cx_pkt_resize_at(pkt, 0, -(int)h->inner);
}
