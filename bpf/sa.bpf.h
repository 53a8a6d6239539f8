/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An xfrm_state as records name it. Keys of the state are never read. */
#ifndef IPSO_BPF_SA_H
#define IPSO_BPF_SA_H

#include "maps.bpf.h"

#include <bpf/bpf_endian.h>

#define XSO_FLAG_ACQ 1 /* XFRM_DEV_OFFLOAD_FLAG_ACQ: larval, made for an acquire */

/*
 * Copy an address as records keep it: an IPv4 address leaves the rest zero. The addresses, states
 * and policies here are a hooked function's arguments: their members are loaded, not asked for by a
 * helper's call, of which a record needs a dozen.
 */
static __always_inline void copy_addr(__u8 to[16], const __be32 from[4], __u16 family)
{
	__u32 *words = (__u32 *)to;

	words[0] = from[0];
	if (family == AF_INET)
		return;
	words[1] = from[1];
	words[2] = from[2];
	words[3] = from[3];
}

/* *k must be zeroed. */
static __always_inline void sa_key(struct xfrm_state *x, struct ipso_sa_key *k)
{
	k->family = x->props.family;
	copy_addr(k->daddr, x->id.daddr.a6, k->family);
	k->spi = bpf_ntohl(x->id.spi);
	k->netns = x->xs_net.net->ns.inum;
	k->mark = x->mark.v;
	k->proto = x->id.proto;
}

static __always_inline __u32 sa_window(struct xfrm_state *x)
{
	struct xfrm_replay_state_esn *esn = x->replay_esn;

	return esn ? esn->replay_window : x->props.replay_window;
}

/* What a record says of the state itself; its offload is filled by the caller. */
static __always_inline void sa_fill(struct ipso_event_sa *e, struct xfrm_state *x)
{
	sa_key(x, &e->key);
	e->hdr.netns = e->key.netns;
	copy_addr(e->saddr, x->props.saddr.a6, e->key.family);
	e->reqid = x->props.reqid;
	e->mode = x->props.mode;
	e->flags = x->props.flags;
	e->replay_window = sa_window(x);
}

static __always_inline void dev_fill(struct net_device *dev, char *name, __s32 *ifindex)
{
	if (!dev)
		return;
	bpf_probe_read_kernel_str(name, IPSO_IFNAM,
				  (void *)dev + bpf_core_field_offset(struct net_device, name));
	*ifindex = BPF_CORE_READ(dev, ifindex);
}

/* The offload in force. XFRM_DEV_OFFLOAD_* numbers are those of enum ipso_dir and ipso_offload. */
static __always_inline void sa_fill_offload(struct ipso_event_sa *e, struct xfrm_state *x)
{
	struct xfrm_dev_offload *xso = &x->xso;

	e->dir = BPF_CORE_READ_BITFIELD(xso, dir);
	e->offload = BPF_CORE_READ_BITFIELD(xso, type);
	dev_fill(xso->dev, e->ifname, &e->ifindex);
}

#endif
