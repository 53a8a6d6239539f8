/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The driver's state as words: what it had when it decided. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "explain/internal.h"

const char *eswitch_mode_label(const struct ipso_driver_state *d)
{
	if (!(d->known & IPSO_DRV_ESWITCH))
		return "";
	return d->eswitch_mode ? "switchdev" : "legacy";
}

const char *steering_label(const struct ipso_driver_state *d)
{
	static const char *const names[] = {"dmfs", "smfs", "hmfs"};

	if (!(d->known & IPSO_DRV_STEERING))
		return "";
	return d->steering_mode < ARRAY_SIZE(names) ? names[d->steering_mode] : "unknown";
}

static void add(char *buf, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* One part more, with a comma before it; what finds no room is left out. */
static void add(char *buf, size_t size, const char *fmt, ...)
{
	size_t used = strlen(buf);
	va_list ap;

	if (used)
		used += (size_t)snprintf(buf + used, size - used, ", ");
	if (used >= size)
		return;
	va_start(ap, fmt);
	vsnprintf(buf + used, size - used, fmt, ap);
	va_end(ap);
}

void describe_driver(const struct ipso_driver_state *d, char *buf, size_t size)
{
	buf[0] = '\0';
	if (d->known & IPSO_DRV_ESWITCH)
		add(buf, size, "%s", eswitch_mode_label(d));
	if (d->known & IPSO_DRV_STEERING)
		add(buf, size, "%s", steering_label(d));
	if (d->known & IPSO_DRV_TABLES)
		add(buf, size, "users of the IPsec tables: in %u, out %u", d->rx_tables,
		    d->tx_tables);
	if (d->known & IPSO_DRV_BLOCK)
		add(buf, size, "TC rules that keep IPsec away: %llu, IPsec that keeps TC rules away: "
			       "%llu", d->num_block_ipsec, d->num_block_tc);
	if (d->known & IPSO_DRV_USERS)
		add(buf, size, "holders of the eswitch: %u", d->esw_users);
	if ((d->known & IPSO_DRV_ESWITCH) && d->vf_ipsec)
		add(buf, size, "VFs with IPsec: %u", d->vf_ipsec);
}
