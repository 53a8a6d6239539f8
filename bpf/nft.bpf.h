/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nftables: a flowtable or a netdev chain with the flag for hardware names its devices; what comes
 * later, flows and rules, is put into hardware by a worker and is not seen in any message.
 */
#ifndef IPSO_BPF_NFT_H
#define IPSO_BPF_NFT_H

#include "judge.bpf.h"
#include "netlink.bpf.h"

#include <bpf/bpf_endian.h>

#define NFGENMSG_LEN 4u
#define NAME_LEN 16 /* IFNAMSIZ */

struct wanted {
	__u64 name[2];
	__u64 mask[2]; /* which bytes of the name count: all, or those of a prefix */
};

/* The devices that a message names, one after the other. */
struct named {
	struct trial m;
	struct attrs in;
	__u32 off;
	__u32 indirect; /* one is of a kind that mlx5 takes indirectly */
	__u32 zero;
	struct wanted want;
};

/* The first n bytes of eight. */
static __always_inline __u64 first(__u32 n)
{
	return n < 8 ? (1ull << 8 * n) - 1 : ~0ull;
}

static long device_step(__u32 i, struct named *n)
{
	void *node = n->m.node;
	struct net_device *dev = node - bpf_core_field_offset(struct net_device, dev_list);
	char name[NAME_LEN] = {};
	struct device *port;

	if (node == n->m.head)
		return 1;
	BPF_CORE_READ_INTO(&n->m.node, dev, dev_list.next);
	bpf_probe_read_kernel_str(name, sizeof(name), dev->name);
	if (!((eight(name) ^ n->want.name[0]) & n->want.mask[0]) &&
	    !((eight(name + 8) ^ n->want.name[1]) & n->want.mask[1])) {
		n->m.t.tcm_ifindex = BPF_CORE_READ(dev, ifindex);
		port = mlx5_parent(dev);
		if (port)
			weigh_port(&n->m, port);
		else if (taken_indirectly((__u64)dev))
			LAUNDER(n->indirect, 1);
	}
	return n->m.node ? 0 : 1;
}

/*
 * The device, or since 7.3 all devices of a prefix, that an attribute names. What is looked for is
 * written through the helper as offsets are (LAUNDER): one state for the verifier, not one a path.
 */
static long name_step(__u32 i, struct named *n)
{
	__u32 left = n->in.len - n->off, step, count = NAME_LEN;
	unsigned char *p = n->in.p + n->off;
	char name[NAME_LEN] = {};
	struct wanted want;
	struct nlattr a;

	if (n->off >= n->in.len || left < sizeof(a) || bpf_probe_read_kernel(&a, sizeof(a), p))
		return 1;
	if (a.nla_len < sizeof(a) || a.nla_len > left)
		return 1;
	bpf_probe_read_kernel_str(name, sizeof(name), p + sizeof(a));
	if ((a.nla_type & NLA_TYPE_MASK) == NFTA_DEVICE_PREFIX && a.nla_len > sizeof(a))
		count = a.nla_len - sizeof(a) - 1; /* without its ending NUL */
	want.name[0] = eight(name);
	want.name[1] = eight(name + 8);
	want.mask[0] = first(count);
	want.mask[1] = count > 8 ? first(count - 8) : 0;
	bpf_probe_read_kernel(&n->want, sizeof(want), &want);
	step = NLA_ALIGN(a.nla_len);
	LAUNDER(n->off, n->off + (step > left ? left : step));
	n->m.head = (void *)n->m.net + bpf_core_field_offset(struct net, dev_base_head);
	bpf_probe_read_kernel(&n->m.node, sizeof(n->m.node), n->m.head);
	bpf_loop(DEV_WALK_MAX, device_step, n, 0);
	return 0;
}

/* A flowtable or chain for hardware on a device of a closed eswitch? Fills *m as for a rule. */
static __always_inline int judge_nft(struct named *n, unsigned char *msg, __u32 len)
{
	__u32 head = sizeof(struct nlmsghdr) + NFGENMSG_LEN;
	bool table = n->m.type == NFT_NEWFLOWTABLE;
	struct attrs a = {}, hook = {};

	if (len < head)
		return 0;
	a.p = msg + head;
	a.len = len - head;
	if (!(bpf_ntohl(attr_u32(&a, table ? NFTA_FLOWTABLE_FLAGS : NFTA_CHAIN_FLAGS)) &
	      (table ? NFT_FLOWTABLE_HW_OFFLOAD : NFT_CHAIN_HW_OFFLOAD)))
		return 0;
	if (!attr_find(&a, table ? NFTA_FLOWTABLE_HOOK : NFTA_CHAIN_HOOK, &hook))
		return 0;
	if (!table && attr_find(&hook, NFTA_HOOK_DEV, &n->in)) {
		n->in.p -= sizeof(struct nlattr);
		n->in.len += sizeof(struct nlattr);
		bpf_loop(1, name_step, n, 0);
		n->off = 0;
	}
	if (attr_find(&hook, table ? NFTA_FLOWTABLE_HOOK_DEVS : NFTA_HOOK_DEVS, &n->in))
		bpf_loop(ATTRS_MAX, name_step, n, 0);
	return 0;
}

#endif
