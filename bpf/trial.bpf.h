/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The trial of one TC message: which eswitch it is about, whether that is guarded, what the
 * driver's tables say, and the record of a refusal. Maps that only the gate has are defined here.
 */
#ifndef IPSO_BPF_TRIAL_H
#define IPSO_BPF_TRIAL_H

#include "driver.bpf.h"
#include "emit.bpf.h"

#include <bpf/bpf_endian.h>

#define REPORTS_PER_S 64   /* records a second and CPU: senders need no privilege to be refused */
#define NSEC_PER_SEC 1000000000ull

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, IPSO_GATE_MAX + 2); /* IPSO_GATE_UNKNOWN, IPSO_GATE_PROOF */
	__type(key, __u32);
	__type(value, struct ipso_gate_policy);
} policy SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, IPSO_GATE_MAX + 1);
	__type(key, struct ipso_gate_alias);
	__type(value, __u32);
} alias SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, IPSO_VERDICT_MAX);
	__type(key, __u32);
	__type(value, __u64);
} verdicts SEC(".maps");

struct rate {
	__u64 second;
	__u64 count;
};
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct rate);
} reports SEC(".maps");

/* One TC message on trial. */
struct trial {
	struct net *net;
	__u32 pci;
	__u32 verdict;
	__u32 type; /* RTM_* */
	__u32 block;
	struct tcmsg t;
	char kind[16];
	struct ipso_driver_state drv;
};

static __always_inline void count(__u32 verdict)
{
	__u64 *n = bpf_map_lookup_elem(&verdicts, &verdict);

	if (n)
		(*n)++;
}

static __always_inline bool report_allowed(void)
{
	__u64 second = bpf_ktime_get_ns() / NSEC_PER_SEC;
	__u32 zero = 0;
	struct rate *r = bpf_map_lookup_elem(&reports, &zero);

	if (!r)
		return false;
	if (r->second != second) {
		r->second = second;
		r->count = 0;
	}
	return ++r->count <= REPORTS_PER_S;
}

SUBPROG int report(struct trial *m)
{
	struct net *net = m->net;
	struct ipso_event_gate *e;
	struct net_device *dev;

	if (!report_allowed()) {
		count_lost(IPSO_EV_GATE);
		return 0;
	}
	e = emit_begin(IPSO_EV_GATE, sizeof(*e), BY_TASK);
	if (!e)
		return 0;
	e->hdr.netns = BPF_CORE_READ(net, ns.inum);
	e->hdr.result = m->verdict == IPSO_VERDICT_OBSERVED ? 0 : -EBUSY;
	e->pci = m->pci;
	e->ifindex = m->t.tcm_ifindex;
	e->block = m->block;
	e->parent = m->t.tcm_parent;
	e->prio = m->t.tcm_info >> 16;
	e->protocol = bpf_ntohs((__u16)m->t.tcm_info);
	e->msg_type = m->type;
	e->verdict = m->verdict;
	e->drv = m->drv;
	__builtin_memcpy(e->tc_kind, m->kind, sizeof(e->tc_kind));
	dev = dev_by_ifindex(net, m->t.tcm_ifindex);
	if (dev)
		bpf_probe_read_kernel_str(e->ifname, sizeof(e->ifname), dev->name);
	emit_end(e);
	return 0;
}

struct pci_walk {
	void *node;
	void *head;
	struct device *found;
	__u32 want;
	__u32 zero;
};

static long pci_step(__u32 i, struct pci_walk *w)
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

/* The device of an alias: any net device of that PCI function in the sender's namespace. */
SUBPROG struct mlx5_core_dev *mdev_by_pci(struct net *net, __u32 pci)
{
	struct pci_walk w = { .want = pci };

	w.head = (void *)net + bpf_core_field_offset(struct net, dev_base_head);
	w.node = BPF_CORE_READ(net, dev_base_head.next);
	bpf_loop(DEV_WALK_MAX, pci_step, &w, 0);
	return mdev_of(w.found);
}

/* Which eswitch the message is about: m->pci, 0 for none; and its device. */
SUBPROG struct mlx5_core_dev *identify(struct trial *m)
{
	struct ipso_gate_alias key = { .ifindex = m->t.tcm_ifindex };
	struct net *net = m->net;
	struct net_device *dev;
	struct device *parent;
	__u32 *pci;

	key.netns = BPF_CORE_READ(net, ns.inum);
	if ((__u32)m->t.tcm_ifindex == TCM_IFINDEX_MAGIC_BLOCK) {
		m->block = m->t.tcm_parent;
		key.ifindex = 0;
		key.block = m->block;
	} else if ((__u32)m->t.tcm_ifindex == IPSO_GATE_PROOF_IFINDEX) {
		key.block = m->t.tcm_parent;
	} else {
		dev = dev_by_ifindex(net, m->t.tcm_ifindex);
		parent = dev ? BPF_CORE_READ(dev, dev.parent) : NULL;
		if (parent && is_mlx5(parent)) {
			m->pci = pci_of(parent);
			return mdev_of(parent);
		}
	}
	pci = bpf_map_lookup_elem(&alias, &key);
	if (!pci)
		return NULL;
	m->pci = *pci;
	return m->pci == IPSO_GATE_PROOF ? NULL : mdev_by_pci(net, m->pci);
}

static __always_inline void judge(struct trial *m)
{
	struct mlx5_core_dev *mdev = identify(m);
	struct ipso_gate_policy *p = m->pci ? bpf_map_lookup_elem(&policy, &m->pci) : NULL;

	m->verdict = IPSO_VERDICT_PASS;
	if (!p || p->mode == IPSO_GATE_OFF)
		return;
	if (m->pci == IPSO_GATE_PROOF)
		m->drv.known = IPSO_DRV_TABLES; /* a device whose tables never exist */
	else
		driver_state(mdev, &m->drv);
	if (p->mode == IPSO_GATE_HOLD) {
		m->verdict = IPSO_VERDICT_HELD;
		return;
	}
	if (m->drv.known & IPSO_DRV_TABLES) {
		if (m->drv.rx_tables && m->drv.tx_tables)
			return;
		m->verdict = IPSO_VERDICT_REFUSED;
	} else {
		m->verdict = IPSO_VERDICT_UNREADABLE;
	}
	if (p->mode == IPSO_GATE_OBSERVE)
		m->verdict = IPSO_VERDICT_OBSERVED;
}

#endif
