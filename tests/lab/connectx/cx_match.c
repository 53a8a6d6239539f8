// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The field extractor in front of the flow tables: writes a frame as a fte_match_param, the very
 * layout in which the driver states criteria and values, so that a lookup only compares words.
 *
 * Left out: MPLS, GRE, Geneve, GTP, RoCE and programmable sample fields, the second VLAN tag and
 * the TCP numbers of inner headers. A flow group whose criteria need them is refused.
 */
#include "cx_packet.h"

#include <stdio.h>

enum { PROTO_ICMP = 1, PROTO_TCP = 6, PROTO_UDP = 17, PROTO_ICMPV6 = 58, TPID_8021AD = 0x88a8 };

#define L24(p, field, value) CX_SET(fte_match_set_lyr_2_4, (p), field, (value))
#define MISC(p, field, value) CX_SET(fte_match_set_misc, (p), field, (value))
#define MISC2(p, field, value) CX_SET(fte_match_set_misc2, (p), field, (value))
#define MISC3(p, field, value) CX_SET(fte_match_set_misc3, (p), field, (value))
#define BLOCK(p, field) CX_PTR(fte_match_param, (p), field)

static void put_ip(uint8_t *set, const uint8_t *frame, const struct cx_hdrs *h)
{
	uint8_t *src = CX_PTR(fte_match_set_lyr_2_4, set, src_ipv4_src_ipv6);
	uint8_t *dst = CX_PTR(fte_match_set_lyr_2_4, set, dst_ipv4_dst_ipv6);
	const uint8_t *ip = frame + h->l3;
	uint8_t tos;

	if (h->ip_version == 4) {
		tos = ip[1];
		L24(set, ttl_hoplimit, ip[8]);
		L24(set, ipv4_ihl, ip[0] & 15);
		memcpy(src + 12, ip + 12, 4);
		memcpy(dst + 12, ip + 16, 4);
	} else {
		tos = cx_be16(ip) >> 4;
		L24(set, ttl_hoplimit, ip[7]);
		memcpy(src, ip + 8, 16);
		memcpy(dst, ip + 24, 16);
	}
	L24(set, ip_version, h->ip_version);
	L24(set, ip_protocol, h->proto);
	L24(set, ip_dscp, tos >> 2);
	L24(set, ip_ecn, tos & 3);
	L24(set, frag, h->fragment);
}

static void put_l4(uint8_t *set, const uint8_t *frame, const struct cx_hdrs *h)
{
	const uint8_t *l4 = frame + h->l4;

	if (!h->l4_ok)
		return;
	if (h->proto == PROTO_TCP) {
		L24(set, l4_type, MLX5_PACKET_L4_TYPE_TCP);
		L24(set, tcp_sport, cx_be16(l4));
		L24(set, tcp_dport, cx_be16(l4 + 2));
		L24(set, tcp_flags, cx_be16(l4 + 12) & 0x1ff);
	} else {
		L24(set, l4_type, MLX5_PACKET_L4_TYPE_UDP);
		L24(set, udp_sport, cx_be16(l4));
		L24(set, udp_dport, cx_be16(l4 + 2));
	}
}

/* Layers 2 to 4 of one set of headers, outer or inner. */
static void put_headers(uint8_t *set, const uint8_t *frame, const struct cx_hdrs *h)
{
	memcpy(CX_PTR(fte_match_set_lyr_2_4, set, smac_47_16), frame + 6, 6);
	memcpy(CX_PTR(fte_match_set_lyr_2_4, set, dmac_47_16), frame, 6);
	L24(set, ethertype, h->ethertype);
	if (h->vlans) {
		L24(set, first_prio, h->vlan[0].tci >> 13);
		L24(set, first_cfi, h->vlan[0].tci >> 12);
		L24(set, first_vid, h->vlan[0].tci);
		L24(set, svlan_tag, h->vlan[0].tpid == TPID_8021AD);
		L24(set, cvlan_tag, h->vlan[0].tpid != TPID_8021AD);
	}
	if (h->ip_version) {
		put_ip(set, frame, h);
		put_l4(set, frame, h);
	}
}

static void put_misc(uint8_t *misc, const struct cx_pkt *pkt, const struct cx_hdrs *h)
{
	MISC(misc, source_sqn, pkt->sqn);
	MISC(misc, source_port, pkt->source_port);
	if (h->vlans > 1) {
		MISC(misc, outer_second_prio, h->vlan[1].tci >> 13);
		MISC(misc, outer_second_cfi, h->vlan[1].tci >> 12);
		MISC(misc, outer_second_vid, h->vlan[1].tci);
		MISC(misc, outer_second_svlan_tag, h->vlan[1].tpid == TPID_8021AD);
		MISC(misc, outer_second_cvlan_tag, h->vlan[1].tpid != TPID_8021AD);
	}
	if (h->ip_version == 6)
		MISC(misc, outer_ipv6_flow_label, cx_be32(pkt->data + h->l3));
	if (h->inner)
		MISC(misc, vxlan_vni, h->vni);
	/* The driver asks for the SPI behind UDP as the inner one (setup_fte_spi()). */
	if (h->esp && h->esp_in_udp)
		MISC(misc, inner_esp_spi, cx_be32(pkt->data + h->esp));
	else if (h->esp)
		MISC(misc, outer_esp_spi, cx_be32(pkt->data + h->esp));
}

static void put_registers(uint8_t *misc2, const struct cx_pkt *pkt)
{
	unsigned int i;

	/* metadata_reg_c_7 comes first, reg_c_0 last. */
	for (i = 0; i < G_N_ELEMENTS(pkt->reg_c); i++)
		cx_put_be32(CX_PTR(fte_match_set_misc2, misc2, metadata_reg_c_0) - 4 * i,
			    pkt->reg_c[i]);
	MISC2(misc2, metadata_reg_a, pkt->reg_a);
	MISC2(misc2, ipsec_syndrome, pkt->ipsec_syndrome);
}

static void put_misc3(uint8_t *misc3, const uint8_t *frame, const struct cx_hdrs *h)
{
	const uint8_t *l4 = frame + h->l4;

	if (h->proto == PROTO_TCP && h->l4_ok) {
		MISC3(misc3, outer_tcp_seq_num, cx_be32(l4 + 4));
		MISC3(misc3, outer_tcp_ack_num, cx_be32(l4 + 8));
	} else if (h->proto == PROTO_ICMP && h->ip_version == 4 && h->l4 + 2 <= h->end) {
		MISC3(misc3, icmp_type, l4[0]);
		MISC3(misc3, icmp_code, l4[1]);
	} else if (h->proto == PROTO_ICMPV6 && h->ip_version == 6 && h->l4 + 2 <= h->end) {
		MISC3(misc3, icmpv6_type, l4[0]);
		MISC3(misc3, icmpv6_code, l4[1]);
	}
}

const uint64_t *cx_pkt_match(struct cx_pkt *pkt)
{
	const struct cx_hdrs *h = cx_pkt_hdrs(pkt);
	uint8_t *param = (uint8_t *)pkt->match;
	struct cx_hdrs inner;

	if (pkt->matched)
		return pkt->match;
	memset(param, 0, sizeof(pkt->match));
	if (pkt->len >= 14)
		put_headers(BLOCK(param, outer_headers), pkt->data, h);
	put_misc(BLOCK(param, misc_parameters), pkt, h);
	put_registers(BLOCK(param, misc_parameters_2), pkt);
	put_misc3(BLOCK(param, misc_parameters_3), pkt->data, h);
	if (h->inner) {
		cx_parse(pkt->data + h->inner, pkt->len - h->inner, &inner);
		put_headers(BLOCK(param, inner_headers), pkt->data + h->inner, &inner);
	}
	pkt->matched = true;
	return pkt->match;
}

#define KNOWN(p, t, f) memset_bits((p), CX_BIT_OFF(t, f), CX_BIT_LEN(t, f))

static void memset_bits(uint8_t *p, unsigned int off, unsigned int len)
{
	for (; len; off++, len--)
		p[off / 8] |= 0x80 >> off % 8;
}

static void know_layers_2_4(uint8_t *set)
{
	/* Everything, but of the word around ipv4_ihl only these. */
	memset(set, 0xff, CX_SIZE(fte_match_set_lyr_2_4));
	cx_put_be32(set + CX_BIT_OFF(fte_match_set_lyr_2_4, l4_type) / 32 * 4, 0);
	KNOWN(set, fte_match_set_lyr_2_4, l4_type);
	KNOWN(set, fte_match_set_lyr_2_4, ipv4_ihl);
	KNOWN(set, fte_match_set_lyr_2_4, ttl_hoplimit);
}

static void know_misc(uint8_t *misc)
{
	KNOWN(misc, fte_match_set_misc, source_sqn);
	KNOWN(misc, fte_match_set_misc, source_port);
	KNOWN(misc, fte_match_set_misc, outer_second_prio);
	KNOWN(misc, fte_match_set_misc, outer_second_cfi);
	KNOWN(misc, fte_match_set_misc, outer_second_vid);
	KNOWN(misc, fte_match_set_misc, outer_second_cvlan_tag);
	KNOWN(misc, fte_match_set_misc, outer_second_svlan_tag);
	KNOWN(misc, fte_match_set_misc, vxlan_vni);
	KNOWN(misc, fte_match_set_misc, outer_ipv6_flow_label);
	KNOWN(misc, fte_match_set_misc, inner_esp_spi);
	KNOWN(misc, fte_match_set_misc, outer_esp_spi);
}

static const uint8_t *known_criteria(void)
{
	static uint8_t known[CX_SIZE(fte_match_param)];
	uint8_t *misc2 = BLOCK(known, misc_parameters_2), *misc3 = BLOCK(known, misc_parameters_3);
	unsigned int i;

	if (known[0])
		return known;
	know_layers_2_4(BLOCK(known, outer_headers));
	know_layers_2_4(BLOCK(known, inner_headers));
	know_misc(BLOCK(known, misc_parameters));
	for (i = 0; i < 8; i++)
		memset_bits(misc2, CX_BIT_OFF(fte_match_set_misc2, metadata_reg_c_0) - 32 * i, 32);
	KNOWN(misc2, fte_match_set_misc2, metadata_reg_a);
	KNOWN(misc2, fte_match_set_misc2, ipsec_syndrome);
	KNOWN(misc3, fte_match_set_misc3, outer_tcp_seq_num);
	KNOWN(misc3, fte_match_set_misc3, outer_tcp_ack_num);
	KNOWN(misc3, fte_match_set_misc3, icmp_type);
	KNOWN(misc3, fte_match_set_misc3, icmp_code);
	KNOWN(misc3, fte_match_set_misc3, icmpv6_type);
	KNOWN(misc3, fte_match_set_misc3, icmpv6_code);
	return known;
}

const char *cx_match_unknown(const uint8_t *criteria, uint8_t enable)
{
	static const char *const block[] = {
		"outer_headers", "misc_parameters", "inner_headers", "misc_parameters_2",
		"misc_parameters_3", "misc_parameters_4", "misc_parameters_5", "reserved",
	};
	static char name[64];
	const uint8_t *known = known_criteria();
	unsigned int i, bytes = CX_SIZE(fte_match_set_lyr_2_4);

	for (i = 0; i < CX_SIZE(fte_match_param); i++) {
		uint8_t unknown = criteria[i] & ~known[i];

		if (!(enable >> (i / bytes) & 1) || !unknown)
			continue;
		snprintf(name, sizeof(name), "%s at bit 0x%x", block[i / bytes],
			 i % bytes * 8 + __builtin_clz(unknown) - 24);
		return name;
	}
	return NULL;
}
