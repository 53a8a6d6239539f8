// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Objects that flow table entries use: flow counters (single and in bulks), packet reformat
 * contexts and modify-header contexts. Here they are checked and kept; cx_steer.c uses them.
 *
 * Left out: aging counters, counter offload to memory, reformat by programmable header insertion.
 */
#include "cx_flow.h"

enum {
	COUNTERS_A_BULK_UNIT = 128,	/* flow_counter_bulk counts in these */
	MAX_BULK = 1 << 12,		/* log_max_flow_counter_bulk of cx_caps.c */
};

/* Counters: one object a bulk, its id is the first counter's. */

static void counters_release(struct cx_obj *obj)
{
	GHashTable *counters = obj->fn->dev->flow->counters;
	uint32_t i, n = obj->len / sizeof(struct cx_counter);

	for (i = 0; i < n; i++)
		g_hash_table_remove(counters, GUINT_TO_POINTER(obj->id + i));
}

struct cx_counter *cx_counter_find(struct cx_fn *fn, uint32_t id, struct cx_obj **ret_obj)
{
	struct cx_obj *obj = g_hash_table_lookup(fn->dev->flow->counters, GUINT_TO_POINTER(id));

	if (!obj || obj->fn != fn)
		return NULL;
	*ret_obj = obj;
	return (struct cx_counter *)obj->data + (id - obj->id);
}

void cx_cmd_alloc_flow_counter(struct cx_cmd *cmd)
{
	uint32_t log_bulk = CX_GET(alloc_flow_counter_in, cmd->in, flow_counter_bulk_log_size);
	uint32_t n = CX_GET(alloc_flow_counter_in, cmd->in, flow_counter_bulk) *
		     COUNTERS_A_BULK_UNIT;
	struct cx_obj *obj;
	uint32_t id, i;

	if (log_bulk)
		n = 1u << MIN(log_bulk, 31u);
	if (n > MAX_BULK) {
		cx_refuse(cmd, CX_BAD_PARAM, "flow_counter_bulk", "%u counters", n);
		return;
	}
	n = MAX(n, 1u);
	id = cx_obj_ids(cmd->dev, n);
	obj = cx_obj_new_id(cmd->fn, CX_OBJ_FLOW_COUNTER, id, NULL, n * sizeof(struct cx_counter));
	obj->release = counters_release;
	for (i = 0; i < n; i++)
		g_hash_table_insert(cmd->dev->flow->counters, GUINT_TO_POINTER(id + i), obj);
	CX_SET(alloc_flow_counter_out, cmd->out, flow_counter_id, id);
	cx_cmd_log(cmd, "counters %x..%x", id, id + n - 1);
}

void cx_cmd_dealloc_flow_counter(struct cx_cmd *cmd)
{
	cx_cmd_obj_destroy(cmd, CX_OBJ_FLOW_COUNTER,
			   CX_GET(dealloc_flow_counter_in, cmd->in, flow_counter_id),
			   "flow_counter_id");
}

void cx_cmd_query_flow_counter(struct cx_cmd *cmd)
{
	uint32_t id = CX_GET(query_flow_counter_in, cmd->in, flow_counter_id);
	uint32_t n = CX_GET(query_flow_counter_in, cmd->in, num_of_counters);
	bool clear = CX_GET(query_flow_counter_in, cmd->in, clear);
	uint8_t *out = CX_PTR(query_flow_counter_out, cmd->out, flow_statistics);
	uint32_t i;

	n = MAX(n, 1u);
	if (cmd->out_len < (uint32_t)(out - cmd->out) + n * CX_SIZE(traffic_counter)) {
		cx_refuse(cmd, CX_BAD_OUTP_LEN, "num_of_counters", "%u in %u bytes", n,
			  cmd->out_len);
		return;
	}
	for (i = 0; i < n; i++, out += CX_SIZE(traffic_counter)) {
		struct cx_obj *obj;
		struct cx_counter *counter = cx_counter_find(cmd->fn, id + i, &obj);

		/* A range may run over ids nobody was given (fs_counters.c): those read 0. */
		if (!counter && n == 1) {
			cx_refuse(cmd, CX_BAD_RES, "flow_counter_id", "no counter %x", id);
			return;
		}
		if (!counter)
			continue;
		CX_SET(traffic_counter, out, packets, counter->packets);
		CX_SET(traffic_counter, out, octets, counter->bytes);
		if (clear)
			memset(counter, 0, sizeof(*counter));
	}
}

/* Packet reformat. */

void cx_reformat_get(const struct cx_obj *obj, struct cx_reformat *ret)
{
	ret->type = CX_GET(packet_reformat_context_in, obj->data, reformat_type);
	ret->size = CX_GET(packet_reformat_context_in, obj->data, reformat_data_size);
	ret->data = CX_PTR(packet_reformat_context_in, obj->data, reformat_data);
}

bool cx_reformat_is_l2_tunnel(uint8_t type)
{
	return type == MLX5_REFORMAT_TYPE_L2_TO_VXLAN ||
	       type == MLX5_REFORMAT_TYPE_L2_TO_L2_TUNNEL;
}

bool cx_reformat_is_esp_add(uint8_t type)
{
	switch (type) {
	case MLX5_REFORMAT_TYPE_ADD_ESP_TRANSPORT_OVER_IPV4:
	case MLX5_REFORMAT_TYPE_ADD_ESP_TRANSPORT_OVER_IPV6:
	case MLX5_REFORMAT_TYPE_ADD_ESP_TRANSPORT_OVER_UDPV4:
	case MLX5_REFORMAT_TYPE_ADD_ESP_TRANSPORT_OVER_UDPV6:
	case MLX5_REFORMAT_TYPE_L2_TO_L3_ESP_TUNNEL:
		return true;
	default:
		return false;
	}
}

bool cx_reformat_is_esp_del(uint8_t type)
{
	return type == MLX5_REFORMAT_TYPE_DEL_ESP_TRANSPORT ||
	       type == MLX5_REFORMAT_TYPE_DEL_ESP_TRANSPORT_OVER_UDP ||
	       type == MLX5_REFORMAT_TYPE_L3_ESP_TUNNEL_TO_L2;
}

/* Fewest bytes of data a type needs: what cx_reformat.c and cx_esp.c take from it. */
static uint16_t reformat_min_size(uint8_t type)
{
	switch (type) {
	case MLX5_REFORMAT_TYPE_ADD_ESP_TRANSPORT_OVER_IPV4:
	case MLX5_REFORMAT_TYPE_ADD_ESP_TRANSPORT_OVER_IPV6:
		return 16;		/* ESP header and IV */
	case MLX5_REFORMAT_TYPE_ADD_ESP_TRANSPORT_OVER_UDPV4:
	case MLX5_REFORMAT_TYPE_ADD_ESP_TRANSPORT_OVER_UDPV6:
		return 8 + 16;
	case MLX5_REFORMAT_TYPE_L2_TO_L3_ESP_TUNNEL:
		return 14 + 20 + 16;
	case MLX5_REFORMAT_TYPE_L3_ESP_TUNNEL_TO_L2:
		return 14;		/* the Ethernet header to put back */
	case MLX5_REFORMAT_TYPE_DEL_ESP_TRANSPORT:
	case MLX5_REFORMAT_TYPE_DEL_ESP_TRANSPORT_OVER_UDP:
		return 0;
	default:
		return 14 + 20;		/* tunnels: at least Ethernet and IP */
	}
}

void cx_cmd_alloc_packet_reformat(struct cx_cmd *cmd)
{
	const uint8_t *context = CX_PTR(alloc_packet_reformat_context_in, cmd->in,
					packet_reformat_context);
	uint8_t type = CX_GET(packet_reformat_context_in, context, reformat_type);
	uint16_t size = CX_GET(packet_reformat_context_in, context, reformat_data_size);
	uint32_t at = CX_OFF(packet_reformat_context_in, reformat_data);
	struct cx_obj *obj;

	if (!cx_reformat_is_l2_tunnel(type) && !cx_reformat_is_esp_add(type) &&
	    !cx_reformat_is_esp_del(type)) {
		cx_refuse(cmd, CX_BAD_PARAM, "reformat_type", "%u is not modelled", type);
		return;
	}
	if (size < reformat_min_size(type)) {
		cx_refuse(cmd, CX_BAD_PARAM, "reformat_data_size", "%u for type %u", size, type);
		return;
	}
	if (!cx_cmd_has(cmd, context - cmd->in + at, size, "reformat_data"))
		return;
	obj = cx_obj_new(cmd->fn, CX_OBJ_REFORMAT, context, at + size);
	CX_SET(alloc_packet_reformat_context_out, cmd->out, packet_reformat_id, obj->id);
	cx_cmd_log(cmd, "reformat %x type %u size %u", obj->id, type, size);
}

void cx_cmd_dealloc_packet_reformat(struct cx_cmd *cmd)
{
	cx_cmd_obj_destroy(cmd, CX_OBJ_REFORMAT,
			   CX_GET(dealloc_packet_reformat_context_in, cmd->in, packet_reformat_id),
			   "packet_reformat_id");
}

/* Modify header: the object's data is the list of actions. */

void cx_cmd_alloc_modify_header(struct cx_cmd *cmd)
{
	uint32_t n = CX_GET(alloc_modify_header_context_in, cmd->in, num_of_actions);
	const uint8_t *actions = CX_PTR(alloc_modify_header_context_in, cmd->in, actions);
	uint32_t bytes = n * CX_SIZE(set_action_in);
	const char *unknown;
	struct cx_obj *obj;
	uint32_t i;

	if (!cx_cmd_has(cmd, actions - cmd->in, bytes, "actions"))
		return;
	unknown = cx_modify_unknown(actions, n);
	if (unknown) {
		cx_refuse(cmd, CX_BAD_PARAM, "actions", "%s is not modelled", unknown);
		return;
	}
	obj = cx_obj_new(cmd->fn, CX_OBJ_MODIFY_HEADER, actions, bytes);
	CX_SET(alloc_modify_header_context_out, cmd->out, modify_header_id, obj->id);
	for (i = 0; i < n; i++)
		cx_cmd_log(cmd, "modify %x: %08x %08x", obj->id, cx_be32(actions + 8 * i),
			   cx_be32(actions + 8 * i + 4));
}

void cx_cmd_dealloc_modify_header(struct cx_cmd *cmd)
{
	cx_cmd_obj_destroy(cmd, CX_OBJ_MODIFY_HEADER,
			   CX_GET(dealloc_modify_header_context_in, cmd->in, modify_header_id),
			   "modify_header_id");
}
