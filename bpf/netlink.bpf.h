/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bounded reading of netlink messages and attributes from kernel memory; include/net/netlink.h.
 * A value that a bpf_loop() callback carries to its next turn is written through a helper
 * (LAUNDER), else the verifier follows it exactly and every turn is a new state.
 */
#ifndef IPSO_BPF_NETLINK_H
#define IPSO_BPF_NETLINK_H

#include "maps.bpf.h"

#define NLA_ALIGN(n) (((n) + 3u) & ~3u)
#define ATTRS_MAX 128

#define LAUNDER(slot, v)                                                    \
	do {                                                                \
		__u32 laundered = (v);                                      \
		bpf_probe_read_kernel(&(slot), sizeof(laundered), &laundered); \
	} while (0)

/* A stretch of attributes: of a message behind its header, or of a nest. */
struct attrs {
	unsigned char *p;
	__u32 len;
	__u32 zero;
};

struct attr_walk {
	struct attrs in;
	struct attrs found; /* p NULL: not there */
	__u32 off;
	__u32 want;
};

static long attr_step(__u32 i, struct attr_walk *w)
{
	__u32 left = w->in.len - w->off, step;
	struct nlattr a;

	if (w->off >= w->in.len || left < sizeof(a))
		return 1;
	if (bpf_probe_read_kernel(&a, sizeof(a), w->in.p + w->off))
		return 1;
	if (a.nla_len < sizeof(a) || a.nla_len > left)
		return 1;
	if ((a.nla_type & NLA_TYPE_MASK) == w->want) {
		/* the last of a type wins, as in nla_parse() */
		w->found.p = w->in.p + w->off + sizeof(a);
		LAUNDER(w->found.len, a.nla_len - sizeof(a));
	}
	step = NLA_ALIGN(a.nla_len);
	LAUNDER(w->off, w->off + (step > left ? left : step));
	return 0;
}

/* The payload of attribute `want`; 0 when it is not there. */
GLOBAL int attr_find(struct attrs *in, __u32 want, struct attrs *ret)
{
	struct attr_walk w = { .want = want };

	if (!in || !ret)
		return 0;
	w.in.p = in->p;
	w.in.len = in->len;
	bpf_loop(ATTRS_MAX, attr_step, &w, 0);
	if (!w.found.p)
		return 0;
	ret->p = w.found.p;
	ret->len = w.found.len;
	return 1;
}

/* A u32 attribute, 0 when it is not there or short. */
GLOBAL __u32 attr_u32(struct attrs *in, __u32 want)
{
	struct attrs a = {};
	__u32 v = 0;

	if (in && attr_find(in, want, &a) && a.len >= sizeof(v))
		bpf_probe_read_kernel(&v, sizeof(v), a.p);
	return v;
}

#endif
