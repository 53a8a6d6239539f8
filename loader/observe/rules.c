/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TC rules and ingress qdiscs of uplinks and representors. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "nl/tc.h"
#include "observe/priv.h"

struct walk {
	struct ipso_state *st;
	const struct obs_link *on;
	bool ovs_port;
};

static int take_filter(const struct tc_filter *f, void *arg)
{
	const struct walk *w = arg;
	struct obs_filter *o;
	int err;

	err = array_grow(&w->st->filters, w->st->filters_count, sizeof(*w->st->filters));
	if (err < 0)
		return err;
	o = &w->st->filters[w->st->filters_count++];
	*o = (struct obs_filter){
		.ifindex = w->on->ifindex,
		.pref = f->pref,
		.protocol = f->protocol,
		.handle = f->handle,
		.chain = f->chain,
		.in_hw = f->in_hw,
		.in_hw_count = f->in_hw_count,
		.skip_sw = f->skip_sw,
		.skip_hw = f->skip_hw,
		.plain = f->plain,
		.alone = f->alone,
		.ovs = w->ovs_port && f->cookie,
		.block = f->block,
		.rule = f->rule,
	};
	memcpy(o->ifname, w->on->name, sizeof(o->ifname));
	memcpy(o->kind, f->kind, sizeof(o->kind));
	return 0;
}

static int take_qdisc(uint32_t ifindex, uint32_t block, void *arg)
{
	struct ipso_state *st = arg;
	int err = array_grow(&st->ingress, st->ingress_count, sizeof(*st->ingress));

	if (!err)
		st->ingress[st->ingress_count++] = (struct obs_ingress){ifindex, block};
	return err;
}

/* Ports of the kernel's datapath have its net device as their master. */
static bool is_ovs_port(const char *name)
{
	char path[64], master[IF_NAMESIZE];

	snprintf(path, sizeof(path), "/sys/class/net/%s/master", name);
	file_link_name(path, master, sizeof(master));
	return strcmp(master, "ovs-system") == 0;
}

static int read_link(struct nl *nl, struct ipso_state *st, const struct obs_link *l,
		     struct why *why)
{
	struct walk w = {st, l, is_ovs_port(l->name)};

	return l->ifindex ? tc_filter_dump(nl, l->ifindex, take_filter, &w, why) : 0;
}

int rules_read(struct ipso_state *st, struct why *why)
{
	_nl_ struct nl *nl = NULL;
	int err;

	err = nl_open(NETLINK_ROUTE, NULL, &nl, why);
	if (!err)
		err = tc_qdisc_dump(nl, take_qdisc, st, why);
	for (unsigned int d = 0; !err && d < st->devices_count; d++) {
		const struct obs_device *dev = &st->devices[d];

		err = read_link(nl, st, &dev->uplink, why);
		for (uint32_t i = 0; !err && i < dev->vfs_count; i++)
			err = read_link(nl, st, &dev->vfs[i].rep, why);
	}
	for (unsigned int i = 0; !err && i < st->vxlans_count; i++)
		err = read_link(nl, st, &st->vxlans[i].link, why);
	/* A kernel without classifiers has no rules that could be in the way. */
	return err == -EOPNOTSUPP ? 0 : err;
}

static bool is_port(const struct obs_device *dev, uint32_t ifindex)
{
	if (ifindex == dev->uplink.ifindex)
		return true;
	for (uint32_t i = 0; i < dev->vfs_count; i++) {
		if (ifindex == dev->vfs[i].rep.ifindex)
			return true;
	}
	return false;
}

bool observe_filter_on(const struct ipso_state *st, unsigned int d, const struct obs_filter *f)
{
	const struct obs_device *dev = &st->devices[d];

	if (is_port(dev, f->ifindex))
		return true;
	for (unsigned int i = 0; i < st->vxlans_count; i++) {
		if (st->vxlans[i].link.ifindex != f->ifindex)
			continue;
		for (unsigned int k = 0; k < f->rule.actions_count; k++) {
			if (f->rule.actions[k].ifindex && is_port(dev, f->rule.actions[k].ifindex))
				return true;
		}
	}
	return false;
}
