/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a TC rule would go: the block that a device's ingress or clsact qdisc has, or that a number
 * names, and the mlx5 devices whose driver takes the rules of that block (its callbacks, direct or
 * indirect: net/core/flow_offload.c). A pointer is believed when it can be followed there and back.
 */
#ifndef IPSO_BPF_BLOCK_H
#define IPSO_BPF_BLOCK_H

#include "driver.bpf.h"

#define CHAINS_MAX 4096
#define NETS_MAX 4096

/* A walk along a list of the kernel, bounded by its head. */
struct list_walk {
	void *node;
	void *head;
	void *found;
	struct net *net;
	__u64 want;
};

/*
 * The block of a device for rules with that parent, NULL when it has none: privdata of the ingress
 * qdisc starts with its block, that of clsact with the ingress and the egress block (sch_ingress.c).
 */
GLOBAL __u64 find_block(__u64 device, __u32 parent)
{
	struct net_device *dev = (void *)device;
	struct Qdisc *q = BPF_CORE_READ(dev, ingress_queue, qdisc_sleeping);
	struct tcf_block *b = NULL;
	char id[8] = {};
	void *slot;

	if (!q || (parent & TC_H_MAJ_MASK) != TC_H_INGRESS_MAJ)
		return 0;
	bpf_probe_read_kernel_str(id, sizeof(id), BPF_CORE_READ(q, ops, id));
	slot = (void *)q + bpf_core_field_offset(struct Qdisc, privdata);
	if (parent == TC_H_CLSACT_EGRESS) {
		if (id[0] != 'c' || id[1] != 'l')
			return 0;
		slot += sizeof(void *);
	} else if ((id[0] != 'c' || id[1] != 'l') && (id[0] != 'i' || id[1] != 'n')) {
		return 0;
	}
	bpf_probe_read_kernel(&b, sizeof(b), slot);
	if (!b || BPF_CORE_READ(b, net) != BPF_CORE_READ(dev, nd_net.net))
		return 0;
	return (__u64)b;
}

static __always_inline struct tcf_block *block_of(struct net_device *dev, __u32 parent)
{
	return (void *)find_block((__u64)dev, parent);
}

static long number_step(__u32 i, struct list_walk *w)
{
	struct net_device *dev = w->node - bpf_core_field_offset(struct net_device, dev_list);
	struct tcf_block *b;

	if (w->node == w->head)
		return 1;
	b = block_of(dev, TC_H_INGRESS_MAJ);
	if (!b || BPF_CORE_READ(b, index) != w->want)
		b = block_of(dev, TC_H_CLSACT_EGRESS);
	if (b && BPF_CORE_READ(b, index) == w->want) {
		w->found = b;
		return 1;
	}
	BPF_CORE_READ_INTO(&w->node, dev, dev_list.next);
	return w->node ? 0 : 1;
}

/*
 * The shared block of that number, found at a device that is bound to it; NULL when none is. A
 * block that only a qevent holds is not found, and reaches no mlx5 device either.
 */
GLOBAL __u64 find_shared(__u64 netns, __u32 number)
{
	struct list_walk w = { .want = number };
	struct net *net = (void *)netns;

	w.head = (void *)net + bpf_core_field_offset(struct net, dev_base_head);
	w.node = BPF_CORE_READ(net, dev_base_head.next);
	bpf_loop(DEV_WALK_MAX, number_step, &w, 0);
	return (__u64)w.found;
}

static __always_inline struct tcf_block *block_by_number(struct net *net, __u32 number)
{
	return (void *)find_shared((__u64)net, number);
}

static long chain_step(__u32 i, struct list_walk *w)
{
	struct tcf_chain *c = w->node - bpf_core_field_offset(struct tcf_chain, list);

	if (w->node == w->head)
		return 1;
	w->found = BPF_CORE_READ(c, filter_chain);
	if (w->found)
		return 1;
	BPF_CORE_READ_INTO(&w->node, c, list.next);
	return w->node ? 0 : 1;
}

/* Has the block rules? They go to the driver of a device that is bound to it. */
GLOBAL int block_filled(__u64 block)
{
	struct tcf_block *b = (void *)block;
	struct list_walk w = {};

	w.head = (void *)b + bpf_core_field_offset(struct tcf_block, chain_list);
	w.node = BPF_CORE_READ(b, chain_list.next);
	bpf_loop(CHAINS_MAX, chain_step, &w, 0);
	return w.found != NULL;
}

/*
 * The PCI device of the mlx5 function that takes a callback's rules, or NULL. Direct callbacks have
 * the device's private area for cb_priv (mlx5e_setup_tc(), mlx5e_rep_setup_tc()); indirect ones
 * were registered by an uplink representor (mlx5e_rep_tc_netdevice_event_register()).
 */
GLOBAL __u64 find_taker(__u64 callback)
{
	struct flow_block_cb *cb = (void *)callback;
	struct mlx5e_rep_priv *rpriv;
	struct net_device *dev;
	struct mlx5e_priv *priv;
	struct device *d = NULL;

	if (!bpf_core_field_exists(struct mlx5e_priv, netdev))
		return 0;
	priv = BPF_CORE_READ(cb, cb_priv);
	dev = BPF_CORE_READ(priv, netdev);
	if (dev && priv_of(dev) == priv)
		d = BPF_CORE_READ(dev, dev.parent);
	if (!d && bpf_core_type_exists(struct mlx5e_rep_priv)) {
		rpriv = BPF_CORE_READ(cb, indr.cb_priv);
		dev = BPF_CORE_READ(rpriv, netdev);
		priv = priv_of(dev);
		if (rpriv && dev && BPF_CORE_READ(priv, ppriv) == rpriv)
			d = BPF_CORE_READ(dev, dev.parent);
	}
	return d && is_mlx5(d) ? (__u64)d : 0;
}

static __always_inline __u64 eight(const char *s)
{
	__u64 v = 0;
	int i;

	for (i = 0; i < 8; i++)
		v |= (__u64)(__u8)s[i] << 8 * i;
	return v;
}

/*
 * Is it of a kind whose blocks and flowtables mlx5 takes indirectly, in any namespace?
 * mlx5e_rep_check_indr_block_supported(): tunnels, VLAN and macvlan on an uplink, an Open vSwitch
 * bridge. Asked only where there is no block yet to look at.
 */
GLOBAL int taken_indirectly(__u64 device)
{
	static const char kinds[][8] = {"vxlan", "geneve", "gretap", {"ip6greta"}, "bareudp",
					"vlan", "macvlan", {"openvswi"}};
	struct net_device *dev = (void *)device;
	char kind[16] = {};
	__u64 k;
	int i;

	bpf_probe_read_kernel_str(kind, sizeof(kind), BPF_CORE_READ(dev, rtnl_link_ops, kind));
	k = eight(kind);
	for (i = 0; i < 8; i++)
		if (k == eight(kinds[i]))
			return 1;
	return 0;
}

static long pci_step(__u32 i, struct list_walk *w)
{
	struct net_device *dev = w->node - bpf_core_field_offset(struct net_device, dev_list);
	struct device *parent;

	if (w->node == w->head)
		return 1;
	parent = BPF_CORE_READ(dev, dev.parent);
	if (parent && pci_of(parent) == w->want) {
		w->found = parent;
		return 1;
	}
	BPF_CORE_READ_INTO(&w->node, dev, dev_list.next);
	return w->node ? 0 : 1;
}

static long net_step(__u32 i, struct list_walk *w)
{
	struct net *net = w->net;
	struct list_walk in = { .want = w->want };

	/* the head of the list is no namespace: its loopback device does not lead back */
	if (BPF_CORE_READ(net, loopback_dev, nd_net.net) == net) {
		in.head = (void *)net + bpf_core_field_offset(struct net, dev_base_head);
		in.node = BPF_CORE_READ(net, dev_base_head.next);
		bpf_loop(DEV_WALK_MAX, pci_step, &in, 0);
	}
	w->found = in.found;
	w->node = BPF_CORE_READ(net, list.next);
	if (w->found || !w->node || w->node == w->head)
		return 1;
	w->net = w->node - bpf_core_field_offset(struct net, list);
	return 0;
}

/* The mlx5 device with that PCI address: any net device of it in any namespace leads there. */
static __always_inline struct mlx5_core_dev *mdev_by_pci(struct net *net, __u32 pci)
{
	struct list_walk w = { .want = pci, .net = net };

	w.head = (void *)net + bpf_core_field_offset(struct net, list);
	bpf_loop(NETS_MAX, net_step, &w, 0);
	return mdev_of(w.found);
}

#endif
