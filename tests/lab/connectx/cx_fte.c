// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a flow table entry does: reads a flow_context, checks that every action, destination and
 * object is known and exists, and takes references to the objects.
 *
 * Left out, and refused: EXECUTE_ASO (meters, connection tracking), samplers, destinations in
 * another card, MACsec, decryption or encryption without adding or removing
 * the ESP header (crypto offload mode).
 */
#include "cx_flow.h"

#include <stdio.h>

enum {
	ALLOW = MLX5_FLOW_CONTEXT_ACTION_ALLOW,
	DROP = MLX5_FLOW_CONTEXT_ACTION_DROP,
	FWD = MLX5_FLOW_CONTEXT_ACTION_FWD_DEST,
	COUNT = MLX5_FLOW_CONTEXT_ACTION_COUNT,
	REFORMAT = MLX5_FLOW_CONTEXT_ACTION_PACKET_REFORMAT,
	DECAP = MLX5_FLOW_CONTEXT_ACTION_DECAP,
	MOD_HDR = MLX5_FLOW_CONTEXT_ACTION_MOD_HDR,
	VLAN_POP = MLX5_FLOW_CONTEXT_ACTION_VLAN_POP,
	VLAN_PUSH = MLX5_FLOW_CONTEXT_ACTION_VLAN_PUSH,
	VLAN_POP_2 = MLX5_FLOW_CONTEXT_ACTION_VLAN_POP_2,
	VLAN_PUSH_2 = MLX5_FLOW_CONTEXT_ACTION_VLAN_PUSH_2,
	DECRYPT = MLX5_FLOW_CONTEXT_ACTION_CRYPTO_DECRYPT,
	ENCRYPT = MLX5_FLOW_CONTEXT_ACTION_CRYPTO_ENCRYPT,
	KNOWN_ACTIONS = ALLOW | DROP | FWD | COUNT | REFORMAT | DECAP | MOD_HDR | VLAN_POP |
			VLAN_PUSH | VLAN_POP_2 | VLAN_PUSH_2 | DECRYPT | ENCRYPT,
	MAX_LIST = 512,		/* destinations and counters of one entry */
};

static struct cx_obj *take(struct cx_cmd *cmd, enum cx_obj_type type, uint32_t id,
			   const char *field)
{
	struct cx_obj *obj = cx_cmd_obj(cmd, type, id, field);

	if (obj)
		cx_obj_ref(obj);
	return obj;
}

void cx_fte_free(struct cx_fte *fte)
{
	unsigned int i;

	if (!fte)
		return;
	for (i = 0; i < fte->dests; i++) {
		cx_obj_unref(fte->dest[i].obj);
		cx_obj_unref(fte->dest[i].reformat);
	}
	for (i = 0; i < fte->counters; i++)
		cx_obj_unref(fte->counter_obj[i]);
	cx_obj_unref(fte->reformat);
	cx_obj_unref(fte->modify);
	cx_obj_unref(fte->sa);
	g_free(fte->dest);
	g_free(fte->counter);
	g_free(fte->counter_obj);
	g_free(fte->key);
	g_free(fte);
}

/* The reformat must be the one the crypto action needs, or an L2 tunnel on its own. */
static bool check_reformat(struct cx_cmd *cmd, const struct cx_fte *fte)
{
	struct cx_reformat reformat;

	if (!fte->reformat) {
		if (!(fte->action & (ENCRYPT | DECRYPT)))
			return true;
		cx_refuse(cmd, CX_BAD_PARAM, "action", "0x%x: crypto without ESP reformat",
			  fte->action);
		return false;
	}
	cx_reformat_get(fte->reformat, &reformat);
	if (fte->action & ENCRYPT ? cx_reformat_is_esp_add(reformat.type) :
	    fte->action & DECRYPT ? cx_reformat_is_esp_del(reformat.type) :
				    cx_reformat_is_l2_tunnel(reformat.type))
		return true;
	cx_refuse(cmd, CX_BAD_PARAM, "packet_reformat_id", "type %u with action 0x%x",
		  reformat.type, fte->action);
	return false;
}

static bool take_actions(struct cx_cmd *cmd, struct cx_fte *fte, const uint8_t *context)
{
	uint8_t table_type = fte->group->table->type;

	if (fte->action & ~KNOWN_ACTIONS) {
		cx_refuse(cmd, CX_BAD_PARAM, "action", "0x%x is not modelled",
			  fte->action & ~KNOWN_ACTIONS);
		return false;
	}
	if ((fte->action & ENCRYPT && table_type == MLX5_FLOW_TABLE_TYPE_NIC_RX) ||
	    (fte->action & DECRYPT && table_type == MLX5_FLOW_TABLE_TYPE_NIC_TX) ||
	    (fte->action & (ENCRYPT | DECRYPT) && table_type > MLX5_FLOW_TABLE_TYPE_FDB)) {
		cx_refuse(cmd, CX_BAD_PARAM, "action", "0x%x in table type %u", fte->action,
			  table_type);
		return false;
	}
	if (fte->action & (ENCRYPT | DECRYPT)) {
		if (CX_GET(flow_context, context, encrypt_decrypt_type) !=
		    MLX5_FLOW_CONTEXT_ENCRYPT_DECRYPT_TYPE_IPSEC) {
			cx_refuse(cmd, CX_BAD_PARAM, "encrypt_decrypt_type", "not IPsec");
			return false;
		}
		fte->sa = take(cmd, CX_OBJ_IPSEC,
			       CX_GET(flow_context, context, encrypt_decrypt_obj_id),
			       "encrypt_decrypt_obj_id");
		if (!fte->sa)
			return false;
	}
	if (fte->action & REFORMAT) {
		fte->reformat = take(cmd, CX_OBJ_REFORMAT,
				     CX_GET(flow_context, context, packet_reformat_id),
				     "packet_reformat_id");
		if (!fte->reformat)
			return false;
	}
	if (fte->action & MOD_HDR) {
		fte->modify = take(cmd, CX_OBJ_MODIFY_HEADER,
				   CX_GET(flow_context, context, modify_header_id),
				   "modify_header_id");
		if (!fte->modify)
			return false;
	}
	return check_reformat(cmd, fte);
}

static struct cx_vlan_tag read_tag(const uint8_t *vlan)
{
	struct cx_vlan_tag tag = {
		.tpid = CX_GET(vlan, vlan, ethtype),
		.tci = CX_GET(vlan, vlan, prio) << 13 | CX_GET(vlan, vlan, cfi) << 12 |
		       CX_GET(vlan, vlan, vid),
	};

	return tag;
}

/* A table of another domain: from NIC RX to RDMA RX, from RDMA TX to NIC TX. */
static bool take_other_domain(struct cx_cmd *cmd, const struct cx_fte *fte, struct cx_dest *dest,
			      const uint8_t *format)
{
	unsigned int from = fte->group->table->type;
	unsigned int to = CX_GET(dest_format_struct, format, destination_table_type);

	if (!(from == MLX5_FLOW_TABLE_TYPE_NIC_RX && to == CX_TABLE_RDMA_RX) &&
	    !(from == CX_TABLE_RDMA_TX && to == MLX5_FLOW_TABLE_TYPE_NIC_TX)) {
		cx_refuse(cmd, CX_BAD_PARAM, "destination_table_type", "%u from %u", to, from);
		return false;
	}
	dest->obj = take(cmd, CX_OBJ_FLOW_TABLE,
			 CX_GET(dest_format_struct, format, destination_id),
			 "destination_id (table of another type)");
	return dest->obj;
}

static bool take_dest(struct cx_cmd *cmd, const struct cx_fte *fte, struct cx_dest *dest,
		      const uint8_t *format, bool extended)
{
	uint32_t id = CX_GET(dest_format_struct, format, destination_id);

	dest->type = CX_GET(dest_format_struct, format, destination_type);
	if (extended && CX_GET(dest_format_struct, format, packet_reformat)) {
		struct cx_reformat reformat;

		dest->reformat = take(cmd, CX_OBJ_REFORMAT,
				      CX_GET(extended_dest_format, format, packet_reformat_id),
				      "extended_dest_format.packet_reformat_id");
		if (!dest->reformat)
			return false;
		cx_reformat_get(dest->reformat, &reformat);
		if (!cx_reformat_is_l2_tunnel(reformat.type)) {
			cx_refuse(cmd, CX_BAD_PARAM, "packet_reformat_id", "type %u",
				  reformat.type);
			return false;
		}
	}
	switch (dest->type) {
	case MLX5_IFC_FLOW_DESTINATION_TYPE_FLOW_TABLE:
		dest->obj = take(cmd, CX_OBJ_FLOW_TABLE, id, "destination_id (table)");
		return dest->obj;
	case MLX5_IFC_FLOW_DESTINATION_TYPE_TABLE_TYPE:
		return take_other_domain(cmd, fte, dest, format);
	case MLX5_IFC_FLOW_DESTINATION_TYPE_TIR:
		dest->obj = take(cmd, CX_OBJ_TIR, id, "destination_id (TIR)");
		return dest->obj;
	case MLX5_IFC_FLOW_DESTINATION_TYPE_UPLINK:
		dest->vport = CX_VPORT_UPLINK;
		return true;
	case MLX5_IFC_FLOW_DESTINATION_TYPE_VPORT:
		dest->vport = id;
		if (fte->group->table->type == MLX5_FLOW_TABLE_TYPE_FDB &&
		    cx_vport(cmd->dev, dest->vport))
			return true;
		cx_refuse(cmd, CX_BAD_PARAM, "destination_id (vport)", "0x%x", id);
		return false;
	default:
		cx_refuse(cmd, CX_BAD_PARAM, "destination_type", "%u is not modelled", dest->type);
		return false;
	}
}

/* Destinations, then counters, in one list of equal strides. */
static bool take_lists(struct cx_cmd *cmd, struct cx_fte *fte, const uint8_t *context)
{
	bool extended = CX_GET(flow_context, context, extended_destination);
	uint32_t stride = extended ? CX_SIZE(extended_dest_format) : CX_SIZE(dest_format_struct);
	uint32_t dests = CX_GET(flow_context, context, destination_list_size);
	uint32_t counters = CX_GET(flow_context, context, flow_counter_list_size);
	const uint8_t *item = CX_PTR(flow_context, context, destination);
	uint32_t i;

	if (dests > MAX_LIST || counters > MAX_LIST) {
		cx_refuse(cmd, CX_BAD_PARAM, "destination_list_size", "%u and %u counters", dests,
			  counters);
		return false;
	}
	if (!cx_cmd_has(cmd, item - cmd->in, (dests + counters) * stride, "destination"))
		return false;
	fte->dest = g_new0(struct cx_dest, dests);
	fte->counter = g_new0(struct cx_counter *, counters);
	fte->counter_obj = g_new0(struct cx_obj *, counters);
	for (i = 0; i < dests; i++, item += stride) {
		fte->dests = i + 1;	/* so that a refusal frees what was taken */
		if (!take_dest(cmd, fte, &fte->dest[i], item, extended))
			return false;
	}
	for (i = 0; i < counters; i++, item += stride) {
		uint32_t id = CX_GET(flow_counter_list, item, flow_counter_id);

		fte->counter[i] = cx_counter_find(cmd->fn, id, &fte->counter_obj[i]);
		if (!fte->counter[i]) {
			cx_refuse(cmd, CX_BAD_RES, "flow_counter_id", "no counter %x", id);
			return false;
		}
		cx_obj_ref(fte->counter_obj[i]);
		fte->counters = i + 1;
	}
	return true;
}

struct cx_fte *cx_fte_parse(struct cx_cmd *cmd, struct cx_group *group, const uint8_t *context)
{
	struct cx_fte *fte = g_new0(struct cx_fte, 1);

	fte->group = group;
	fte->action = CX_GET(flow_context, context, action);
	fte->tag = CX_GET(flow_context, context, flow_tag);
	fte->flow_source = CX_GET(flow_context, context, flow_source);
	fte->hairpin = CX_GET(flow_context, context, uplink_hairpin_en);
	fte->push[0] = read_tag(CX_PTR(flow_context, context, push_vlan));
	fte->push[1] = read_tag(CX_PTR(flow_context, context, push_vlan_2));
	if (!take_actions(cmd, fte, context) || !take_lists(cmd, fte, context)) {
		cx_fte_free(fte);
		return NULL;
	}
	return fte;
}

static const char *dest_name(const struct cx_dest *dest)
{
	switch (dest->type) {
	case MLX5_IFC_FLOW_DESTINATION_TYPE_FLOW_TABLE:
	case MLX5_IFC_FLOW_DESTINATION_TYPE_TABLE_TYPE:
		return "table";
	case MLX5_IFC_FLOW_DESTINATION_TYPE_TIR:
		return "tir";
	default:
		return "vport";
	}
}

const char *cx_fte_describe(const struct cx_fte *fte)
{
	static char text[512];
	size_t at = 0;
	unsigned int i;

#define ADD(...)                                                                                   \
	do {                                                                                       \
		if (at < sizeof(text))                                                             \
			at += snprintf(text + at, sizeof(text) - at, __VA_ARGS__);                 \
	} while (0)
	ADD("action %x", fte->action);
	if (fte->tag)
		ADD(" tag %x", fte->tag);
	if (fte->flow_source)
		ADD(" source %u", fte->flow_source);
	if (fte->reformat)
		ADD(" reformat %x", fte->reformat->id);
	if (fte->modify)
		ADD(" modify %x", fte->modify->id);
	if (fte->sa)
		ADD(" sa %x", fte->sa->id);
	for (i = 0; i < fte->dests; i++)
		ADD(" %s %x", dest_name(&fte->dest[i]),
		    fte->dest[i].obj ? fte->dest[i].obj->id : fte->dest[i].vport);
	for (i = 0; i < fte->counters; i++)
		ADD(" counters %x", fte->counter_obj[i]->id);
#undef ADD
	return text;
}
