// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The packet buffer and the header parser of the card.
 *
 * Understood: Ethernet, up to two VLAN tags (802.1Q, 802.1ad), IPv4 with options, IPv6 with
 * hop-by-hop, routing, destination and fragment headers, TCP, UDP, ESP, ESP in UDP (port 4500,
 * RFC 3948) and VXLAN (port 4789). Left out: MPLS, GRE, Geneve, AH, reassembly, L2 padding rules.
 */
#include "cx_packet.h"

enum {
	ETH_LEN = 14,
	TPID_8021Q = 0x8100, TPID_8021AD = 0x88a8,
	ETHERTYPE_IPV4 = 0x0800, ETHERTYPE_IPV6 = 0x86dd,
	PROTO_HOPOPTS = 0, PROTO_TCP = 6, PROTO_UDP = 17, PROTO_ROUTING = 43,
	PROTO_FRAGMENT = 44, PROTO_ESP = 50, PROTO_DSTOPTS = 60,
	IPV6_LEN = 40, UDP_LEN = 8, TCP_LEN = 20, ESP_LEN = 8, VXLAN_LEN = 8,
	PORT_NAT_T = 4500, PORT_VXLAN = 4789,
	IPV6_EXTENSIONS = 8,	/* looked through, more ends the walk */
};

static struct cx_pkt *pool;

struct cx_pkt *cx_pkt_new(void)
{
	struct cx_pkt *pkt = pool;

	if (pkt)
		pool = pkt->next;
	else
		pkt = g_malloc(sizeof(*pkt));
	memset(pkt, 0, offsetof(struct cx_pkt, match));
	pkt->data = pkt->buf + CX_PKT_HEADROOM;
	return pkt;
}

void cx_pkt_free(struct cx_pkt *pkt)
{
	if (!pkt)
		return;
	pkt->next = pool;
	pool = pkt;
}

struct cx_pkt *cx_pkt_copy(const struct cx_pkt *pkt)
{
	struct cx_pkt *copy = cx_pkt_new();

	memcpy(copy, pkt, offsetof(struct cx_pkt, match));
	copy->data = copy->buf + (pkt->data - pkt->buf);
	copy->matched = false;
	memcpy(copy->data, pkt->data, pkt->len);
	return copy;
}

uint8_t *cx_pkt_append(struct cx_pkt *pkt, uint32_t n)
{
	uint8_t *tail = pkt->data + pkt->len;

	if (n > (size_t)(pkt->buf + sizeof(pkt->buf) - tail))
		return NULL;
	pkt->len += n;
	cx_pkt_changed(pkt);
	return tail;
}

bool cx_pkt_resize_at(struct cx_pkt *pkt, uint32_t at, int n)
{
	if (at > pkt->len || n > pkt->data - pkt->buf || (n < 0 && at + (uint32_t)-n > pkt->len))
		return false;
	memmove(pkt->data - n, pkt->data, at);
	pkt->data -= n;
	pkt->len += n;
	cx_pkt_changed(pkt);
	return true;
}

void cx_pkt_changed(struct cx_pkt *pkt)
{
	pkt->parsed = false;
	pkt->matched = false;
}

void cx_pkt_regs_changed(struct cx_pkt *pkt)
{
	pkt->matched = false;
}

const struct cx_hdrs *cx_pkt_hdrs(struct cx_pkt *pkt)
{
	if (!pkt->parsed) {
		cx_parse(pkt->data, pkt->len, &pkt->hdrs);
		pkt->parsed = true;
	}
	return &pkt->hdrs;
}

static bool is_tpid(uint16_t type)
{
	return type == TPID_8021Q || type == TPID_8021AD;
}

/* Walks the extension headers; leaves proto, proto_at and l4 at what follows them. */
static bool parse_ipv6_extensions(const uint8_t *b, uint32_t end, struct cx_hdrs *h)
{
	bool first_piece = true;
	int i;

	for (i = 0; i < IPV6_EXTENSIONS; i++) {
		uint32_t len;

		if (h->proto != PROTO_HOPOPTS && h->proto != PROTO_ROUTING &&
		    h->proto != PROTO_DSTOPTS && h->proto != PROTO_FRAGMENT)
			return first_piece;
		if (h->l4 + 8 > end)
			return false;
		if (h->proto == PROTO_FRAGMENT) {
			h->fragment = true;
			first_piece = !(cx_be16(b + h->l4 + 2) & 0xfff8);
			len = 8;
		} else {
			len = (b[h->l4 + 1] + 1u) * 8;
		}
		h->proto = b[h->l4];
		h->proto_at = h->l4;
		if (h->l4 + len > end)
			return false;
		h->l4 += len;
		if (!first_piece)
			return false;
	}
	return false;
}

/* Fills the IP part; true when an L4 header may follow at h->l4. */
static bool parse_ip(const uint8_t *b, uint32_t len, struct cx_hdrs *h)
{
	const uint8_t *ip = b + h->l3;
	uint32_t ihl;

	if (h->ethertype == ETHERTYPE_IPV4 && h->l3 + 20 <= len && ip[0] >> 4 == 4) {
		ihl = (ip[0] & 15) * 4u;
		if (ihl < 20 || h->l3 + ihl > len)
			return false;
		h->ip_version = 4;
		h->proto_at = h->l3 + 9;
		h->proto = ip[9];
		h->fragment = cx_be16(ip + 6) & 0x3fff;
		h->l4 = h->l3 + ihl;
		h->end = MIN(len, h->l3 + MAX(ihl, (uint32_t)cx_be16(ip + 2)));
		return !(cx_be16(ip + 6) & 0x1fff);
	}
	if (h->ethertype == ETHERTYPE_IPV6 && h->l3 + IPV6_LEN <= len && ip[0] >> 4 == 6) {
		h->ip_version = 6;
		h->proto_at = h->l3 + 6;
		h->proto = ip[6];
		h->l4 = h->l3 + IPV6_LEN;
		h->end = MIN(len, h->l4 + cx_be16(ip + 4));
		return parse_ipv6_extensions(b, h->end, h);
	}
	return false;
}

static void parse_udp(const uint8_t *b, struct cx_hdrs *h)
{
	const uint8_t *udp = b + h->l4;
	uint32_t payload = h->l4 + UDP_LEN;

	if ((cx_be16(udp) == PORT_NAT_T || cx_be16(udp + 2) == PORT_NAT_T) &&
	    payload + ESP_LEN <= h->end && cx_be32(b + payload)) {
		h->esp = payload;
		h->esp_in_udp = true;
	} else if (cx_be16(udp + 2) == PORT_VXLAN && payload + VXLAN_LEN + ETH_LEN <= h->end &&
		   (b[payload] & 8)) {
		h->vni = cx_be32(b + payload + 4) >> 8;
		h->inner = payload + VXLAN_LEN;
	}
}

void cx_parse(const uint8_t *frame, uint32_t len, struct cx_hdrs *ret_hdrs)
{
	struct cx_hdrs *h = ret_hdrs;
	uint32_t at = 12;

	memset(h, 0, sizeof(*h));
	if (len < ETH_LEN)
		return;
	h->ethertype = cx_be16(frame + at);
	while (is_tpid(h->ethertype) && h->vlans < G_N_ELEMENTS(h->vlan) && at + 6 <= len) {
		h->vlan[h->vlans].tpid = h->ethertype;
		h->vlan[h->vlans++].tci = cx_be16(frame + at + 2);
		at += 4;
		h->ethertype = cx_be16(frame + at);
	}
	h->l3 = at + 2;
	if (!parse_ip(frame, len, h))
		return;
	if (h->proto == PROTO_TCP)
		h->l4_ok = h->l4 + TCP_LEN <= h->end;
	else if (h->proto == PROTO_UDP)
		h->l4_ok = h->l4 + UDP_LEN <= h->end;
	else if (h->proto == PROTO_ESP && h->l4 + ESP_LEN <= h->end)
		h->esp = h->l4;
	if (h->proto == PROTO_UDP && h->l4_ok)
		parse_udp(frame, h);
}

uint16_t cx_sum_add(uint16_t a, uint16_t b)
{
	uint32_t sum = (uint32_t)a + b;

	return sum + (sum >> 16);
}

uint16_t cx_sum(const uint8_t *p, uint32_t n)
{
	uint64_t sum = 0;
	uint32_t word;

	/* Byte order does not matter to a one's complement sum but for one swap at the end. */
	for (; n >= 4; p += 4, n -= 4) {
		memcpy(&word, p, 4);
		sum += word;
	}
	word = 0;
	memcpy(&word, p, n);
	sum += word;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return be16toh(sum);
}

/* Sum over the L4 header, its payload and the pseudo header. */
static uint16_t l4_sum(const struct cx_pkt *pkt, const struct cx_hdrs *h)
{
	const uint8_t *ip = pkt->data + h->l3;
	uint32_t n = h->end - h->l4;
	uint16_t sum = h->ip_version == 4 ? cx_sum(ip + 12, 8) : cx_sum(ip + 8, 32);

	sum = cx_sum_add(sum, h->proto);
	sum = cx_sum_add(sum, n >> 16);
	sum = cx_sum_add(sum, n & 0xffff);
	return cx_sum_add(sum, cx_sum(pkt->data + h->l4, n));
}

void cx_pkt_fill_ip_checksum(struct cx_pkt *pkt)
{
	const struct cx_hdrs *h = cx_pkt_hdrs(pkt);
	uint8_t *ip = pkt->data + h->l3;

	if (h->ip_version != 4)
		return;
	cx_put_be16(ip + 10, 0);
	cx_put_be16(ip + 10, ~cx_sum(ip, (ip[0] & 15) * 4));
}

void cx_pkt_fill_l4_checksum(struct cx_pkt *pkt)
{
	const struct cx_hdrs *h = cx_pkt_hdrs(pkt);
	bool udp = h->proto == PROTO_UDP;
	uint8_t *field = pkt->data + h->l4 + (udp ? 6 : 16);
	uint16_t sum;

	if (!h->l4_ok || h->fragment)
		return;
	cx_put_be16(field, 0);
	sum = ~l4_sum(pkt, h);
	cx_put_be16(field, !sum && udp ? 0xffff : sum);
}

void cx_pkt_fill_ip_length(struct cx_pkt *pkt)
{
	const struct cx_hdrs *h = cx_pkt_hdrs(pkt);
	uint8_t *ip = pkt->data + h->l3;

	if (h->ip_version == 4)
		cx_put_be16(ip + 2, pkt->len - h->l3);
	else if (h->ip_version == 6)
		cx_put_be16(ip + 4, pkt->len - h->l3 - IPV6_LEN);
	cx_pkt_changed(pkt);
	cx_pkt_fill_ip_checksum(pkt);
}

bool cx_pkt_ip_ok(struct cx_pkt *pkt)
{
	const struct cx_hdrs *h = cx_pkt_hdrs(pkt);

	return h->ip_version != 4 || cx_sum(pkt->data + h->l3, h->l4 - h->l3) == 0xffff;
}

bool cx_pkt_l4_ok(struct cx_pkt *pkt)
{
	const struct cx_hdrs *h = cx_pkt_hdrs(pkt);

	if (!h->l4_ok || h->fragment)
		return true;
	if (h->proto == PROTO_UDP && !cx_be16(pkt->data + h->l4 + 6))
		return h->ip_version == 4;	/* no sum, allowed only there */
	return l4_sum(pkt, h) == 0xffff;
}
