/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Event queues: creation, the doorbells that move their consumer, the entries written into them and
 * the interrupts that follow (one an arm; at once when something waits already). Stands for
 * CREATE/DESTROY/QUERY_EQ and the EQE formats. Leaves out: interrupt moderation, the EQ error
 * state; an overrun is logged and the event lost.
 */
#include <inttypes.h>

#include "cx.h"

enum {
	EQE_BYTES = 64,
	EQE_TYPE = 1,
	EQE_SUBTYPE = 3,
	EQE_DATA = 32,
	EQ_COUNTER_MASK = 0xffffff,
	EQ_ARMED = 0x9,		/* eqc.st */
	EQ_FIRED = 0xa,
	EVENT_CMD = MLX5_EVENT_TYPE_CODING_COMMAND_INTERFACE_COMPLETION,
	EVENT_OBJECT_CHANGE = 0x27,	/* enum mlx5_event of device.h, not in mlx5_ifc.h */
	EVENT_WORDS = 4,
};

struct cx_eq {
	uint8_t number;
	uint8_t context[CX_SIZE(eqc)];
	uint8_t log_size;
	uint16_t vector;
	uint64_t events[EVENT_WORDS];	/* bit n of word n / 64: event n comes here */
	uint32_t pi, ci;		/* 24 bits, as the doorbell counts */
	uint32_t users;			/* CQs */
	bool armed;
	struct cx_ring ring;
};

static bool eq_takes(const struct cx_eq *eq, uint8_t event)
{
	return eq->events[event / 64] >> (event % 64) & 1;
}

void cx_cmd_create_eq(struct cx_cmd *cmd)
{
	const uint8_t *eqc = CX_PTR(create_eq_in, cmd->in, eq_context_entry);
	unsigned int log_size = CX_GET(eqc, eqc, log_eq_size);
	unsigned int vector = CX_GET(eqc, eqc, intr);
	unsigned int number = 1;
	struct cx_eq *eq;

	while (number < CX_MAX_EQ && cmd->fn->eq[number])
		number++;
	if (number == CX_MAX_EQ) {
		cx_refuse(cmd, CX_LIM_ERR, "eq", "all %d are in use", CX_MAX_EQ - 1);
		return;
	}
	if (vector >= CX_VECTORS) {
		cx_refuse(cmd, CX_BAD_PARAM, "eqc.intr", "vector %u of %d", vector, CX_VECTORS);
		return;
	}
	eq = g_new0(struct cx_eq, 1);
	if (!cx_ring_init(cmd, &eq->ring, CX_OFF(create_eq_in, pas),
			  (uint64_t)EQE_BYTES << log_size,
			  12 + CX_GET(eqc, eqc, log_page_size),
			  CX_GET(eqc, eqc, page_offset))) {
		g_free(eq);
		return;
	}
	eq->number = number;
	memcpy(eq->context, eqc, sizeof(eq->context));
	eq->log_size = log_size;
	eq->vector = vector;
	for (unsigned int i = 0; i < EVENT_WORDS; i++)
		eq->events[i] = cx_be64(CX_PTR(create_eq_in, cmd->in, event_bitmask) + i * 8);
	cmd->fn->eq[number] = eq;
	if (eq_takes(eq, EVENT_CMD))
		cmd->fn->command_eq = eq;
	CX_SET(create_eq_out, cmd->out, eq_number, number);
	cx_cmd_log(cmd, "eq %u: %u entries, vector %u, events %" PRIx64, number, 1u << log_size,
		   vector, eq->events[0]);
}

struct cx_eq *cx_cmd_eq(struct cx_cmd *cmd, uint32_t number, const char *field)
{
	struct cx_eq *eq = number < CX_MAX_EQ ? cmd->fn->eq[number] : NULL;

	if (!eq)
		cx_refuse(cmd, CX_BAD_RES, field, "no EQ %u", number);
	return eq;
}

void cx_eq_use(struct cx_eq *eq)
{
	eq->users++;
}

void cx_eq_unuse(struct cx_fn *fn, unsigned int number)
{
	if (fn->eq[number])
		fn->eq[number]->users--;
}

static void eq_free(struct cx_fn *fn, struct cx_eq *eq)
{
	fn->eq[eq->number] = NULL;
	if (fn->command_eq == eq)
		fn->command_eq = NULL;
	cx_ring_free(&eq->ring);
	g_free(eq);
}

void cx_cmd_destroy_eq(struct cx_cmd *cmd)
{
	uint32_t number = CX_GET(destroy_eq_in, cmd->in, eq_number);
	struct cx_eq *eq = cx_cmd_eq(cmd, number, "eq_number");

	if (!eq)
		return;
	if (eq->users) {
		cx_refuse(cmd, CX_BAD_RES_STATE, "eq_number", "%u CQs use it", eq->users);
		return;
	}
	eq_free(cmd->fn, eq);
}

void cx_cmd_query_eq(struct cx_cmd *cmd)
{
	uint8_t *eqc = CX_PTR(query_eq_out, cmd->out, eq_context_entry);
	uint32_t number = CX_GET(query_eq_in, cmd->in, eq_number);
	struct cx_eq *eq = cx_cmd_eq(cmd, number, "eq_number");

	if (!eq)
		return;
	memcpy(eqc, eq->context, sizeof(eq->context));
	CX_SET(eqc, eqc, st, eq->armed ? EQ_ARMED : EQ_FIRED);
	CX_SET(eqc, eqc, consumer_counter, eq->ci);
	CX_SET(eqc, eqc, producer_counter, eq->pi);
}

void cx_eqs_reset(struct cx_fn *fn)
{
	for (unsigned int i = 0; i < CX_MAX_EQ; i++)
		if (fn->eq[i])
			eq_free(fn, fn->eq[i]);
}

static void eq_post(struct cx_fn *fn, struct cx_eq *eq, uint8_t event, uint8_t subtype,
		    const uint8_t data[28])
{
	uint32_t size = 1u << eq->log_size;
	uint8_t eqe[EQE_BYTES] = { 0 };

	if (cx_fault_drop_event(fn->dev, event)) {
		cx_log(fn, CX_LOG_ERROR, "fault: event 0x%02x dropped", event);
		return;
	}
	if (((eq->pi - eq->ci) & EQ_COUNTER_MASK) >= size) {
		cx_log(fn, CX_LOG_ERROR, "eq %u overrun: event 0x%02x lost", eq->number, event);
		return;
	}
	eqe[EQE_TYPE] = event;
	eqe[EQE_SUBTYPE] = subtype;
	memcpy(eqe + EQE_DATA, data, 28);
	eqe[EQE_BYTES - 1] = eq->pi >> eq->log_size & 1;
	cx_dma_write_owned(fn, cx_ring_addr(&eq->ring, (uint64_t)(eq->pi & (size - 1)) * EQE_BYTES),
			   eqe, sizeof(eqe));
	eq->pi = (eq->pi + 1) & EQ_COUNTER_MASK;
	cx_log(fn, CX_LOG_DETAIL, "eq %u: event 0x%02x/%u%s", eq->number, event, subtype,
	       eq->armed ? ", interrupt" : "");
	if (eq->armed) {
		eq->armed = false;
		cx_interrupt(fn, eq->vector);
	}
}

void cx_eq_doorbell(struct cx_fn *fn, uint32_t value, bool arm)
{
	unsigned int number = value >> 24;
	struct cx_eq *eq = number < CX_MAX_EQ ? fn->eq[number] : NULL;

	if (!eq) {
		cx_log(fn, CX_LOG_ERROR, "doorbell of EQ %u, which does not exist", number);
		return;
	}
	eq->ci = value & EQ_COUNTER_MASK;
	if (!arm)
		return;
	eq->armed = eq->ci == eq->pi;
	if (!eq->armed)
		cx_interrupt(fn, eq->vector);
}

void cx_async_event(struct cx_fn *fn, uint8_t event, uint8_t subtype, const uint8_t data[28])
{
	for (unsigned int i = 0; i < CX_MAX_EQ; i++) {
		if (fn->eq[i] && eq_takes(fn->eq[i], event)) {
			eq_post(fn, fn->eq[i], event, subtype, data);
			return;
		}
	}
	cx_log(fn, CX_LOG_DETAIL, "event 0x%02x: no EQ wants it", event);
}

void cx_object_change(struct cx_fn *fn, uint16_t obj_type, uint32_t obj_id)
{
	uint8_t data[28] = { 0 };	/* struct mlx5_eqe_obj_change */

	cx_put_be16(data + 2, obj_type);
	cx_put_be32(data + 4, obj_id);
	cx_log(fn, CX_LOG_COMMAND, "event OBJECT_CHANGE type 0x%x id 0x%x", obj_type, obj_id);
	cx_async_event(fn, EVENT_OBJECT_CHANGE, 0, data);
}

void cx_command_done(struct cx_fn *fn, uint32_t slot)
{
	uint8_t data[28] = { 0 };	/* cmd_inter_comp_event */

	cx_put_be32(data, 1u << slot);
	if (fn->command_eq)
		eq_post(fn, fn->command_eq, EVENT_CMD, 0, data);
}

void cx_completion_event(struct cx_fn *fn, unsigned int eqn, uint32_t cqn)
{
	uint8_t data[28] = { 0 };	/* comp_event: the CQ number in its last word */

	cx_put_be32(data + 24, cqn);
	if (fn->eq[eqn])
		eq_post(fn, fn->eq[eqn], MLX5_EVENT_TYPE_CODING_COMPLETION_EVENTS, 0, data);
}
