/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses and selectors between struct addr and their XFRM form, for states and policies. */
#ifndef IPSO_NL_XFRM_WIRE_H
#define IPSO_NL_XFRM_WIRE_H

#include <linux/xfrm.h>

#include "base/addr.h"

void xfrm_wire_addr(xfrm_address_t *to, const struct addr *from);
void xfrm_wire_take_addr(struct addr *to, const xfrm_address_t *from, uint16_t family);
/* Family 0 on both sides leaves the selector empty: it matches everything. */
void xfrm_wire_selector(struct xfrm_selector *to, const struct addr *src, const struct addr *dst);
void xfrm_wire_take_selector(const struct xfrm_selector *from, struct addr *src, struct addr *dst);

#endif
