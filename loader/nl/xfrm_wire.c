/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses and selectors between struct addr and their XFRM form. */
#include "nl/xfrm_wire.h"

#include <string.h>
#include <sys/socket.h>

static size_t addr_len(uint16_t family)
{
	return family == AF_INET ? 4 : 16;
}

void xfrm_wire_addr(xfrm_address_t *to, const struct addr *from)
{
	memset(to, 0, sizeof(*to));
	memcpy(to, from->b, addr_len(from->family));
}

void xfrm_wire_take_addr(struct addr *to, const xfrm_address_t *from, uint16_t family)
{
	*to = (struct addr){.family = family, .prefix = family == AF_INET ? 32 : 128};
	memcpy(to->b, from, addr_len(family));
}

void xfrm_wire_selector(struct xfrm_selector *to, const struct addr *src, const struct addr *dst)
{
	memset(to, 0, sizeof(*to));
	to->family = dst->family ? dst->family : src->family;
	if (src->family) {
		xfrm_wire_addr(&to->saddr, src);
		to->prefixlen_s = src->prefix;
	}
	if (dst->family) {
		xfrm_wire_addr(&to->daddr, dst);
		to->prefixlen_d = dst->prefix;
	}
}

void xfrm_wire_take_selector(const struct xfrm_selector *from, struct addr *src, struct addr *dst)
{
	xfrm_wire_take_addr(src, &from->saddr, from->family);
	xfrm_wire_take_addr(dst, &from->daddr, from->family);
	src->prefix = from->prefixlen_s;
	dst->prefix = from->prefixlen_d;
}
