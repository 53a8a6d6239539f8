// SPDX-License-Identifier: GPL-2.0-or-later
/* Policies: asked for offload, and left. */
#include "driver.bpf.h"
#include "emit.bpf.h"
#include "notes.bpf.h"
#include "sa.bpf.h"

char LICENSE[] SEC("license") = "GPL";

static __always_inline void policy_fill(struct ipso_event_policy *e, struct xfrm_policy *xp)
{
	e->hdr.netns = xp->xp_net.net->ns.inum;
	e->family = xp->selector.family;
	copy_addr(e->saddr, xp->selector.saddr.a6, e->family);
	copy_addr(e->daddr, xp->selector.daddr.a6, e->family);
	e->prefix_s = xp->selector.prefixlen_s;
	e->prefix_d = xp->selector.prefixlen_d;
	e->priority = xp->priority;
	e->index = xp->index;
	e->action = xp->action;
	e->reqid = xp->xfrm_vec[0].reqid;
	e->offload = IPSO_OFFLOAD_PACKET; /* the only offload a policy can have */
}

SEC("?fentry/xfrm_dev_policy_add")
int BPF_PROG(policy_add_enter, struct net *net, struct xfrm_policy *xp)
{
	note_begin();
	return 0;
}

SEC("?fexit/xfrm_dev_policy_add")
int BPF_PROG(policy_add, struct net *net, struct xfrm_policy *xp, struct xfrm_user_offload *xuo,
	     __u8 dir, struct netlink_ext_ack *extack, int ret)
{
	struct ipso_event_policy *e = emit_begin(IPSO_EV_POLICY_ADD, sizeof(*e), BY_TASK);
	struct net_device *dev;

	if (!e) {
		note_drop();
		return 0;
	}
	policy_fill(e, xp);
	e->hdr.result = ret;
	e->dir = dir + 1; /* XFRM_POLICY_IN is 0, XFRM_DEV_OFFLOAD_IN 1; same order */
	e->ifindex = xuo->ifindex;
	dev = dev_by_ifindex(net, e->ifindex);
	dev_fill(dev, e->ifname, &e->ifindex);
	driver_state_of(dev, &e->drv);
	note_end(extack, e->text, &e->fw);
	emit_end(e);
	return 0;
}

SEC("?fentry/xfrm_policy_kill")
int BPF_PROG(policy_delete, struct xfrm_policy *xp)
{
	struct net_device *dev = xp->xdo.dev;
	struct xfrm_dev_offload *xdo = &xp->xdo;
	struct ipso_event_policy *e;

	if (!dev)
		return 0;
	e = emit_begin(IPSO_EV_POLICY_DELETE, sizeof(*e), BY_TASK);
	if (!e)
		return 0;
	policy_fill(e, xp);
	e->dir = BPF_CORE_READ_BITFIELD(xdo, dir);
	dev_fill(dev, e->ifname, &e->ifindex);
	driver_state_of(dev, &e->drv);
	emit_end(e);
	return 0;
}
