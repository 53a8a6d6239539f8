/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TC rules in words: as tc(8) takes them, and as a sentence. */
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <stdio.h>

#include "plan/line.h"
#include "plan/priv.h"
#include "plan/undo.h"

static const char *protocol_name(uint16_t protocol, char buf[16])
{
	switch (protocol) {
	case ETH_P_ALL:
		return "all";
	case ETH_P_IP:
		return "ip";
	case ETH_P_IPV6:
		return "ipv6";
	case ETH_P_ARP:
		return "arp";
	case ETH_P_8021Q:
		return "802.1q";
	case ETH_P_8021AD:
		return "802.1ad";
	default:
		snprintf(buf, 16, "0x%04x", protocol);
		return buf;
	}
}

/* Numbers without a name are hexadecimal to tc(8). */
static void put_ip_protocol(struct line *l, uint16_t protocol)
{
	static const struct {
		uint16_t number;
		const char *name;
	} names[] = {{IPPROTO_TCP, "tcp"},   {IPPROTO_UDP, "udp"},	 {IPPROTO_SCTP, "sctp"},
		     {IPPROTO_ICMP, "icmp"}, {IPPROTO_ICMPV6, "icmpv6"}};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].number == protocol) {
			put(l, " ip_proto %s", names[i].name);
			return;
		}
	}
	put(l, " ip_proto %x", protocol);
}

static void put_outer(struct line *l, const struct tc_match *m)
{
	char src[ADDR_STRLEN], dst[ADDR_STRLEN];

	put(l, " enc_src_ip %s enc_dst_ip %s enc_key_id %u enc_dst_port %u",
	    addr_str(&m->tunnel_src, false, src), addr_str(&m->tunnel_dst, false, dst), m->tunnel_id,
	    m->tunnel_port);
}

static void put_match(struct line *l, const struct tc_match *m)
{
	char type[16], text[ADDR_STRLEN];

	if (m->vlans)
		put(l, " vlan_id %u", m->vlan[0]);
	if (m->vlans == 2)
		put(l, " vlan_ethtype 802.1q cvlan_id %u", m->vlan[1]);
	if (m->vlans && m->protocol != ETH_P_ALL)
		put(l, " %svlan_ethtype %s", m->vlans == 2 ? "c" : "",
		    protocol_name(m->protocol, type));
	if (m->has_dst_mac)
		put(l, " dst_mac %s", mac_str(m->dst_mac, text));
	if (m->has_src_mac)
		put(l, " src_mac %s", mac_str(m->src_mac, text));
	if (m->has_ip_protocol)
		put_ip_protocol(l, m->ip_protocol);
	if (m->src.family)
		put(l, " src_ip %s", addr_str(&m->src, true, text));
	if (m->dst.family)
		put(l, " dst_ip %s", addr_str(&m->dst, true, text));
	if (m->tunnel)
		put_outer(l, m);
}

static void put_head(struct line *l, const char *verb, const char *dev, const struct tc_filter *f)
{
	char type[16];

	if (f->block)
		put(l, "tc filter %s block %u", verb, f->block);
	else
		put(l, "tc filter %s dev %s ingress", verb, dev);
	put(l, " pref %u protocol %s handle 0x%x flower", f->pref, protocol_name(f->protocol, type),
	    f->handle);
}

static void put_tunnel_key(struct line *l, const struct tc_action *a)
{
	char src[ADDR_STRLEN], dst[ADDR_STRLEN];

	put(l, " action tunnel_key set src_ip %s dst_ip %s id %u dst_port %u %scsum",
	    addr_str(&a->src, false, src), addr_str(&a->dst, false, dst), a->tunnel_id,
	    a->tunnel_port, a->tunnel_csum ? "" : "no");
	if (a->tunnel_tos)
		put(l, " tos %u", a->tunnel_tos);
	if (a->tunnel_ttl)
		put(l, " ttl %u", a->tunnel_ttl);
}

void put_rule(struct line *l, const struct ipso_config *cfg, const struct ipso_state *st,
	      const struct step *s)
{
	const struct cfg_tc *c = &cfg->tc[s->item];
	char dev[WORD_LEN], type[16];
	struct tc_filter f;

	step_filter(cfg, st, s, &f);
	link_word(l, cfg, st, s, dev);
	if (s->from) {
		put_head(l, "delete", dev, &f);
		put(l, "; ");
	}
	put_head(l, "add", dev, &f);
	if (f.skip_sw)
		put(l, " skip_sw");
	put_match(l, &f.rule.match);
	for (unsigned int i = 0; i < c->actions_count; i++) {
		const struct cfg_action *a = &c->actions[i];
		struct step to = port_step(cfg, STEP_TC_FILTER, c->device, &a->port);

		if (a->vlan_pop)
			put(l, " action vlan pop");
		else if (a->tunnel_set)
			put_tunnel_key(l, &f.rule.actions[i]);
		else if (a->tunnel_unset)
			put(l, " action tunnel_key unset");
		else if (a->vlan_push)
			put(l, " action vlan push protocol %s id %u",
			    protocol_name(a->vlan_protocol, type), a->vlan_id);
		else
			put(l, " action mirred egress %s dev %s",
			    a->redirect ? "redirect" : "mirror",
			    link_word(l, cfg, st, &to, dev));
	}
}

static const char *port_name(const struct ipso_state *st, uint32_t ifindex)
{
	for (unsigned int d = 0; d < st->devices_count; d++) {
		if (st->devices[d].uplink.ifindex == ifindex)
			return st->devices[d].uplink.name;
		for (uint32_t i = 0; i < st->devices[d].vfs_count; i++) {
			if (st->devices[d].vfs[i].rep.ifindex == ifindex)
				return st->devices[d].vfs[i].rep.name;
		}
	}
	return NULL;
}

/* A net device without a name here is a tunnel's: tc takes its number as well. */
static void put_mirred(struct line *l, const struct ipso_state *st, const struct tc_action *a)
{
	const char *name = port_name(st, a->ifindex);

	put(l, " action mirred egress %s dev ", a->kind == TC_DO_REDIRECT ? "redirect" : "mirror");
	if (name)
		put(l, "%s", name);
	else
		put(l, "if%u", a->ifindex);
}

static void put_action(struct line *l, const struct ipso_state *st, const struct tc_action *a)
{
	char type[16];

	if (a->kind == TC_DO_DROP)
		put(l, " action drop");
	else if (a->kind == TC_DO_VLAN_POP)
		put(l, " action vlan pop");
	else if (a->kind == TC_DO_VLAN_PUSH)
		put(l, " action vlan push protocol %s id %u", protocol_name(a->vlan_protocol, type),
		    a->vlan_id);
	else if (a->kind == TC_DO_TUNNEL_SET)
		put_tunnel_key(l, a);
	else if (a->kind == TC_DO_TUNNEL_UNSET)
		put(l, " action tunnel_key unset");
	else
		put_mirred(l, st, a);
}

static void put_saved_head(struct line *l, const char *verb, const struct undo *u)
{
	char type[16];

	put(l, "tc filter %s dev %s ingress", verb, u->port);
	if (u->rule.chain)
		put(l, " chain %u", u->rule.chain);
	put(l, " pref %u protocol %s handle 0x%x flower", u->rule.pref,
	    protocol_name(u->rule.protocol, type), u->rule.handle);
}

void put_saved_delete(struct line *l, const struct undo *u)
{
	put_saved_head(l, "delete", u);
}

void put_saved_add(struct line *l, const struct ipso_state *st, const struct undo *u)
{
	put_saved_head(l, "add", u);
	if (u->rule.skip_sw)
		put(l, " skip_sw");
	put_match(l, &u->rule.rule.match);
	for (unsigned int i = 0; i < u->rule.rule.actions_count; i++)
		put_action(l, st, &u->rule.rule.actions[i]);
}

static void put_ends(struct line *l, const char *word, const uint8_t *mac, const struct addr *a)
{
	char text[ADDR_STRLEN];

	if (mac || a->family)
		put(l, ", %s", word);
	if (mac)
		put(l, " %s", mac_str(mac, text));
	if (a->family)
		put(l, " %s", addr_str(a, true, text));
}

static void put_vni(struct line *l, const char *word, const struct cfg_vxlan *v)
{
	char local[ADDR_STRLEN], remote[ADDR_STRLEN];

	put(l, "%s VNI %u, %s with %s", word, v->vni, addr_str(&v->local, false, local),
	    addr_str(&v->remote, false, remote));
}

void rule_text(const struct cfg_tc *c, char *buf, size_t size)
{
	struct line l = {.buf = buf, .size = size};
	char type[16];

	for (unsigned int i = 0; i < c->vlan_count; i++)
		put(&l, "%s%u", i ? " " : "vlan ", c->vlan[i]);
	put(&l, "%sprotocol %s", c->vlan_count ? ", " : "", protocol_name(c->protocol, type));
	if (c->has_ip_protocol)
		put(&l, " carrying protocol %u", c->ip_protocol);
	put_ends(&l, "from", c->has_src_mac ? c->src_mac : NULL, &c->src);
	put_ends(&l, "to", c->has_dst_mac ? c->dst_mac : NULL, &c->dst);
	if (c->has_tunnel)
		put_vni(&l, ", from tunnel", &c->tunnel);
	for (unsigned int i = 0; i < c->actions_count; i++) {
		const struct cfg_action *a = &c->actions[i];

		put(&l, "%s", i ? ", " : ": ");
		if (a->vlan_pop)
			put(&l, "vlan-pop");
		else if (a->tunnel_unset)
			put(&l, "tunnel-unset");
		else if (a->tunnel_set)
			put_vni(&l, "tunnel-set", &a->tunnel);
		else if (a->vlan_push)
			put(&l, "vlan-push %u", a->vlan_id);
		else if (a->port.is_vf)
			put(&l, "%s to VF %u", a->redirect ? "redirect" : "mirror", a->port.vf);
		else if (a->port.is_vxlan)
			put(&l, "%s to UDP port %u", a->redirect ? "redirect" : "mirror",
			    a->port.vxlan);
		else
			put(&l, "%s to the uplink", a->redirect ? "redirect" : "mirror");
	}
}
