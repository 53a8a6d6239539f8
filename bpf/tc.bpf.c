// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * TC flower rules at the driver. This is the only place that sees a refusal of a rule without
 * skip_sw: tc keeps such a rule in software and reports success.
 */
#include "driver.bpf.h"
#include "emit.bpf.h"
#include "notes.bpf.h"
#include "sa.bpf.h"

char LICENSE[] SEC("license") = "GPL";

#define MLX5_TC_FLAG_FT_OFFLOAD (1u << 4) /* en_tc.h */

/* Rules that the task did not send itself go to drivers, until way_end(). */
static __always_inline int way_begin(__u32 way)
{
	struct note *n = note_of_task(BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (n)
		n->way = way;
	return 0;
}

static __always_inline int way_end(void)
{
	struct note *n = note_of_task(0);

	if (n)
		n->way = IPSO_WAY_RULE;
	return 0;
}

/* A block's rules go to a driver that calls for them: a device is bound, or the driver appears. */
SEC("?fentry/tcf_block_playback_offloads")
int BPF_PROG(tc_replay_enter)
{
	return way_begin(IPSO_WAY_REPLAY);
}

SEC("?fexit/tcf_block_playback_offloads")
int BPF_PROG(tc_replay_exit)
{
	return way_end();
}

SEC("?fentry/nft_flow_rule_offload_commit")
int BPF_PROG(tc_chain_enter)
{
	return way_begin(IPSO_WAY_CHAIN);
}

SEC("?fexit/nft_flow_rule_offload_commit")
int BPF_PROG(tc_chain_exit)
{
	return way_end();
}

static __always_inline __u32 way_of(unsigned long flags)
{
	struct note *n = note_of_task(0);

	if (flags & MLX5_TC_FLAG_FT_OFFLOAD)
		return IPSO_WAY_FLOWTABLE;
	return n ? n->way : IPSO_WAY_RULE;
}

static __always_inline void tc_fill(struct ipso_event_tc *e, struct net_device *dev,
				    struct mlx5e_priv *priv, struct flow_cls_offload *f)
{
	struct mlx5_core_dev *mdev = BPF_CORE_READ(priv, mdev);

	e->hdr.netns = BPF_CORE_READ(dev, nd_net.net, ns.inum);
	e->cookie = BPF_CORE_READ(f, cookie);
	e->prio = BPF_CORE_READ(f, common.prio);
	e->chain = BPF_CORE_READ(f, common.chain_index);
	e->protocol = bpf_ntohs(BPF_CORE_READ(f, common.protocol));
	dev_fill(dev, e->ifname, &e->ifindex);
	e->pci = pci_of(BPF_CORE_READ(mdev, device));
	driver_state(mdev, &e->drv);
}

SEC("?fentry/mlx5e_configure_flower")
int BPF_PROG(tc_add_enter, struct net_device *dev)
{
	note_begin();
	return 0;
}

SEC("?fexit/mlx5e_configure_flower")
int BPF_PROG(tc_add, struct net_device *dev, struct mlx5e_priv *priv, struct flow_cls_offload *f,
	     unsigned long flags, int ret)
{
	struct ipso_event_tc *e = emit_begin(IPSO_EV_TC_ADD, sizeof(*e), BY_TASK);

	if (!e) {
		note_drop();
		return 0;
	}
	tc_fill(e, dev, priv, f);
	e->way = way_of(flags);
	e->hdr.result = ret;
	note_end(BPF_CORE_READ(f, common.extack), e->text, &e->fw);
	emit_end(e);
	return 0;
}

/* Asked for every rule that goes; one that the driver never took is an error here, and no news. */
SEC("?fexit/mlx5e_delete_flower")
int BPF_PROG(tc_delete, struct net_device *dev, struct mlx5e_priv *priv,
	     struct flow_cls_offload *f, unsigned long flags, int ret)
{
	struct ipso_event_tc *e;

	if (ret)
		return 0;
	e = emit_begin(IPSO_EV_TC_DELETE, sizeof(*e), BY_TASK);
	if (!e)
		return 0;
	tc_fill(e, dev, priv, f);
	emit_end(e);
	return 0;
}
