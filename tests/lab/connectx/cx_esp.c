// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ESP in the card: adds and removes RFC 4303 headers and trailers around AES-GCM (RFC 4106), in
 * transport mode, in tunnel mode and in UDP (RFC 3948), for IPv4 and IPv6, with and without ESN.
 *
 * The IV on the wire is the 64-bit sequence number xor implicit_iv, as the kernel's seqiv does it.
 * The outer headers of a tunnel are the driver's template; TOS and hop limit are not copied from
 * inside. Left out: ciphers other than AES-GCM, crypto mode (ESP header made by the driver), flow
 * confidentiality padding, dummy packets, fragments.
 */
#include "cx_sa.h"

enum {
	ESP_HEADER = 8, ESP_IV = 8, ESP_OVERHEAD = ESP_HEADER + ESP_IV,
	ETH_LEN = 14, UDP_LEN = 8,
	PROTO_IPV4 = 4, PROTO_UDP = 17, PROTO_IPV6 = 41, PROTO_ESP = 50,
	SYNDROME_AUTH = 1, SYNDROME_TRAILER = 2,
	AAD_MAX = 12,
};

bool cx_esp_created(struct cx_obj *obj)
{
	struct cx_obj *key = cx_obj_find(obj->fn, CX_OBJ_KEY, CX_GET(ipsec_obj, obj->data, dekn));
	struct cx_sa *sa = g_new0(struct cx_sa, 1);
	const uint8_t *bytes = NULL;
	unsigned int len = key ? cx_key_bytes(key, &bytes) : 0;

	obj->priv = sa;
	sa->gcm = len ? cx_gcm_new(bytes, len) : NULL;
	return sa->gcm;
}

void cx_esp_changed(struct cx_obj *obj)
{
	/* ESN fields are read from the object at every packet. */
	cx_log(obj->fn, CX_LOG_DETAIL, "   ipsec %x: esn_msb %u overlap %u", obj->id,
	       (unsigned int)CX_GET(ipsec_obj, obj->data, esn_msb),
	       (unsigned int)CX_GET(ipsec_obj, obj->data, esn_overlap));
}

void cx_esp_freed(struct cx_obj *obj)
{
	struct cx_sa *sa = obj->priv;

	if (!sa)
		return;
	cx_gcm_free(sa->gcm);
	g_free(sa);
	obj->priv = NULL;
}

static void make_nonce(const struct cx_obj *obj, const uint8_t *iv, uint8_t *nonce)
{
	memcpy(nonce, CX_PTR(ipsec_obj, obj->data, salt), 4);
	memcpy(nonce + 4, iv, ESP_IV);
}

/* SPI and sequence number as authenticated: with ESN the upper half goes between (RFC 4106, 5). */
static unsigned int make_aad(const struct cx_obj *obj, const uint8_t *esp, uint32_t high,
			     uint8_t *aad)
{
	memcpy(aad, esp, ESP_HEADER);
	if (!CX_GET(ipsec_obj, obj->data, esn_en))
		return ESP_HEADER;
	cx_put_be32(aad + 4, high);
	memcpy(aad + 8, esp + 4, 4);
	return AAD_MAX;
}

static bool is_tunnel(uint8_t type)
{
	return type == MLX5_REFORMAT_TYPE_L2_TO_L3_ESP_TUNNEL ||
	       type == MLX5_REFORMAT_TYPE_L3_ESP_TUNNEL_TO_L2;
}

static bool is_udp(uint8_t type)
{
	return type == MLX5_REFORMAT_TYPE_ADD_ESP_TRANSPORT_OVER_UDPV4 ||
	       type == MLX5_REFORMAT_TYPE_ADD_ESP_TRANSPORT_OVER_UDPV6 ||
	       type == MLX5_REFORMAT_TYPE_DEL_ESP_TRANSPORT_OVER_UDP;
}

/* Padding, its length and the next header (RFC 4303, 2.4); room for the tag. */
static bool add_trailer(struct cx_pkt *pkt, uint32_t payload, uint8_t next_header)
{
	unsigned int pad = -(payload + 2) & 3, i;
	uint8_t *trailer = cx_pkt_append(pkt, pad + 2 + CX_GCM_TAG_LEN);

	if (!trailer)
		return false;
	for (i = 0; i < pad; i++)
		trailer[i] = i + 1;
	trailer[pad] = pad;
	trailer[pad + 1] = next_header;
	return true;
}

/*
 * Puts the reformat's headers in front of the payload: in a tunnel all of them instead of the
 * frame's L2 header, in transport mode ESP (behind UDP) between IP and L4. Returns where ESP is,
 * 0 when there is no room.
 */
static uint32_t add_headers(struct cx_pkt *pkt, const struct cx_reformat *reformat)
{
	struct cx_hdrs h = *cx_pkt_hdrs(pkt);
	uint32_t at = is_tunnel(reformat->type) ? 0 : h.l4;

	if (is_tunnel(reformat->type) && !cx_pkt_resize_at(pkt, 0, -(int)h.l3))
		return 0;
	if (!cx_pkt_resize_at(pkt, at, reformat->size))
		return 0;
	memcpy(pkt->data + at, reformat->data, reformat->size);
	if (!is_tunnel(reformat->type))
		pkt->data[h.proto_at] = is_udp(reformat->type) ? PROTO_UDP : PROTO_ESP;
	cx_pkt_changed(pkt);
	return at + reformat->size - ESP_OVERHEAD;
}

static void seal(struct cx_obj *obj, struct cx_pkt *pkt, uint32_t esp_at, uint32_t seq)
{
	struct cx_sa *sa = obj->priv;
	uint8_t *esp = pkt->data + esp_at, *body = esp + ESP_OVERHEAD;
	uint32_t len = pkt->len - esp_at - ESP_OVERHEAD - CX_GCM_TAG_LEN;
	uint32_t high = CX_GET(ipsec_obj, obj->data, esn_en) ? cx_sa_seq_high(obj, seq) : 0;
	uint8_t nonce[CX_GCM_NONCE_LEN], aad[AAD_MAX];
	unsigned int aad_len;

	cx_put_be32(esp + 4, seq);
	cx_put_be64(esp + ESP_HEADER, ((uint64_t)high << 32 | seq) ^
		    CX_GET(ipsec_obj, obj->data, implicit_iv));
	make_nonce(obj, esp + ESP_HEADER, nonce);
	aad_len = make_aad(obj, esp, high, aad);
	cx_gcm_seal(sa->gcm, nonce, aad, aad_len, body, len, body + len);
}

/* Lengths and checksums of the outer headers after the frame grew. */
static void finish_outer(struct cx_pkt *pkt, const struct cx_reformat *reformat, uint32_t esp_at)
{
	cx_pkt_changed(pkt);
	cx_pkt_fill_ip_length(pkt);
	if (!is_udp(reformat->type))
		return;
	cx_put_be16(pkt->data + esp_at - UDP_LEN + 4, pkt->len - esp_at + UDP_LEN);
	cx_pkt_changed(pkt);
	if (reformat->type == MLX5_REFORMAT_TYPE_ADD_ESP_TRANSPORT_OVER_UDPV6)
		cx_pkt_fill_l4_checksum(pkt);
}

bool cx_esp_encrypt(struct cx_obj *obj, const struct cx_reformat *reformat, struct cx_pkt *pkt)
{
	const struct cx_hdrs *h = cx_pkt_hdrs(pkt);
	uint32_t from = is_tunnel(reformat->type) ? h->l3 : h->l4, esp_at, seq;
	uint8_t next_header = h->proto;

	if (!h->ip_version || h->fragment || h->end < from)
		return false;
	if (is_tunnel(reformat->type))
		next_header = h->ip_version == 4 ? PROTO_IPV4 : PROTO_IPV6;
	if (!cx_life_packet(obj) || !cx_sa_next_seq(obj, &seq)) {
		cx_log(obj->fn, CX_LOG_DETAIL, "     ipsec %x is used up", obj->id);
		return false;
	}
	pkt->len = h->end;	/* padding of the frame is not protected */
	if (!add_trailer(pkt, h->end - from, next_header))
		return false;
	esp_at = add_headers(pkt, reformat);
	if (!esp_at)
		return false;
	seal(obj, pkt, esp_at, seq);
	finish_outer(pkt, reformat, esp_at);
	return true;
}

static void set_return_register(const struct cx_obj *obj, struct cx_pkt *pkt, bool replayed)
{
	pkt->reg_c[2 * CX_GET(ipsec_obj, obj->data, aso_return_reg)] = replayed;
	cx_pkt_regs_changed(pkt);
}

/* Checks the tag and decrypts in place; sets the syndrome. */
static bool open_body(struct cx_obj *obj, struct cx_pkt *pkt, const struct cx_hdrs *h,
		      uint32_t *ret_len)
{
	struct cx_sa *sa = obj->priv;
	uint8_t *esp = pkt->data + h->esp, *body = esp + ESP_OVERHEAD;
	uint32_t seq = cx_be32(esp + 4), len;
	uint8_t nonce[CX_GCM_NONCE_LEN], aad[AAD_MAX];
	unsigned int aad_len;

	if (h->esp + ESP_OVERHEAD + 2 + CX_GCM_TAG_LEN > h->end) {
		pkt->ipsec_syndrome = SYNDROME_TRAILER;
		return false;
	}
	len = h->end - h->esp - ESP_OVERHEAD - CX_GCM_TAG_LEN;
	make_nonce(obj, esp + ESP_HEADER, nonce);
	aad_len = make_aad(obj, esp, cx_sa_seq_high(obj, seq), aad);
	if (!cx_gcm_open(sa->gcm, nonce, aad, aad_len, body, len, body + len)) {
		pkt->ipsec_syndrome = SYNDROME_AUTH;
		cx_log(obj->fn, CX_LOG_DETAIL, "     ipsec %x: seq %u not authentic", obj->id, seq);
		return false;
	}
	*ret_len = len;
	return true;
}

/* Length of the payload in a decrypted body; false when the padding or next header is wrong. */
static bool check_trailer(const uint8_t *body, uint32_t len, bool tunnel, uint32_t *ret_payload)
{
	uint8_t pad = body[len - 2], next_header = body[len - 1];
	uint32_t payload = len - 2 - pad, i;

	if (pad + 2u > len)
		return false;
	for (i = 0; i < pad; i++)
		if (body[payload + i] != i + 1)
			return false;
	if (tunnel && next_header != PROTO_IPV4 && next_header != PROTO_IPV6)
		return false;
	*ret_payload = payload;
	return true;
}

/* Takes ESP (and UDP) out of a transport mode frame; the payload moves up to the IP header. */
static void strip_transport(struct cx_pkt *pkt, const struct cx_hdrs *h, uint32_t payload,
			    uint8_t next_header)
{
	uint32_t body = h->esp + ESP_OVERHEAD;

	pkt->data[h->proto_at] = next_header;
	pkt->len = body + payload;
	cx_pkt_resize_at(pkt, h->l4, -(int)(body - h->l4));
	cx_pkt_fill_ip_length(pkt);
}

/* Leaves the inner datagram behind the Ethernet header the driver gave. */
static void strip_tunnel(struct cx_pkt *pkt, const struct cx_hdrs *h, uint32_t payload,
			 uint8_t next_header, const struct cx_reformat *reformat)
{
	uint32_t body = h->esp + ESP_OVERHEAD;

	pkt->len = body + payload;
	cx_pkt_resize_at(pkt, 0, ETH_LEN - (int)body);
	memcpy(pkt->data, reformat->data, ETH_LEN);
	cx_put_be16(pkt->data + ETH_LEN - 2, next_header == PROTO_IPV4 ? 0x0800 : 0x86dd);
	cx_pkt_changed(pkt);
}

bool cx_esp_decrypt(struct cx_obj *obj, const struct cx_reformat *reformat, struct cx_pkt *pkt)
{
	struct cx_hdrs h = *cx_pkt_hdrs(pkt);
	bool tunnel = is_tunnel(reformat->type);
	uint32_t len, payload;
	const uint8_t *body;

	if (!h.esp) {
		cx_log(obj->fn, CX_LOG_ERROR, "ipsec %x: a frame without ESP to decrypt", obj->id);
		return false;
	}
	pkt->ipsec_syndrome = 0;
	set_return_register(obj, pkt, false);
	if (!open_body(obj, pkt, &h, &len))
		return true;
	body = pkt->data + h.esp + ESP_OVERHEAD;
	if (!cx_sa_accept_seq(obj, cx_be32(pkt->data + h.esp + 4))) {
		set_return_register(obj, pkt, true);
		return true;
	}
	if (!check_trailer(body, len, tunnel, &payload)) {
		pkt->ipsec_syndrome = SYNDROME_TRAILER;
		return true;
	}
	if (!cx_life_packet(obj)) {
		cx_log(obj->fn, CX_LOG_DETAIL, "     ipsec %x is used up", obj->id);
		return false;
	}
	if (tunnel)
		strip_tunnel(pkt, &h, payload, body[len - 1], reformat);
	else
		strip_transport(pkt, &h, payload, body[len - 1]);
	return true;
}
