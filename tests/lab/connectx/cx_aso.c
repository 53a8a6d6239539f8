// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ACCESS_ASO work requests on IPsec objects: read the 64-byte context, and write it through a
 * 64-bit mask at a 4-byte step (lib/aso.h of the driver; mlx5e_ipsec_aso_query(), _update()).
 *
 * The context returned is the one before the write. Left out, and failed: other object kinds,
 * conditions other than "always", byte-wise and calculated masks, data segments.
 */
#include "cx_sa.h"

#include <inttypes.h>

enum {
	CTRL = 0, ASO = 16,		/* segments of the request */
	REQUEST_LEN = ASO + 48,		/* control and ASO control segments */
	OPC_MOD_IPSEC = 0x0,
	READ_ENABLE = 1,		/* bit 0 of the address */
	MASK_BITWISE_64 = 0,		/* data_mask_mode, upper two bits */
	ALWAYS_TRUE = 1,		/* condition_*_operand */
	OFFSET_MASK = 0x3f,		/* data_offset_condition_operand: in 4-byte steps */
};

static bool masked_write(struct cx_obj *obj, const uint8_t *wqe)
{
	uint8_t operands = wqe[ASO + 13];
	uint32_t at = (wqe[ASO + 15] & OFFSET_MASK) * 4;
	uint64_t data = cx_be64(wqe + ASO + 32), mask = cx_be64(wqe + ASO + 40), old;
	uint8_t *aso = cx_sa_aso(obj);

	if (!mask)
		return true;
	if (wqe[ASO + 12] >> 6 != MASK_BITWISE_64 || at + 8 > CX_SIZE(ipsec_aso) ||
	    operands != (ALWAYS_TRUE | ALWAYS_TRUE << 4)) {
		cx_log(obj->fn, CX_LOG_ERROR,
		       "ASO write: mask mode %u, operands 0x%02x, offset %u: not modelled",
		       wqe[ASO + 12] >> 6, operands, at);
		return false;
	}
	old = cx_be64(aso + at);
	cx_put_be64(aso + at, (old & ~mask) | (data & mask));
	cx_log(obj->fn, CX_LOG_DETAIL, "   ASO %x write at %u: %016" PRIx64 " mask %016" PRIx64,
	       obj->id, at, data, mask);
	return true;
}

bool cx_aso_access(struct cx_fn *fn, const uint8_t *wqe, uint32_t len)
{
	uint32_t id = cx_be32(wqe + CTRL + 12);
	uint64_t address = (uint64_t)cx_be32(wqe + ASO) << 32 | cx_be32(wqe + ASO + 4);
	struct cx_obj *obj = cx_obj_find(fn, CX_OBJ_IPSEC, id);

	if (len < REQUEST_LEN || wqe[CTRL] != OPC_MOD_IPSEC || !obj) {
		cx_log(fn, CX_LOG_ERROR, "ACCESS_ASO: modifier 0x%02x, object %x, %u bytes: no",
		       wqe[CTRL], id, len);
		return false;
	}
	if (address & READ_ENABLE) {
		cx_sa_store_window(obj);
		cx_dma_write(fn, address & ~(uint64_t)READ_ENABLE, cx_sa_aso(obj),
			     CX_SIZE(ipsec_aso));
	}
	return masked_write(obj, wqe);
}
