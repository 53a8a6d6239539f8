/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sums of the card and its driver, which `ethtool -S` shows with the names ipsec_*. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "collect/internal.h"
#include "nl/ethtool.h"

static int add(struct snapshot *s, const char *ifname, const struct ethtool_counter *list,
	       unsigned int n)
{
	struct hardware_row *rows = reallocarray(s->hardware, s->hardware_count + n + 1,
						 sizeof(*rows));

	if (!rows)
		return -ENOMEM;
	s->hardware = rows;
	for (unsigned int i = 0; i < n; i++) {
		struct hardware_row *r = &rows[s->hardware_count++];

		*r = (struct hardware_row){.ifname = ifname, .value = list[i].value};
		snprintf(r->counter, sizeof(r->counter), "%s", list[i].name);
	}
	return 0;
}

int collect_hardware(struct snapshot *s)
{
	for (unsigned int i = 0; i < s->eswitches_count; i++) {
		_free_ struct ethtool_counter *list = NULL;
		unsigned int n = 0;

		/* a device that has gone meanwhile has none */
		if (ethtool_counters(NULL, s->eswitches[i].ifname, "ipsec_", &list, &n, NULL) == 0 &&
		    add(s, s->eswitches[i].ifname, list, n) < 0)
			return -ENOMEM;
	}
	return 0;
}
