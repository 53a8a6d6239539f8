/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One message on trial, the gate's own maps, the count of verdicts and the record of a refusal. */
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
	__uint(max_entries, 4);
	__type(key, struct ipso_gate_proof);
	__type(value, __u32);
} proof SEC(".maps");

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

/* One message on trial. */
struct trial {
	struct net *net;
	struct mlx5_core_dev *mdev; /* of the eswitch that the verdict is about, as pci */
	void *node; /* of the list of callbacks that is walked */
	void *head;
	__u32 pci;
	__u32 verdict;
	__u32 type; /* RTM_*, NFT_* */
	__u32 block;
	__u32 proof;
	struct tcmsg t;
	char kind[16];
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

GLOBAL int report(struct trial *m)
{
	struct net *net;
	struct ipso_event_gate *e;
	struct net_device *dev;

	if (!m)
		return 0;
	net = m->net;
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
	driver_state(m->mdev, &e->drv);
	__builtin_memcpy(e->tc_kind, m->kind, sizeof(e->tc_kind));
	dev = dev_by_ifindex(net, m->t.tcm_ifindex);
	if (dev)
		bpf_probe_read_kernel_str(e->ifname, sizeof(e->ifname), dev->name);
	emit_end(e);
	return 0;
}

#endif
