/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command interface: the queue of 32 slots, input and output mailbox chains with their tokens
 * and block numbers, delivery status, the dispatch to a handler, completion by ownership bit and
 * event. A command is executed whole inside the doorbell write. Leaves out: signatures (neither
 * checked nor made; the driver asks for none), the order of the slots is their number.
 */
#include <stdarg.h>
#include <stdio.h>

#include "cx.h"

enum {
	/* struct mlx5_cmd_layout of the driver's device.h */
	SLOT_BYTES = 64,
	SLOT_TYPE = 0,
	SLOT_IN_LEN = 4,
	SLOT_IN_PTR = 8,
	SLOT_IN = 16,
	SLOT_OUT = 32,
	SLOT_OUT_PTR = 48,
	SLOT_OUT_LEN = 56,
	SLOT_TOKEN = 60,
	SLOT_STATUS_OWN = 63,
	TYPE_PCI = 7,
	INLINE_BYTES = 16,
	HEADER_BYTES = 8,		/* opcode and op_mod; status and syndrome */
	/* struct mlx5_cmd_prot_block */
	BLOCK_DATA = 512,
	BLOCK_NEXT = 560,
	BLOCK_NUMBER = 568,
	BLOCK_TOKEN = 573,
	BLOCK_BYTES = 576,
	MAX_COMMAND = 1 << 20,
};

/* Delivery status: MLX5_CMD_DELIVERY_STAT_* of the driver's cmd.c. */
enum delivery {
	DELIVERED = 0x0,
	TOKEN_ERR = 0x2,
	BLOCK_NUMBER_ERR = 0x3,
	OUT_PTR_ERR = 0x4,
	IN_PTR_ERR = 0x5,
	IN_LENGTH_ERR = 0x7,
	OUT_LENGTH_ERR = 0x8,
	DESCRIPTOR_ERR = 0x10,
};

void cx_refuse_at(struct cx_cmd *cmd, enum cx_status status, unsigned int line, const char *field,
		  const char *fmt, ...)
{
	char why[256];
	va_list args;

	cmd->status = status;
	cmd->syndrome = (uint32_t)cmd->opcode << 16 | (line & 0xffff);
	va_start(args, fmt);
	vsnprintf(why, sizeof(why), fmt, args);
	va_end(args);
	cx_log(cmd->fn, CX_LOG_ERROR,
	       "refused %s(0x%x) op_mod 0x%x %s: %s (status 0x%x syndrome 0x%x)", cmd->name,
	       cmd->opcode, cmd->op_mod, field, why, cmd->status, cmd->syndrome);
}

bool cx_cmd_has(struct cx_cmd *cmd, uint32_t off, uint32_t len, const char *field)
{
	if (off <= cmd->in_len && len <= cmd->in_len - off)
		return true;
	cx_refuse(cmd, CX_BAD_INP_LEN, field, "%u bytes at %u, the input has %u", len, off,
		  cmd->in_len);
	return false;
}

static bool command_valid(struct cx_cmd *cmd, const struct cx_opcode *op)
{
	if (!op) {
		cx_refuse(cmd, CX_BAD_OP, "opcode", "not modelled");
		return false;
	}
	if (cmd->in_len < op->in_bytes) {
		cx_refuse(cmd, CX_BAD_INP_LEN, "input", "%u of %u bytes", cmd->in_len,
			  op->in_bytes);
		return false;
	}
	if (cmd->out_len < op->out_bytes) {
		cx_refuse(cmd, CX_BAD_OUTP_LEN, "output", "%u of %u bytes", cmd->out_len,
			  op->out_bytes);
		return false;
	}
	if (!op->before_init && !cmd->fn->hca_running) {
		cx_refuse(cmd, CX_BAD_SYS_STATE, "opcode", "the function is not initialized");
		return false;
	}
	return true;
}

static void command_execute(struct cx_cmd *cmd)
{
	const struct cx_opcode *op = cx_opcode_find(cmd->opcode);

	cmd->name = op ? op->name : "?";
	cx_log(cmd->fn, CX_LOG_COMMAND, "%s(0x%x) op_mod 0x%x in %u out %u", cmd->name,
	       cmd->opcode, cmd->op_mod, cmd->in_len, cmd->out_len);
	if (cx_fault_command(cmd->dev, cmd->opcode, cmd->op_mod, &cmd->status, &cmd->syndrome)) {
		cx_log(cmd->fn, CX_LOG_ERROR, "fault: %s(0x%x) status 0x%x syndrome 0x%x",
		       cmd->name, cmd->opcode, cmd->status, cmd->syndrome);
	} else if (command_valid(cmd, op) && op->handler) {
		op->handler(cmd);
	}
	if (cmd->status)
		memset(cmd->out, 0, cmd->out_len);
	cmd->out[0] = cmd->status;
	cx_put_be32(cmd->out + 4, cmd->syndrome);
}

/*
 * Walks the mailbox chain at ptr and moves len bytes to buf, or from it (out). Every block must
 * carry the token of its slot and its own number.
 */
static enum delivery mailboxes(struct cx_fn *fn, uint64_t ptr, uint8_t token, uint8_t *buf,
			       uint32_t len, bool out)
{
	enum delivery bad_ptr = out ? OUT_PTR_ERR : IN_PTR_ERR;
	uint8_t block[BLOCK_BYTES];
	uint32_t number = 0;

	for (uint32_t off = 0; off < len; off += BLOCK_DATA, number++) {
		uint32_t part = MIN((uint32_t)BLOCK_DATA, len - off);

		if (!ptr || ptr % BLOCK_DATA)
			return bad_ptr;
		cx_dma_read(fn, ptr, block, sizeof(block));
		if (cx_be32(block + BLOCK_NUMBER) != number)
			return BLOCK_NUMBER_ERR;
		if (block[BLOCK_TOKEN] != token)
			return TOKEN_ERR;
		if (out)
			cx_dma_write(fn, ptr, buf + off, part);
		else
			memcpy(buf + off, block, part);
		ptr = cx_be64(block + BLOCK_NEXT);
	}
	explicit_bzero(block, sizeof(block));
	return DELIVERED;
}

static enum delivery slot_run(struct cx_fn *fn, const uint8_t *slot, struct cx_cmd *cmd)
{
	uint8_t *in = (uint8_t *)cmd->in;
	enum delivery delivery;

	if (slot[SLOT_TYPE] != TYPE_PCI)
		return DESCRIPTOR_ERR;
	memcpy(in, slot + SLOT_IN, INLINE_BYTES);
	if (cmd->in_len > INLINE_BYTES) {
		delivery = mailboxes(fn, cx_be64(slot + SLOT_IN_PTR), slot[SLOT_TOKEN],
				     in + INLINE_BYTES, cmd->in_len - INLINE_BYTES, false);
		if (delivery)
			return delivery;
	}
	cmd->opcode = cx_be16(in);
	cmd->op_mod = cx_be16(in + 6);
	command_execute(cmd);
	if (cmd->out_len <= INLINE_BYTES)
		return DELIVERED;
	return mailboxes(fn, cx_be64(slot + SLOT_OUT_PTR), slot[SLOT_TOKEN],
			 cmd->out + INLINE_BYTES, cmd->out_len - INLINE_BYTES, true);
}

static uint64_t slot_addr(const struct cx_fn *fn, unsigned int number)
{
	uint64_t base = CX_GET(initial_seg, fn->init_seg, cmdq_phy_addr_63_32) << 32 |
			CX_GET(initial_seg, fn->init_seg, cmdq_phy_addr_31_12) << 12;

	return base + number * SLOT_BYTES;
}

static void slot_execute(struct cx_fn *fn, unsigned int number)
{
	/* The very command that makes the command EQ is still polled for. */
	struct cx_eq *event = fn->command_eq;
	uint64_t addr = slot_addr(fn, number);
	enum delivery delivery = DELIVERED;
	struct cx_cmd cmd = { .fn = fn, .dev = fn->dev };
	uint8_t slot[SLOT_BYTES];
	uint8_t *in;

	cx_dma_read(fn, addr, slot, sizeof(slot));
	cmd.in_len = cx_be32(slot + SLOT_IN_LEN);
	cmd.out_len = cx_be32(slot + SLOT_OUT_LEN);
	if (cmd.in_len < HEADER_BYTES || cmd.in_len > MAX_COMMAND)
		delivery = IN_LENGTH_ERR;
	else if (cmd.out_len < HEADER_BYTES || cmd.out_len > MAX_COMMAND)
		delivery = OUT_LENGTH_ERR;
	if (!delivery) {
		in = g_malloc0(MAX(cmd.in_len, (uint32_t)INLINE_BYTES));
		cmd.in = in;
		cmd.out = g_malloc0(MAX(cmd.out_len, (uint32_t)INLINE_BYTES));
		delivery = slot_run(fn, slot, &cmd);
		cx_dma_write(fn, addr + SLOT_OUT, cmd.out, INLINE_BYTES);
		explicit_bzero(in, cmd.in_len);	/* may hold a key */
		g_free(in);
		g_free(cmd.out);
	}
	if (delivery)
		cx_log(fn, CX_LOG_ERROR, "slot %u: delivery status 0x%x", number, delivery);
	/* Ownership goes back last. */
	slot[SLOT_STATUS_OWN] = delivery << 1;
	cx_dma_write_owned(fn, addr + SLOT_TOKEN, slot + SLOT_TOKEN, SLOT_BYTES - SLOT_TOKEN);
	if (event && fn->command_eq == event)
		cx_command_done(fn, number);
}

struct late {
	struct cx_fn *fn;
	unsigned int slot;
	uint32_t generation;
};

static void late_execute(void *arg)
{
	struct late *late = arg;

	if (late->fn->generation == late->generation)
		slot_execute(late->fn, late->slot);
	g_free(late);
}

/* A delay fault: the slot is looked at later. True when it was put off. */
static bool put_off(struct cx_fn *fn, unsigned int number)
{
	uint8_t opcode[2];
	struct late *late;
	unsigned int ms;

	cx_dma_read(fn, slot_addr(fn, number) + SLOT_IN, opcode, sizeof(opcode));
	ms = cx_fault_delay_ms(fn->dev, cx_be16(opcode));
	if (!ms)
		return false;
	cx_log(fn, CX_LOG_ERROR, "fault: opcode 0x%x delayed by %u ms", cx_be16(opcode), ms);
	late = g_new(struct late, 1);
	*late = (struct late){ fn, number, fn->generation };
	cx_defer(ms, late_execute, late);
	return true;
}

void cx_cmd_doorbell(struct cx_fn *fn, uint32_t slots)
{
	for (unsigned int i = 0; i < 32; i++)
		if (slots & 1u << i && !put_off(fn, i))
			slot_execute(fn, i);
}
