/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TC as bytes, on the way to the kernel: the ingress qdisc, flower rules, their actions. */
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_gact.h>
#include <linux/tc_act/tc_mirred.h>
#include <linux/tc_act/tc_tunnel_key.h>
#include <linux/tc_act/tc_vlan.h>
#include <netinet/in.h>

#include "nl/tc.h"

/* `tc filter ... ingress`: the number clsact has for it, and which ingress accepts too. */
#define INGRESS_PARENT TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS)

void tc_put_qdisc(struct nl_msg *m, uint16_t type, uint32_t ifindex, uint32_t block)
{
	uint16_t flags = type == RTM_NEWQDISC ? NLM_F_CREATE | NLM_F_EXCL : 0;
	struct tcmsg *t = nl_msg_start(m, type, flags, sizeof(*t));

	t->tcm_ifindex = (int)ifindex;
	t->tcm_parent = TC_H_INGRESS;
	t->tcm_handle = TC_H_MAKE(TC_H_INGRESS, 0);
	mnl_attr_put_strz(&m->h, TCA_KIND, "ingress");
	if (block)
		mnl_attr_put_u32(&m->h, TCA_INGRESS_BLOCK, block);
}

static void put_filter_head(struct nl_msg *m, uint16_t type, uint16_t flags,
			    const struct tc_filter *f)
{
	struct tcmsg *t = nl_msg_start(m, type, flags, sizeof(*t));

	t->tcm_ifindex = f->block ? (int)TCM_IFINDEX_MAGIC_BLOCK : (int)f->ifindex;
	t->tcm_parent = f->block ? f->block : INGRESS_PARENT; /* or tcm_block_index, the same field */
	t->tcm_handle = f->handle;
	t->tcm_info = TC_H_MAKE((uint32_t)f->pref << 16, htons(f->protocol));
	if (f->chain)
		mnl_attr_put_u32(&m->h, TCA_CHAIN, f->chain);
}

static void put_mac(struct nl_msg *m, uint16_t key, uint16_t mask, const uint8_t mac[6])
{
	static const uint8_t ones[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

	mnl_attr_put(&m->h, key, 6, mac);
	mnl_attr_put(&m->h, mask, 6, ones);
}

/* The mask has the attribute number after the address, in each of the four pairs. */
static void put_addr(struct nl_msg *m, uint16_t key4, uint16_t key6, const struct addr *a)
{
	uint16_t key = a->family == AF_INET ? key4 : key6;
	size_t len = a->family == AF_INET ? 4 : 16;
	uint8_t mask[16] = {};

	if (!a->family)
		return;
	for (unsigned int i = 0; i < a->prefix; i++)
		mask[i / 8] |= (uint8_t)(0x80 >> i % 8);
	mnl_attr_put(&m->h, key, len, a->b);
	mnl_attr_put(&m->h, (uint16_t)(key + 1), len, mask);
}

/* fl_set_key(): each tag's ethertype tells what comes next, the last one's the payload. */
static void put_types(struct nl_msg *m, const struct tc_filter *f)
{
	static const uint16_t types[] = {TCA_FLOWER_KEY_ETH_TYPE, TCA_FLOWER_KEY_VLAN_ETH_TYPE,
					 TCA_FLOWER_KEY_CVLAN_ETH_TYPE};
	static const uint16_t ids[] = {TCA_FLOWER_KEY_VLAN_ID, TCA_FLOWER_KEY_CVLAN_ID};
	const struct tc_match *k = &f->rule.match;

	for (unsigned int i = 0; i < k->vlans; i++) {
		mnl_attr_put_u16(&m->h, types[i], htons(i ? ETH_P_8021Q : f->protocol));
		mnl_attr_put_u16(&m->h, ids[i], k->vlan[i]);
	}
	if (k->protocol != ETH_P_ALL)
		mnl_attr_put_u16(&m->h, types[k->vlans], htons(k->protocol));
}

/* The tunnel that a frame came in by: exactly this one. */
static void put_outer(struct nl_msg *m, const struct tc_match *k)
{
	put_addr(m, TCA_FLOWER_KEY_ENC_IPV4_SRC, TCA_FLOWER_KEY_ENC_IPV6_SRC, &k->tunnel_src);
	put_addr(m, TCA_FLOWER_KEY_ENC_IPV4_DST, TCA_FLOWER_KEY_ENC_IPV6_DST, &k->tunnel_dst);
	mnl_attr_put_u32(&m->h, TCA_FLOWER_KEY_ENC_KEY_ID, htonl(k->tunnel_id));
	mnl_attr_put_u16(&m->h, TCA_FLOWER_KEY_ENC_UDP_DST_PORT, htons(k->tunnel_port));
	mnl_attr_put_u16(&m->h, TCA_FLOWER_KEY_ENC_UDP_DST_PORT_MASK, 0xffff);
}

static void put_match(struct nl_msg *m, const struct tc_filter *f)
{
	const struct tc_match *k = &f->rule.match;

	put_types(m, f);
	if (k->has_dst_mac)
		put_mac(m, TCA_FLOWER_KEY_ETH_DST, TCA_FLOWER_KEY_ETH_DST_MASK, k->dst_mac);
	if (k->has_src_mac)
		put_mac(m, TCA_FLOWER_KEY_ETH_SRC, TCA_FLOWER_KEY_ETH_SRC_MASK, k->src_mac);
	if (k->has_ip_protocol)
		mnl_attr_put_u8(&m->h, TCA_FLOWER_KEY_IP_PROTO, k->ip_protocol);
	put_addr(m, TCA_FLOWER_KEY_IPV4_SRC, TCA_FLOWER_KEY_IPV6_SRC, &k->src);
	put_addr(m, TCA_FLOWER_KEY_IPV4_DST, TCA_FLOWER_KEY_IPV6_DST, &k->dst);
	if (k->tunnel)
		put_outer(m, k);
}

static void put_vlan(struct nl_msg *m, const struct tc_action *a)
{
	bool push = a->kind == TC_DO_VLAN_PUSH;
	struct tc_vlan parm = {
		.action = TC_ACT_PIPE,
		.v_action = push ? TCA_VLAN_ACT_PUSH : TCA_VLAN_ACT_POP,
	};

	mnl_attr_put(&m->h, TCA_VLAN_PARMS, sizeof(parm), &parm);
	if (!push)
		return;
	mnl_attr_put_u16(&m->h, TCA_VLAN_PUSH_VLAN_ID, a->vlan_id);
	mnl_attr_put_u16(&m->h, TCA_VLAN_PUSH_VLAN_PROTOCOL, htons(a->vlan_protocol));
}

static void put_mirred(struct nl_msg *m, const struct tc_action *a)
{
	bool last = a->kind == TC_DO_REDIRECT;
	struct tc_mirred parm = {
		.action = last ? TC_ACT_STOLEN : TC_ACT_PIPE,
		.eaction = last ? TCA_EGRESS_REDIR : TCA_EGRESS_MIRROR,
		.ifindex = a->ifindex,
	};

	mnl_attr_put(&m->h, TCA_MIRRED_PARMS, sizeof(parm), &parm);
}

static void put_drop(struct nl_msg *m)
{
	struct tc_gact parm = {.action = TC_ACT_SHOT};

	mnl_attr_put(&m->h, TCA_GACT_PARMS, sizeof(parm), &parm);
}

/* An id of the kernel's is 32 bits in network order, of which VXLAN takes the lower 24. */
static void put_tunnel(struct nl_msg *m, const struct tc_action *a)
{
	bool set = a->kind == TC_DO_TUNNEL_SET, v4 = a->src.family == AF_INET;
	struct tc_tunnel_key parm = {
		.action = TC_ACT_PIPE,
		.t_action = set ? TCA_TUNNEL_KEY_ACT_SET : TCA_TUNNEL_KEY_ACT_RELEASE,
	};

	mnl_attr_put(&m->h, TCA_TUNNEL_KEY_PARMS, sizeof(parm), &parm);
	if (!set)
		return;
	mnl_attr_put(&m->h, v4 ? TCA_TUNNEL_KEY_ENC_IPV4_SRC : TCA_TUNNEL_KEY_ENC_IPV6_SRC,
		     v4 ? 4 : 16, a->src.b);
	mnl_attr_put(&m->h, v4 ? TCA_TUNNEL_KEY_ENC_IPV4_DST : TCA_TUNNEL_KEY_ENC_IPV6_DST,
		     v4 ? 4 : 16, a->dst.b);
	mnl_attr_put_u32(&m->h, TCA_TUNNEL_KEY_ENC_KEY_ID, htonl(a->tunnel_id));
	mnl_attr_put_u16(&m->h, TCA_TUNNEL_KEY_ENC_DST_PORT, htons(a->tunnel_port));
	mnl_attr_put_u8(&m->h, TCA_TUNNEL_KEY_NO_CSUM, !a->tunnel_csum);
	if (a->tunnel_tos)
		mnl_attr_put_u8(&m->h, TCA_TUNNEL_KEY_ENC_TOS, a->tunnel_tos);
	if (a->tunnel_ttl)
		mnl_attr_put_u8(&m->h, TCA_TUNNEL_KEY_ENC_TTL, a->tunnel_ttl);
}

static bool is_tunnel(enum tc_action_kind kind)
{
	return kind == TC_DO_TUNNEL_SET || kind == TC_DO_TUNNEL_UNSET;
}

static const char *action_name(enum tc_action_kind kind)
{
	if (kind == TC_DO_DROP)
		return "gact";
	if (is_tunnel(kind))
		return "tunnel_key";
	return kind == TC_DO_VLAN_POP || kind == TC_DO_VLAN_PUSH ? "vlan" : "mirred";
}

static void put_actions(struct nl_msg *m, const struct tc_rule *r)
{
	struct nlattr *acts, *act, *options;

	if (!r->actions_count)
		return;
	acts = mnl_attr_nest_start(&m->h, TCA_FLOWER_ACT);
	for (unsigned int i = 0; i < r->actions_count; i++) {
		const struct tc_action *a = &r->actions[i];
		const char *name = action_name(a->kind);

		/* Actions are numbered from 1 in their order. */
		act = mnl_attr_nest_start(&m->h, (uint16_t)(i + 1));
		mnl_attr_put_strz(&m->h, TCA_ACT_KIND, name);
		options = mnl_attr_nest_start(&m->h, TCA_ACT_OPTIONS);
		if (a->kind == TC_DO_DROP)
			put_drop(m);
		else if (a->kind == TC_DO_VLAN_POP || a->kind == TC_DO_VLAN_PUSH)
			put_vlan(m, a);
		else if (is_tunnel(a->kind))
			put_tunnel(m, a);
		else
			put_mirred(m, a);
		mnl_attr_nest_end(&m->h, options);
		mnl_attr_nest_end(&m->h, act);
	}
	mnl_attr_nest_end(&m->h, acts);
}

void tc_put_filter(struct nl_msg *m, const struct tc_filter *f)
{
	uint32_t flags = (f->skip_sw ? TCA_CLS_FLAGS_SKIP_SW : 0) |
			 (f->skip_hw ? TCA_CLS_FLAGS_SKIP_HW : 0);
	struct nlattr *options;

	put_filter_head(m, RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL, f);
	mnl_attr_put_strz(&m->h, TCA_KIND, "flower");
	options = mnl_attr_nest_start(&m->h, TCA_OPTIONS);
	put_match(m, f);
	put_actions(m, &f->rule);
	mnl_attr_put_u32(&m->h, TCA_FLOWER_FLAGS, flags);
	mnl_attr_nest_end(&m->h, options);
}

void tc_put_filter_delete(struct nl_msg *m, const struct tc_filter *f)
{
	put_filter_head(m, RTM_DELTFILTER, 0, f);
	mnl_attr_put_strz(&m->h, TCA_KIND, f->kind[0] ? f->kind : "flower");
}
