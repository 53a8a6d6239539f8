/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `ethtool -S` shows: three requests by ioctl, as netlink has only the counters of standards. */
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "nl/ethtool.h"
#include "nl/sock.h"

/* The kernel writes as many as there are when it is asked, and they may have become more. */
#define ROOM(n) ((n) + (n) / 4 + 64)

static int ask(const char *netns, const char *ifname, void *request)
{
	struct ifreq ifr = {.ifr_data = request};

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", ifname);
	return nl_ioctl(netns, SIOCETHTOOL, &ifr);
}

static int count(const char *netns, const char *ifname, uint32_t *ret_n)
{
	struct {
		struct ethtool_sset_info info;
		uint32_t n;
	} r = {.info = {.cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ull << ETH_SS_STATS}};
	int err = ask(netns, ifname, &r);

	*ret_n = !err && r.info.sset_mask ? r.n : 0;
	return err;
}

static int keep(const struct ethtool_gstrings *names, const struct ethtool_stats *values,
		const char *prefix, struct ethtool_counter **ret_c, unsigned int *ret_n)
{
	uint32_t n = names->len < values->n_stats ? names->len : values->n_stats;
	struct ethtool_counter *list = calloc(n + 1, sizeof(*list));
	size_t len = strlen(prefix);
	unsigned int kept = 0;

	if (!list)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++) {
		const char *name = (const char *)names->data + (size_t)i * ETH_GSTRING_LEN;

		if (strncmp(name, prefix, len) != 0)
			continue;
		snprintf(list[kept].name, sizeof(list[kept].name), "%.*s",
			 (int)(ETH_GSTRING_LEN - len), name + len);
		list[kept++].value = values->data[i];
	}
	*ret_c = list;
	*ret_n = kept;
	return 0;
}

int ethtool_counters(const char *netns, const char *ifname, const char *prefix,
		     struct ethtool_counter **ret_c, unsigned int *ret_n, struct why *why)
{
	_free_ struct ethtool_gstrings *names = NULL;
	_free_ struct ethtool_stats *values = NULL;
	uint32_t n;
	int err = count(netns, ifname, &n);

	if (err < 0)
		return why_set(why, err, "count the counters of %s", ifname);
	names = calloc(1, sizeof(*names) + (size_t)ROOM(n) * ETH_GSTRING_LEN);
	values = calloc(1, sizeof(*values) + (size_t)ROOM(n) * sizeof(values->data[0]));
	if (!names || !values)
		return why_set(why, -ENOMEM, "read the counters of %s", ifname);
	names->cmd = ETHTOOL_GSTRINGS;
	names->string_set = ETH_SS_STATS;
	names->len = n;
	values->cmd = ETHTOOL_GSTATS;
	values->n_stats = n;
	err = ask(netns, ifname, names);
	if (!err)
		err = ask(netns, ifname, values);
	if (!err)
		err = keep(names, values, prefix, ret_c, ret_n);
	return err < 0 ? why_set(why, err, "read the counters of %s", ifname) : 0;
}
