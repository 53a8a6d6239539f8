// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The down counter and the events of an IPsec object (ipsec_aso: remove_flow_*, *_arm).
 *
 * remove_flow_pkt_cnt goes down by one a packet. Reaching remove_flow_soft_lft with soft_lft_arm
 * set, or 0 with hard_lft_arm set, clears that arm and raises OBJECT_CHANGE; the driver reads the
 * context and finds the cleared arm (mlx5e_ipsec_handle_limits()). At 0 with remove_flow_enable
 * nothing passes any more. Soft limits above 2^31 come from the driver stepping the counter by
 * masked ASO writes. Left out: byte limits (the driver refuses them) and time limits.
 */
#include "cx_sa.h"

enum { ESN_MIDDLE_BIT = 31 };

bool cx_life_packet(struct cx_obj *obj)
{
	uint8_t *aso = cx_sa_aso(obj);
	bool soft = CX_GET(ipsec_aso, aso, soft_lft_arm);
	bool hard = CX_GET(ipsec_aso, aso, hard_lft_arm);
	bool remove = CX_GET(ipsec_aso, aso, remove_flow_enable);
	uint32_t left = CX_GET(ipsec_aso, aso, remove_flow_pkt_cnt);
	bool event = false;

	if (!soft && !hard && !remove)
		return true;
	if (remove && !left)
		return false;
	left--;
	CX_SET(ipsec_aso, aso, remove_flow_pkt_cnt, left);
	if (soft && left == CX_GET(ipsec_aso, aso, remove_flow_soft_lft)) {
		CX_SET(ipsec_aso, aso, soft_lft_arm, 0);
		event = true;
	}
	if (hard && !left) {
		CX_SET(ipsec_aso, aso, hard_lft_arm, 0);
		event = true;
	}
	if (event)
		cx_object_change(obj->fn, MLX5_GENERAL_OBJECT_TYPES_IPSEC, obj->id);
	return true;
}

void cx_life_sequence(struct cx_obj *obj, uint32_t old, uint32_t now)
{
	uint8_t *aso = cx_sa_aso(obj);

	/* Due when the top bit changes: the middle was reached, or the lower half wrapped. */
	if (!CX_GET(ipsec_aso, aso, esn_event_arm) || !((old ^ now) >> ESN_MIDDLE_BIT))
		return;
	CX_SET(ipsec_aso, aso, esn_event_arm, 0);
	cx_object_change(obj->fn, MLX5_GENERAL_OBJECT_TYPES_IPSEC, obj->id);
}
