/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules across keys of what a tunnel protects and for how long. The driver takes some selectors and
 * matches something else in hardware, whose packets would then leave in the clear: those are errors
 * here (mlx5 en_accel/ipsec_fs.c, setup_fte_addr4(), setup_fte_upper_proto_match()).
 */
#include "config/check.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define PORT_ESP_IN_UDP 4500 /* RFC 3948 section 2.1 */

/*
 * Without ESN the sequence number must not cycle (RFC 4303 section 3.3.3). With ESN nonces last for
 * 2^64 packets (the deterministic construction of NIST SP 800-38D section 8.2.1, to which its limit
 * of 2^32 does not apply), and no limit is set unless asked for: any limit makes the driver compare
 * the SA's counters every second, and these start from what a freed counter last showed
 * (mlx5_fc_create(), mlx5e_ipsec_handle_sw_limits()). An inbound SA that was added right behind
 * removed TC rules was seen deleted by it, with a limit of 2^50 bytes.
 */
#define PACKETS_WITHOUT_ESN UINT32_MAX

/*
 * Static keys have no forward secrecy: what one key protects is bounded by time, which the kernel's
 * timer keeps without a look at the counters (xfrm_timer_handler()). After that the policy stays,
 * and drops what it has no SA for.
 */
#define SECONDS_OF_STATIC_KEYS (24 * 60 * 60)

static bool is_zero(const struct addr *a)
{
	static const uint8_t zero[16];

	return memcmp(a->b, zero, sizeof(zero)) == 0;
}

static bool bit_of(const struct addr *a, unsigned int i)
{
	return a->b[i / 8] & (0x80 >> i % 8);
}

static bool has_host_bits(const struct addr *a)
{
	for (unsigned int i = a->prefix; i < (a->family == AF_INET ? 32 : 128); i++) {
		if (bit_of(a, i))
			return true;
	}
	return false;
}

static int check_network(const struct cfg_places *p, const struct cfg_tunnel *t,
			 const struct addr *net, const struct addr *end, const char *key)
{
	char text[ADDR_STRLEN], other[ADDR_STRLEN];

	if (!net->family)
		return 0;
	addr_str(net, true, text);
	if (net->family != end->family)
		return place_error_of(p, net, t->at,
				      "%s: found %s while %s of the tunnel is %s; allowed: a network "
				      "of the same family, the hardware writes one header for both",
				      key, text, key, addr_str(end, false, other));
	if (t->mode == CFG_IPSEC_TRANSPORT && !addr_equal(net, end, true))
		return place_error_of(p, net, t->at,
				      "%s: found %s with mode transport; allowed: mode tunnel, or %s, "
				      "transport mode protects what the two ends themselves send",
				      key, text, addr_str(end, false, other));
	if (has_host_bits(net))
		return place_error_of(p, net, t->at,
				      "%s: found %s; allowed: a network, whose bits behind the prefix "
				      "are 0", key, text);
	if (is_zero(net) && net->prefix)
		return place_error_of(p, net, t->at,
				      "%s: found %s; allowed: another network, or prefix 0: the driver "
				      "takes this one for any address", key, text);
	return 0;
}

static int check_networks(const struct cfg_places *p, const struct cfg_tunnel *t)
{
	const struct cfg_selector *s = &t->selector;
	int err = check_network(p, t, &s->local, &t->local, "local");

	if (!err)
		err = check_network(p, t, &s->remote, &t->remote, "remote");
	if (err < 0)
		return err;
	if (s->local.family && s->remote.family && is_zero(&s->local) && is_zero(&s->remote))
		return place_error_of(p, &s->remote, t->at,
				      "remote: found any address on both sides; allowed: a narrower "
				      "network on one, else the driver's rule takes every frame, ARP "
				      "among them");
	return 0;
}

static int check_ports(const struct cfg_places *p, const struct cfg_tunnel *t)
{
	const struct cfg_selector *s = &t->selector;
	const uint16_t *port = s->local_port ? &s->local_port : &s->remote_port;

	if (s->protocol || !*port)
		return 0;
	return place_error_of(p, port, t->at,
			      "%s-port: found %u with protocol any; allowed: a port with protocol tcp "
			      "or udp", s->local_port ? "local" : "remote", *port);
}

/*
 * Received UDP reaches the IPsec tables only where these are in the FDB, in front of everything: on
 * a NIC the driver directs nothing but ESP to them (lib/fs_ttc.c, MLX5_TT_IPV4_IPSEC_ESP), so in
 * 6.12 and 7.3. The hardware tells ESP in UDP by its port.
 */
static int check_udp(const struct ipso_config *cfg, const struct cfg_places *p,
		     const struct cfg_tunnel *t)
{
	const char *found = NULL;

	if (!t->has_udp)
		return 0;
	if (t->mode == CFG_IPSEC_TUNNEL)
		found = "mode tunnel";
	else if (t->on_vf)
		found = "a tunnel on a VF";
	else if (cfg->devices[t->device].mode == CFG_MODE_LEGACY)
		found = "a device in mode legacy";
	if (found)
		return place_error_of(p, &t->has_udp, t->at,
				      "udp-encapsulation: found with %s; allowed: mode transport on "
				      "the uplink of a device in switchdev, elsewhere the driver does "
				      "not decrypt what comes in UDP", found);
	if (t->udp_local != PORT_ESP_IN_UDP && t->udp_remote != PORT_ESP_IN_UDP)
		return place_error_of(p, &t->udp_local, t->at,
				      "udp-encapsulation: found ports %u and %u; allowed: %u on one "
				      "side, by which the hardware knows ESP in UDP",
				      t->udp_local, t->udp_remote, PORT_ESP_IN_UDP);
	return 0;
}

int config_check_selector(const struct ipso_config *cfg, const struct cfg_places *p,
			  const struct cfg_tunnel *t)
{
	int err = check_networks(p, t);

	if (!err)
		err = check_ports(p, t);
	return err ? err : check_udp(cfg, p, t);
}

/* The driver wants a soft limit below every hard one (mlx5e_xfrm_validate_state()). */
static int check_pair(const struct cfg_places *p, const struct cfg_tunnel *t, uint64_t *soft,
		      const uint64_t *hard, const char *unit)
{
	if (*hard && !*soft)
		*soft = *hard - (*hard / 4 ? *hard / 4 : 1);
	if (*hard && *soft >= *hard)
		return place_error_of(p, soft, t->at,
				      "soft-%s: found %llu with hard-%s %llu; allowed: less than the "
				      "hard limit",
				      unit, (unsigned long long)*soft, unit,
				      (unsigned long long)*hard);
	return 0;
}

int config_check_limits(const struct cfg_places *p, struct cfg_tunnel *t)
{
	int err;

	if (!t->esn && t->hard_packets > PACKETS_WITHOUT_ESN)
		return place_error_of(p, &t->hard_packets, t->at,
				      "hard-packets: found %llu with esn: false; allowed: at most %u, "
				      "the sequence number must not cycle (RFC 4303 section 3.3.3)",
				      (unsigned long long)t->hard_packets, PACKETS_WITHOUT_ESN);
	if (t->keying == CFG_KEYING_STATIC && !t->esn && !t->hard_packets)
		t->hard_packets = PACKETS_WITHOUT_ESN;
	err = check_pair(p, t, &t->soft_packets, &t->hard_packets, "packets");
	if (!err)
		err = check_pair(p, t, &t->soft_bytes, &t->hard_bytes, "bytes");
	if (t->keying == CFG_KEYING_STATIC && !t->has_hard_seconds)
		t->hard_seconds = SECONDS_OF_STATIC_KEYS;
	return err ? err : check_pair(p, t, &t->soft_seconds, &t->hard_seconds, "seconds");
}

static bool addresses_meet(const struct addr *a, const struct addr *b)
{
	unsigned int bits = a->prefix < b->prefix ? a->prefix : b->prefix;

	if (a->family != b->family)
		return false;
	for (unsigned int i = 0; i < bits; i++) {
		if (bit_of(a, i) != bit_of(b, i))
			return false;
	}
	return true;
}

static bool numbers_meet(uint16_t a, uint16_t b)
{
	return !a || !b || a == b;
}

static bool selectors_meet(const struct cfg_selector *a, const struct cfg_selector *b)
{
	return addresses_meet(&a->local, &b->local) && addresses_meet(&a->remote, &b->remote) &&
	       numbers_meet(a->protocol, b->protocol) &&
	       numbers_meet(a->local_port, b->local_port) &&
	       numbers_meet(a->remote_port, b->remote_port);
}

static bool same_selector(const struct cfg_selector *a, const struct cfg_selector *b)
{
	return addr_equal(&a->local, &b->local, true) && addr_equal(&a->remote, &b->remote, true) &&
	       a->protocol == b->protocol && a->local_port == b->local_port &&
	       a->remote_port == b->remote_port;
}

/*
 * The kernel names a policy by its selector (xfrm_policy_insert()), and where two selectors match
 * one packet nothing but their priority says which wins, in the kernel and in hardware.
 */
int config_check_overlap(const struct cfg_places *p, const struct cfg_tunnel *t,
			 const struct cfg_tunnel *other)
{
	struct cfg_selector a = config_selector(t), b = config_selector(other);
	const void *member = t->selector.remote.family ? &t->selector.remote : &t->remote;

	if (same_selector(&a, &b))
		return place_error_of(p, member, t->at,
				      "tunnel %s: same selector as tunnel %s on line %u; allowed: one "
				      "tunnel for the same packets",
				      t->name, other->name, other->at.line);
	if (selectors_meet(&a, &b) && t->priority == other->priority)
		return place_error_of(p, member, t->at,
				      "tunnel %s: its selector meets that of tunnel %s on line %u, "
				      "with priority %u as well; allowed: selectors without a common "
				      "packet, or different priorities",
				      t->name, other->name, other->at.line, t->priority);
	return 0;
}
