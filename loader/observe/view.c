/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Net devices and addresses of the namespaces the configuration speaks of. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "nl/netns.h"
#include "observe/priv.h"

int array_grow(void *array, unsigned int count, size_t size)
{
	void **a = array;
	void *more;

	/* Room doubles at powers of two; count tells how much there is. */
	if (count & (count - 1) && count)
		return 0;
	more = realloc(*a, (count ? 2 * (size_t)count : 1) * size);
	if (!more)
		return -ENOMEM;
	*a = more;
	return 0;
}

static int keep_link(const struct link_info *l, void *arg)
{
	struct netview *n = arg;
	int err = array_grow(&n->links, n->links_count, sizeof(*n->links));

	if (!err)
		n->links[n->links_count++] = *l;
	return err;
}

static int keep_addr(uint32_t ifindex, const struct addr *a, void *arg)
{
	struct netview *n = arg;
	int err = array_grow(&n->addrs, n->addrs_count, sizeof(*n->addrs));

	if (!err)
		n->addrs[n->addrs_count++] = (struct netview_addr){ifindex, *a};
	return err;
}

static int netview_read(struct netview *n, struct why *why)
{
	_nl_ struct nl *nl = NULL;
	int err;

	err = nl_open(NETLINK_ROUTE, n->netns, &nl, why);
	if (!err)
		err = link_dump(nl, keep_link, n, why);
	if (!err)
		err = link_addr_dump(nl, keep_addr, n, why);
	if (!err && ethtool_open(n->netns, &n->ethtool, NULL) < 0)
		n->ethtool = NULL;
	return err;
}

int view_add(struct view *v, const char *netns, struct why *why)
{
	struct netview *n;
	int err;

	for (unsigned int i = 0; i < v->nets_count; i++) {
		if (strcmp(v->nets[i].netns, netns) == 0)
			return 0;
	}
	err = array_grow(&v->nets, v->nets_count, sizeof(*v->nets));
	if (err < 0)
		return why_set(why, err, "read network namespace %s", netns);
	n = &v->nets[v->nets_count++];
	memset(n, 0, sizeof(*n));
	snprintf(n->netns, sizeof(n->netns), "%s", netns);
	return netview_read(n, why);
}

int view_open(const struct ipso_config *cfg, struct view *ret_v, struct why *why)
{
	_cleanup_(view_close) struct view v = {};
	int err;

	err = view_add(&v, "", why);
	for (unsigned int d = 0; !err && cfg && d < cfg->devices_count; d++) {
		for (unsigned int i = 0; !err && i < cfg->devices[d].vfs_count; i++) {
			const char *netns = cfg->devices[d].vfs[i].netns;

			if (netns && netns_exists(netns))
				err = view_add(&v, netns, why);
		}
	}
	if (err < 0)
		return err;
	if (devlink_open(&v.devlink, NULL) < 0)
		v.devlink = NULL;
	*ret_v = v;
	v = (struct view){};
	return 0;
}

void view_close(struct view *v)
{
	for (unsigned int i = 0; i < v->nets_count; i++) {
		free(v->nets[i].links);
		free(v->nets[i].addrs);
		ethtool_close(&v->nets[i].ethtool);
	}
	free(v->nets);
	devlink_close(&v->devlink);
	*v = (struct view){};
}

const struct link_info *view_by_name(const struct netview *n, const char *name)
{
	for (unsigned int i = 0; i < n->links_count; i++) {
		if (strcmp(n->links[i].name, name) == 0)
			return &n->links[i];
	}
	return NULL;
}

const struct link_info *view_by_index(const struct netview *n, uint32_t ifindex)
{
	for (unsigned int i = 0; i < n->links_count; i++) {
		if (n->links[i].ifindex == ifindex)
			return &n->links[i];
	}
	return NULL;
}

const struct link_info *view_by_pci(const struct view *v, const char *pci,
				    const struct netview **ret_net)
{
	for (unsigned int k = 0; k < v->nets_count; k++) {
		const struct netview *n = &v->nets[k];

		for (unsigned int i = 0; i < n->links_count; i++) {
			if (strcmp(n->links[i].parent, pci) != 0)
				continue;
			*ret_net = n;
			return &n->links[i];
		}
	}
	return NULL;
}

int view_fill_link(const struct netview *n, const struct link_info *l, struct obs_link *ret_l)
{
	struct ethtool_features_seen f = {};
	struct obs_link o = {
		.ifindex = l->ifindex,
		.mtu = l->mtu,
		.up = l->flags & IFF_UP,
		.carrier = l->carrier,
	};

	memcpy(o.name, l->name, sizeof(o.name));
	memcpy(o.mac, l->mac, sizeof(o.mac));
	if (n->ethtool && ethtool_features(n->ethtool, l->ifindex, &f, NULL) == 0) {
		o.esp_hw_offload = f.esp_hw_offload;
		o.tc_offload = f.tc_offload;
	}
	for (unsigned int i = 0; i < n->addrs_count; i++) {
		if (n->addrs[i].ifindex != l->ifindex)
			continue;
		if (array_grow(&o.addresses, o.addresses_count, sizeof(*o.addresses)) < 0) {
			free(o.addresses);
			return -ENOMEM;
		}
		o.addresses[o.addresses_count++] = n->addrs[i].a;
	}
	*ret_l = o;
	return 0;
}
