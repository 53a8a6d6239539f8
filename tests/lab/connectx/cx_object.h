/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Objects the firmware keeps for the driver. One 24 bit id space a card; an object has a type, the
 * function that owns it and a count of the objects that use it. The driver reaches only what its
 * own function owns; a function's reset frees all of them whatever their counts.
 */
#ifndef CX_OBJECT_H
#define CX_OBJECT_H

#include <stdbool.h>
#include <stdint.h>

struct cx_cmd;
struct cx_dev;
struct cx_fn;

/* Types: the opcode that creates it, or CX_GENERAL | obj_type for general objects. */
#define CX_GENERAL 0x8000u
enum cx_obj_type {
	CX_OBJ_PD = MLX5_CMD_OP_ALLOC_PD,
	CX_OBJ_TD = MLX5_CMD_OP_ALLOC_TRANSPORT_DOMAIN,
	CX_OBJ_MKEY = MLX5_CMD_OP_CREATE_MKEY,		/* data = mkc, priv = its translation */
	CX_OBJ_TIS = MLX5_CMD_OP_CREATE_TIS,
	CX_OBJ_TIR = MLX5_CMD_OP_CREATE_TIR,		/* data = tirc */
	CX_OBJ_RQT = MLX5_CMD_OP_CREATE_RQT,		/* data = rqtc with its RQ list */
	CX_OBJ_CQ = MLX5_CMD_OP_CREATE_CQ,		/* priv = struct cx_cq */
	CX_OBJ_SQ = MLX5_CMD_OP_CREATE_SQ,		/* data = sqc, priv = struct cx_wq */
	CX_OBJ_RQ = MLX5_CMD_OP_CREATE_RQ,		/* data = rqc, priv = struct cx_wq */
	CX_OBJ_Q_COUNTER = MLX5_CMD_OP_ALLOC_Q_COUNTER,	/* data = query_q_counter_out */
	CX_OBJ_XRCD = MLX5_CMD_OP_ALLOC_XRCD,
	CX_OBJ_RMP = MLX5_CMD_OP_CREATE_RMP,
	CX_OBJ_XRC_SRQ = MLX5_CMD_OP_CREATE_XRC_SRQ,
	CX_OBJ_QP = MLX5_CMD_OP_CREATE_QP,		/* data = qpc, priv = struct cx_qp */
	/* of the data half; data, priv and release are its own business */
	CX_OBJ_FLOW_TABLE = MLX5_CMD_OP_CREATE_FLOW_TABLE,
	CX_OBJ_FLOW_GROUP = MLX5_CMD_OP_CREATE_FLOW_GROUP,
	CX_OBJ_FLOW_COUNTER = MLX5_CMD_OP_ALLOC_FLOW_COUNTER,
	CX_OBJ_REFORMAT = MLX5_CMD_OP_ALLOC_PACKET_REFORMAT_CONTEXT,
	CX_OBJ_MODIFY_HEADER = MLX5_CMD_OP_ALLOC_MODIFY_HEADER_CONTEXT,
	/* data = encryption_key_obj */
	CX_OBJ_KEY = CX_GENERAL | MLX5_GENERAL_OBJECT_TYPES_ENCRYPTION_KEY,
	/* data = ipsec_obj, priv of the data half */
	CX_OBJ_IPSEC = CX_GENERAL | MLX5_GENERAL_OBJECT_TYPES_IPSEC,
};

struct cx_obj {
	uint32_t id;
	uint16_t type;		/* enum cx_obj_type */
	uint32_t refs;		/* uses by other objects; not destroyed by command while > 0 */
	struct cx_fn *fn;	/* owner */
	uint8_t *data;		/* own copy of the context; wiped when freed */
	uint32_t len;
	GPtrArray *uses;	/* struct cx_obj it holds references to, see cx_obj_use() */
	void *priv;
	void (*release)(struct cx_obj *obj);	/* frees priv and drops references; may be NULL */
};

/* data may be NULL (zeroed). Never fails. */
struct cx_obj *cx_obj_new(struct cx_fn *fn, enum cx_obj_type type, const void *data, uint32_t len);
/* count ids in a row that no object has; they belong to nobody until objects are made with them. */
uint32_t cx_obj_ids(struct cx_dev *dev, uint32_t count);
struct cx_obj *cx_obj_new_id(struct cx_fn *fn, enum cx_obj_type type, uint32_t id, const void *data,
			     uint32_t len);
/* NULL when there is no such object of this type that fn owns. */
struct cx_obj *cx_obj_find(struct cx_fn *fn, enum cx_obj_type type, uint32_t id);
/* The same for a handler: refuses with BAD_RES naming the field. */
struct cx_obj *cx_cmd_obj(struct cx_cmd *cmd, enum cx_obj_type type, uint32_t id,
			  const char *field);
/* Finds and destroys; refuses with BAD_RES or, while used, BAD_RES_STATE. True when destroyed. */
bool cx_cmd_obj_destroy(struct cx_cmd *cmd, enum cx_obj_type type, uint32_t id, const char *field);
void cx_obj_ref(struct cx_obj *obj);
void cx_obj_unref(struct cx_obj *obj);	/* NULL allowed; never frees */
/* obj references used until cx_obj_drop_uses(obj) or its end. */
void cx_obj_use(struct cx_obj *obj, struct cx_obj *used);
void cx_obj_drop_uses(struct cx_obj *obj);
void cx_obj_free(struct cx_obj *obj);	/* regardless of refs */
uint32_t cx_obj_count(struct cx_dev *dev, enum cx_obj_type type);
void cx_objs_reset_fn(struct cx_fn *fn);

/* Memory of a queue: pages the driver gave. */
struct cx_ring {
	uint64_t *page;
	uint32_t pages;
	unsigned int page_shift;
	uint32_t offset;	/* of the queue in its first page */
};

/*
 * Takes `bytes` of queue from the page list at byte `pas` of a command; refuses a short one. The
 * queue begins page_offset 64ths of a page into the first.
 */
bool cx_ring_init(struct cx_cmd *cmd, struct cx_ring *ring, uint32_t pas, uint64_t bytes,
		  unsigned int page_shift, uint32_t page_offset);
void cx_ring_free(struct cx_ring *ring);
/* DMA address of byte off. Entries are powers of two and never cross a page. */
uint64_t cx_ring_addr(const struct cx_ring *ring, uint64_t off);

enum cx_wq_state { CX_WQ_RST = 0, CX_WQ_RDY = 1, CX_WQ_ERR = 3 };	/* sqc.state, rqc.state */

/* A send or receive queue. The control half sets it up; the data half moves ci. */
struct cx_wq {
	struct cx_obj *obj;	/* obj->id is the queue number, obj->data its sqc or rqc */
	struct cx_fn *fn;
	bool is_sq;
	enum cx_wq_state state;
	uint8_t type;		/* wq.wq_type: 1 cyclic, 0 linked list (sic: as mlx5_ifc.h) */
	uint8_t log_size;	/* entries */
	uint32_t stride;	/* bytes of an entry */
	uint64_t doorbell;	/* DMA address of the record: RQ producer +0, SQ producer +4 */
	uint32_t cqn;
	uint16_t ci;		/* entries consumed; zeroed by control on RST */
	bool busy;		/* data half: guards against running a queue inside itself */
	struct cx_ring ring;
	void *priv;		/* data half; freed with g_free() */
};

struct cx_wq *cx_sq_find(struct cx_fn *fn, uint32_t sqn);
struct cx_wq *cx_rq_find(struct cx_fn *fn, uint32_t rqn);
/* One more in a counter set: field by CX_Q_COUNTER(). A set that is not there is none. */
void cx_q_counter_add(struct cx_fn *fn, uint32_t set, uint32_t field);
#define CX_Q_COUNTER(name) CX_OFF(query_q_counter_out, name)
/* Counts a packet lost for want of a buffer in the queue's counter set. */
void cx_rq_out_of_buffer(struct cx_wq *rq);

/*
 * cx_eq.c, cx_cq.c: completions and events. cx_cq_post() takes a whole 64 byte CQE, sets its owner
 * bit and fires the CQ if armed; a full CQ is logged, raises CQ_ERROR and loses the completion.
 */
void cx_cq_post(struct cx_fn *fn, uint32_t cqn, uint8_t cqe[64]);
/* data: 28 bytes of union ev_data. Goes to the EQ whose bitmask has the event. */
void cx_async_event(struct cx_fn *fn, uint8_t event, uint8_t subtype, const uint8_t data[28]);
void cx_object_change(struct cx_fn *fn, uint16_t obj_type, uint32_t obj_id);	/* OBJECT_CHANGE */
void cx_command_done(struct cx_fn *fn, uint32_t slot);
void cx_eq_doorbell(struct cx_fn *fn, uint32_t value, bool arm);
void cx_cq_arm(struct cx_fn *fn, uint32_t command, uint32_t cqn);
void cx_eqs_reset(struct cx_fn *fn);
/* Between cx_eq.c and cx_cq.c: a CQ's EQ, and the event of an armed CQ. */
struct cx_eq;
struct cx_eq *cx_cmd_eq(struct cx_cmd *cmd, uint32_t number, const char *field);
void cx_eq_use(struct cx_eq *eq);
void cx_eq_unuse(struct cx_fn *fn, unsigned int number);
void cx_completion_event(struct cx_fn *fn, unsigned int eqn, uint32_t cqn);

#endif
