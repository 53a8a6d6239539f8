/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The only socket code. A request goes out with NLM_F_ACK and comes back as 0 or -errno, with the
 * kernel's extack text in struct why; a dump is handed on only when it is whole: one that the
 * kernel marked as interrupted (NLM_F_DUMP_INTR) is asked for again.
 * Requests and replies may hold keys: buffers are wiped after use.
 */
#ifndef IPSO_NL_SOCK_H
#define IPSO_NL_SOCK_H

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

/*
 * Room for one request. Every builder in this stage puts a fixed set of attributes of bounded
 * size; the largest (an SA with key, lifetimes and replay bitmap) stays below 1 KiB.
 */
#define NL_MSG_SIZE 4096
struct nl_msg {
	union {
		struct nlmsghdr h;
		uint8_t bytes[NL_MSG_SIZE];
	};
};

/* Start a message: zeroed, header of `extra` bytes behind nlmsghdr, which is returned. */
void *nl_msg_start(struct nl_msg *m, uint16_t type, uint16_t flags, size_t extra);
void nl_msg_wipe(struct nl_msg *m);

struct nl; /* one netlink socket */

/*
 * protocol: NETLINK_ROUTE, NETLINK_XFRM, NETLINK_GENERIC. netns: a name under /run/netns, NULL or
 * "" = the caller's. -ENOENT when there is no such namespace.
 */
int nl_open(int protocol, const char *netns, struct nl **ret_nl, struct why *why);
void nl_close(struct nl **nl);
#define _nl_ _cleanup_(nl_close)

/* Called for each message of an answer; a negative return ends it and is handed on. */
typedef int (*nl_reply_fn)(const struct nlmsghdr *nlh, void *arg);

/*
 * Send and wait for the kernel's verdict (fn may be NULL). On failure why->err and why->kernel are
 * set, and why->what to "request refused": callers put their own words there with why_set().
 */
int nl_request(struct nl *nl, struct nl_msg *m, nl_reply_fn fn, void *arg, struct why *why);
int nl_dump(struct nl *nl, struct nl_msg *m, nl_reply_fn fn, void *arg, struct why *why);

/*
 * A socket that hears of changes: group is a multicast group of protocol (RTNLGRP_LINK). What it
 * hears is not handed on, only that there was something: read the state again after nl_wait().
 */
int nl_listen(int protocol, unsigned int group, struct nl **ret_nl, struct why *why);
/* Until something was heard, or ms milliseconds have passed. */
void nl_wait(struct nl *nl, int ms);

/* Number of a generic netlink family; -ENOENT when the kernel does not have it. */
int nl_family(struct nl *nl, const char *name, uint16_t *ret_id, struct why *why);

/* Start a generic netlink message. */
void nl_msg_start_genl(struct nl_msg *m, uint16_t family, uint8_t cmd, uint8_t version);

/* ioctl(2) on a datagram socket, for what netlink does not offer (ethtool driver info). */
int nl_ioctl(const char *netns, unsigned long request, void *arg);

/* Attributes of a message or nest into table[0..max], absent ones NULL; table is cleared first. */
void nl_attrs(const struct nlmsghdr *nlh, size_t offset, const struct nlattr **table,
	      unsigned int max);
void nl_nest(const struct nlattr *nest, const struct nlattr **table, unsigned int max);

#endif
