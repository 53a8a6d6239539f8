/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SAs of configured tunnels that are not in packet offload. The kernel tells nobody of an SA that asks
 * for no offload: the dump finds it. A daemon that may fall back asks before, under the same key: what
 * it was answered then is its reason.
 */
#include <stdio.h>
#include <string.h>

#include "collect/internal.h"

static struct ipso_event_sa *find(struct refusals *r, const struct ipso_sa_key *key)
{
	for (unsigned int i = 0; i < REFUSALS_MAX; i++) {
		if (memcmp(&r->rows[i].key, key, sizeof(*key)) == 0)
			return &r->rows[i];
	}
	return NULL;
}

/* Of one that was refused packet offload and then another, too, the first answer is the reason. */
void fallback_refused(struct refusals *r, const struct ipso_event_sa *e)
{
	struct ipso_event_sa *row = find(r, &e->key);

	if (e->offload != IPSO_OFFLOAD_PACKET)
		return;
	if (!row)
		row = &r->rows[r->next++ % REFUSALS_MAX];
	*row = *e;
}

static void tell(struct collect *c, const struct sa_row *r)
{
	const struct ipso_event_sa *refused = find(&c->refusals, &r->key);
	struct ipso_event_sa e = {};

	if (refused)
		e = *refused;
	e.hdr.version = IPSO_EVENT_VERSION;
	e.hdr.kind = IPSO_EV_FALLBACK;
	e.hdr.len = sizeof(e);
	e.hdr.netns = r->key.netns;
	e.hdr.ktime = monotonic_ns();
	e.key = r->key;
	memcpy(e.saddr, r->src, sizeof(e.saddr));
	e.reqid = r->reqid;
	e.offload = r->offload;
	e.mode = r->mode;
	if (r->dir != IPSO_DIR_NONE)
		e.dir = r->dir;
	if (r->ifname[0]) {
		e.ifindex = (int32_t)r->ifindex;
		snprintf(e.ifname, sizeof(e.ifname), "%s", r->ifname);
	}
	e.replay_window = r->replay_window;
	collect_record(c, &e, sizeof(e));
}

void fallback_look(struct collect *c, struct sa_node *n)
{
	bool was = n->told;

	n->told = n->tunnel && n->row.offload != IPSO_OFFLOAD_PACKET;
	if (n->told && !was)
		tell(c, &n->row);
}
