/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Life of a function: initialization segment, ENABLE/DISABLE_HCA, ISSI, pages, INIT/TEARDOWN_HCA,
 * QUERY_ADAPTER, and what a reset clears. Leaves out: memory for the firmware (it never asks for
 * pages), fast teardown, health reports (the health buffer stays clean), firmware update.
 */
#include "cx.h"

enum {
	FW_MINOR = 35,
	FW_SUBMINOR = 4030,
	COMMAND_INTERFACE = 5,		/* CMD_IF_REV of the driver */
	LOG_COMMANDS = 5,		/* 32 slots */
	LOG_COMMAND_STRIDE = 6,		/* of 64 bytes */
	ISSI_SUPPORTED = 1 << 0 | 1 << 1,
	MELLANOX_OUI = 0x2c9,
};

static void init_seg_reset(struct cx_fn *fn)
{
	uint8_t *seg = fn->init_seg;

	memset(seg, 0, sizeof(fn->init_seg));
	CX_SET(initial_seg, seg, fw_rev_major, fn->dev->profile->fw_major);
	CX_SET(initial_seg, seg, fw_rev_minor, FW_MINOR);
	CX_SET(initial_seg, seg, fw_rev_subminor, FW_SUBMINOR);
	CX_SET(initial_seg, seg, cmd_interface_rev, COMMAND_INTERFACE);
	CX_SET(initial_seg, seg, log_cmdq_size, LOG_COMMANDS);
	CX_SET(initial_seg, seg, log_cmdq_stride, LOG_COMMAND_STRIDE);
}

/* What the driver made while running; the order matters: objects refer to EQs. */
static void drop_objects(struct cx_fn *fn)
{
	cx_flow_reset_fn(fn);
	cx_objs_reset_fn(fn);
	cx_eqs_reset(fn);
	fn->uars = 0;
	memset(fn->roce_address, 0, sizeof(fn->roce_address));
	fn->hca_running = false;
}

void cx_fn_init(struct cx_fn *fn, struct cx_dev *dev, uint16_t vport, void *pci)
{
	fn->dev = dev;
	fn->vport = vport;
	fn->pci = pci;
	dev->fn[vport] = fn;
	init_seg_reset(fn);
	cx_caps_init(fn);
}

void cx_fn_exit(struct cx_fn *fn)
{
	drop_objects(fn);
	cx_caps_free(fn);
	fn->dev->fn[fn->vport] = NULL;
}

void cx_fn_reset(struct cx_fn *fn)
{
	cx_log(fn, CX_LOG_COMMAND, "reset");
	drop_objects(fn);
	fn->hca_enabled = false;
	fn->generation++;
	init_seg_reset(fn);
	cx_vport_reset(fn->dev, fn->vport);
	if (!cx_is_pf(fn)) {
		cx_caps_restart(fn);	/* what the PF granted stays */
		return;
	}
	fn->dev->port.admin_up = true;
	cx_caps_init(fn);
}

void cx_cmd_enable_hca(struct cx_cmd *cmd)
{
	uint16_t id = CX_GET(enable_hca_in, cmd->in, function_id);

	if (CX_GET(enable_hca_in, cmd->in, embedded_cpu_function)) {
		cx_refuse(cmd, CX_BAD_PARAM, "embedded_cpu_function", "there is none");
		return;
	}
	if (id == 0) {
		cmd->fn->hca_enabled = true;
		if (cx_is_pf(cmd->fn))
			cx_caps_init(cmd->fn);
		else
			cx_caps_restart(cmd->fn);
		return;
	}
	if (!cx_is_pf(cmd->fn) || id > CX_MAX_VF || !cmd->dev->fn[id]) {
		cx_refuse(cmd, CX_BAD_PARAM, "function_id", "no function %u for vport %u", id,
			  cmd->fn->vport);
		return;
	}
	cx_caps_init(cmd->dev->fn[id]);
	cmd->dev->fn[id]->hca_enabled = true;
}

void cx_cmd_disable_hca(struct cx_cmd *cmd)
{
	uint16_t id = CX_GET(disable_hca_in, cmd->in, function_id);
	struct cx_fn *fn = cmd->fn;

	if (id) {
		if (!cx_is_pf(cmd->fn) || id > CX_MAX_VF || !cmd->dev->fn[id]) {
			cx_refuse(cmd, CX_BAD_PARAM, "function_id", "no function %u", id);
			return;
		}
		fn = cmd->dev->fn[id];
	}
	fn->hca_enabled = false;
}

void cx_cmd_init_hca(struct cx_cmd *cmd)
{
	if (!cmd->fn->hca_enabled) {
		cx_refuse(cmd, CX_BAD_SYS_STATE, "opcode", "ENABLE_HCA comes first");
		return;
	}
	cmd->fn->hca_running = true;
}

static gboolean count_left(gpointer id, gpointer value, gpointer cmd)
{
	const struct cx_obj *obj = value;
	struct cx_cmd *c = cmd;

	(void)id;
	if (obj->fn == c->fn)
		cx_log(c->fn, CX_LOG_COMMAND, "   left behind: object 0x%x of type 0x%x", obj->id,
		       obj->type);
	return FALSE;
}

void cx_cmd_teardown_hca(struct cx_cmd *cmd)
{
	g_hash_table_find(cmd->dev->objects, count_left, cmd);
	drop_objects(cmd->fn);
	cx_vport_reset(cmd->dev, cmd->fn->vport);
}

void cx_cmd_query_issi(struct cx_cmd *cmd)
{
	CX_SET(query_issi_out, cmd->out, current_issi, 1);
	CX_SET(query_issi_out, cmd->out, supported_issi_dw0, ISSI_SUPPORTED);
}

void cx_cmd_set_issi(struct cx_cmd *cmd)
{
	unsigned int issi = CX_GET(set_issi_in, cmd->in, current_issi);

	if (issi != 1)
		cx_refuse(cmd, CX_BAD_PARAM, "current_issi", "%u, only 1 is modelled", issi);
}

/* The model keeps its state in QEMU and wants no memory of the host. */
void cx_cmd_query_pages(struct cx_cmd *cmd)
{
	CX_SET(query_pages_out, cmd->out, function_id,
	       CX_GET(query_pages_in, cmd->in, function_id));
	CX_SET(query_pages_out, cmd->out, num_pages, 0);
}

void cx_cmd_query_adapter(struct cx_cmd *cmd)
{
	uint8_t *block = CX_PTR(query_adapter_out, cmd->out, query_adapter_struct);
	const char *psid = cmd->dev->profile->psid;

	CX_SET(query_adapter_param_block, block, ieee_vendor_id, MELLANOX_OUI);
	memcpy(CX_PTR(query_adapter_param_block, block, vsd_contd_psid), psid, strlen(psid));
}
