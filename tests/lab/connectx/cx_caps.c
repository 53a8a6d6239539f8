/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Capability pages: QUERY_HCA_CAP and SET_HCA_CAP. Each function has for each page what is possible
 * (max) and what is chosen (cur). The PF may change both for a VF, which is how a VF gets IPsec.
 * Leaves out: checking that what the driver chooses for itself lies within the maximum.
 */
#include <inttypes.h>

#include "cx_caps.h"

enum {
	OP_MOD_CUR = 1,		/* HCA_CAP_OPMOD_GET_CUR of the driver; 0 asks for max */
};

static const struct cx_cap_field *field_find(const char *name)
{
	const struct cx_cap_field *found = NULL;

	for (unsigned int i = 0; i < cx_cap_field_count; i++) {
		const struct cx_cap_field *f = &cx_cap_fields[i];

		if (!strcmp(f->name, name))
			return f;
		if (!strcmp(strchr(f->name, '.') + 1, name)) {
			if (found)
				return NULL;	/* in several pages: name the page */
			found = f;
		}
	}
	return found;
}

static void field_set(struct cx_fn *fn, const struct cx_cap_field *f, uint64_t value)
{
	uint8_t **page = &fn->cap_max[f->page];

	if (!*page)
		*page = g_malloc0(CX_CAP_BYTES);
	cx_bits_set(*page, f->offset, f->length, value);
}

static bool page_of_pf_only(unsigned int page)
{
	return page == CX_PAGE_ESWITCH || page == CX_PAGE_ESWITCH_FLOW_TABLE;
}

static void fault_set(void *arg, const char *name, uint64_t value)
{
	const struct cx_cap_field *f = field_find(name);
	struct cx_fn *fn = arg;

	if (!f) {
		cx_log(fn, CX_LOG_ERROR, "fault: no capability %s, or in several pages",
		       name);
		return;
	}
	if (!cx_is_pf(fn) && page_of_pf_only(f->page))
		return;
	cx_log(fn, CX_LOG_ERROR, "fault: %s = %" PRIu64, f->name, value);
	field_set(fn, f, value);
}

void cx_caps_restart(struct cx_fn *fn)
{
	for (unsigned int i = 0; i < CX_CAP_TYPES; i++) {
		g_free(fn->cap_cur[i]);
		fn->cap_cur[i] = fn->cap_max[i] ? g_memdup2(fn->cap_max[i], CX_CAP_BYTES) : NULL;
	}
}

void cx_caps_init(struct cx_fn *fn)
{
	const struct cx_cap_override *o = fn->dev->profile->overrides;
	bool pf = cx_is_pf(fn);

	cx_caps_free(fn);
	for (unsigned int i = 0; i < cx_cap_field_count; i++) {
		const struct cx_cap_field *f = &cx_cap_fields[i];

		if (pf || !page_of_pf_only(f->page))
			field_set(fn, f, pf ? f->pf : f->vf);
	}
	for (; o->name; o++) {
		const struct cx_cap_field *f = field_find(o->name);

		g_assert(f);
		if (pf || !page_of_pf_only(f->page))
			field_set(fn, f, pf ? o->pf : o->vf);
	}
	CX_SET(cmd_hca_cap, fn->cap_max[CX_PAGE_GENERAL], vhca_id, fn->vport + 1);
	cx_fault_caps(fn->dev, fault_set, fn);
	cx_caps_restart(fn);
}

void cx_caps_free(struct cx_fn *fn)
{
	for (unsigned int i = 0; i < CX_CAP_TYPES; i++) {
		g_free(fn->cap_max[i]);
		g_free(fn->cap_cur[i]);
		fn->cap_max[i] = fn->cap_cur[i] = NULL;
	}
}

/* The function a command is about; both commands name it alike. */
static struct cx_fn *target(struct cx_cmd *cmd)
{
	uint16_t id = CX_GET(query_hca_cap_in, cmd->in, function_id);

	if (!CX_GET(query_hca_cap_in, cmd->in, other_function))
		return cmd->fn;
	if (!cx_is_pf(cmd->fn)) {
		cx_refuse(cmd, CX_BAD_PARAM, "other_function", "a VF has no rights over others");
		return NULL;
	}
	if (id > CX_MAX_VF || !cmd->dev->fn[id]) {
		cx_refuse(cmd, CX_BAD_PARAM, "function_id", "no function %u", id);
		return NULL;
	}
	return cmd->dev->fn[id];
}

void cx_cmd_query_hca_cap(struct cx_cmd *cmd)
{
	unsigned int type = cmd->op_mod >> 1;
	struct cx_fn *fn = target(cmd);
	const uint8_t *page;

	if (!fn)
		return;
	page = type >= CX_CAP_TYPES ? NULL :
	       cmd->op_mod & OP_MOD_CUR ? fn->cap_cur[type] : fn->cap_max[type];
	if (!page) {
		cx_refuse(cmd, CX_BAD_PARAM, "op_mod", "no capability page 0x%x", type);
		return;
	}
	cx_cmd_log(cmd, "page 0x%x %s of vport %u", type,
		   cmd->op_mod & OP_MOD_CUR ? "cur" : "max", fn->vport);
	memcpy(CX_PTR(query_hca_cap_out, cmd->out, capability), page, CX_CAP_BYTES);
}

void cx_cmd_set_hca_cap(struct cx_cmd *cmd)
{
	const uint8_t *in = CX_PTR(set_hca_cap_in, cmd->in, capability);
	unsigned int type = cmd->op_mod >> 1;
	struct cx_fn *fn = target(cmd);

	if (!fn)
		return;
	if (type >= CX_CAP_TYPES || !fn->cap_max[type]) {
		cx_refuse(cmd, CX_BAD_PARAM, "op_mod", "no capability page 0x%x", type);
		return;
	}
	if (fn->hca_running) {
		cx_refuse(cmd, CX_BAD_SYS_STATE, "op_mod", "vport %u is running", fn->vport);
		return;
	}
	memcpy(fn->cap_cur[type], in, CX_CAP_BYTES);
	if (fn != cmd->fn)
		memcpy(fn->cap_max[type], in, CX_CAP_BYTES);
	cx_cmd_log(cmd, "page 0x%x of vport %u", type, fn->vport);
}
