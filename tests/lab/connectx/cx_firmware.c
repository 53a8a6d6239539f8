/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ACCESS_REG: what can be asked of the firmware itself. MCAM (which management registers exist),
 * MCQS and MCQI (components and their versions), so that `devlink dev info` has something to show.
 * There is one component, the boot image, running and not replaced. Leaves out: updating it (MCC,
 * MCDA), activation, its capabilities; every other register MCAM could name.
 */
#include "cx.h"

enum {
	MCAM_FIRST_GROUP = 0,		/* registers 0x9000..0x907f; the only group with any */
	BOOT_IMAGE = 1,			/* mcqs_reg.identifier: enum of the driver's fw.c */
	INFO_VERSION = 1,		/* mcqi_reg.info_type */
};

void cx_reg_mcam(struct cx_cmd *cmd, const uint8_t *in, uint8_t *out, bool write)
{
	unsigned int group = CX_GET(mcam_reg, in, access_reg_group);

	if (write) {
		cx_refuse(cmd, CX_BAD_PARAM, "op_mod", "MCAM is read only");
		return;
	}
	CX_SET(mcam_reg, out, access_reg_group, group);
	if (group != MCAM_FIRST_GROUP)
		return;
	CX_SET(mcam_reg, out, mng_access_reg_cap_mask.access_regs.mcqs, 1);
	CX_SET(mcam_reg, out, mng_access_reg_cap_mask.access_regs.mcqi, 1);
}

void cx_reg_mcqs(struct cx_cmd *cmd, const uint8_t *in, uint8_t *out, bool write)
{
	unsigned int component = CX_GET(mcqs_reg, in, component_index);

	if (write || component) {
		cx_refuse(cmd, CX_BAD_PARAM, "mcqs_reg.component_index", "%s of component %u",
			  write ? "write" : "read", component);
		return;
	}
	CX_SET(mcqs_reg, out, last_index_flag, 1);
	CX_SET(mcqs_reg, out, identifier, BOOT_IMAGE);
}

void cx_reg_mcqi(struct cx_cmd *cmd, const uint8_t *in, uint8_t *out, bool write)
{
	const uint8_t *seg = cmd->fn->init_seg;
	uint8_t *version = out + CX_SIZE(mcqi_reg);
	uint32_t room = cmd->out_len - (version - cmd->out);

	if (write || CX_GET(mcqi_reg, in, component_index) ||
	    CX_GET(mcqi_reg, in, read_pending_component) ||
	    CX_GET(mcqi_reg, in, info_type) != INFO_VERSION) {
		cx_refuse(cmd, CX_BAD_PARAM, "mcqi_reg.component_index/info_type",
			  "only the running version of component 0 can be read");
		return;
	}
	if (room < CX_SIZE(mcqi_version)) {
		cx_refuse(cmd, CX_BAD_OUTP_LEN, "mcqi_reg.data", "%u bytes", room);
		return;
	}
	memcpy(out, in, CX_SIZE(mcqi_reg));
	CX_SET(mcqi_reg, out, info_size, CX_SIZE(mcqi_version));
	CX_SET(mcqi_version, version, version,
	       CX_GET(initial_seg, seg, fw_rev_major) << 24 |
	       CX_GET(initial_seg, seg, fw_rev_minor) << 16 |
	       CX_GET(initial_seg, seg, fw_rev_subminor));
}
