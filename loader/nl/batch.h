/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Many requests in few sends. The kernel works through the messages of one send in their order
 * and goes on behind one that it refuses (net/netlink/af_netlink.c, netlink_rcv_skb()); each is
 * acknowledged by itself, and each acknowledgement is matched to its request by its number.
 */
#ifndef IPSO_NL_BATCH_H
#define IPSO_NL_BATCH_H

#include "nl/sock.h"

struct nl_batch_ops {
	/* Make request i, 0 or -errno: then it is not sent, and that is its verdict. */
	int (*build)(unsigned int i, struct nl_msg *m, void *arg);
	/*
	 * What became of request i: 0 or -errno, with the kernel's words in why->kernel. Called
	 * once for each, in order. -ECANCELED: it was never sent. -ENODATA: it was sent, and no
	 * answer came, so it may have been done.
	 */
	void (*verdict)(unsigned int i, int err, const struct why *why, void *arg);
	/* A message in answer to request i, before its verdict; may be NULL. */
	void (*reply)(unsigned int i, const struct nlmsghdr *nlh, void *arg);
};

/*
 * n requests. 0 when every one was answered, whatever the answers; -errno when sending or
 * receiving failed. What was sent and received is wiped.
 */
int nl_batch(struct nl *nl, unsigned int n, const struct nl_batch_ops *ops, void *arg,
	     struct why *why);

#endif
