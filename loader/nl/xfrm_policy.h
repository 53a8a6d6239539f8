/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * XFRM policies to and from netlink bytes: one selector, one ESP template, action allow, type
 * main; or action block and no template. That is what can be offloaded (mlx5: one template at most).
 */
#ifndef IPSO_NL_XFRM_POLICY_H
#define IPSO_NL_XFRM_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "ipso/event.h"
#include "nl/sock.h"

struct xfrm_pol {
	struct addr sel_src, sel_dst; /* with prefix */
	uint8_t proto;		      /* IPPROTO_*; 0 = any */
	uint16_t sport, dport;	      /* 0 = any */
	uint8_t dir;		      /* enum ipso_dir */
	uint32_t priority;
	uint32_t index; /* reply */
	bool block;	/* action block, not allow */
	struct addr tmpl_src, tmpl_dst; /* family 0 = no template */
	uint32_t reqid;
	uint8_t mode;	  /* of the template */
	uint8_t offload;  /* enum ipso_offload: NONE or PACKET */
	uint32_t ifindex; /* offload device */
	uint32_t user;	  /* of the selector; the kernel compares it and looks at it for nothing else */
};

/*
 * The policy below those of a tunnel: it blocks the same packets, in software, behind every other. A
 * link that goes down or a driver that is reloaded takes what is offloaded along
 * (xfrm_dev_policy_flush()), an IKE daemon that ends takes its own, and this one stays. The kernel
 * keeps one policy of a selector and direction, whatever its priority: `user` tells them apart
 * (selector_cmp()). xfrm_policy_pass() is before it, and lets one type of ICMPv6 through.
 */
#define XFRM_USER_BELOW 0x6970736f /* "ipso" */
struct xfrm_pol xfrm_policy_below(const struct xfrm_pol *p);
struct xfrm_pol xfrm_policy_pass(const struct xfrm_pol *p, uint8_t type);

int xfrm_policy_put_add(struct nl_msg *m, const struct xfrm_pol *p);
int xfrm_policy_put_update(struct nl_msg *m, const struct xfrm_pol *p);
int xfrm_policy_put_delete(struct nl_msg *m, const struct xfrm_pol *p);
int xfrm_policy_put_get(struct nl_msg *m, const struct xfrm_pol *p);
void xfrm_policy_put_dump(struct nl_msg *m);
/* From XFRM_MSG_NEWPOLICY; socket policies (index & 7 > 2) parse with dir NONE. */
int xfrm_policy_parse(const struct nlmsghdr *nlh, struct xfrm_pol *ret_p);

/* Exchanges; the selector and the direction name the policy in delete and get. */
int xfrm_policy_add(struct nl *nl, const struct xfrm_pol *p, struct why *why);
/*
 * In the place of the one with its selector and direction, if there is one: no packet finds none
 * (xfrm_policy_insert()). Both are in the driver for a moment, which allows it: it adds TX and RX
 * policies with FLOW_ACT_NO_APPEND (mlx5 en_accel/ipsec_fs.c).
 */
int xfrm_policy_update(struct nl *nl, const struct xfrm_pol *p, struct why *why);
int xfrm_policy_delete(struct nl *nl, const struct xfrm_pol *p, struct why *why);
typedef int (*xfrm_policy_fn)(const struct xfrm_pol *p, void *arg);
int xfrm_policy_get(struct nl *nl, const struct xfrm_pol *p, xfrm_policy_fn fn, void *arg,
		    struct why *why);
int xfrm_policy_dump(struct nl *nl, xfrm_policy_fn fn, void *arg, struct why *why);

#endif
