/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Match and actions of a flower rule as the kernel shows them (fl_dump_key() in
 * net/sched/cls_flower.c). What is not understood is told, so that a rule that does more is never
 * taken for one that does less.
 */
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/tc_act/tc_gact.h>
#include <linux/tc_act/tc_mirred.h>
#include <linux/tc_act/tc_tunnel_key.h>
#include <linux/tc_act/tc_vlan.h>
#include <netinet/in.h>
#include <string.h>

#include "nl/tc.h"

/* Attributes that are read below, and those that change nothing about what the rule does. */
static const uint16_t known[] = {
	TCA_FLOWER_ACT,
	TCA_FLOWER_FLAGS,
	TCA_FLOWER_IN_HW_COUNT,
	TCA_FLOWER_KEY_ETH_TYPE,
	TCA_FLOWER_KEY_ETH_SRC,
	TCA_FLOWER_KEY_ETH_SRC_MASK,
	TCA_FLOWER_KEY_ETH_DST,
	TCA_FLOWER_KEY_ETH_DST_MASK,
	TCA_FLOWER_KEY_VLAN_ID,
	TCA_FLOWER_KEY_VLAN_ETH_TYPE,
	TCA_FLOWER_KEY_CVLAN_ID,
	TCA_FLOWER_KEY_CVLAN_ETH_TYPE,
	TCA_FLOWER_KEY_IP_PROTO,
	TCA_FLOWER_KEY_IPV4_SRC,
	TCA_FLOWER_KEY_IPV4_SRC_MASK,
	TCA_FLOWER_KEY_IPV4_DST,
	TCA_FLOWER_KEY_IPV4_DST_MASK,
	TCA_FLOWER_KEY_IPV6_SRC,
	TCA_FLOWER_KEY_IPV6_SRC_MASK,
	TCA_FLOWER_KEY_IPV6_DST,
	TCA_FLOWER_KEY_IPV6_DST_MASK,
	TCA_FLOWER_KEY_ENC_KEY_ID,
	TCA_FLOWER_KEY_ENC_IPV4_SRC,
	TCA_FLOWER_KEY_ENC_IPV4_SRC_MASK,
	TCA_FLOWER_KEY_ENC_IPV4_DST,
	TCA_FLOWER_KEY_ENC_IPV4_DST_MASK,
	TCA_FLOWER_KEY_ENC_IPV6_SRC,
	TCA_FLOWER_KEY_ENC_IPV6_SRC_MASK,
	TCA_FLOWER_KEY_ENC_IPV6_DST,
	TCA_FLOWER_KEY_ENC_IPV6_DST_MASK,
	TCA_FLOWER_KEY_ENC_UDP_DST_PORT,
	TCA_FLOWER_KEY_ENC_UDP_DST_PORT_MASK,
};

static bool all_known(const struct nlattr *const *o)
{
	for (unsigned int i = 0; i <= TC_OPTIONS_MAX; i++) {
		bool ours = false;

		for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++)
			ours |= known[k] == i;
		if (o[i] && !ours)
			return false;
	}
	return true;
}

static bool take_mac(const struct nlattr *key, const struct nlattr *mask, bool *ret_has,
		     uint8_t mac[6])
{
	static const uint8_t ones[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

	if (!key && !mask)
		return true;
	if (!key || !mask || mnl_attr_get_payload_len(key) != 6 ||
	    mnl_attr_get_payload_len(mask) != 6 ||
	    memcmp(mnl_attr_get_payload(mask), ones, sizeof(ones)) != 0)
		return false;
	memcpy(mac, mnl_attr_get_payload(key), 6);
	*ret_has = true;
	return true;
}

/* The number of leading ones; false when a one comes after a zero. */
static bool prefix_of(const uint8_t *mask, size_t len, uint8_t *ret_prefix)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < len * 8; i++) {
		bool one = mask[i / 8] & 0x80 >> i % 8;

		if (one && n != i)
			return false;
		n += one;
	}
	*ret_prefix = (uint8_t)n;
	return true;
}

/* The mask has the attribute number after the address. */
static bool take_addr(const struct nlattr *const *o, uint16_t key4, uint16_t key6,
		      struct addr *ret_a)
{
	uint16_t key = o[key4] || o[key4 + 1] ? key4 : key6;
	size_t len = key == key4 ? 4 : 16;
	struct addr a = {.family = key == key4 ? AF_INET : AF_INET6};

	if (!o[key] && !o[key + 1])
		return true;
	if (!o[key] || !o[key + 1] || mnl_attr_get_payload_len(o[key]) != len ||
	    mnl_attr_get_payload_len(o[key + 1]) != len ||
	    !prefix_of(mnl_attr_get_payload(o[key + 1]), len, &a.prefix))
		return false;
	memcpy(a.b, mnl_attr_get_payload(o[key]), len);
	*ret_a = a;
	return true;
}

static uint16_t be16_of(const struct nlattr *a, uint16_t absent)
{
	return a ? ntohs(mnl_attr_get_u16(a)) : absent;
}

static bool is_tag(uint16_t ethertype)
{
	return ethertype == ETH_P_8021Q || ethertype == ETH_P_8021AD;
}

/*
 * The kernel gives the payload's type with the last tag, and once more as KEY_ETH_TYPE; a tag that
 * is looked at without its id is more than struct tc_match can say.
 */
static bool take_types(const struct nlattr *const *o, uint16_t protocol, struct tc_match *k)
{
	const struct nlattr *outer = o[TCA_FLOWER_KEY_VLAN_ID];
	const struct nlattr *inner = o[TCA_FLOWER_KEY_CVLAN_ID];
	uint16_t behind = be16_of(o[TCA_FLOWER_KEY_VLAN_ETH_TYPE], ETH_P_ALL);

	if (inner) {
		k->protocol = be16_of(o[TCA_FLOWER_KEY_CVLAN_ETH_TYPE], ETH_P_ALL);
		if (!outer || !is_tag(protocol) || behind != ETH_P_8021Q)
			return false;
		k->vlan[k->vlans++] = mnl_attr_get_u16(outer);
		k->vlan[k->vlans++] = mnl_attr_get_u16(inner);
		return true;
	}
	k->protocol = behind;
	if (outer) {
		k->vlan[k->vlans++] = mnl_attr_get_u16(outer);
		return is_tag(protocol) && !is_tag(behind);
	}
	k->protocol = be16_of(o[TCA_FLOWER_KEY_ETH_TYPE], ETH_P_ALL);
	return !is_tag(protocol) && k->protocol == protocol;
}

static bool is_host(const struct addr *a)
{
	return a->family && a->prefix == (a->family == AF_INET ? 32 : 128);
}

/* All of a tunnel or none: less than its number, port and both ends is more than tc_match can say. */
static bool take_outer(const struct nlattr *const *o, struct tc_match *k)
{
	const struct nlattr *id = o[TCA_FLOWER_KEY_ENC_KEY_ID];
	const struct nlattr *port = o[TCA_FLOWER_KEY_ENC_UDP_DST_PORT];
	const struct nlattr *mask = o[TCA_FLOWER_KEY_ENC_UDP_DST_PORT_MASK];

	if (!take_addr(o, TCA_FLOWER_KEY_ENC_IPV4_SRC, TCA_FLOWER_KEY_ENC_IPV6_SRC, &k->tunnel_src) ||
	    !take_addr(o, TCA_FLOWER_KEY_ENC_IPV4_DST, TCA_FLOWER_KEY_ENC_IPV6_DST, &k->tunnel_dst))
		return false;
	if (!id && !port && !mask && !k->tunnel_src.family && !k->tunnel_dst.family)
		return true;
	if (!id || !port || !mask || mnl_attr_get_u16(mask) != 0xffff || !is_host(&k->tunnel_src) ||
	    !is_host(&k->tunnel_dst))
		return false;
	k->tunnel = true;
	k->tunnel_id = ntohl(mnl_attr_get_u32(id));
	k->tunnel_port = ntohs(mnl_attr_get_u16(port));
	return true;
}

static bool take_vlan(const struct nlattr *options, struct tc_action *ret_a)
{
	const struct nlattr *o[TCA_VLAN_MAX + 1];
	const struct tc_vlan *parm;

	nl_nest(options, o, TCA_VLAN_MAX);
	if (!o[TCA_VLAN_PARMS] || mnl_attr_get_payload_len(o[TCA_VLAN_PARMS]) < sizeof(*parm))
		return false;
	parm = mnl_attr_get_payload(o[TCA_VLAN_PARMS]);
	if (parm->action != TC_ACT_PIPE)
		return false;
	if (parm->v_action == TCA_VLAN_ACT_POP) {
		ret_a->kind = TC_DO_VLAN_POP;
		return true;
	}
	if (parm->v_action != TCA_VLAN_ACT_PUSH || !o[TCA_VLAN_PUSH_VLAN_ID] ||
	    (o[TCA_VLAN_PUSH_VLAN_PRIORITY] &&
	     mnl_attr_get_u8(o[TCA_VLAN_PUSH_VLAN_PRIORITY]) != 0))
		return false;
	ret_a->kind = TC_DO_VLAN_PUSH;
	ret_a->vlan_id = mnl_attr_get_u16(o[TCA_VLAN_PUSH_VLAN_ID]);
	ret_a->vlan_protocol = be16_of(o[TCA_VLAN_PUSH_VLAN_PROTOCOL], ETH_P_8021Q);
	return true;
}

static bool take_mirred(const struct nlattr *options, struct tc_action *ret_a)
{
	const struct nlattr *o[TCA_MIRRED_MAX + 1];
	const struct tc_mirred *parm;

	nl_nest(options, o, TCA_MIRRED_MAX);
	if (!o[TCA_MIRRED_PARMS] || mnl_attr_get_payload_len(o[TCA_MIRRED_PARMS]) < sizeof(*parm))
		return false;
	parm = mnl_attr_get_payload(o[TCA_MIRRED_PARMS]);
	ret_a->kind = parm->eaction == TCA_EGRESS_REDIR ? TC_DO_REDIRECT : TC_DO_MIRROR;
	ret_a->ifindex = parm->ifindex;
	return (parm->eaction == TCA_EGRESS_REDIR && parm->action == TC_ACT_STOLEN) ||
	       (parm->eaction == TCA_EGRESS_MIRROR && parm->action == TC_ACT_PIPE);
}

static bool take_gact(const struct nlattr *options, struct tc_action *ret_a)
{
	const struct nlattr *o[TCA_GACT_MAX + 1];
	const struct tc_gact *parm;

	nl_nest(options, o, TCA_GACT_MAX);
	if (!o[TCA_GACT_PARMS] || o[TCA_GACT_PROB] ||
	    mnl_attr_get_payload_len(o[TCA_GACT_PARMS]) < sizeof(*parm))
		return false;
	parm = mnl_attr_get_payload(o[TCA_GACT_PARMS]);
	ret_a->kind = TC_DO_DROP;
	return parm->action == TC_ACT_SHOT;
}

static bool take_end(const struct nlattr *v4, const struct nlattr *v6, struct addr *ret_a)
{
	const struct nlattr *a = v4 ? v4 : v6;
	size_t len = v4 ? 4 : 16;

	if (!a || mnl_attr_get_payload_len(a) != len)
		return false;
	*ret_a = (struct addr){.family = v4 ? AF_INET : AF_INET6, .prefix = (uint8_t)(len * 8)};
	memcpy(ret_a->b, mnl_attr_get_payload(a), len);
	return true;
}

/* Not in all headers: a flag that forbids fragments (6.11), and what is newer. */
#define TUNNEL_KEY_NEWER (TCA_TUNNEL_KEY_ENC_TTL + 1)

/* Options of a protocol and flags are more than struct tc_action can say (tunnel_key_dump()). */
static bool take_tunnel(const struct nlattr *options, struct tc_action *ret_a)
{
	const struct nlattr *o[TUNNEL_KEY_NEWER + 4];
	const struct tc_tunnel_key *parm;

	nl_nest(options, o, TUNNEL_KEY_NEWER + 3);
	for (unsigned int i = TUNNEL_KEY_NEWER; i < TUNNEL_KEY_NEWER + 4; i++) {
		if (o[i])
			return false;
	}
	if (!o[TCA_TUNNEL_KEY_PARMS] || o[TCA_TUNNEL_KEY_ENC_OPTS] ||
	    mnl_attr_get_payload_len(o[TCA_TUNNEL_KEY_PARMS]) < sizeof(*parm))
		return false;
	parm = mnl_attr_get_payload(o[TCA_TUNNEL_KEY_PARMS]);
	ret_a->kind = TC_DO_TUNNEL_UNSET;
	if (parm->action != TC_ACT_PIPE || parm->t_action == TCA_TUNNEL_KEY_ACT_RELEASE)
		return parm->action == TC_ACT_PIPE;
	if (parm->t_action != TCA_TUNNEL_KEY_ACT_SET || !o[TCA_TUNNEL_KEY_ENC_KEY_ID] ||
	    !o[TCA_TUNNEL_KEY_ENC_DST_PORT] ||
	    !take_end(o[TCA_TUNNEL_KEY_ENC_IPV4_SRC], o[TCA_TUNNEL_KEY_ENC_IPV6_SRC], &ret_a->src) ||
	    !take_end(o[TCA_TUNNEL_KEY_ENC_IPV4_DST], o[TCA_TUNNEL_KEY_ENC_IPV6_DST], &ret_a->dst))
		return false;
	ret_a->kind = TC_DO_TUNNEL_SET;
	ret_a->tunnel_id = ntohl(mnl_attr_get_u32(o[TCA_TUNNEL_KEY_ENC_KEY_ID]));
	ret_a->tunnel_port = ntohs(mnl_attr_get_u16(o[TCA_TUNNEL_KEY_ENC_DST_PORT]));
	ret_a->tunnel_csum = o[TCA_TUNNEL_KEY_NO_CSUM] &&
			     !mnl_attr_get_u8(o[TCA_TUNNEL_KEY_NO_CSUM]);
	if (o[TCA_TUNNEL_KEY_ENC_TOS])
		ret_a->tunnel_tos = mnl_attr_get_u8(o[TCA_TUNNEL_KEY_ENC_TOS]);
	if (o[TCA_TUNNEL_KEY_ENC_TTL])
		ret_a->tunnel_ttl = mnl_attr_get_u8(o[TCA_TUNNEL_KEY_ENC_TTL]);
	return true;
}

static bool take_action(const char *kind, const struct nlattr *options, struct tc_action *ret_a)
{
	if (strcmp(kind, "vlan") == 0)
		return take_vlan(options, ret_a);
	if (strcmp(kind, "gact") == 0)
		return take_gact(options, ret_a);
	if (strcmp(kind, "tunnel_key") == 0)
		return take_tunnel(options, ret_a);
	return strcmp(kind, "mirred") == 0 && take_mirred(options, ret_a);
}

static bool take_actions(const struct nlattr *acts, struct tc_rule *r)
{
	const struct nlattr *act;

	if (!acts)
		return true;
	mnl_attr_for_each_nested(act, acts) {
		const struct nlattr *a[TCA_ACT_OPTIONS + 1];
		struct tc_action one = {};

		nl_nest(act, a, TCA_ACT_OPTIONS);
		if (!a[TCA_ACT_KIND] || !a[TCA_ACT_OPTIONS] || r->actions_count == TC_ACTIONS_MAX)
			return false;
		if (!take_action(mnl_attr_get_str(a[TCA_ACT_KIND]), a[TCA_ACT_OPTIONS], &one))
			return false;
		r->actions[r->actions_count++] = one;
	}
	return true;
}

bool tc_parse_rule(const struct nlattr *const *o, uint16_t protocol, struct tc_rule *ret_r)
{
	struct tc_rule r = {};
	struct tc_match *k = &r.match;

	if (!all_known(o) || !take_types(o, protocol, k) ||
	    !take_mac(o[TCA_FLOWER_KEY_ETH_SRC], o[TCA_FLOWER_KEY_ETH_SRC_MASK], &k->has_src_mac,
		      k->src_mac) ||
	    !take_mac(o[TCA_FLOWER_KEY_ETH_DST], o[TCA_FLOWER_KEY_ETH_DST_MASK], &k->has_dst_mac,
		      k->dst_mac) ||
	    !take_addr(o, TCA_FLOWER_KEY_IPV4_SRC, TCA_FLOWER_KEY_IPV6_SRC, &k->src) ||
	    !take_addr(o, TCA_FLOWER_KEY_IPV4_DST, TCA_FLOWER_KEY_IPV6_DST, &k->dst) ||
	    !take_outer(o, k) ||
	    !take_actions(o[TCA_FLOWER_ACT], &r))
		return false;
	k->has_ip_protocol = o[TCA_FLOWER_KEY_IP_PROTO];
	if (k->has_ip_protocol)
		k->ip_protocol = mnl_attr_get_u8(o[TCA_FLOWER_KEY_IP_PROTO]);
	*ret_r = r;
	return true;
}

static bool same_match(const struct tc_match *a, const struct tc_match *b)
{
	return a->vlans == b->vlans && a->protocol == b->protocol &&
	       memcmp(a->vlan, b->vlan, sizeof(a->vlan)) == 0 &&
	       a->has_src_mac == b->has_src_mac && a->has_dst_mac == b->has_dst_mac &&
	       memcmp(a->src_mac, b->src_mac, 6) == 0 && memcmp(a->dst_mac, b->dst_mac, 6) == 0 &&
	       addr_equal(&a->src, &b->src, true) && addr_equal(&a->dst, &b->dst, true) &&
	       a->has_ip_protocol == b->has_ip_protocol && a->ip_protocol == b->ip_protocol &&
	       a->tunnel == b->tunnel && a->tunnel_id == b->tunnel_id &&
	       a->tunnel_port == b->tunnel_port &&
	       addr_equal(&a->tunnel_src, &b->tunnel_src, false) &&
	       addr_equal(&a->tunnel_dst, &b->tunnel_dst, false);
}

static bool same_tunnel(const struct tc_action *a, const struct tc_action *b)
{
	return addr_equal(&a->src, &b->src, false) && addr_equal(&a->dst, &b->dst, false) &&
	       a->tunnel_id == b->tunnel_id && a->tunnel_port == b->tunnel_port &&
	       a->tunnel_csum == b->tunnel_csum && a->tunnel_tos == b->tunnel_tos &&
	       a->tunnel_ttl == b->tunnel_ttl;
}

bool tc_rule_equal(const struct tc_rule *a, const struct tc_rule *b)
{
	if (!same_match(&a->match, &b->match) || a->actions_count != b->actions_count)
		return false;
	for (unsigned int i = 0; i < a->actions_count; i++) {
		const struct tc_action *x = &a->actions[i], *y = &b->actions[i];

		if (x->kind != y->kind || x->ifindex != y->ifindex || x->vlan_id != y->vlan_id ||
		    x->vlan_protocol != y->vlan_protocol || !same_tunnel(x, y))
			return false;
	}
	return true;
}
