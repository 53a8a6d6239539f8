/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The judgement: which eswitches a rule could reach, whether they are guarded, and what the driver's
 * tables say.
 */
#ifndef IPSO_BPF_JUDGE_H
#define IPSO_BPF_JUDGE_H

#include "block.bpf.h"
#include "netlink.bpf.h"
#include "trial.bpf.h"

#define TAKERS_MAX 8192 /* callbacks of one block: a device each */

/* What the gate says of one eswitch; a refusal is not taken back by another eswitch. */
GLOBAL int weigh(struct trial *m, __u32 pci, __u64 mlx5)
{
	struct ipso_gate_policy *p = bpf_map_lookup_elem(&policy, &pci);
	__u32 verdict = IPSO_VERDICT_REFUSED;
	struct tables t = {};

	if (!m || !p || p->mode == IPSO_GATE_OFF)
		return 0;
	if (m->verdict != IPSO_VERDICT_PASS && m->verdict != IPSO_VERDICT_OBSERVED)
		return 0;
	read_tables(mlx5, &t);
	if (p->mode == IPSO_GATE_HOLD)
		verdict = IPSO_VERDICT_HELD;
	else if (pci == IPSO_GATE_PROOF)
		m->proof = 1; /* a device whose tables never exist */
	else if (!t.known)
		verdict = IPSO_VERDICT_UNREADABLE;
	else if (t.rx && t.tx)
		return 0;
	if (p->mode == IPSO_GATE_OBSERVE)
		verdict = IPSO_VERDICT_OBSERVED;
	LAUNDER(m->verdict, verdict);
	m->pci = pci;
	m->mdev = (void *)mlx5;
	return 0;
}

static long guarded_step(void *map, __u32 *pci, struct ipso_gate_policy *p,
			 struct trial *m)
{
	if (*pci != IPSO_GATE_UNKNOWN && *pci != IPSO_GATE_PROOF)
		weigh(m, *pci, (__u64)mdev_by_pci(m->net, *pci));
	return 0;
}

/* It cannot be seen which eswitch the rule would reach: it may pass when all are open. */
static __always_inline void weigh_all(struct trial *m)
{
	bpf_for_each_map_elem(&policy, guarded_step, m, 0);
}

/* The PCI device of an mlx5 net device: uplink, representor, VF; NULL for any other. */
static __always_inline struct device *mlx5_parent(struct net_device *dev)
{
	struct device *parent = dev ? BPF_CORE_READ(dev, dev.parent) : NULL;

	return parent && is_mlx5(parent) ? parent : NULL;
}

static __always_inline void weigh_port(struct trial *m, struct device *port)
{
	weigh(m, pci_of(port), (__u64)mdev_of(port));
}

static long taker_step(__u32 i, struct trial *m)
{
	struct flow_block_cb *cb = m->node - bpf_core_field_offset(struct flow_block_cb, list);
	struct device *d;

	if (m->node == m->head)
		return 1;
	d = (void *)find_taker((__u64)cb);
	if (d)
		weigh_port(m, d);
	BPF_CORE_READ_INTO(&m->node, cb, list.next);
	return m->node ? 0 : 1;
}

/* A rule of that block goes to whoever called for its rules. */
static __always_inline void weigh_block(struct trial *m, struct tcf_block *b)
{
	m->head = (void *)b + bpf_core_field_offset(struct tcf_block, flow_block.cb_list);
	m->node = BPF_CORE_READ(b, flow_block.cb_list.next);
	bpf_loop(TAKERS_MAX, taker_step, m, 0);
}

/* The message of user space's proof: a number that it made up, for a device that cannot be. */
SUBPROG int weigh_proof(struct trial *m)
{
	struct ipso_gate_proof key = { .number = m->t.tcm_parent };
	struct net *net = m->net;

	key.netns = BPF_CORE_READ(net, ns.inum);
	if (bpf_map_lookup_elem(&proof, &key))
		weigh(m, IPSO_GATE_PROOF, 0);
	return 0;
}

/*
 * A rule (RTM_NEWTFILTER). `changed`: messages before it in this send may make what it goes to, a
 * device, its qdisc, a binding, and none of that can be seen yet.
 */
static __always_inline void judge_rule(struct trial *m, __u32 changed)
{
	struct net_device *dev = NULL;
	struct device *port = NULL;
	struct tcf_block *b;

	if ((__u32)m->t.tcm_ifindex == TCM_IFINDEX_MAGIC_BLOCK) {
		m->block = m->t.tcm_parent;
		b = block_by_number(m->net, m->block);
	} else {
		if ((m->t.tcm_parent & TC_H_MAJ_MASK) != TC_H_INGRESS_MAJ)
			return; /* rules of an egress qdisc are not offered to a driver */
		dev = dev_by_ifindex(m->net, m->t.tcm_ifindex);
		port = mlx5_parent(dev);
		b = port || !dev ? NULL : block_of(dev, m->t.tcm_parent);
	}
	if (port && m->t.tcm_parent != TC_H_CLSACT_EGRESS) /* mlx5 takes its ingress block only */
		weigh_port(m, port);
	if (b)
		weigh_block(m, b);
	if (changed && !port && (!dev || (!b && taken_indirectly((__u64)dev))))
		weigh_all(m);
}

/*
 * A qdisc (RTM_NEWQDISC) that binds its device to the shared block `number`: the rules that the
 * block has, or that this send has put there before, go to the driver.
 */
static __always_inline void judge_binding(struct trial *m, __u32 number, bool egress, __u32 changed)
{
	struct tcf_block *b = block_by_number(m->net, number);
	struct net_device *dev;
	struct device *port;

	if (!changed && (!b || !block_filled((__u64)b)))
		return;
	m->block = number;
	dev = dev_by_ifindex(m->net, m->t.tcm_ifindex);
	port = mlx5_parent(dev);
	if (port && !egress)
		weigh_port(m, port);
	if (!port && (!dev || taken_indirectly((__u64)dev)))
		weigh_all(m);
}

#endif
