/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A frame on its way through the card: its bytes, the steering registers that travel with it, and
 * the parsed headers. Frames come from a pool; only the small part in front of the buffer is
 * cleared, never the buffer.
 */
#ifndef CX_PACKET_H
#define CX_PACKET_H

#include "cx.h"

enum {
	CX_PKT_HEADROOM = 512,		/* for tags and outer headers put in front */
	CX_PKT_MAX = 0x10000 + 0x800,	/* an LSO frame with its headers, an ESP trailer */
	CX_PKT_MATCH_WORDS = CX_SIZE(fte_match_param) / 8,
};

struct cx_vlan_tag {
	uint16_t tpid, tci;
};

/*
 * Parsed headers. Offsets count from the first byte of the frame; ip_version 0 means that no IP
 * header was found, l4_ok that the whole fixed part of the L4 header is there and not behind a
 * fragment offset.
 */
struct cx_hdrs {
	struct cx_vlan_tag vlan[2];	/* outermost first */
	uint8_t vlans;
	uint8_t ip_version;
	uint8_t proto;		/* the last next-header value */
	bool fragment;		/* any piece of a fragmented datagram */
	bool l4_ok;
	uint16_t ethertype;	/* behind the VLAN tags */
	uint32_t l3, l4;
	uint32_t proto_at;	/* the byte that holds proto */
	uint32_t esp;		/* ESP header, 0 if none; behind UDP when esp_in_udp */
	bool esp_in_udp;
	uint32_t inner;		/* Ethernet header inside VXLAN, 0 if none */
	uint32_t vni;
	uint32_t end;		/* one past the last byte the IP header claims and the frame has */
};

struct cx_pkt {
	uint8_t *data;		/* Ethernet header, somewhere in buf */
	uint32_t len;
	uint32_t reg_c[8], reg_a, reg_b;
	uint32_t flow_tag;
	uint32_t sqn;		/* send queue it came from, 0 from the wire */
	uint16_t source_port;	/* vport it entered the eswitch from */
	uint8_t ipsec_syndrome;	/* 0 fine, 1 authentication failed, 2 bad trailer */
	uint8_t hops;		/* flow tables visited */
	bool parsed, matched;	/* hdrs, match are up to date */
	struct cx_hdrs hdrs;
	struct cx_pkt *next;	/* in the pool */
	uint64_t match[CX_PKT_MATCH_WORDS];	/* fte_match_param of this frame */
	uint8_t buf[CX_PKT_HEADROOM + CX_PKT_MAX];
};

/* An empty frame with cleared registers. Never fails. */
struct cx_pkt *cx_pkt_new(void);
void cx_pkt_free(struct cx_pkt *pkt);
/* Bytes and registers. */
struct cx_pkt *cx_pkt_copy(const struct cx_pkt *pkt);

/* Room for n more bytes at the end, NULL when the frame would be too long; the caller fills it. */
uint8_t *cx_pkt_append(struct cx_pkt *pkt, uint32_t n);
/*
 * Opens (n > 0) or closes (n < 0) a gap of |n| bytes at offset at by moving the bytes in front of
 * it. False when there is no headroom or the frame is too short.
 */
bool cx_pkt_resize_at(struct cx_pkt *pkt, uint32_t at, int n);

/* Call after bytes changed; after only registers or metadata changed, cx_pkt_regs_changed(). */
void cx_pkt_changed(struct cx_pkt *pkt);
void cx_pkt_regs_changed(struct cx_pkt *pkt);
const struct cx_hdrs *cx_pkt_hdrs(struct cx_pkt *pkt);
/* Parses len bytes that start with an Ethernet header. */
void cx_parse(const uint8_t *frame, uint32_t len, struct cx_hdrs *ret_hdrs);

/* One's complement sum of n bytes, folded to 16 bits, big-endian sense, not inverted (RFC 1071). */
uint16_t cx_sum(const uint8_t *p, uint32_t n);
uint16_t cx_sum_add(uint16_t a, uint16_t b);
/* Writes the IPv4 header checksum; the TCP or UDP checksum. Other packets are left alone. */
void cx_pkt_fill_ip_checksum(struct cx_pkt *pkt);
void cx_pkt_fill_l4_checksum(struct cx_pkt *pkt);
/* Writes the length fields of the IP header for a datagram that ends with the frame, and its sum. */
void cx_pkt_fill_ip_length(struct cx_pkt *pkt);
/* True when the IPv4 header sum, the TCP or UDP sum is right; true for what has none. */
bool cx_pkt_ip_ok(struct cx_pkt *pkt);
bool cx_pkt_l4_ok(struct cx_pkt *pkt);

/* cx_match.c: the frame as a fte_match_param, rebuilt when it changed. */
const uint64_t *cx_pkt_match(struct cx_pkt *pkt);
/*
 * NULL when every bit of the criteria (512 bytes, blocks in enable) is a field that
 * cx_pkt_match() fills in, else the name of a field it does not know.
 */
const char *cx_match_unknown(const uint8_t *criteria, uint8_t enable);

#endif
