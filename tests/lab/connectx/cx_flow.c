// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Flow tables: the commands that make, change, link and destroy them, and the roots of the seven
 * domains (NIC RX, NIC TX, ingress ACL, egress ACL, FDB, RDMA RX, RDMA TX). Groups and entries are in
 * cx_group.c.
 *
 * Left out: levels are kept but not enforced, table sizes are not charged to a memory,
 * software-owned tables, sniffer tables, LAG.
 */
#include "cx_flow.h"

static int root_port(uint16_t vport)
{
	if (vport == CX_VPORT_UPLINK)
		return CX_MAX_VF + 1;
	return vport <= CX_MAX_VF ? vport : -1;
}

struct cx_flow *cx_flow_init(struct cx_dev *dev)
{
	struct cx_flow *flow = g_new0(struct cx_flow, 1);

	flow->dev = dev;
	flow->counters = g_hash_table_new(NULL, NULL);
	return flow;
}

void cx_flow_free(struct cx_flow *flow)
{
	if (!flow)
		return;
	g_hash_table_destroy(flow->counters);
	g_free(flow);
}

void cx_flow_reset_fn(struct cx_fn *fn)
{
	struct cx_flow *flow = fn->dev->flow;
	unsigned int type, port;

	for (type = 0; type < CX_ROOT_TYPES; type++)
		for (port = 0; port < CX_ROOT_PORTS; port++) {
			struct cx_table *root = flow->root[type][port];

			if (root && root->obj->fn == fn)
				flow->root[type][port] = NULL;
		}
}

struct cx_table *cx_flow_root(struct cx_dev *dev, unsigned int type, uint16_t vport)
{
	int port = type == MLX5_FLOW_TABLE_TYPE_FDB ? 0 : root_port(vport);

	return port < 0 || type >= CX_ROOT_TYPES ? NULL : dev->flow->root[type][port];
}

static struct cx_table *find_table(struct cx_fn *fn, uint32_t id)
{
	struct cx_obj *obj = cx_obj_find(fn, CX_OBJ_FLOW_TABLE, id);

	return obj ? obj->priv : NULL;
}

struct cx_table *cx_table_miss(const struct cx_table *table)
{
	return table->miss_table ? find_table(table->obj->fn, table->miss_table) : NULL;
}

/* With its entries; its groups, still in the store at a reset, are left without a table. */
static void table_release(struct cx_obj *obj)
{
	struct cx_table *table = obj->priv;
	struct cx_flow *flow = obj->fn->dev->flow;
	unsigned int type, port;
	guint i;

	for (type = 0; type < CX_ROOT_TYPES; type++)
		for (port = 0; port < CX_ROOT_PORTS; port++)
			if (flow->root[type][port] == table)
				flow->root[type][port] = NULL;
	g_hash_table_destroy(table->entries);
	for (i = 0; i < table->groups->len; i++)
		((struct cx_group *)table->groups->pdata[i])->table = NULL;
	g_ptr_array_free(table->groups, TRUE);
	g_free(table);
	obj->priv = NULL;
}

/* The vport a command is about: its own unless other_vport names one (ACLs, by the PF only). */
static bool command_vport(struct cx_cmd *cmd, bool other, uint16_t number, uint16_t *ret_vport)
{
	if (other && (!cx_is_pf(cmd->fn) || root_port(number) < 0)) {
		cx_refuse(cmd, CX_BAD_PARAM, "vport_number", "0x%x of another function", number);
		return false;
	}
	*ret_vport = other ? number : cmd->fn->vport;
	return true;
}

static bool is_sniffer(unsigned int type)
{
	return type == MLX5_FLOW_TABLE_TYPE_SNIFFER_RX || type == MLX5_FLOW_TABLE_TYPE_SNIFFER_TX;
}

/* Domains that a function has for itself, whoever manages the eswitch. */
static bool of_the_function(unsigned int type)
{
	return type <= MLX5_FLOW_TABLE_TYPE_NIC_TX || type == CX_TABLE_RDMA_RX ||
	       type == CX_TABLE_RDMA_TX;
}

static bool check_table(struct cx_cmd *cmd, uint8_t type, const uint8_t *context)
{
	if (type >= CX_ROOT_TYPES || is_sniffer(type))
		cx_refuse(cmd, CX_BAD_PARAM, "table_type", "%u is not modelled", type);
	else if (!of_the_function(type) && !cx_is_pf(cmd->fn))
		cx_refuse(cmd, CX_BAD_PARAM, "table_type", "%u needs the eswitch manager", type);
	else if (CX_GET(flow_table_context, context, sw_owner))
		cx_refuse(cmd, CX_BAD_PARAM, "sw_owner", "software steering is not modelled");
	else if (CX_GET(flow_table_context, context, rtc_valid))
		cx_refuse(cmd, CX_BAD_PARAM, "rtc_valid", "hardware steering is not modelled");
	else if (CX_GET(flow_table_context, context, log_size) > 31)
		cx_refuse(cmd, CX_BAD_PARAM, "log_size", "%u",
			  (unsigned int)CX_GET(flow_table_context, context, log_size));
	else
		return true;
	return false;
}

/* miss_action and miss id of a context, checked: 0 or an existing table of the same owner. */
static bool take_miss(struct cx_cmd *cmd, const uint8_t *context, uint8_t type, uint32_t *ret_table,
		      bool *ret_leaves)
{
	unsigned int action = CX_GET(flow_table_context, context, table_miss_action);
	uint32_t id = CX_GET(flow_table_context, context, table_miss_id);

	*ret_leaves = action == MLX5_FLOW_TABLE_MISS_ACTION_SWITCH_DOMAIN;
	if (*ret_leaves && type == CX_TABLE_RDMA_RX)
		action = MLX5_FLOW_TABLE_MISS_ACTION_DEF;
	switch (action) {
	case MLX5_FLOW_TABLE_MISS_ACTION_DEF:
		*ret_table = 0;
		return true;
	case MLX5_FLOW_TABLE_MISS_ACTION_FWD:
		if (!cx_cmd_obj(cmd, CX_OBJ_FLOW_TABLE, id, "table_miss_id"))
			return false;
		*ret_table = id;
		return true;
	default:
		cx_refuse(cmd, CX_BAD_PARAM, "table_miss_action", "%u is not modelled", action);
		return false;
	}
}

void cx_cmd_create_flow_table(struct cx_cmd *cmd)
{
	const uint8_t *context = CX_PTR(create_flow_table_in, cmd->in, flow_table_context);
	uint8_t type = CX_GET(create_flow_table_in, cmd->in, table_type);
	struct cx_table *table;
	uint32_t miss = 0;
	uint16_t vport;
	bool leaves;

	if (!check_table(cmd, type, context) ||
	    !command_vport(cmd, CX_GET(create_flow_table_in, cmd->in, other_vport),
			   CX_GET(create_flow_table_in, cmd->in, vport_number), &vport) ||
	    !take_miss(cmd, context, type, &miss, &leaves))
		return;
	table = g_new0(struct cx_table, 1);
	table->obj = cx_obj_new(cmd->fn, CX_OBJ_FLOW_TABLE, NULL, 0);
	table->obj->priv = table;
	table->obj->release = table_release;
	table->type = type;
	table->vport = vport;
	table->level = CX_GET(flow_table_context, context, level);
	table->log_size = CX_GET(flow_table_context, context, log_size);
	table->miss_table = miss;
	table->miss_leaves = leaves;
	table->groups = g_ptr_array_new();
	table->entries = g_hash_table_new_full(NULL, NULL, NULL, cx_fte_unlink_free);
	CX_SET(create_flow_table_out, cmd->out, table_id, table->obj->id);
	cx_cmd_log(cmd, "table %x type %u vport %x level %u size 2^%u miss %x", table->obj->id,
		   type, vport, table->level, table->log_size, miss);
}

void cx_cmd_destroy_flow_table(struct cx_cmd *cmd)
{
	uint32_t id = CX_GET(destroy_flow_table_in, cmd->in, table_id);
	struct cx_table *table = find_table(cmd->fn, id);

	if (table && table->groups->len)
		cx_refuse(cmd, CX_BAD_RES_STATE, "table_id", "table %x still has %u groups", id,
			  table->groups->len);
	else
		cx_cmd_obj_destroy(cmd, CX_OBJ_FLOW_TABLE, id, "table_id");
}

void cx_cmd_modify_flow_table(struct cx_cmd *cmd)
{
	uint32_t id = CX_GET(modify_flow_table_in, cmd->in, table_id);
	uint32_t select = CX_GET(modify_flow_table_in, cmd->in, modify_field_select);
	struct cx_obj *obj = cx_cmd_obj(cmd, CX_OBJ_FLOW_TABLE, id, "table_id");
	struct cx_table *table;

	if (!obj)
		return;
	table = obj->priv;
	if (select & ~(uint32_t)MLX5_MODIFY_FLOW_TABLE_MISS_TABLE_ID) {
		cx_refuse(cmd, CX_BAD_PARAM, "modify_field_select", "0x%x", select);
		return;
	}
	if (select && !take_miss(cmd, CX_PTR(modify_flow_table_in, cmd->in, flow_table_context),
				 table->type, &table->miss_table, &table->miss_leaves))
		return;
	cx_cmd_log(cmd, "table %x miss %x", id, table->miss_table);
}

void cx_cmd_query_flow_table(struct cx_cmd *cmd)
{
	uint32_t id = CX_GET(query_flow_table_in, cmd->in, table_id);
	struct cx_obj *obj = cx_cmd_obj(cmd, CX_OBJ_FLOW_TABLE, id, "table_id");
	uint8_t *context = CX_PTR(query_flow_table_out, cmd->out, flow_table_context);
	const struct cx_table *table;

	if (!obj)
		return;
	table = obj->priv;
	CX_SET(flow_table_context, context, level, table->level);
	CX_SET(flow_table_context, context, log_size, table->log_size);
	CX_SET(flow_table_context, context, table_miss_action, table->miss_table ?
	       MLX5_FLOW_TABLE_MISS_ACTION_FWD : MLX5_FLOW_TABLE_MISS_ACTION_DEF);
	CX_SET(flow_table_context, context, table_miss_id, table->miss_table);
}

void cx_cmd_set_flow_table_root(struct cx_cmd *cmd)
{
	uint8_t type = CX_GET(set_flow_table_root_in, cmd->in, table_type);
	uint32_t id = CX_GET(set_flow_table_root_in, cmd->in, table_id);
	struct cx_table *table = NULL;
	uint16_t vport;
	int port;

	if (!command_vport(cmd, CX_GET(set_flow_table_root_in, cmd->in, other_vport),
			   CX_GET(set_flow_table_root_in, cmd->in, vport_number), &vport))
		return;
	if (type >= CX_ROOT_TYPES || is_sniffer(type) ||
	    (!of_the_function(type) && !cx_is_pf(cmd->fn))) {
		cx_refuse(cmd, CX_BAD_PARAM, "table_type", "%u", type);
		return;
	}
	/* op_mod 1 disconnects: no table in this domain. */
	if (cmd->op_mod != 1) {
		struct cx_obj *obj = cx_cmd_obj(cmd, CX_OBJ_FLOW_TABLE, id, "table_id");

		if (!obj)
			return;
		table = obj->priv;
		if (table->type != type) {
			cx_refuse(cmd, CX_BAD_PARAM, "table_type", "table %x has type %u", id,
				  table->type);
			return;
		}
	}
	port = type == MLX5_FLOW_TABLE_TYPE_FDB ? 0 : root_port(vport);
	cmd->dev->flow->root[type][port] = table;
	cx_cmd_log(cmd, "root of type %u vport %x is %x", type, vport, table ? id : 0);
}
