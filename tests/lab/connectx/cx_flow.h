/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flow steering as the data half keeps it: tables, groups, entries, and the objects entries use.
 * Tables, groups, counters, reformat and modify-header contexts live in the card's object store
 * (cx_object.h); an entry holds a reference to each object it names.
 */
#ifndef CX_FLOW_H
#define CX_FLOW_H

#include "cx_packet.h"

enum {
	/* Domains of QP traffic: enum fs_flow_table_type of the driver's fs_core.h. */
	CX_TABLE_RDMA_RX = 7,
	CX_TABLE_RDMA_TX = 8,
	CX_ROOT_TYPES = CX_TABLE_RDMA_TX + 1,
	CX_ROOT_PORTS = CX_MAX_VF + 2,	/* PF, VFs, uplink */
};

/* State of one card; struct cx_dev.flow. */
struct cx_flow {
	struct cx_dev *dev;
	struct cx_table *root[CX_ROOT_TYPES][CX_ROOT_PORTS];	/* NULL: none */
	GHashTable *counters;	/* counter id -> struct cx_obj of its bulk */
};

struct cx_table {
	struct cx_obj *obj;
	uint8_t type;		/* MLX5_FLOW_TABLE_TYPE_* */
	uint16_t vport;		/* the port it serves; 0 for the FDB */
	uint8_t level, log_size;
	uint32_t miss_table;	/* id, 0: the domain's default. Looked up on use. */
	bool miss_leaves;	/* without a miss table: out of RDMA RX, back into NIC RX */
	GPtrArray *groups;	/* struct cx_group, by start; ranges do not overlap */
	GHashTable *entries;	/* flow index -> struct cx_fte, owned */
};

/* The bits of a match that a group looks at, gathered into words. */
struct cx_key {
	uint32_t words;
	uint64_t word[];
};

struct cx_group {
	struct cx_obj *obj;
	struct cx_table *table;
	uint32_t start, end;	/* flow indices, inclusive */
	uint32_t words;		/* 64 bit words of the match that have criteria */
	uint8_t at[CX_PKT_MATCH_WORDS];		/* their places */
	uint64_t mask[CX_PKT_MATCH_WORDS];	/* and masks */
	GHashTable *by_key;	/* struct cx_key -> struct cx_fte with the lowest index */
	uint32_t entries;
};

struct cx_counter {
	uint64_t packets, bytes;
};

struct cx_dest {
	uint8_t type;		/* MLX5_IFC_FLOW_DESTINATION_TYPE_* */
	uint16_t vport;
	struct cx_obj *obj;	/* table or TIR */
	struct cx_obj *reformat;	/* of this destination alone; may be NULL */
};

struct cx_fte {
	uint32_t index;
	uint16_t action;	/* MLX5_FLOW_CONTEXT_ACTION_* */
	uint32_t tag;
	uint8_t flow_source;
	bool hairpin;		/* a frame from the wire may go back to it */
	struct cx_group *group;
	struct cx_fte *same;	/* same key, next higher index */
	struct cx_vlan_tag push[2];
	struct cx_obj *reformat, *modify, *sa;
	unsigned int dests, counters;
	struct cx_dest *dest;
	struct cx_counter **counter;
	struct cx_obj **counter_obj;
	struct cx_key *key;
};

/* cx_flow.c */
struct cx_table *cx_flow_root(struct cx_dev *dev, unsigned int type, uint16_t vport);
/* The table a miss leads to, NULL for the domain's default. */
struct cx_table *cx_table_miss(const struct cx_table *table);

/* cx_group.c: the entry of the lowest index that matches, NULL on a miss. */
const struct cx_fte *cx_table_lookup(const struct cx_table *table, struct cx_pkt *pkt);

/* Destroy function of cx_table.entries: takes the entry out of its group, then frees it. */
void cx_fte_unlink_free(gpointer fte);

/* cx_fte.c: what a flow_context says. NULL after a refusal. The caller links it into the group. */
struct cx_fte *cx_fte_parse(struct cx_cmd *cmd, struct cx_group *group, const uint8_t *context);
/* Drops its references. */
void cx_fte_free(struct cx_fte *fte);
/* Text for the log: action, destinations, objects. Overwritten by the next call. */
const char *cx_fte_describe(const struct cx_fte *fte);

/* cx_flow_objects.c */
struct cx_counter *cx_counter_find(struct cx_fn *fn, uint32_t id, struct cx_obj **ret_obj);

/* A packet_reformat_context_in taken apart. */
struct cx_reformat {
	uint8_t type;		/* MLX5_REFORMAT_TYPE_* */
	uint16_t size;
	const uint8_t *data;
};
void cx_reformat_get(const struct cx_obj *obj, struct cx_reformat *ret);
/* Known to cx_reformat.c or cx_esp.c. */
bool cx_reformat_is_l2_tunnel(uint8_t type);
bool cx_reformat_is_esp_add(uint8_t type);
bool cx_reformat_is_esp_del(uint8_t type);

/* cx_modify.c: NULL when every action is known, else what is not. */
const char *cx_modify_unknown(const uint8_t *actions, unsigned int count);
void cx_modify_apply(const struct cx_obj *obj, struct cx_pkt *pkt);

#endif
