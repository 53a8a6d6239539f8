/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pin: offloaded policies that no packet matches. The driver makes the IPsec tables of an
 * uplink with the first SA or policy of a direction and frees them with the last: pinned, they are
 * there before an IKE daemon or Open vSwitch starts, and stay when SAs are flushed.
 */
#include <netinet/in.h>
#include <sys/socket.h>

#include "plan/priv.h"

#define PORT_DISCARD 9 /* RFC 863 */

/* In legacy the driver has inbound tables for each version of IP (rx_ipv4, rx_ipv6). */
static bool tunnel_uses(const struct cfg_tunnel *t, sa_family_t family)
{
	return t->local.family == family || config_selector(t).local.family == family;
}

bool pin_wanted(const struct ipso_config *cfg, unsigned int device, unsigned int version)
{
	sa_family_t family = version == 4 ? AF_INET : AF_INET6;

	for (unsigned int t = 0; t < cfg->tunnels_count; t++) {
		const struct cfg_tunnel *c = &cfg->tunnels[t];

		if (c->device == device && !c->on_vf && tunnel_uses(c, family))
			return true;
	}
	return false;
}

/* A VF's tables are its own: rules of the eswitch do not hinder them. */
int want_pins(const struct ipso_config *cfg, struct ipso_plan *p, unsigned int d)
{
	struct step s = {.kind = STEP_PIN, .device = d, .vf = NO_VF};
	int err = 0;

	for (unsigned int i = 0; !err && i < 4; i++) {
		s.item = i / 2 ? 6 : 4;
		s.dir = i % 2 ? IPSO_DIR_OUT : IPSO_DIR_IN;
		if (pin_wanted(cfg, d, s.item))
			err = plan_add(p, &s);
	}
	return err;
}

/* Addresses for documentation (RFC 5737, RFC 3849), with a number of the device at their end. */
static struct addr end_of(unsigned int version, bool far, uint8_t number)
{
	static const struct addr ends[2][2] = {
		{{AF_INET, 32, {192, 0, 2}}, {AF_INET, 32, {198, 51, 100}}},
		{{AF_INET6, 128, {0x20, 0x01, 0x0d, 0xb8, 'i', 'p', 's', 'o', [13] = 1}},
		 {AF_INET6, 128, {0x20, 0x01, 0x0d, 0xb8, 'i', 'p', 's', 'o', [13] = 2}}},
	};
	struct addr a = ends[version == 6][far];

	a.b[version == 6 ? 15 : 3] = number;
	return a;
}

/*
 * The kernel knows a policy by selector and direction, so each device has its own: by its place on
 * the PCI bus. It blocks: should a packet ever match, it goes nowhere, not out in the clear.
 */
struct xfrm_pol pin_policy(const char *pci, unsigned int version, uint8_t dir, uint32_t ifindex)
{
	bool out = dir == IPSO_DIR_OUT;
	uint32_t id = 0;
	struct xfrm_pol p = {
		.proto = IPPROTO_UDP,
		.sport = PORT_DISCARD,
		.dport = PORT_DISCARD,
		.dir = dir,
		.block = true,
		.offload = IPSO_OFFLOAD_PACKET,
		.ifindex = ifindex,
	};

	if (pci_parse(pci, &id) == 0 && id >> 16) /* another PCI domain: another port */
		p.dport = (uint16_t)(id >> 16);
	p.sel_src = end_of(version, !out, (uint8_t)(out ? id >> 8 : id));
	p.sel_dst = end_of(version, out, (uint8_t)(out ? id : id >> 8));
	return p;
}
