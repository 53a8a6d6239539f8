/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The collector: rings in, snapshots out. */
#include "collect/collect.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "collect/internal.h"
#include "nl/netns.h"

/*
 * A reader that goes on while records come would never come back from one who makes them faster than
 * they are read: charon sends an SA that is refused with EBUSY again and again, without a pause. What
 * is not read in time waits, or is counted as lost.
 */
#define DISPATCH_NS 50000000ull
#define LOOK_AT_CLOCK 32 /* records */

static int on_record(void *ctx, void *data, size_t len)
{
	struct collect *c = ctx;

	collect_record(c, data, len);
	return ++c->taken % LOOK_AT_CLOCK == 0 && monotonic_ns() > c->until_ns ? -ECANCELED : 0;
}

static uint32_t map_id(int fd)
{
	struct bpf_map_info info = {0};
	__u32 len = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &len) ? 0 : info.id;
}

static int add_ring(struct collect *c, int ring_fd, int lost_fd, bool owned)
{
	int err;

	if (c->rings == RINGS_MAX)
		return -ENOSPC;
	if (!c->rb) {
		c->rb = ring_buffer__new(ring_fd, on_record, c, NULL);
		err = c->rb ? 0 : -errno;
	} else {
		err = ring_buffer__add(c->rb, ring_fd, on_record, c);
	}
	if (err)
		return err;
	c->ring[c->rings++] = (struct ring_source){map_id(ring_fd), ring_fd, lost_fd, owned};
	return 0;
}

void collect_follow_gate(struct collect *c)
{
	_close_ int ring = -1;
	_close_ int lost = -1;
	uint32_t id;
	unsigned int i;

	if (!c->hooks || gate_ring(&ring, &lost))
		return;
	id = map_id(ring);
	for (i = 0; i < c->rings; i++)
		if (c->ring[i].map_id == id)
			return;
	if (add_ring(c, ring, lost, true) == 0) {
		TAKE_FD(ring);
		TAKE_FD(lost);
	}
}

int collect_new(struct hooks *h, collect_event_fn fn, void *arg, struct collect **ret_c,
		struct why *why)
{
	_cleanup_(collect_free) struct collect *c = calloc(1, sizeof(*c));
	int err;

	if (!c)
		return why_set(why, -ENOMEM, "making the SA table");
	c->hooks = h;
	c->fn = fn;
	c->arg = arg;
	if (h) {
		err = add_ring(c, hooks_ring_fd(h), hooks_lost_fd(h), false);
		if (err)
			return why_set(why, err, "mapping the ring buffer of the hooks");
		collect_follow_gate(c);
	}
	*ret_c = TAKE_PTR(c);
	return 0;
}

void collect_free(struct collect **c)
{
	unsigned int i;

	if (!*c)
		return;
	ring_buffer__free((*c)->rb);
	for (i = 0; i < (*c)->rings; i++)
		if ((*c)->ring[i].owned) {
			close((*c)->ring[i].ring_fd);
			close((*c)->ring[i].lost_fd);
		}
	names_free(&(*c)->names, &(*c)->table);
	table_clear(&(*c)->table);
	free((*c)->notes.rows);
	free((*c)->failures);
	free((*c)->watch);
	free((*c)->tc.rows);
	free((*c)->drifts);
	free(*c);
	*c = NULL;
}

int collect_fd(const struct collect *c)
{
	return c->rb ? ring_buffer__epoll_fd(c->rb) : -EBADF;
}

int collect_dispatch(struct collect *c)
{
	int n;

	if (!c->rb)
		return 0;
	c->taken = 0;
	c->until_ns = monotonic_ns() + DISPATCH_NS;
	n = ring_buffer__consume(c->rb);
	return n == -ECANCELED ? (int)c->taken : n;
}

int collect_name(struct collect *c, const struct ipso_sa_key *key, const char *tunnel)
{
	struct sa_name name = {.key = *key};

	return names_add(&c->names, &name, tunnel);
}

int collect_name_ends(struct collect *c, const struct addr *a, const struct addr *b,
		      const char *tunnel)
{
	struct sa_name name = {.a = *a, .b = *b};

	return names_add(&c->names, &name, tunnel);
}

void collect_unwatch(struct collect *c)
{
	c->watch_count = 0;
}

int collect_watch(struct collect *c, uint32_t ifindex)
{
	uint32_t *watch;

	if (c->watch_count == IPSO_GATE_MAX)
		return -ENOSPC;
	watch = reallocarray(c->watch, c->watch_count + 1, sizeof(*watch));
	if (!watch)
		return -ENOMEM;
	c->watch = watch;
	watch[c->watch_count++] = ifindex;
	return 0;
}

void collect_forget(struct collect *c)
{
	names_forget(&c->names, &c->table);
	c->watch_count = 0;
	c->drifts_count = 0;
}

static void read_lost(const struct collect *c, uint64_t *lost)
{
	int cpus = libbpf_num_possible_cpus(), i;
	_free_ uint64_t *value = calloc(cpus > 0 ? cpus : 1, sizeof(*value));
	unsigned int r;
	uint32_t k;

	for (r = 0; value && r < c->rings; r++)
		for (k = 0; k < IPSO_EV_MAX; k++) {
			if (bpf_map_lookup_elem(c->ring[r].lost_fd, &k, value))
				continue;
			for (i = 0; i < cpus; i++)
				lost[k] += value[i];
		}
}

#define BATCH 256

/* The map has those SAs alone that left the hardware: few, or none, whatever the table has. */
static void read_software(struct collect *c)
{
	struct ipso_sa_key keys[BATCH], at;
	uint64_t packets[BATCH];
	bool first = true;
	uint32_t n;
	int err;

	do {
		n = BATCH;
		err = bpf_map_lookup_batch(hooks_software_fd(c->hooks), first ? NULL : &at, &at, keys,
					   packets, &n, NULL);
		if (err && err != -ENOENT) /* which ends it */
			return;
		for (uint32_t i = 0; i < n; i++) {
			struct sa_node *node = table_find(&c->table, &keys[i]);

			if (node)
				node->row.software = packets[i];
		}
		first = false;
	} while (!err);
}

static void read_eswitches(const struct collect *c, struct snapshot *s)
{
	uint32_t netns;
	unsigned int i;

	if (netns_inode(NULL, &netns))
		return;
	for (i = 0; i < c->watch_count; i++) {
		unsigned int at = s->eswitches_count;

		if (!if_indextoname(c->watch[i], s->eswitches[at].ifname) ||
		    gate_probe(netns, c->watch[i], &s->eswitches[at].probe, NULL))
			continue;
		s->eswitches[at].drift = drift_told(c, s->eswitches[at].probe.pci);
		s->eswitches_count++;
	}
}

void collect_expect(struct collect *c, bool sa_needs_free_eswitch)
{
	c->sa_needs_free_eswitch = sa_needs_free_eswitch;
}

unsigned int collect_below(const struct collect *c)
{
	return c->below;
}

bool collect_expects(const struct collect *c)
{
	return c->sa_needs_free_eswitch;
}

void collect_each(const struct collect *c, void (*fn)(const struct sa_row *r, uint64_t now_s, void *arg),
		  void *arg)
{
	uint64_t now_s = (uint64_t)time(NULL);
	const struct sa_node *n;
	uint32_t i = 0;

	while ((n = table_next(&c->table, &i)))
		fn(&n->row, now_s, arg);
}

static int newest_first(const void *a, const void *b)
{
	const struct failure_row *x = a, *y = b;

	return (x->hdr.ktime < y->hdr.ktime) - (x->hdr.ktime > y->hdr.ktime);
}

int sa_row_order(const struct sa_row *a, const struct sa_row *b)
{
	int d = a->tunnel == b->tunnel ? 0 : strcmp(a->tunnel, b->tunnel);

	if (d)
		return d;
	if (a->dir != b->dir)
		return (a->dir > b->dir) - (a->dir < b->dir);
	if (a->key.spi != b->key.spi)
		return a->key.spi > b->key.spi ? 1 : -1;
	return memcmp(&a->key, &b->key, sizeof(a->key));
}

static int in_order(const void *a, const void *b)
{
	return sa_row_order(*(const struct sa_row *const *)a, *(const struct sa_row *const *)b);
}

static int take_rows(const struct collect *c, struct snapshot *s)
{
	s->sas = calloc(c->table.count + 1, sizeof(*s->sas));
	s->failures = calloc(c->failures_count + 1, sizeof(*s->failures));
	if (!s->sas || !s->failures)
		return -ENOMEM;
	table_rows(&c->table, s->sas);
	s->sas_count = c->table.count;
	s->sas_overflow = c->table.overflow;
	s->tunnels = c->names.tunnels.list;
	s->tunnels_count = c->names.tunnels.count;
	qsort(s->sas, s->sas_count, sizeof(*s->sas), in_order);
	s->failures_count = c->failures_count;
	if (c->failures_count)
		memcpy(s->failures, c->failures, c->failures_count * sizeof(*s->failures));
	qsort(s->failures, s->failures_count, sizeof(*s->failures), newest_first);
	return 0;
}

int collect_snapshot(struct collect *c, struct snapshot **ret_s)
{
	_cleanup_(snapshot_free) struct snapshot *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	collect_follow_gate(c);
	names_settle(&c->names, &c->table, c->refreshed_ns);
	collect_dispatch(c);
	if (c->hooks)
		read_software(c);
	err = take_rows(c, s);
	if (err)
		return err;
	s->now_ns = monotonic_ns();
	s->now_s = (uint64_t)time(NULL);
	memcpy(s->events, c->events, sizeof(s->events));
	memcpy(s->policies, c->policies, sizeof(s->policies));
	s->below = c->below;
	s->unreadable = c->unreadable;
	memcpy(s->bypasses, c->bypasses, sizeof(s->bypasses));
	s->refreshed_ns = c->refreshed_ns;
	s->sa_needs_free_eswitch = c->sa_needs_free_eswitch;
	if (c->hooks) {
		read_lost(c, s->lost);
		s->hooks_count = hooks_info(c->hooks, &s->hooks);
		gate_status(&s->gate, NULL);
		read_eswitches(c, s);
	}
	*ret_s = TAKE_PTR(s);
	return 0;
}

void snapshot_free(struct snapshot **s)
{
	if (!*s)
		return;
	free((*s)->sas);
	free((*s)->failures);
	free((*s)->hardware);
	free(*s);
	*s = NULL;
}
