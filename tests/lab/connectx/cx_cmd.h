/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One firmware command as its handler sees it, and how a handler refuses it. cx_cmd.c has checked
 * in_len and out_len against the smallest layout named in its table before the handler runs; what
 * lies behind that (lists, page addresses) the handler checks with cx_cmd_has().
 */
#ifndef CX_CMD_H
#define CX_CMD_H

#include <stdbool.h>
#include <stdint.h>

struct cx_dev;
struct cx_fn;

/* Delivery and command status: enum mlx5_cmd_stat of the driver's device.h (not in mlx5_ifc.h). */
enum cx_status {
	CX_OK = 0x0,
	CX_INTERNAL_ERR = 0x1,
	CX_BAD_OP = 0x2,
	CX_BAD_PARAM = 0x3,
	CX_BAD_SYS_STATE = 0x4,
	CX_BAD_RES = 0x5,	/* the object named does not exist */
	CX_RES_BUSY = 0x6,
	CX_LIM_ERR = 0x8,
	CX_BAD_RES_STATE = 0x9,	/* it exists but is in use or in the wrong state */
	CX_BAD_INDEX = 0xa,
	CX_NO_RES = 0xf,
	CX_BAD_INP_LEN = 0x50,
	CX_BAD_OUTP_LEN = 0x51,
};

struct cx_cmd {
	struct cx_fn *fn;	/* the function that issued it */
	struct cx_dev *dev;
	uint16_t opcode, op_mod;
	const char *name;
	const uint8_t *in;	/* whole input, header included */
	uint32_t in_len;
	uint8_t *out;		/* whole output, zeroed; status and syndrome come afterwards */
	uint32_t out_len;
	uint8_t status;		/* enum cx_status */
	uint32_t syndrome;
};

typedef void cx_cmd_handler(struct cx_cmd *cmd);

/*
 * Refuse: sets the status and logs opcode, field and why. The syndrome is opcode << 16 | line, so a
 * kernel log line leads to the check that refused. A handler returns right after it.
 */
#define cx_refuse(cmd, status, field, ...)                                                         \
	cx_refuse_at((cmd), (status), __LINE__, (field), __VA_ARGS__)
void cx_refuse_at(struct cx_cmd *cmd, enum cx_status status, unsigned int line, const char *field,
		  const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* True when the input really holds len bytes at off; else refuses with BAD_INP_LEN. */
bool cx_cmd_has(struct cx_cmd *cmd, uint32_t off, uint32_t len, const char *field);
/* A line of detail under the command, level CX_LOG_COMMAND. */
#define cx_cmd_log(cmd, ...) cx_log((cmd)->fn, CX_LOG_COMMAND, "   " __VA_ARGS__)

/* Doorbell: executes every slot whose bit is set. */
void cx_cmd_doorbell(struct cx_fn *fn, uint32_t slots);

/* cx_opcodes.c: the dispatch table. */
struct cx_opcode {
	uint16_t opcode;
	const char *name;
	cx_cmd_handler *handler;	/* NULL: an ok is the whole answer */
	uint32_t in_bytes, out_bytes;	/* smallest */
	bool before_init;		/* allowed before INIT_HCA */
	const char *why_ok;		/* for a NULL handler: why that is no lie */
};
const struct cx_opcode *cx_opcode_find(uint16_t opcode);	/* NULL: unknown */

/* cx_hca.c */
cx_cmd_handler cx_cmd_enable_hca, cx_cmd_disable_hca, cx_cmd_init_hca, cx_cmd_teardown_hca;
cx_cmd_handler cx_cmd_query_issi, cx_cmd_set_issi, cx_cmd_query_pages, cx_cmd_query_adapter;
/* cx_caps.c */
cx_cmd_handler cx_cmd_query_hca_cap, cx_cmd_set_hca_cap;
/* cx_eq.c */
cx_cmd_handler cx_cmd_create_eq, cx_cmd_destroy_eq, cx_cmd_query_eq;
/* cx_cq.c */
cx_cmd_handler cx_cmd_create_cq, cx_cmd_destroy_cq, cx_cmd_query_cq, cx_cmd_modify_cq;
/* cx_queue.c */
cx_cmd_handler cx_cmd_create_sq, cx_cmd_modify_sq, cx_cmd_destroy_sq, cx_cmd_query_sq;
cx_cmd_handler cx_cmd_create_rq, cx_cmd_modify_rq, cx_cmd_destroy_rq, cx_cmd_query_rq;
cx_cmd_handler cx_cmd_alloc_q_counter, cx_cmd_dealloc_q_counter, cx_cmd_query_q_counter;
/* cx_simple.c */
cx_cmd_handler cx_cmd_alloc_pd, cx_cmd_dealloc_pd, cx_cmd_alloc_td, cx_cmd_dealloc_td;
cx_cmd_handler cx_cmd_alloc_uar, cx_cmd_dealloc_uar, cx_cmd_alloc_xrcd, cx_cmd_dealloc_xrcd;
cx_cmd_handler cx_cmd_create_tis, cx_cmd_modify_tis, cx_cmd_destroy_tis;
cx_cmd_handler cx_cmd_create_tir, cx_cmd_modify_tir, cx_cmd_destroy_tir;
cx_cmd_handler cx_cmd_create_rqt, cx_cmd_modify_rqt, cx_cmd_destroy_rqt;
cx_cmd_handler cx_cmd_add_vxlan_dport;
/* cx_mkey.c */
cx_cmd_handler cx_cmd_create_mkey, cx_cmd_destroy_mkey;
/* cx_qp.c, cx_srq.c: queue pairs; every change of state is one handler */
cx_cmd_handler cx_cmd_create_qp, cx_cmd_modify_qp, cx_cmd_query_qp, cx_cmd_destroy_qp;
cx_cmd_handler cx_cmd_create_rmp, cx_cmd_destroy_rmp, cx_cmd_create_xrc_srq;
cx_cmd_handler cx_cmd_destroy_xrc_srq;
/* cx_roce.c */
cx_cmd_handler cx_cmd_set_roce_address, cx_cmd_query_roce_address, cx_cmd_query_hca_vport_pkey;
/* cx_general.c */
cx_cmd_handler cx_cmd_create_general, cx_cmd_modify_general, cx_cmd_query_general;
cx_cmd_handler cx_cmd_destroy_general;
/* cx_vport.c */
cx_cmd_handler cx_cmd_query_nic_vport, cx_cmd_modify_nic_vport;
cx_cmd_handler cx_cmd_query_esw_vport, cx_cmd_modify_esw_vport;
cx_cmd_handler cx_cmd_query_vport_state, cx_cmd_modify_vport_state, cx_cmd_query_vport_counter;
/* cx_reg.c */
cx_cmd_handler cx_cmd_access_reg;

/* One register: in and out hold it whole, out is zeroed; a refusal answers for the command. */
typedef void cx_reg_handler(struct cx_cmd *cmd, const uint8_t *in, uint8_t *out, bool write);
/* cx_firmware.c */
cx_reg_handler cx_reg_mcam, cx_reg_mcqs, cx_reg_mcqi;

#endif
