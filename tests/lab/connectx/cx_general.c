/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * General objects: encryption keys and IPsec objects, as CREATE/MODIFY/QUERY/DESTROY_GENERAL_OBJECT
 * see them. What an IPsec object does to packets is the data half's. Leaves out: every other object
 * type, keys wrapped by a key-encryption key, crypto (not packet) offload, aliases between
 * functions. A key can be created and destroyed, never read back.
 */
#include "cx.h"

enum {
	PAGE_GENERAL = MLX5_SET_HCA_CAP_OP_MOD_GENERAL_DEVICE,
	PAGE_IPSEC = 0x15,		/* MLX5_CAP_IPSEC of the driver's device.h */
	KEY_128 = MLX5_GENERAL_OBJECT_TYPE_ENCRYPTION_KEY_KEY_SIZE_128,
	KEY_256 = MLX5_GENERAL_OBJECT_TYPE_ENCRYPTION_KEY_KEY_SIZE_256,
	ESN_FIELDS = MLX5_MODIFY_IPSEC_BITMASK_ESN_OVERLAP | MLX5_MODIFY_IPSEC_BITMASK_ESN_MSB,
	OBJECT_OFF = CX_SIZE(general_obj_in_cmd_hdr),
};

unsigned int cx_key_bytes(const struct cx_obj *key, const uint8_t **ret_key)
{
	const uint8_t *field = CX_PTR(encryption_key_obj, key->data, key);

	/* A 128 bit key fills the second half of a 256 bit one. */
	switch (CX_GET(encryption_key_obj, key->data, key_size)) {
	case KEY_128:
		*ret_key = field + 16;
		return 16;
	case KEY_256:
		*ret_key = field;
		return 32;
	}
	return 0;
}

/* True when this function may make one more object of the type. */
static bool type_allowed(struct cx_cmd *cmd, uint16_t obj_type, unsigned int log_max)
{
	const uint8_t *caps = cmd->fn->cap_cur[PAGE_GENERAL];
	uint32_t have = cx_obj_count(cmd->dev, CX_GENERAL | obj_type);
	uint32_t limit = cx_fault_object_limit(cmd->dev, obj_type);

	if (!(CX_GET(cmd_hca_cap, caps, general_obj_types) >> obj_type & 1)) {
		cx_refuse(cmd, CX_BAD_OP, "obj_type", "0x%x: not in general_obj_types", obj_type);
		return false;
	}
	if (have >= limit || have >> log_max) {
		cx_refuse(cmd, CX_LIM_ERR, "obj_type", "0x%x: %u objects are the limit", obj_type,
			  have);
		return false;
	}
	return true;
}

static void key_create(struct cx_cmd *cmd)
{
	const uint8_t *in = cmd->in + OBJECT_OFF;
	const uint8_t *caps = cmd->fn->cap_cur[PAGE_GENERAL];
	struct cx_obj *pd, *key;
	const uint8_t *bytes;

	if (!cx_cmd_has(cmd, OBJECT_OFF, CX_OFF(encryption_key_obj, sw_wrapped_dek),
			"encryption_key_object") ||
	    !type_allowed(cmd, MLX5_GENERAL_OBJECT_TYPES_ENCRYPTION_KEY,
			  CX_GET(cmd_hca_cap, caps, log_max_dek)))
		return;
	if (CX_GET(encryption_key_obj, in, sw_wrapped) ||
	    CX_GET(encryption_key_obj, in, key_purpose) !=
	    MLX5_GENERAL_OBJECT_TYPE_ENCRYPTION_KEY_PURPOSE_IPSEC) {
		cx_refuse(cmd, CX_BAD_PARAM, "sw_wrapped/key_purpose", "only plain IPsec keys");
		return;
	}
	pd = cx_cmd_obj(cmd, CX_OBJ_PD, CX_GET(encryption_key_obj, in, pd), "pd");
	if (!pd)
		return;
	key = cx_obj_new(cmd->fn, CX_OBJ_KEY, NULL, CX_SIZE(encryption_key_obj));
	memcpy(key->data, in, MIN(key->len, cmd->in_len - OBJECT_OFF));
	if (!cx_key_bytes(key, &bytes)) {
		cx_refuse(cmd, CX_BAD_PARAM, "key_size", "neither 128 nor 256 bits");
		cx_obj_free(key);
		return;
	}
	cx_obj_use(key, pd);
	CX_SET(general_obj_out_cmd_hdr, cmd->out, obj_id, key->id);
	cx_cmd_log(cmd, "key 0x%x: %u bits", key->id, cx_key_bytes(key, &bytes) * 8);
}

static bool ipsec_supported(struct cx_cmd *cmd, const uint8_t *in)
{
	const uint8_t *aso = CX_PTR(ipsec_obj, in, ipsec_aso);

	if (!CX_GET(ipsec_obj, in, full_offload)) {
		cx_refuse(cmd, CX_BAD_PARAM, "full_offload", "crypto offload is not modelled");
		return false;
	}
	if (CX_GET(ipsec_obj, in, icv_length) != MLX5_IPSEC_OBJECT_ICV_LEN_16B) {
		cx_refuse(cmd, CX_BAD_PARAM, "icv_length", "only 16 bytes are modelled");
		return false;
	}
	if (CX_GET(ipsec_obj, in, aso_return_reg) != MLX5_IPSEC_ASO_REG_C_4_5) {
		cx_refuse(cmd, CX_BAD_PARAM, "aso_return_reg", "only reg_c_4_5 is modelled");
		return false;
	}
	if (CX_GET(ipsec_aso, aso, mode) > MLX5_IPSEC_ASO_INC_SN) {
		cx_refuse(cmd, CX_BAD_PARAM, "ipsec_aso.mode", "3 is unknown");
		return false;
	}
	return true;
}

static void ipsec_create(struct cx_cmd *cmd)
{
	const uint8_t *in = cmd->in + OBJECT_OFF;
	const uint8_t *aso = CX_PTR(ipsec_obj, in, ipsec_aso);
	const uint8_t *caps = cmd->fn->cap_cur[PAGE_IPSEC];
	struct cx_obj *key, *pd, *sa;

	if (!cx_cmd_has(cmd, OBJECT_OFF, CX_SIZE(ipsec_obj), "ipsec_object") ||
	    !type_allowed(cmd, MLX5_GENERAL_OBJECT_TYPES_IPSEC,
			  caps ? CX_GET(ipsec_cap, caps, log_max_ipsec_offload) : 0) ||
	    !ipsec_supported(cmd, in))
		return;
	key = cx_cmd_obj(cmd, CX_OBJ_KEY, CX_GET(ipsec_obj, in, dekn), "dekn");
	if (!key)
		return;
	pd = cx_cmd_obj(cmd, CX_OBJ_PD, CX_GET(ipsec_obj, in, ipsec_aso_access_pd),
			"ipsec_aso_access_pd");
	if (!pd)
		return;
	sa = cx_obj_new(cmd->fn, CX_OBJ_IPSEC, in, CX_SIZE(ipsec_obj));
	cx_obj_use(sa, key);
	cx_obj_use(sa, pd);
	sa->release = cx_esp_freed;
	if (!cx_esp_created(sa)) {
		cx_refuse(cmd, CX_INTERNAL_ERR, "ipsec_object", "the crypto library refused it");
		cx_obj_free(sa);
		return;
	}
	CX_SET(general_obj_out_cmd_hdr, cmd->out, obj_id, sa->id);
	cx_cmd_log(cmd, "ipsec 0x%x: key 0x%x mode %u window %u esn %u/0x%x arm soft %u hard %u "
		   "esn %u; remove_flow %u count %u soft %u", sa->id, key->id,
		   (unsigned int)CX_GET(ipsec_aso, aso, mode),
		   32u << CX_GET(ipsec_aso, aso, window_sz),
		   (unsigned int)CX_GET(ipsec_obj, in, esn_en),
		   (unsigned int)CX_GET(ipsec_obj, in, esn_msb),
		   (unsigned int)CX_GET(ipsec_aso, aso, soft_lft_arm),
		   (unsigned int)CX_GET(ipsec_aso, aso, hard_lft_arm),
		   (unsigned int)CX_GET(ipsec_aso, aso, esn_event_arm),
		   (unsigned int)CX_GET(ipsec_aso, aso, remove_flow_enable),
		   (unsigned int)CX_GET(ipsec_aso, aso, remove_flow_pkt_cnt),
		   (unsigned int)CX_GET(ipsec_aso, aso, remove_flow_soft_lft));
}

static uint16_t obj_type(const struct cx_cmd *cmd)
{
	return CX_GET(general_obj_in_cmd_hdr, cmd->in, obj_type);
}

/* The object a command names, when its type is one the model has. */
static struct cx_obj *named(struct cx_cmd *cmd)
{
	uint16_t type = obj_type(cmd);

	if (type != MLX5_GENERAL_OBJECT_TYPES_ENCRYPTION_KEY &&
	    type != MLX5_GENERAL_OBJECT_TYPES_IPSEC) {
		cx_refuse(cmd, CX_BAD_OP, "obj_type", "0x%x is not modelled", type);
		return NULL;
	}
	return cx_cmd_obj(cmd, CX_GENERAL | type,
			  CX_GET(general_obj_in_cmd_hdr, cmd->in, obj_id), "obj_id");
}

void cx_cmd_create_general(struct cx_cmd *cmd)
{
	switch (obj_type(cmd)) {
	case MLX5_GENERAL_OBJECT_TYPES_ENCRYPTION_KEY:
		key_create(cmd);
		break;
	case MLX5_GENERAL_OBJECT_TYPES_IPSEC:
		ipsec_create(cmd);
		break;
	default:
		cx_refuse(cmd, CX_BAD_OP, "obj_type", "0x%x is not modelled", obj_type(cmd));
	}
}

void cx_cmd_modify_general(struct cx_cmd *cmd)
{
	const uint8_t *in = cmd->in + OBJECT_OFF;
	struct cx_obj *sa = named(cmd);
	uint64_t select;

	if (!sa || !cx_cmd_has(cmd, OBJECT_OFF, CX_SIZE(ipsec_obj), "ipsec_object"))
		return;
	if (sa->type != CX_OBJ_IPSEC) {
		cx_refuse(cmd, CX_BAD_OP, "obj_type", "a key cannot be modified");
		return;
	}
	select = CX_GET(ipsec_obj, in, modify_field_select);
	if (select & ~(uint64_t)ESN_FIELDS) {
		cx_refuse(cmd, CX_BAD_PARAM, "modify_field_select", "0x%llx",
			  (unsigned long long)select);
		return;
	}
	if (select & MLX5_MODIFY_IPSEC_BITMASK_ESN_OVERLAP)
		CX_SET(ipsec_obj, sa->data, esn_overlap, CX_GET(ipsec_obj, in, esn_overlap));
	if (select & MLX5_MODIFY_IPSEC_BITMASK_ESN_MSB)
		CX_SET(ipsec_obj, sa->data, esn_msb, CX_GET(ipsec_obj, in, esn_msb));
	cx_esp_changed(sa);
	cx_cmd_log(cmd, "ipsec 0x%x: esn_overlap %u esn_msb %u", sa->id,
		   (unsigned int)CX_GET(ipsec_obj, sa->data, esn_overlap),
		   (unsigned int)CX_GET(ipsec_obj, sa->data, esn_msb));
}

void cx_cmd_query_general(struct cx_cmd *cmd)
{
	uint8_t *out = cmd->out + CX_SIZE(general_obj_out_cmd_hdr);
	struct cx_obj *sa = named(cmd);

	if (!sa)
		return;
	if (sa->type != CX_OBJ_IPSEC) {
		cx_refuse(cmd, CX_BAD_OP, "obj_type", "a key cannot be read");
		return;
	}
	if (cmd->out_len < CX_SIZE(query_ipsec_obj_out)) {
		cx_refuse(cmd, CX_BAD_OUTP_LEN, "ipsec_object", "%u bytes", cmd->out_len);
		return;
	}
	CX_SET(general_obj_out_cmd_hdr, cmd->out, obj_id, sa->id);
	memcpy(out, sa->data, sa->len);
	/* In a reply the field says what could be modified. */
	CX_SET(ipsec_obj, out, modify_field_select, ESN_FIELDS);
}

void cx_cmd_destroy_general(struct cx_cmd *cmd)
{
	struct cx_obj *obj = named(cmd);

	if (obj)
		cx_cmd_obj_destroy(cmd, obj->type, obj->id, "obj_id");
}
