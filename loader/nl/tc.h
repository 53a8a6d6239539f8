/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TC at the ingress of net devices: the qdisc, flower rules with their actions, and what is there
 * with its hardware flags (include/uapi/linux/pkt_cls.h, net/sched/cls_flower.c).
 */
#ifndef IPSO_NL_TC_H
#define IPSO_NL_TC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "nl/sock.h"

#define TC_OPTIONS_MAX 255 /* more than flower has: those newer than the headers are seen too */
#define TC_VLANS_MAX 2
#define TC_ACTIONS_MAX 8

/* What a flower rule looks at. Numbers are in host order. */
struct tc_match {
	uint8_t vlans;		     /* VLAN tags looked at */
	uint16_t vlan[TC_VLANS_MAX]; /* their ids, outer to inner; the inner tag is 802.1Q */
	uint16_t protocol;	     /* ethertype behind those tags, ETH_P_ALL = any */
	bool has_src_mac, has_dst_mac, has_ip_protocol;
	uint8_t src_mac[6], dst_mac[6];
	struct addr src, dst;	     /* family 0 = any */
	uint8_t ip_protocol;
	bool tunnel;		     /* came in by a tunnel, whose outer ends and number these are */
	struct addr tunnel_src, tunnel_dst;
	uint32_t tunnel_id;	     /* VNI, 24 bits */
	uint16_t tunnel_port;	     /* UDP destination */
};

enum tc_action_kind {
	TC_DO_VLAN_POP,
	TC_DO_VLAN_PUSH,
	TC_DO_REDIRECT,
	TC_DO_MIRROR,
	TC_DO_DROP,
	TC_DO_TUNNEL_SET,
	TC_DO_TUNNEL_UNSET
};

struct tc_action {
	enum tc_action_kind kind;
	uint16_t vlan_id, vlan_protocol; /* push */
	uint32_t ifindex;		 /* redirect and mirror, at egress; 0 = not there yet */
	struct addr src, dst;		 /* tunnel set: the outer ends, both of one family */
	uint32_t tunnel_id;		 /* its VNI, 24 bits */
	uint16_t tunnel_port;		 /* its UDP destination */
	bool tunnel_csum;		 /* with an outer UDP checksum */
	uint8_t tunnel_tos, tunnel_ttl;	 /* 0 = what the kernel gives */
};

/* What one rule matches and does. */
struct tc_rule {
	struct tc_match match;
	struct tc_action actions[TC_ACTIONS_MAX];
	unsigned int actions_count;
};
bool tc_rule_equal(const struct tc_rule *a, const struct tc_rule *b);

struct tc_filter {
	uint32_t ifindex, handle, chain;
	uint32_t block; /* number of the shared block it sits on, ifindex is 0 then; 0 = none */
	uint16_t pref;
	uint16_t protocol; /* of the frame as it comes, outer VLAN tag included; ETH_P_ALL */
	char kind[16];
	bool in_hw, skip_sw, skip_hw; /* in_hw: reply */
	uint32_t in_hw_count; /* reply: of flower, in so many devices of its block */
	bool plain; /* reply: flower, and `rule` is all of it */
	bool alone; /* reply: its actions are its own, and carry nothing but what they do */
	bool cookie; /* reply: an action carries one, as whoever manages the rule gave it */
	struct tc_rule rule;
};

/* block: number of the shared block that it binds to, 0 = the device's own. */
int tc_qdisc_add_ingress(struct nl *nl, uint32_t ifindex, uint32_t block, struct why *why);
int tc_qdisc_delete_ingress(struct nl *nl, uint32_t ifindex, struct why *why);
/* Called with each device that has an ingress or clsact qdisc, and the block that it shares, or 0. */
typedef int (*tc_qdisc_fn)(uint32_t ifindex, uint32_t block, void *arg);
int tc_qdisc_dump(struct nl *nl, tc_qdisc_fn fn, void *arg, struct why *why);

/*
 * A flower rule as described, under its handle when that is not 0; -EEXIST when the handle is
 * taken, or the preference by another kind or protocol.
 */
int tc_filter_add(struct nl *nl, const struct tc_filter *f, struct why *why);
/* By device or block, chain, preference, protocol and, when not 0, handle. */
int tc_filter_delete(struct nl *nl, const struct tc_filter *f, struct why *why);
typedef int (*tc_filter_fn)(const struct tc_filter *f, void *arg);
/* Rules of any kind at the ingress of one device; none when it has no such qdisc. */
int tc_filter_dump(struct nl *nl, uint32_t ifindex, tc_filter_fn fn, void *arg, struct why *why);
/* The same of a shared block. */
int tc_block_dump(struct nl *nl, uint32_t block, tc_filter_fn fn, void *arg, struct why *why);

/* Bytes. */
void tc_put_qdisc(struct nl_msg *m, uint16_t type, uint32_t ifindex, uint32_t block);
void tc_put_filter(struct nl_msg *m, const struct tc_filter *f);
void tc_put_filter_delete(struct nl_msg *m, const struct tc_filter *f);
/* -ENODATA for a chain or a priority without a rule in it. */
int tc_parse_filter(const struct nlmsghdr *nlh, struct tc_filter *ret_f);
/* Match and actions from flower's options [0..TC_OPTIONS_MAX]; false when there is more to it. */
bool tc_parse_rule(const struct nlattr *const *options, uint16_t protocol, struct tc_rule *ret_r);

#endif
