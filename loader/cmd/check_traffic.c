/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is on a device already, and stands in the way: rules, SAs, policies, a bond, its MTU. */
#include <string.h>

#include "cmd/check.h"
#include "config/room.h"
#include "plan/plan.h"

/* VXLAN over IPv4. */
#define VXLAN4_ESP_ROOM (VXLAN_ROOM + IP4_HEADER + ESP_ROOM)

static bool has_tables(const struct ipso_state *st, uint32_t ifindex)
{
	for (unsigned int i = 0; i < st->sas_count; i++) {
		if (st->sas[i].packet_offload && st->sas[i].ifindex == ifindex)
			return true;
	}
	for (unsigned int i = 0; i < st->policies_count; i++) {
		if (st->policies[i].packet_offload && st->policies[i].ifindex == ifindex)
			return true;
	}
	return false;
}

static void check_rules(const struct ipso_state *st, unsigned int d, bool uplink,
			struct findings *f)
{
	const struct obs_device *dev = &st->devices[d];
	const struct obs_filter *first = NULL;
	unsigned int n = 0;
	char what[40];

	for (unsigned int i = 0; i < st->filters_count; i++) {
		if (!st->filters[i].in_hw || !observe_filter_on(st, d, &st->filters[i]))
			continue;
		first = first ? first : &st->filters[i];
		n++;
	}
	device_label(dev, "TC rules", what);
	if (!n) {
		found(f, CHECK_OK, "CK-35", what, "none in hardware");
	} else if (!uplink) {
		found(f, CHECK_OK, "CK-35", what, "%u in hardware; IPsec is on VFs, which they do "
						  "not hinder", n);
	} else if (has_tables(st, dev->uplink.ifindex) && st->kernel.sa_needs_free_eswitch) {
		found(f, CHECK_WARN, "CK-35", what,
		      "%u in hardware behind the IPsec tables: this driver refuses every new SA, a "
		      "rekey too, while they are", n);
		remedy(f, "on-conflict: displace, or take the rules out for a rekey, put tunnels on VFs, "
			  "or run a kernel whose driver does not (before 6.18)");
	} else if (has_tables(st, dev->uplink.ifindex)) {
		found(f, CHECK_OK, "CK-35", what, "%u in hardware, behind the IPsec tables", n);
	} else {
		found(f, CHECK_FAIL, "CK-35", what, "%u in hardware before IPsec, first: %s pref "
		      "%u protocol 0x%04x%s", n, first->ifname, first->pref, first->protocol,
		      rule_owner(first));
		remedy(f, "the driver refuses the first SA then: on-conflict: displace, or tc filter "
			  "del dev %s ingress, bring IPsec up, add them again", first->ifname);
	}
}

static bool named(const struct ipso_config *cfg, const struct obs_sa *sa)
{
	for (unsigned int t = 0; t < cfg->tunnels_count; t++) {
		const struct cfg_tunnel *c = &cfg->tunnels[t];

		if ((sa->spi == c->out.spi && addr_equal(&sa->dst, &c->remote, false)) ||
		    (sa->spi == c->in.spi && addr_equal(&sa->dst, &c->local, false)))
			return true;
	}
	return false;
}

static bool on_device(const struct obs_device *d, uint32_t ifindex, const char *netns)
{
	if (!netns[0] && d->uplink.ifindex == ifindex)
		return true;
	for (uint32_t i = 0; i < d->vfs_count; i++) {
		if (d->vfs[i].link.ifindex == ifindex && strcmp(d->vfs[i].netns, netns) == 0)
			return true;
	}
	return false;
}

/* With a configuration: SAs that it does not name. Without: those that are there. */
static void check_sas(const struct ipso_config *cfg, const struct ipso_state *st, unsigned int d,
		      struct findings *f)
{
	const struct obs_device *dev = &st->devices[d];
	const struct obs_sa *first = NULL;
	char what[40], dst[ADDR_STRLEN];
	unsigned int n = 0;

	for (unsigned int i = 0; i < st->sas_count; i++) {
		const struct obs_sa *sa = &st->sas[i];

		if (!sa->packet_offload || !on_device(dev, sa->ifindex, sa->netns) ||
		    (cfg && named(cfg, sa)))
			continue;
		first = first ? first : sa;
		n++;
	}
	device_label(dev, "SAs", what);
	if (!n || !cfg) {
		found(f, CHECK_OK, "CK-36", what, "%u%s in packet offload", n,
		      cfg ? " of others" : "");
		return;
	}
	found(f, CHECK_WARN, "CK-36", what, "%u of others in packet offload, first: SPI 0x%08x to "
	      "%s", n, first->spi, addr_str(&first->dst, false, dst));
	remedy(f, "ip xfrm state shows them; ipso keeps them, but modes and VFs cannot change "
		  "while they are");
}

/* Policies of the pin that are there, and those that this configuration has. */
static void count_pins(const struct ipso_config *cfg, const struct ipso_state *st, unsigned int d,
		       unsigned int *ret_there, unsigned int *ret_wanted)
{
	const struct obs_device *dev = &st->devices[d];
	unsigned int there = 0, wanted = 0;

	for (unsigned int i = 0; i < 4; i++) {
		unsigned int version = i / 2 ? 6 : 4;
		struct xfrm_pol p = pin_policy(dev->pci, version,
					       i % 2 ? IPSO_DIR_OUT : IPSO_DIR_IN,
					       dev->uplink.ifindex);
		const struct obs_policy *o = policy_named(st, &p, "");

		there += o && o->packet_offload && o->ifindex == p.ifindex;
		wanted += cfg && pin_wanted(cfg, d, version);
	}
	*ret_there = there;
	*ret_wanted = wanted;
}

static void check_pin(const struct ipso_config *cfg, const struct ipso_state *st, unsigned int d,
		      struct findings *f)
{
	const struct obs_device *dev = &st->devices[d];
	unsigned int there, wanted;
	char what[40];

	count_pins(cfg, st, d, &there, &wanted);
	device_label(dev, "pin", what);
	if (there || !wanted)
		found(f, there < wanted ? CHECK_WARN : CHECK_OK, "CK-43", what,
		      there ? "%u policies keep the IPsec tables" : "none", there);
	else if (!has_tables(st, dev->uplink.ifindex))
		found(f, CHECK_OK, "CK-43", what, "none yet: ipso up puts it there");
	else
		found(f, CHECK_WARN, "CK-43", what, "gone, or never put there: the IPsec tables "
		      "go with the last SA");
	if (wanted && there < wanted && has_tables(st, dev->uplink.ifindex))
		remedy(f, "ipso up; something has flushed the policies (ip xfrm policy flush)");
}

/* What an IKE daemon adds for its own packets: offloaded, allowed, no template. */
static void check_bypass(const struct ipso_state *st, unsigned int d, struct findings *f)
{
	const struct obs_device *dev = &st->devices[d];
	unsigned int n = 0;
	char what[40];

	for (unsigned int i = 0; i < st->policies_count; i++) {
		const struct obs_policy *p = &st->policies[i];

		n += p->packet_offload && p->bypass && on_device(dev, p->ifindex, p->netns);
	}
	device_label(dev, "bypass policies", what);
	found(f, n ? CHECK_WARN : CHECK_OK, "CK-37", what, n ? "%u in hardware: they keep the "
	      "eswitch mode and ipsec_packet of VFs as they are" : "%u in hardware", n);
	if (n)
		remedy(f, "set the modes before the IKE daemon starts, or stop it for the change");
}

static uint32_t widest_leg(const struct ipso_config *cfg, const struct obs_device *dev,
			   unsigned int d)
{
	uint32_t mtu = 0;

	for (uint32_t i = 0; i < dev->vfs_count; i++) {
		if (dev->vfs[i].link.ifindex && dev->vfs[i].link.mtu > mtu)
			mtu = dev->vfs[i].link.mtu;
	}
	for (unsigned int i = 0; cfg && i < cfg->devices[d].vfs_count; i++) {
		if (cfg->devices[d].vfs[i].has_mtu && cfg->devices[d].vfs[i].mtu > mtu)
			mtu = cfg->devices[d].vfs[i].mtu;
	}
	return mtu;
}

/* Only packets of VFs through a tunnel on the uplink are known to have to fit. */
static void check_mtu(const struct ipso_config *cfg, const struct ipso_state *st, unsigned int d,
		      struct findings *f)
{
	const struct obs_device *dev = &st->devices[d];
	uint32_t outer = cfg && cfg->devices[d].has_mtu ? cfg->devices[d].mtu : dev->uplink.mtu;
	uint32_t room = cfg ? config_vxlan_room(cfg, d) : 0;
	uint32_t inner = room ? widest_leg(cfg, dev, d) : 0;
	char what[40];

	device_label(dev, "MTU", what);
	if (inner && inner + room > outer) {
		found(f, CHECK_WARN, "CK-39", what, "%u on the uplink, %u on its VFs: with VXLAN "
		      "and ESP around it a full packet has %u bytes", outer, inner, inner + room);
		remedy(f, "ip link set %s mtu %u (mtu: %u in the configuration), in the network "
			  "too; or VFs of at most %u", dev->uplink.name, inner + room, inner + room,
		       outer - room);
		return;
	}
	found(f, CHECK_OK, "CK-39", what, "%u: room for packets of %u bytes inside ESP, %u inside "
	      "VXLAN%s and ESP", outer, outer - ESP_ROOM, outer - (room ? room : VXLAN4_ESP_ROOM),
	      room ? "" : " over IPv4");
}

static void check_bond(const struct obs_device *d, struct findings *f)
{
	char what[40], bond[IF_NAMESIZE];

	if (!surroundings_bond(d->uplink.name, bond))
		return;
	found(f, CHECK_FAIL, "CK-40", device_label(d, "bond", what), "part of %s: packet offload is "
	      "not supported on a bond", bond);
	remedy(f, "ip link set %s nomaster", d->uplink.name);
}

void check_traffic(const struct ipso_config *cfg, const struct ipso_state *st, unsigned int d,
		   struct findings *f)
{
	if (!st->devices[d].uplink.ifindex)
		return;
	check_rules(st, d, uplink_wanted(cfg, st, d), f);
	check_sas(cfg, st, d, f);
	check_pin(cfg, st, d, f);
	check_bypass(st, d, f);
	check_mtu(cfg, st, d, f);
	check_bond(&st->devices[d], f);
}
