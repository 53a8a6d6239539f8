// SPDX-License-Identifier: GPL-2.0-or-later
/* SAs: asked for offload, left, expired, and what the driver counted for them. */
#include "driver.bpf.h"
#include "emit.bpf.h"
#include "notes.bpf.h"
#include "sa.bpf.h"

char LICENSE[] SEC("license") = "GPL";

SEC("?fentry/xfrm_dev_state_add")
int BPF_PROG(sa_add_enter, struct net *net, struct xfrm_state *x)
{
	note_begin();
	return 0;
}

/* On failure the kernel has already reset x->xso: the request says what was asked for. */
SEC("?fexit/xfrm_dev_state_add")
int BPF_PROG(sa_add, struct net *net, struct xfrm_state *x, struct xfrm_user_offload *xuo,
	     struct netlink_ext_ack *extack, int ret)
{
	struct ipso_event_sa *e = emit_begin(IPSO_EV_SA_ADD, sizeof(*e), BY_TASK);
	struct net_device *dev;
	__u8 flags;

	if (!e) {
		note_drop();
		return 0;
	}
	sa_fill(e, x);
	e->hdr.result = ret;
	flags = xuo->flags;
	e->ifindex = xuo->ifindex;
	e->dir = flags & XFRM_OFFLOAD_INBOUND ? IPSO_DIR_IN : IPSO_DIR_OUT;
	e->offload = flags & XFRM_OFFLOAD_PACKET ? IPSO_OFFLOAD_PACKET : IPSO_OFFLOAD_CRYPTO;
	dev = ret ? NULL : x->xso.dev;
	if (!dev) {
		/* 0 without a device: a crypto request that fell back to software */
		if (!ret)
			e->offload = IPSO_OFFLOAD_NONE;
		dev = dev_by_ifindex(net, e->ifindex);
	}
	dev_fill(dev, e->ifname, &e->ifindex);
	if (ret) /* what explains it; a success needs no explanation, and is not made to pay */
		driver_state_of(dev, &e->drv);
	note_end(extack, e->text, &e->fw);
	emit_end(e);
	return 0;
}

/*
 * Is this CPU in an SA's timer? It runs in softirq on top of some task that has nothing to do with
 * the SA that ends there.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} in_timer SEC(".maps");

static __always_inline __u32 *timer_flag(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&in_timer, &zero);
}

SEC("?fentry/xfrm_timer_handler")
int BPF_PROG(sa_timer_enter)
{
	__u32 *flag = timer_flag();

	if (flag)
		*flag = 1;
	return 0;
}

SEC("?fexit/xfrm_timer_handler")
int BPF_PROG(sa_timer_exit)
{
	__u32 *flag = timer_flag();

	if (flag)
		*flag = 0;
	return 0;
}

/* Called for every state that goes; those without a device were never offloaded. */
SEC("?fentry/xfrm_dev_state_delete")
int BPF_PROG(sa_delete, struct xfrm_state *x)
{
	struct net_device *dev = x->xso.dev;
	__u32 *timer = timer_flag();
	struct ipso_event_sa *e;

	if (!dev)
		return 0;
	e = emit_begin(IPSO_EV_SA_DELETE, sizeof(*e), timer && *timer ? BY_KERNEL : BY_TASK);
	if (!e)
		return 0;
	sa_fill(e, x);
	sa_fill_offload(e, x);
	emit_end(e);
	return 0;
}

/* km_state_expired() is inlined into the timer; this is its notifier in xfrm_user. */
SEC("?fentry/xfrm_send_state_notify")
int BPF_PROG(sa_expire, struct xfrm_state *x, struct km_event *c)
{
	struct ipso_event_sa *e;

	if (!x || c->event != XFRM_MSG_EXPIRE)
		return 0;
	e = emit_begin(IPSO_EV_SA_EXPIRE, sizeof(*e), BY_KERNEL);
	if (!e)
		return 0;
	sa_fill(e, x);
	sa_fill_offload(e, x);
	e->hard = !!c->data.hard;
	emit_end(e);
	return 0;
}

static __always_inline void sample_fill(struct ipso_sa_sample *s, struct xfrm_state *x)
{
	struct xfrm_dev_offload *xso = &x->xso;
	struct xfrm_replay_state_esn *esn = x->replay_esn;
	bool out = BPF_CORE_READ_BITFIELD(xso, dir) == IPSO_DIR_OUT;

	s->packets = x->curlft.packets;
	s->bytes = x->curlft.bytes;
	s->use_time = x->curlft.use_time;
	s->integrity = x->stats.integrity_failed;
	s->replay = x->stats.replay;
	s->window = x->stats.replay_window;
	if (esn) {
		s->seq_lo = out ? esn->oseq : esn->seq;
		s->seq_hi = out ? esn->oseq_hi : esn->seq_hi;
	} else {
		s->seq_lo = out ? x->replay.oseq : x->replay.seq;
	}
}

/* The driver has just added what its flow counters hold to the state. */
SEC("?fexit/mlx5e_xfrm_update_stats")
int BPF_PROG(sa_sample, struct xfrm_state *x)
{
	struct xfrm_dev_offload *xso = &x->xso;
	struct ipso_event_sample *e;

	if (BPF_CORE_READ_BITFIELD(xso, flags) & XSO_FLAG_ACQ)
		return 0;
	e = emit_begin(IPSO_EV_SA_SAMPLE, sizeof(*e), BY_KERNEL);
	if (!e)
		return 0;
	sa_key(x, &e->key);
	e->hdr.netns = e->key.netns;
	sample_fill(&e->now, x);
	emit_end(e);
	return 0;
}
