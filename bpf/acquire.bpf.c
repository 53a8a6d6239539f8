// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Acquires that would take the kernel down are refused. A packet for a policy in packet offload whose
 * SA is gone makes xfrm_state_find() hand the driver a state of its own making, when an IKE daemon
 * listens. Stable kernels took "xfrm: Use xdo.dev instead of xdo.real_dev" and not the drivers'
 * interface of the same series: xso.real_dev of that state is empty, and mlx5e_xfrm_add_state() reads
 * it (seen on 6.12.118). Which kernel that is, the policy itself tells: nobody set its real_dev.
 */
#include "maps.bpf.h"

#include "ipso/acquire.h"

char LICENSE[] SEC("license") = "GPL";

#define XFRM_POLICY_OUT 1
/* Told by user space: drivers are given no device with a state (struct xfrmdev_ops). */
const volatile bool drivers_read_real_dev = false;

/* Such policies, by address: the reqid of their template. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, __u64);
	__type(value, __u32);
} unsafe_policies SEC(".maps");

/* How many have that reqid: it is all that a state of an acquire tells of its policy. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, __u32);
	__type(value, __u32);
} unsafe SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ipso_acquires);
} acquires SEC(".maps");

static __always_inline struct ipso_acquires *counts(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&acquires, &zero);
}

static __always_inline void one_more(__u32 reqid)
{
	__u32 one = 1, *of = bpf_map_lookup_elem(&unsafe, &reqid);

	if (of)
		__sync_fetch_and_add(of, 1);
	else
		bpf_map_update_elem(&unsafe, &reqid, &one, BPF_ANY);
}

static __always_inline void one_less(__u32 reqid)
{
	__u32 *of = bpf_map_lookup_elem(&unsafe, &reqid);

	if (of && __sync_fetch_and_add(of, -1) == 1)
		bpf_map_delete_elem(&unsafe, &reqid);
}

static __always_inline void look_at(struct xfrm_policy *xp, int dir)
{
	struct ipso_acquires *n = counts();
	__u64 address = (__u64)xp;
	__u32 reqid, *known;

	if (!drivers_read_real_dev || dir != XFRM_POLICY_OUT || !n || !xp->xfrm_nr || !xp->xdo.dev ||
	    !bpf_core_field_exists(xp->xdo.real_dev) || xp->xdo.real_dev)
		return;
	reqid = xp->xfrm_vec[0].reqid;
	known = bpf_map_lookup_elem(&unsafe_policies, &address);
	if (known && *known == reqid)
		return;
	/* One that xfrm_policy_insert() did not take is freed, not killed: another is at its place now. */
	if (known)
		one_less(*known);
	bpf_map_update_elem(&unsafe_policies, &address, &reqid, BPF_ANY);
	one_more(reqid);
	n->unsafe_ns = bpf_ktime_get_ns();
}

SEC("?fexit/xfrm_dev_policy_add")
int BPF_PROG(acquire_policy, struct net *net, struct xfrm_policy *xp, struct xfrm_user_offload *xuo,
	     __u8 dir, struct netlink_ext_ack *extack, int ret)
{
	if (!ret)
		look_at(xp, dir);
	return 0;
}

/* Those that were there before: net/xfrm/xfrm_user.c hands each here when somebody lists them. */
SEC("?fentry/dump_one_policy")
int BPF_PROG(acquire_listed, struct xfrm_policy *xp, int dir)
{
	look_at(xp, dir);
	return 0;
}

SEC("?fentry/xfrm_policy_kill")
int BPF_PROG(acquire_gone, struct xfrm_policy *xp)
{
	__u64 address = (__u64)xp;
	__u32 *known = bpf_map_lookup_elem(&unsafe_policies, &address), reqid;

	if (!known)
		return 0;
	reqid = *known;
	bpf_map_delete_elem(&unsafe_policies, &address);
	one_less(reqid);
	return 0;
}

static __always_inline int refuse(const struct xfrm_state *x)
{
	struct ipso_acquires *n = counts();
	__u32 reqid = x->props.reqid;

	if (!drivers_read_real_dev || !n || !bpf_map_lookup_elem(&unsafe, &reqid))
		return 0;
	__sync_fetch_and_add(&n->refused, 1);
	return -EAGAIN;
}

/*
 * xfrm_state_find() asks before the driver is asked. -EAGAIN is what the packet would get of a daemon
 * that is at work: it is dropped, and its sender tries again.
 *
 * Twice the same: the kernel does not run a program that its CPU is in already (bpf_prog_check_recur()),
 * and an interrupt may come there whose timer sends as well (seen: tcp_retransmit_timer() in the middle of
 * the first). Then the second runs. There is no third level: softirqs do not nest.
 */
SEC("?fmod_ret/security_xfrm_state_alloc_acquire")
int BPF_PROG(acquire_refuse, struct xfrm_state *x, struct xfrm_sec_ctx *polsec, __u32 secid, int ret)
{
	return ret ? ret : refuse(x);
}

SEC("?fmod_ret/security_xfrm_state_alloc_acquire")
int BPF_PROG(acquire_refuse_too, struct xfrm_state *x, struct xfrm_sec_ctx *polsec, __u32 secid, int ret)
{
	return ret ? ret : refuse(x);
}
