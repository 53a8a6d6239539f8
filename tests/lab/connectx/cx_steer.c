// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The steering pipeline: walks a frame through the tables of one domain. In each table the entry
 * of the lowest index that matches acts; without one the frame takes the table's miss table or
 * leaves the domain by its default.
 *
 * Order inside an entry, chosen because nobody could look inside a card: count, drop, decrypt or
 * decapsulate, pop VLAN tags, modify headers, push VLAN tags, encrypt or encapsulate, forward.
 * Counting first means that a counter shows the frame as it came to the entry: without ESP on the
 * way out, with ESP on the way in. A frame that fails a check keeps its ESP header, so that its
 * SA's counter and the drop counters agree on its size, as the driver assumes when it subtracts
 * one from the other (mlx5e_xfrm_update_stats()).
 * Left out: priorities other than the order of indices, mirroring to samplers, meters.
 */
#include "cx_path.h"

enum { MAX_HOPS = 200 };	/* tables one frame may visit; more is a loop */

static bool pop_tags(const struct cx_fte *fte, struct cx_pkt *pkt)
{
	if (fte->action & MLX5_FLOW_CONTEXT_ACTION_VLAN_POP && !cx_vlan_pop(pkt))
		return false;
	return !(fte->action & MLX5_FLOW_CONTEXT_ACTION_VLAN_POP_2) || cx_vlan_pop(pkt);
}

static bool push_tags(const struct cx_fte *fte, struct cx_pkt *pkt)
{
	if (fte->action & MLX5_FLOW_CONTEXT_ACTION_VLAN_PUSH && !cx_vlan_push(pkt, fte->push[0]))
		return false;
	return !(fte->action & MLX5_FLOW_CONTEXT_ACTION_VLAN_PUSH_2) ||
	       cx_vlan_push(pkt, fte->push[1]);
}

/* Everything that changes the frame; false drops it. */
static bool change(const struct cx_fte *fte, struct cx_pkt *pkt)
{
	struct cx_reformat reformat = { 0 };

	if (fte->reformat)
		cx_reformat_get(fte->reformat, &reformat);
	if (fte->action & MLX5_FLOW_CONTEXT_ACTION_CRYPTO_DECRYPT &&
	    !cx_esp_decrypt(fte->sa, &reformat, pkt))
		return false;
	if (fte->action & MLX5_FLOW_CONTEXT_ACTION_DECAP && !cx_l2_tunnel_decap(pkt))
		return false;
	if (!pop_tags(fte, pkt))
		return false;
	if (fte->modify)
		cx_modify_apply(fte->modify, pkt);
	if (!push_tags(fte, pkt))
		return false;
	if (fte->action & MLX5_FLOW_CONTEXT_ACTION_CRYPTO_ENCRYPT)
		return cx_esp_encrypt(fte->sa, &reformat, pkt);
	return !cx_reformat_is_l2_tunnel(reformat.type) || !fte->reformat ||
	       cx_l2_tunnel_encap(pkt, &reformat);
}

/* A port never gets back what it sent, unless it is named alone (or, the wire, by hairpin). */
static bool is_echo(const struct cx_fte *fte, const struct cx_dest *dest,
		    const struct cx_pkt *pkt)
{
	if (dest->vport != pkt->source_port)
		return false;
	return fte->dests > 1 || (dest->vport == CX_VPORT_UPLINK && !fte->hairpin);
}

/* Into a table of another domain. What RDMA RX lets pass is the transport's; RDMA TX goes on. */
static enum cx_verdict go_domain(struct cx_dev *dev, struct cx_table *table, struct cx_pkt *pkt)
{
	enum cx_verdict verdict = cx_steer(dev, table, pkt);

	if (table->type != CX_TABLE_RDMA_RX || verdict == CX_DROPPED)
		return verdict;
	if (verdict == CX_NEXT)
		cx_roce_receive(table->obj->fn, pkt);
	return verdict == CX_LEAVES ? CX_DROPPED : CX_DONE;
}

static enum cx_verdict go(struct cx_dev *dev, const struct cx_fte *fte, const struct cx_dest *dest,
			  struct cx_pkt *pkt)
{
	switch (dest->type) {
	case MLX5_IFC_FLOW_DESTINATION_TYPE_FLOW_TABLE:
		return cx_steer(dev, dest->obj->priv, pkt);
	case MLX5_IFC_FLOW_DESTINATION_TYPE_TABLE_TYPE:
		return go_domain(dev, dest->obj->priv, pkt);
	case MLX5_IFC_FLOW_DESTINATION_TYPE_TIR:
		cx_rx_tir(dest->obj, pkt);
		return CX_DONE;
	default:
		if (dest->reformat) {
			struct cx_reformat reformat;

			cx_reformat_get(dest->reformat, &reformat);
			if (!cx_l2_tunnel_encap(pkt, &reformat))
				return CX_DROPPED;
		}
		if (!is_echo(fte, dest, pkt))
			cx_eswitch_to_vport(dev, pkt, dest->vport);
		return CX_DONE;
	}
}

/* Every destination but the last gets a copy; one that finds no way takes the FDB's default. */
static enum cx_verdict forward(struct cx_dev *dev, const struct cx_fte *fte, struct cx_pkt *pkt)
{
	unsigned int i;

	if (!fte->dests)
		return CX_DROPPED;
	for (i = 0; i + 1 < fte->dests; i++) {
		struct cx_pkt *copy = cx_pkt_copy(pkt);

		if (go(dev, fte, &fte->dest[i], copy) == CX_NEXT &&
		    fte->group->table->type == MLX5_FLOW_TABLE_TYPE_FDB)
			cx_eswitch_default(dev, copy);
		cx_pkt_free(copy);
	}
	return go(dev, fte, &fte->dest[i], pkt);
}

static enum cx_verdict act(struct cx_dev *dev, const struct cx_fte *fte, struct cx_pkt *pkt)
{
	unsigned int i;

	for (i = 0; i < fte->counters; i++) {
		fte->counter[i]->packets++;
		fte->counter[i]->bytes += pkt->len;
	}
	if (fte->action & MLX5_FLOW_CONTEXT_ACTION_DROP || !change(fte, pkt))
		return CX_DROPPED;
	if (fte->tag)
		pkt->flow_tag = fte->tag;
	if (fte->action & MLX5_FLOW_CONTEXT_ACTION_FWD_DEST)
		return forward(dev, fte, pkt);
	return CX_NEXT;
}

enum cx_verdict cx_steer(struct cx_dev *dev, struct cx_table *table, struct cx_pkt *pkt)
{
	bool leaves = false;

	while (table) {
		const struct cx_fn *fn = table->obj->fn;
		const struct cx_fte *fte;

		if (pkt->hops++ >= MAX_HOPS) {
			cx_log(fn, CX_LOG_ERROR, "frame dropped after %u tables, last %x",
			       MAX_HOPS, table->obj->id);
			return CX_DROPPED;
		}
		fte = cx_table_lookup(table, pkt);
		if (fte) {
			if (cx_log_wants(fn, CX_LOG_DETAIL))
				cx_log(fn, CX_LOG_DETAIL, "     hit %x/%u len %u: %s",
				       table->obj->id, fte->index, pkt->len,
				       cx_fte_describe(fte));
			return act(dev, fte, pkt);
		}
		if (cx_log_wants(fn, CX_LOG_DETAIL))
			cx_log(fn, CX_LOG_DETAIL, "     miss %x -> %x", table->obj->id,
			       table->miss_table);
		leaves = table->miss_leaves;
		table = cx_table_miss(table);
	}
	return leaves ? CX_LEAVES : CX_NEXT;
}
