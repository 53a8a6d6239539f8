/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dump: every state and policy of this namespace and of the named ones. Asking is what makes
 * the driver read its counters (xfrm_dev_state_update_stats() in copy_to_user_state()).
 */
#include <dirent.h>
#include <errno.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "collect/internal.h"
#include "nl/netns.h"
#include "nl/xfrm_policy.h"
#include "nl/xfrm_sa.h"

struct dump {
	struct collect *c;
	uint32_t netns; /* inode */
	uint64_t now_ns;
};

static void cleanup_dir(DIR **d)
{
	if (*d)
		closedir(*d);
}

static const char *device_name(const struct dump *d, uint32_t ifindex)
{
	char ifname[IF_NAMESIZE];

	return ifindex && if_indextoname(ifindex, ifname) ? names_device(&d->c->names, ifname) : "";
}

static void fill_row(const struct dump *d, const struct xfrm_sa *sa, struct sa_row *r)
{
	memcpy(r->src, sa->src.b, sizeof(r->src));
	r->reqid = sa->reqid;
	r->replay_window = sa->replay_window;
	r->dir = sa->offload ? sa->dir : IPSO_DIR_NONE;
	r->offload = sa->offload;
	r->mode = sa->mode;
	r->esn = sa->esn;
	r->soft_packets = sa->soft_packets;
	r->hard_packets = sa->hard_packets;
	r->soft_bytes = sa->soft_bytes;
	r->hard_bytes = sa->hard_bytes;
	r->soft_seconds = sa->soft_seconds;
	r->hard_seconds = sa->hard_seconds;
	r->add_time = sa->add_time;
	if (!r->added_ns)
		r->added_ns = d->now_ns;
	if (r->ifindex != sa->ifindex || (sa->ifindex && !r->ifname[0])) {
		r->ifindex = sa->ifindex;
		r->ifname = device_name(d, sa->ifindex);
	}
	r->sampled_ns = d->now_ns;
}

static int take_sa(const struct xfrm_sa *sa, void *arg)
{
	struct dump *d = arg;
	const struct ipso_sa_sample now = {
		.packets = sa->packets,
		.bytes = sa->bytes,
		.use_time = sa->use_time,
		.integrity = sa->integrity,
		.replay = sa->replay_drops,
		.window = sa->window_drops,
		.seq_lo = sa->seq_lo,
		.seq_hi = sa->seq_hi,
	};
	struct ipso_sa_key key = {
		.spi = sa->spi,
		.netns = d->netns,
		.mark = sa->mark,
		.family = sa->dst.family,
		.proto = sa->proto,
	};
	struct sa_node *n;
	bool is_new;

	/* larval states: those of an acquire have no SPI, those whose SPI a daemon asked for no algorithm */
	if (sa->proto != IPPROTO_ESP || !sa->spi || sa->larval)
		return 0;
	memcpy(key.daddr, sa->dst.b, sa->dst.family == AF_INET ? 4 : 16);
	n = table_get(&d->c->table, &key);
	if (!n)
		return 0;
	is_new = !n->row.added_ns;
	fill_row(d, sa, &n->row);
	if (is_new) {
		names_tunnel(&d->c->names, n);
		/* one whose record has not been read yet, or was lost */
		tunnel_joined(n, d->c->refreshed_ns);
	}
	sa_read(n, &now);
	rate_take(n, d->now_ns);
	n->round = d->c->round;
	fallback_look(d->c, n);
	return 0;
}

static int take_policy(const struct xfrm_pol *p, void *arg)
{
	struct dump *d = arg;

	d->c->below += p->user == XFRM_USER_BELOW;
	if (p->offload == IPSO_OFFLOAD_PACKET && p->dir < ARRAY_SIZE(d->c->policies))
		d->c->policies[p->dir]++;
	return 0;
}

/* One namespace, NULL = ours. We live in it meanwhile, for the names of its devices. */
static int dump_netns(struct collect *c, const char *name, struct why *why)
{
	struct dump d = {.c = c};
	_nl_ struct nl *nl = NULL;
	int home = -1, err;

	d.now_ns = monotonic_ns();
	err = netns_inode(name, &d.netns);
	if (!err)
		err = netns_enter(name, &home);
	if (err)
		return why_set(why, err, "entering the network namespace '%s'", name ? name : "");
	err = nl_open(NETLINK_XFRM, NULL, &nl, why);
	if (!err)
		err = xfrm_sa_dump(nl, take_sa, &d, why);
	if (!err)
		err = xfrm_policy_dump(nl, take_policy, &d, why);
	netns_leave(&home);
	if (err)
		return err;
	collect_dispatch(c); /* an SA that left meanwhile leaves by its record, with its name */
	table_sweep(&c->table, d.netns, c->round);
	return 0;
}

int collect_refresh(struct collect *c, struct why *why)
{
	_cleanup_(cleanup_dir) DIR *dir = NULL;
	struct why other = {0};
	struct dirent *de;
	int err, first;

	names_settle(&c->names, &c->table, c->refreshed_ns);
	collect_dispatch(c); /* what waits is older than the dump */
	c->round++;
	memset(c->policies, 0, sizeof(c->policies));
	c->below = 0;
	first = dump_netns(c, NULL, why);
	dir = opendir(NETNS_DIR);
	while (dir && (de = readdir(dir))) {
		if (de->d_name[0] == '.')
			continue;
		err = dump_netns(c, de->d_name, first ? &other : why);
		if (!first && err != -ENOENT) /* gone since readdir() */
			first = err;
	}
	if (!first)
		c->refreshed_ns = monotonic_ns();
	return first;
}
