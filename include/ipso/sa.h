/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What names an SA everywhere in ipso, and one reading of its counters.
 * The kernel's own key of a state is (daddr, SPI, protocol, family, mark) inside a network
 * namespace: net/xfrm/xfrm_state.c, __xfrm_state_lookup().
 */
#ifndef IPSO_SA_H
#define IPSO_SA_H

#include "ipso/types.h"

struct ipso_sa_key {
	__u8 daddr[16]; /* network order; IPv4 in the first 4 bytes, the rest zero */
	__u32 spi;	/* host order */
	__u32 netns;	/* inode number of the network namespace (net->ns.inum) */
	__u32 mark;	/* x->mark.v */
	__u16 family;	/* AF_INET or AF_INET6 */
	__u8 proto;	/* IPPROTO_ESP */
	__u8 zero;
};
IPSO_ASSERT_SIZE(struct ipso_sa_key, 32);

/* One reading, taken when the driver refreshed the SA (xdo_dev_state_update_stats). */
struct ipso_sa_sample {
	__u64 packets;	 /* curlft.packets */
	__u64 bytes;	 /* curlft.bytes */
	__u64 use_time;	 /* curlft.use_time: seconds since the epoch, 0 = never used */
	__u32 integrity; /* stats.integrity_failed: ICV did not match */
	__u32 replay;	 /* stats.replay: outside the window or seen before */
	__u32 window;	 /* stats.replay_window */
	__u32 seq_lo;	 /* highest sequence number known to the kernel: out oseq, in seq */
	__u32 seq_hi;	 /* its upper half with ESN */
	__u32 zero;
};
IPSO_ASSERT_SIZE(struct ipso_sa_sample, 48);

#endif
