// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The modify-header engine: SET, ADD and COPY on steering registers and outer header fields
 * (mlx5_ifc.h: set_action_in, add_action_in, copy_action_in). IP, TCP and UDP checksums follow
 * the change incrementally, so that a frame with a wrong sum keeps a wrong sum.
 *
 * Left out: TCP sequence numbers, the EMD field, INSERT and REMOVE actions, inner headers. A
 * field the frame does not have (a TCP port of a UDP frame) is left alone.
 */
#include "cx_flow.h"

#include <stdio.h>

enum { PROTO_TCP = 6, PROTO_UDP = 17 };

/* Where a field lives; offsets in struct field count from there. */
enum place { REG_A, REG_B, REG_C, SYNDROME, L2, VLAN, IPV4, IPV6, IP_TOS, TCP, UDP };

struct field {
	uint16_t id;		/* MLX5_ACTION_IN_FIELD_* */
	enum place place;
	uint8_t at;		/* register number or byte offset */
	uint8_t bits;
};

static const struct field fields[] = {
	{ MLX5_ACTION_IN_FIELD_METADATA_REG_A, REG_A, 0, 32 },
	{ MLX5_ACTION_IN_FIELD_METADATA_REG_B, REG_B, 0, 32 },
	{ MLX5_ACTION_IN_FIELD_METADATA_REG_C_0, REG_C, 0, 32 },
	{ MLX5_ACTION_IN_FIELD_METADATA_REG_C_1, REG_C, 1, 32 },
	{ MLX5_ACTION_IN_FIELD_METADATA_REG_C_2, REG_C, 2, 32 },
	{ MLX5_ACTION_IN_FIELD_METADATA_REG_C_3, REG_C, 3, 32 },
	{ MLX5_ACTION_IN_FIELD_METADATA_REG_C_4, REG_C, 4, 32 },
	{ MLX5_ACTION_IN_FIELD_METADATA_REG_C_5, REG_C, 5, 32 },
	{ MLX5_ACTION_IN_FIELD_METADATA_REG_C_6, REG_C, 6, 32 },
	{ MLX5_ACTION_IN_FIELD_METADATA_REG_C_7, REG_C, 7, 32 },
	{ MLX5_ACTION_IN_FIELD_IPSEC_SYNDROME, SYNDROME, 0, 8 },
	{ MLX5_ACTION_IN_FIELD_OUT_SMAC_47_16, L2, 6, 32 },
	{ MLX5_ACTION_IN_FIELD_OUT_SMAC_15_0, L2, 10, 16 },
	{ MLX5_ACTION_IN_FIELD_OUT_DMAC_47_16, L2, 0, 32 },
	{ MLX5_ACTION_IN_FIELD_OUT_DMAC_15_0, L2, 4, 16 },
	{ MLX5_ACTION_IN_FIELD_OUT_ETHERTYPE, L2, 12, 16 },
	{ MLX5_ACTION_IN_FIELD_OUT_FIRST_VID, VLAN, 0, 12 },
	{ MLX5_ACTION_IN_FIELD_OUT_IP_DSCP, IP_TOS, 0, 6 },
	{ MLX5_ACTION_IN_FIELD_OUT_IP_TTL, IPV4, 8, 8 },
	{ MLX5_ACTION_IN_FIELD_OUT_SIPV4, IPV4, 12, 32 },
	{ MLX5_ACTION_IN_FIELD_OUT_DIPV4, IPV4, 16, 32 },
	{ MLX5_ACTION_IN_FIELD_OUT_IPV6_HOPLIMIT, IPV6, 7, 8 },
	{ MLX5_ACTION_IN_FIELD_OUT_SIPV6_127_96, IPV6, 8, 32 },
	{ MLX5_ACTION_IN_FIELD_OUT_SIPV6_95_64, IPV6, 12, 32 },
	{ MLX5_ACTION_IN_FIELD_OUT_SIPV6_63_32, IPV6, 16, 32 },
	{ MLX5_ACTION_IN_FIELD_OUT_SIPV6_31_0, IPV6, 20, 32 },
	{ MLX5_ACTION_IN_FIELD_OUT_DIPV6_127_96, IPV6, 24, 32 },
	{ MLX5_ACTION_IN_FIELD_OUT_DIPV6_95_64, IPV6, 28, 32 },
	{ MLX5_ACTION_IN_FIELD_OUT_DIPV6_63_32, IPV6, 32, 32 },
	{ MLX5_ACTION_IN_FIELD_OUT_DIPV6_31_0, IPV6, 36, 32 },
	{ MLX5_ACTION_IN_FIELD_OUT_TCP_SPORT, TCP, 0, 16 },
	{ MLX5_ACTION_IN_FIELD_OUT_TCP_DPORT, TCP, 2, 16 },
	{ MLX5_ACTION_IN_FIELD_OUT_UDP_SPORT, UDP, 0, 16 },
	{ MLX5_ACTION_IN_FIELD_OUT_UDP_DPORT, UDP, 2, 16 },
};

static const struct field *find_field(uint16_t id)
{
	unsigned int i;

	for (i = 0; i < G_N_ELEMENTS(fields); i++)
		if (fields[i].id == id)
			return &fields[i];
	return NULL;
}

const char *cx_modify_unknown(const uint8_t *actions, unsigned int count)
{
	static char what[48];
	unsigned int i;

	for (i = 0; i < count; i++, actions += CX_SIZE(set_action_in)) {
		unsigned int type = CX_GET(set_action_in, actions, action_type);
		uint16_t id = CX_GET(set_action_in, actions, field);
		bool copy = type == MLX5_ACTION_TYPE_COPY;

		if (type != MLX5_ACTION_TYPE_SET && type != MLX5_ACTION_TYPE_ADD && !copy)
			snprintf(what, sizeof(what), "action type %u", type);
		else if (!find_field(id))
			snprintf(what, sizeof(what), "field 0x%x", id);
		else if (copy && !find_field(CX_GET(copy_action_in, actions, dst_field)))
			snprintf(what, sizeof(what), "field 0x%x",
				 (unsigned int)CX_GET(copy_action_in, actions, dst_field));
		else
			continue;
		return what;
	}
	return NULL;
}

static uint32_t *register_of(struct cx_pkt *pkt, const struct field *field)
{
	switch (field->place) {
	case REG_A:
		return &pkt->reg_a;
	case REG_B:
		return &pkt->reg_b;
	case REG_C:
		return &pkt->reg_c[field->at];
	default:
		return NULL;
	}
}

/* First byte of a header field; NULL when the frame has none. */
static uint8_t *bytes_of(struct cx_pkt *pkt, const struct field *field)
{
	const struct cx_hdrs *h = cx_pkt_hdrs(pkt);

	switch (field->place) {
	case L2:
		/* The ethertype is the one behind the tags. */
		return pkt->data + (field->at == 12 ? h->l3 - 2 : field->at);
	case VLAN:
		return h->vlans ? pkt->data + 14 : NULL;
	case IPV4:
		return h->ip_version == 4 ? pkt->data + h->l3 + field->at : NULL;
	case IPV6:
		return h->ip_version == 6 ? pkt->data + h->l3 + field->at : NULL;
	case IP_TOS:
		return h->ip_version ? pkt->data + h->l3 : NULL;
	case TCP:
		return h->l4_ok && h->proto == PROTO_TCP ? pkt->data + h->l4 + field->at : NULL;
	case UDP:
		return h->l4_ok && h->proto == PROTO_UDP ? pkt->data + h->l4 + field->at : NULL;
	default:
		return NULL;
	}
}

static uint32_t read_bytes(const struct cx_pkt *pkt, const struct field *field, const uint8_t *p)
{
	switch (field->place) {
	case VLAN:
		return cx_be16(p) & 0xfff;
	case IP_TOS:
		return pkt->hdrs.ip_version == 4 ? p[1] >> 2 : cx_be16(p) >> 6 & 0x3f;
	default:
		return field->bits == 32 ? cx_be32(p) : field->bits == 16 ? cx_be16(p) : *p;
	}
}

static bool get(struct cx_pkt *pkt, const struct field *field, uint32_t *ret_value)
{
	const uint32_t *reg = register_of(pkt, field);
	const uint8_t *p;

	if (field->place == SYNDROME) {
		*ret_value = pkt->ipsec_syndrome;
		return true;
	}
	if (reg) {
		*ret_value = *reg;
		return true;
	}
	p = bytes_of(pkt, field);
	if (p)
		*ret_value = read_bytes(pkt, field, p);
	return p;
}

static void write_bytes(const struct cx_pkt *pkt, const struct field *field, uint8_t *p,
			uint32_t value)
{
	if (field->place == VLAN)
		cx_put_be16(p, (cx_be16(p) & 0xf000) | (value & 0xfff));
	else if (field->place == IP_TOS && pkt->hdrs.ip_version == 4)
		p[1] = (p[1] & 3) | value << 2;
	else if (field->place == IP_TOS)
		cx_put_be16(p, (cx_be16(p) & 0xf03f) | (value & 0x3f) << 6);
	else if (field->bits == 32)
		cx_put_be32(p, value);
	else if (field->bits == 16)
		cx_put_be16(p, value);
	else
		*p = value;
}

/* A checksum field after bytes whose sum was `was` came to sum up to `is` (RFC 1624). */
static void adjust(uint8_t *checksum, uint16_t was, uint16_t is)
{
	uint16_t sum = cx_sum_add(~cx_be16(checksum), ~was);

	cx_put_be16(checksum, ~cx_sum_add(sum, is));
}

/* Writes a header field and keeps the checksums that cover it. */
static void put_header(struct cx_pkt *pkt, const struct field *field, uint8_t *p, uint32_t value)
{
	const struct cx_hdrs *h = &pkt->hdrs;
	bool ipv4 = h->ip_version == 4 && (field->place == IPV4 || field->place == IP_TOS);
	bool address = (field->place == IPV4 && field->at >= 12) ||
		       (field->place == IPV6 && field->at >= 8);
	bool l4 = h->l4_ok && !h->fragment &&
		  (address || field->place == TCP || field->place == UDP);
	uint8_t *l4_sum = pkt->data + h->l4 + (h->proto == PROTO_TCP ? 16 : 6);
	/* Sum whole 16 bit words around the field. */
	uint8_t *from = p - ((p - pkt->data - h->l3) & 1);
	uint16_t was = cx_sum(from, 4), is;

	write_bytes(pkt, field, p, value);
	is = cx_sum(from, 4);
	if (ipv4)
		adjust(pkt->data + h->l3 + 10, was, is);
	if (l4 && (h->proto == PROTO_TCP || cx_be16(l4_sum)))
		adjust(l4_sum, was, is);
	cx_pkt_changed(pkt);
}

static void put(struct cx_pkt *pkt, const struct field *field, uint32_t value)
{
	uint32_t *reg = register_of(pkt, field);
	uint8_t *p;

	if (field->place == SYNDROME)
		pkt->ipsec_syndrome = value;
	else if (reg)
		*reg = value;
	cx_pkt_regs_changed(pkt);
	p = field->place == SYNDROME || reg ? NULL : bytes_of(pkt, field);
	if (p)
		put_header(pkt, field, p, value);
}

/* Bits off..off+len-1 of a field become those of value; length 0 stands for 32. */
static void put_bits(struct cx_pkt *pkt, const struct field *field, unsigned int off,
		     unsigned int len, uint32_t value)
{
	uint32_t mask = cx_bits_mask(len ? len : 32) << off, old;

	if (get(pkt, field, &old))
		put(pkt, field, (old & ~mask) | (value << off & mask));
}

void cx_modify_apply(const struct cx_obj *obj, struct cx_pkt *pkt)
{
	const uint8_t *action = obj->data, *end = obj->data + obj->len;

	for (; action < end; action += CX_SIZE(set_action_in)) {
		const struct field *field = find_field(CX_GET(set_action_in, action, field));
		unsigned int off = CX_GET(set_action_in, action, offset);
		unsigned int len = CX_GET(set_action_in, action, length);
		uint32_t data = CX_GET(set_action_in, action, data), old;

		switch (CX_GET(set_action_in, action, action_type)) {
		case MLX5_ACTION_TYPE_SET:
			put_bits(pkt, field, off, len, data);
			break;
		case MLX5_ACTION_TYPE_ADD:
			if (get(pkt, field, &old))
				put_bits(pkt, field, 0, field->bits, old + data);
			break;
		case MLX5_ACTION_TYPE_COPY:
			if (get(pkt, field, &old))
				put_bits(pkt, find_field(CX_GET(copy_action_in, action, dst_field)),
					 CX_GET(copy_action_in, action, dst_offset), len,
					 old >> off);
			break;
		}
	}
}
