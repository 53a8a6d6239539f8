/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The driver's truth, read where the driver keeps it: net device -> PCI device -> mlx5_core_dev ->
 * exclusion counters, eswitch, IPsec tables. Every read tolerates a pointer that went away
 * (bpf_probe_read_kernel); a device that does not look like mlx5 all the way down is not one.
 */
#ifndef IPSO_BPF_DRIVER_H
#define IPSO_BPF_DRIVER_H

#include "maps.bpf.h"

/*
 * Global functions cost the verifier less, but only the gate is one file: programs of several linked
 * files that each bring the same weak function did not load (EINVAL, seen with libbpf 1.5).
 */
#ifdef IPSO_ONE_FILE
#define DRIVER_FN GLOBAL
#else
#define DRIVER_FN SUBPROG
#endif

#define DEV_HASH_MASK 255u /* NETDEV_HASHENTRIES - 1, include/net/net_namespace.h */
#define DEV_WALK_MAX 65536
#define NETDEV_ALIGN 32u

struct dev_walk {
	void *node;
	struct net_device *found;
	__u32 want; /* ifindex, or PCI address */
	__u32 zero;
};

static long dev_index_step(__u32 i, struct dev_walk *w)
{
	struct net_device *dev = w->node - bpf_core_field_offset(struct net_device, index_hlist);

	if ((__u32)BPF_CORE_READ(dev, ifindex) == w->want) {
		w->found = dev;
		return 1;
	}
	BPF_CORE_READ_INTO(&w->node, dev, index_hlist.next);
	return w->node ? 0 : 1;
}

/* The net device of that index in that namespace, or NULL; dev_get_by_index_rcu(). */
DRIVER_FN __u64 find_dev(__u64 netns, __u32 ifindex)
{
	struct dev_walk w = { .want = ifindex };
	struct net *net = (void *)netns;
	struct hlist_head *head;

	head = BPF_CORE_READ(net, dev_index_head);
	if (!head)
		return 0;
	head = (void *)head + (ifindex & DEV_HASH_MASK) * sizeof(void *);
	bpf_probe_read_kernel(&w.node, sizeof(w.node), head);
	if (w.node)
		bpf_loop(DEV_WALK_MAX, dev_index_step, &w, 0);
	return (__u64)w.found;
}

static __always_inline struct net_device *dev_by_ifindex(struct net *net, __u32 ifindex)
{
	return (void *)find_dev((__u64)net, ifindex);
}

static __always_inline __u32 hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return 0;
}

/*
 * IPSO_PCI() of a PCI device named "0000:01:00.0" (pci_setup_device()), 0 when the name is not of
 * that form. The name is the same on every architecture; where the domain is kept is not.
 */
DRIVER_FN __u32 pci_named(__u64 name)
{
	char s[16] = {};
	__u32 domain, bus, slot;

	bpf_probe_read_kernel_str(s, sizeof(s), (void *)name);
	if (s[4] != ':' || s[7] != ':' || s[10] != '.' || s[12])
		return 0;
	domain = hex_digit(s[0]) << 12 | hex_digit(s[1]) << 8 | hex_digit(s[2]) << 4 |
		 hex_digit(s[3]);
	bus = hex_digit(s[5]) << 4 | hex_digit(s[6]);
	slot = hex_digit(s[8]) << 4 | hex_digit(s[9]);
	return IPSO_PCI(domain, bus, slot << 3 | hex_digit(s[11]));
}

DRIVER_FN __u32 pci_number(__u64 device)
{
	struct device *d = (void *)device;

	return pci_named((__u64)BPF_CORE_READ(d, kobj.name));
}

static __always_inline __u32 pci_of(struct device *d)
{
	return pci_number((__u64)d);
}

/* Is the device bound to mlx5_core? Needs none of the driver's types. */
static __always_inline bool is_mlx5(struct device *d)
{
	static const char want[] = "mlx5_core";
	char name[16] = {};
	int i;

	bpf_probe_read_kernel_str(name, sizeof(name), BPF_CORE_READ(d, driver, name));
	for (i = 0; i < (int)sizeof(want); i++)
		if (name[i] != want[i])
			return false;
	return true;
}

/* The mlx5 device behind a PCI device, or NULL; probe_one() keeps it as driver data. */
DRIVER_FN __u64 find_mdev(__u64 device)
{
	struct device *d = (void *)device;
	struct mlx5_core_dev *mdev;

	if (!d || !bpf_core_type_exists(struct mlx5_core_dev) || !is_mlx5(d))
		return 0;
	mdev = BPF_CORE_READ(d, driver_data);
	return BPF_CORE_READ(mdev, device) == d ? (__u64)mdev : 0;
}

static __always_inline struct mlx5_core_dev *mdev_of(struct device *d)
{
	return (void *)find_mdev((__u64)d);
}

/* netdev_priv(): a field since 6.10, before that behind the structure, aligned. */
static __always_inline void *priv_of(struct net_device *dev)
{
	__u64 size;

	if (bpf_core_field_exists(dev->priv))
		return (void *)dev + bpf_core_field_offset(struct net_device, priv);
	size = bpf_core_type_size(struct net_device);
	return (void *)dev + ((size + NETDEV_ALIGN - 1) & ~(__u64)(NETDEV_ALIGN - 1));
}

struct tables {
	__u32 known; /* 0: cannot be read on this kernel */
	__u32 rx;
	__u32 tx;
};

/*
 * References of the IPsec tables that packet offload uses: those of the FDB when the uplink is a
 * representor (ipsec_rx() and ipsec_tx() in en_accel/ipsec_fs.c), else those of the NIC.
 * No uplink and no IPsec context means that there are no tables, which is known.
 */
DRIVER_FN int read_tables(__u64 mlx5, struct tables *t)
{
	struct mlx5_core_dev *mdev = (void *)mlx5;
	struct net_device *uplink;
	struct mlx5e_ipsec *ipsec;
	struct mlx5e_priv *priv;

	if (!mdev || !t || !bpf_core_type_exists(struct mlx5_core_dev) ||
	    !bpf_core_field_exists(mdev->mlx5e_res.uplink_netdev) ||
	    !bpf_core_field_exists(struct mlx5e_priv, ipsec) ||
	    !bpf_core_field_exists(struct mlx5e_ipsec, rx_esw) ||
	    !bpf_core_type_exists(struct mlx5e_ipsec_rx) ||
	    !bpf_core_type_exists(struct mlx5e_ipsec_tx))
		return 0;
	uplink = BPF_CORE_READ(mdev, mlx5e_res.uplink_netdev);
	if (!uplink) {
		t->known = 1;
		return 0;
	}
	priv = priv_of(uplink);
	if (BPF_CORE_READ(priv, mdev) != mdev)
		return 0;
	t->known = 1;
	ipsec = BPF_CORE_READ(priv, ipsec);
	if (!ipsec)
		return 0;
	if (BPF_CORE_READ_BITFIELD_PROBED(ipsec, is_uplink_rep)) {
		t->rx = BPF_CORE_READ(ipsec, rx_esw, ft.refcnt);
		t->tx = BPF_CORE_READ(ipsec, tx_esw, ft.refcnt);
	} else {
		t->rx = BPF_CORE_READ(ipsec, rx_ipv4, ft.refcnt) +
			BPF_CORE_READ(ipsec, rx_ipv6, ft.refcnt);
		t->tx = BPF_CORE_READ(ipsec, tx, ft.refcnt);
	}
	return 0;
}

/* Fill *s (zeroed by the caller) with what can be read; s->known says what that was. */
SUBPROG void driver_state(struct mlx5_core_dev *mdev, struct ipso_driver_state *s)
{
	struct mlx5_flow_steering *steering;
	struct mlx5_eswitch *esw;
	struct tables t = {};

	if (!mdev || !bpf_core_type_exists(struct mlx5_core_dev))
		return;
	if (bpf_core_field_exists(mdev->num_block_tc)) {
		s->num_block_tc = BPF_CORE_READ(mdev, num_block_tc);
		s->num_block_ipsec = BPF_CORE_READ(mdev, num_block_ipsec);
		s->known |= IPSO_DRV_BLOCK;
	}
	esw = BPF_CORE_READ(mdev, priv.eswitch);
	if (esw && bpf_core_field_exists(esw->enabled_ipsec_vf_count)) {
		s->eswitch_mode = BPF_CORE_READ(esw, mode);
		s->vf_ipsec = BPF_CORE_READ(esw, enabled_ipsec_vf_count);
		s->num_ipsec_offloads = BPF_CORE_READ(mdev, num_ipsec_offloads);
		s->known |= IPSO_DRV_ESWITCH;
	}
	if (esw && bpf_core_field_exists(esw->user_count)) {
		s->esw_users = BPF_CORE_READ(esw, user_count.counter);
		s->known |= IPSO_DRV_USERS;
	}
	steering = BPF_CORE_READ(mdev, priv.steering);
	if (steering && bpf_core_field_exists(steering->mode)) {
		s->steering_mode = BPF_CORE_READ(steering, mode);
		s->known |= IPSO_DRV_STEERING;
	}
	read_tables((__u64)mdev, &t);
	if (t.known) {
		s->known |= IPSO_DRV_TABLES;
		s->rx_tables = t.rx;
		s->tx_tables = t.tx;
	}
}

/* State of the eswitch, or VF, that a net device belongs to. */
static __always_inline void driver_state_of(struct net_device *dev, struct ipso_driver_state *s)
{
	if (!dev)
		return;
	if (bpf_core_field_exists(dev->xfrmdev_ops))
		s->takes_ipsec = !!BPF_CORE_READ(dev, xfrmdev_ops);
	driver_state(mdev_of(BPF_CORE_READ(dev, dev.parent)), s);
}

#endif
