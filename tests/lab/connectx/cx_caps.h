/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between cx_caps.c (pages and commands) and cx_caps_table.c (what the pages hold). */
#ifndef CX_CAPS_H
#define CX_CAPS_H

#include "cx.h"

/* Capability pages: enum mlx5_cap_type of the driver's device.h, not in mlx5_ifc.h. */
enum cx_page {
	CX_PAGE_GENERAL = 0x0,
	CX_PAGE_ETHERNET = 0x1,
	CX_PAGE_ATOMIC = 0x3,
	CX_PAGE_ROCE = 0x4,
	CX_PAGE_FLOW_TABLE = 0x7,
	CX_PAGE_ESWITCH_FLOW_TABLE = 0x8,
	CX_PAGE_ESWITCH = 0x9,
	CX_PAGE_IPSEC = 0x15,
	CX_PAGE_GENERAL_2 = 0x20,
};

/* One field of a page: where it is and what the PF and its VFs have in it. */
struct cx_cap_field {
	const char *name;	/* "page.field"; the fault file may leave the page out */
	uint16_t page;
	uint16_t offset, length;	/* bits */
	uint32_t pf, vf;
};

/* What a profile has otherwise. */
struct cx_cap_override {
	const char *name;
	uint32_t pf, vf;
};

extern const struct cx_cap_field cx_cap_fields[];
extern const unsigned int cx_cap_field_count;

#endif
