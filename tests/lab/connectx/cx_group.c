// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Flow groups and flow table entries: the commands that make and destroy them, and the lookup.
 *
 * A group's entries differ only in their values, so each group keeps a hash of its entries by the
 * masked value, and a lookup costs one hash per group however large the table was asked to be.
 * Left out: match definers, hash-split groups, partial changes of an entry.
 */
#include "cx_flow.h"

/* Keys. */

static guint key_hash(gconstpointer p)
{
	const struct cx_key *key = p;
	uint64_t hash = key->words;
	uint32_t i;

	for (i = 0; i < key->words; i++) {
		hash = (hash ^ key->word[i]) * 0x9e3779b97f4a7c15ull;
		hash ^= hash >> 29;
	}
	return hash ^ hash >> 32;
}

static gboolean key_equal(gconstpointer a, gconstpointer b)
{
	const struct cx_key *x = a, *y = b;

	return x->words == y->words && !memcmp(x->word, y->word, x->words * sizeof(x->word[0]));
}

static void key_fill(struct cx_key *key, const struct cx_group *group, const uint64_t *match)
{
	uint32_t i;

	key->words = group->words;
	for (i = 0; i < group->words; i++)
		key->word[i] = match[group->at[i]] & group->mask[i];
}

/* Entries of a group. */

static void group_link(struct cx_group *group, struct cx_fte *fte)
{
	struct cx_fte *first = g_hash_table_lookup(group->by_key, fte->key), *before = first;

	group->entries++;
	if (!first || fte->index < first->index) {
		fte->same = first;
		g_hash_table_replace(group->by_key, fte->key, fte);
		return;
	}
	while (before->same && before->same->index < fte->index)
		before = before->same;
	fte->same = before->same;
	before->same = fte;
}

static void group_unlink(struct cx_group *group, struct cx_fte *fte)
{
	struct cx_fte *first = g_hash_table_lookup(group->by_key, fte->key), *before = first;

	group->entries--;
	if (first == fte) {
		if (fte->same)
			g_hash_table_replace(group->by_key, fte->same->key, fte->same);
		else
			g_hash_table_remove(group->by_key, fte->key);
		return;
	}
	while (before->same != fte)
		before = before->same;
	before->same = fte->same;
}

static bool source_fits(const struct cx_fte *fte, const struct cx_pkt *pkt)
{
	bool from_wire = pkt->source_port == CX_VPORT_UPLINK;

	if (fte->group->table->type != MLX5_FLOW_TABLE_TYPE_FDB)
		return true;
	switch (fte->flow_source) {
	case MLX5_FLOW_CONTEXT_FLOW_SOURCE_UPLINK:
		return from_wire;
	case MLX5_FLOW_CONTEXT_FLOW_SOURCE_LOCAL_VPORT:
		return !from_wire;
	default:
		return true;
	}
}

const struct cx_fte *cx_table_lookup(const struct cx_table *table, struct cx_pkt *pkt)
{
	uint64_t room[1 + CX_PKT_MATCH_WORDS];
	struct cx_key *key = (struct cx_key *)room;
	const uint64_t *match = cx_pkt_match(pkt);
	guint i;

	for (i = 0; i < table->groups->len; i++) {
		const struct cx_group *group = table->groups->pdata[i];
		const struct cx_fte *fte;

		if (!group->entries)
			continue;
		key_fill(key, group, match);
		for (fte = g_hash_table_lookup(group->by_key, key); fte; fte = fte->same)
			if (source_fits(fte, pkt))
				return fte;
	}
	return NULL;
}

/* Groups. */

static gboolean is_of_group(gpointer index G_GNUC_UNUSED, gpointer fte, gpointer group)
{
	return ((struct cx_fte *)fte)->group == group;
}

/* At a reset the group may go before or after its table, and with its entries. */
static void group_release(struct cx_obj *obj)
{
	struct cx_group *group = obj->priv;

	if (group->table) {
		g_hash_table_foreach_remove(group->table->entries, is_of_group, group);
		g_ptr_array_remove(group->table->groups, group);
	}
	g_hash_table_destroy(group->by_key);
	g_free(group);
}

void cx_fte_unlink_free(gpointer p)
{
	struct cx_fte *fte = p;

	group_unlink(fte->group, fte);
	cx_fte_free(fte);
}

static gint by_start(gconstpointer a, gconstpointer b)
{
	const struct cx_group *x = *(struct cx_group *const *)a, *y = *(struct cx_group *const *)b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static bool check_range(struct cx_cmd *cmd, const struct cx_table *table, uint32_t start,
			uint32_t end)
{
	guint i;

	if (start > end || end >> table->log_size) {
		cx_refuse(cmd, CX_BAD_PARAM, "end_flow_index", "%u..%u in a table of 2^%u", start,
			  end, table->log_size);
		return false;
	}
	for (i = 0; i < table->groups->len; i++) {
		const struct cx_group *group = table->groups->pdata[i];

		if (start > group->end || end < group->start)
			continue;
		cx_refuse(cmd, CX_BAD_PARAM, "start_flow_index", "%u..%u overlaps %u..%u", start,
			  end, group->start, group->end);
		return false;
	}
	return true;
}

static void take_criteria(struct cx_group *group, const uint8_t *criteria, uint8_t enable)
{
	unsigned int i, words_a_block = CX_SIZE(fte_match_set_lyr_2_4) / sizeof(uint64_t);

	for (i = 0; i < CX_PKT_MATCH_WORDS; i++) {
		uint64_t mask;

		memcpy(&mask, criteria + i * sizeof(mask), sizeof(mask));
		if (!mask || !(enable >> (i / words_a_block) & 1))
			continue;
		group->at[group->words] = i;
		group->mask[group->words++] = mask;
	}
}

void cx_cmd_create_flow_group(struct cx_cmd *cmd)
{
	uint32_t start = CX_GET(create_flow_group_in, cmd->in, start_flow_index);
	uint32_t end = CX_GET(create_flow_group_in, cmd->in, end_flow_index);
	uint8_t enable = CX_GET(create_flow_group_in, cmd->in, match_criteria_enable);
	const uint8_t *criteria = CX_PTR(create_flow_group_in, cmd->in, match_criteria);
	struct cx_obj *obj = cx_cmd_obj(cmd, CX_OBJ_FLOW_TABLE,
					CX_GET(create_flow_group_in, cmd->in, table_id), "table_id");
	const char *unknown = cx_match_unknown(criteria, enable);
	struct cx_group *group;

	if (!obj || !check_range(cmd, obj->priv, start, end))
		return;
	if (CX_GET(create_flow_group_in, cmd->in, group_type) || unknown) {
		cx_refuse(cmd, CX_BAD_PARAM, "match_criteria", "%s is not modelled",
			  unknown ? unknown : "hash-split group");
		return;
	}
	group = g_new0(struct cx_group, 1);
	group->obj = cx_obj_new(cmd->fn, CX_OBJ_FLOW_GROUP, NULL, 0);
	group->obj->priv = group;
	group->obj->release = group_release;
	group->table = obj->priv;
	group->start = start;
	group->end = end;
	group->by_key = g_hash_table_new(key_hash, key_equal);
	take_criteria(group, criteria, enable);
	g_ptr_array_add(group->table->groups, group);
	g_ptr_array_sort(group->table->groups, by_start);
	CX_SET(create_flow_group_out, cmd->out, group_id, group->obj->id);
	cx_cmd_log(cmd, "group %x of table %x: %u..%u enable %x", group->obj->id, obj->id, start,
		   end, enable);
}

void cx_cmd_destroy_flow_group(struct cx_cmd *cmd)
{
	uint32_t id = CX_GET(destroy_flow_group_in, cmd->in, group_id);
	struct cx_obj *obj = cx_cmd_obj(cmd, CX_OBJ_FLOW_GROUP, id, "group_id");
	const struct cx_group *group;

	if (!obj)
		return;
	group = obj->priv;
	if (group->entries)
		cx_refuse(cmd, CX_BAD_RES_STATE, "group_id", "group %x has %u entries", id,
			  group->entries);
	else
		cx_cmd_obj_destroy(cmd, CX_OBJ_FLOW_GROUP, id, "group_id");
}

/* Entries. */

static bool check_entry(struct cx_cmd *cmd, const struct cx_table *table,
			const struct cx_group *group, uint32_t index)
{
	bool there = g_hash_table_contains(table->entries, GUINT_TO_POINTER(index));

	if (group->table != table || index < group->start || index > group->end)
		cx_refuse(cmd, CX_BAD_INDEX, "flow_index", "%u is not in group %x of table %x",
			  index, group->obj->id, table->obj->id);
	else if (cmd->op_mod > 1 || there != (cmd->op_mod == 1))
		cx_refuse(cmd, CX_BAD_INDEX, "flow_index", "op_mod %u, entry %u %s", cmd->op_mod,
			  index, there ? "exists" : "does not exist");
	else
		return true;
	return false;
}

/* op_mod 1 changes an entry; the driver sends the whole context then too, and it replaces all. */
void cx_cmd_set_fte(struct cx_cmd *cmd)
{
	const uint8_t *context = CX_PTR(set_fte_in, cmd->in, flow_context);
	uint32_t index = CX_GET(set_fte_in, cmd->in, flow_index);
	struct cx_obj *table_obj, *group_obj;
	uint64_t value[CX_PKT_MATCH_WORDS];
	struct cx_table *table;
	struct cx_group *group;
	struct cx_fte *fte;

	table_obj = cx_cmd_obj(cmd, CX_OBJ_FLOW_TABLE, CX_GET(set_fte_in, cmd->in, table_id),
			       "table_id");
	if (!table_obj)
		return;
	group_obj = cx_cmd_obj(cmd, CX_OBJ_FLOW_GROUP, CX_GET(flow_context, context, group_id),
			       "group_id");
	if (!group_obj)
		return;
	table = table_obj->priv;
	group = group_obj->priv;
	if (!check_entry(cmd, table, group, index))
		return;
	fte = cx_fte_parse(cmd, group, context);
	if (!fte)
		return;
	fte->index = index;
	memcpy(value, CX_PTR(flow_context, context, match_value), sizeof(value));
	fte->key = g_malloc(sizeof(*fte->key) + group->words * sizeof(uint64_t));
	key_fill(fte->key, group, value);
	g_hash_table_remove(table->entries, GUINT_TO_POINTER(index));
	g_hash_table_insert(table->entries, GUINT_TO_POINTER(index), fte);
	group_link(group, fte);
	cx_cmd_log(cmd, "entry %x/%u type %u level %u: %s", table_obj->id, index, table->type,
		   table->level, cx_fte_describe(fte));
}

void cx_cmd_delete_fte(struct cx_cmd *cmd)
{
	uint32_t index = CX_GET(delete_fte_in, cmd->in, flow_index);
	uint32_t id = CX_GET(delete_fte_in, cmd->in, table_id);
	struct cx_obj *obj = cx_cmd_obj(cmd, CX_OBJ_FLOW_TABLE, id, "table_id");
	struct cx_table *table;

	if (!obj)
		return;
	table = obj->priv;
	if (!g_hash_table_remove(table->entries, GUINT_TO_POINTER(index)))
		cx_refuse(cmd, CX_BAD_INDEX, "flow_index", "no entry %u in table %x", index, id);
}
