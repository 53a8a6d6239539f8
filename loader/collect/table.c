/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The SA table: a bounded hash of rows by struct ipso_sa_key. Nodes live in chunks and name each
 * other by number, not by pointer: a row may be pointed to until it is removed, and costs no more
 * than it says. What was needed once is kept for what comes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "collect/internal.h"

#define CHUNK 256
#define BUCKETS_MIN 1024 /* a power of two, as all are that follow */

/* With its share of the buckets and its place in a snapshot, an SA has to stay below 300 bytes. */
_Static_assert(sizeof(struct sa_node) + 2 * sizeof(uint32_t) + sizeof(void *) < 300, "a large node");

static struct sa_node *node_at(const struct sa_table *t, uint32_t number)
{
	return &t->chunk[(number - 1) / CHUNK][(number - 1) % CHUNK];
}

/* FNV-1a; keys are 32 bytes without padding. */
static uint32_t hash_of(const struct ipso_sa_key *key)
{
	const unsigned char *p = (const unsigned char *)key;
	uint32_t h = 2166136261u;
	size_t i;

	for (i = 0; i < sizeof(*key); i++)
		h = (h ^ p[i]) * 16777619u;
	return h;
}

static uint32_t *bucket_of(const struct sa_table *t, const struct ipso_sa_key *key)
{
	return &t->bucket[hash_of(key) & (t->buckets - 1)];
}

struct sa_node *table_find(const struct sa_table *t, const struct ipso_sa_key *key)
{
	uint32_t i;

	for (i = t->buckets ? *bucket_of(t, key) : 0; i; i = node_at(t, i)->next)
		if (memcmp(&node_at(t, i)->row.key, key, sizeof(*key)) == 0)
			return node_at(t, i);
	return NULL;
}

struct sa_node *table_next(const struct sa_table *t, uint32_t *i)
{
	while (*i < t->used) {
		struct sa_node *n = node_at(t, ++*i);

		if (n->row.key.family) /* a free one has none */
			return n;
	}
	return NULL;
}

/* Twice the buckets when there are as many rows: a chain has one row on average. */
static bool grow_buckets(struct sa_table *t)
{
	uint32_t buckets = t->buckets ? 2 * t->buckets : BUCKETS_MIN;
	uint32_t *bucket, i = 0;
	struct sa_node *n;

	if (t->count < t->buckets)
		return true;
	bucket = calloc(buckets, sizeof(*bucket));
	if (!bucket)
		return false;
	free(t->bucket);
	t->bucket = bucket;
	t->buckets = buckets;
	while ((n = table_next(t, &i))) {
		n->next = *bucket_of(t, &n->row.key);
		*bucket_of(t, &n->row.key) = i;
	}
	return true;
}

/* Number of a node that is not in use, zeroed; 0 when there is no memory. */
static uint32_t take_node(struct sa_table *t)
{
	uint32_t number = t->free;
	struct sa_node **chunk;

	if (number) {
		t->free = node_at(t, number)->next;
		node_at(t, number)->next = 0;
		return number;
	}
	if (t->used % CHUNK == 0) {
		chunk = reallocarray(t->chunk, t->used / CHUNK + 1, sizeof(struct sa_node *));
		if (!chunk)
			return 0;
		t->chunk = chunk;
		chunk[t->used / CHUNK] = calloc(CHUNK, sizeof(struct sa_node));
		if (!chunk[t->used / CHUNK])
			return 0;
	}
	return ++t->used;
}

void row_begin(struct sa_row *r, const struct ipso_sa_key *key)
{
	*r = (struct sa_row){.key = *key, .tunnel = "", .ifname = ""};
}

struct sa_node *table_get(struct sa_table *t, const struct ipso_sa_key *key)
{
	struct sa_node *n = table_find(t, key);
	uint32_t number;

	if (n)
		return n;
	number = t->count < COLLECT_SAS_MAX && grow_buckets(t) ? take_node(t) : 0;
	if (!number) {
		t->overflow++;
		return NULL;
	}
	n = node_at(t, number);
	row_begin(&n->row, key);
	n->next = *bucket_of(t, key);
	*bucket_of(t, key) = number;
	t->count++;
	return n;
}

static void unlink_node(struct sa_table *t, struct sa_node *n)
{
	uint32_t *at = bucket_of(t, &n->row.key), number;

	while (node_at(t, *at) != n)
		at = &node_at(t, *at)->next;
	number = *at;
	*at = n->next;
	*n = (struct sa_node){.next = t->free};
	t->free = number;
	t->count--;
}

void table_remove(struct sa_table *t, const struct ipso_sa_key *key)
{
	struct sa_node *n = table_find(t, key);

	if (n)
		unlink_node(t, n);
}

void table_sweep(struct sa_table *t, uint32_t netns, uint32_t round)
{
	struct sa_node *n;
	uint32_t i = 0;

	while ((n = table_next(t, &i)))
		if (n->row.key.netns == netns && n->round != round)
			unlink_node(t, n);
}

void table_rows(const struct sa_table *t, const struct sa_row **rows)
{
	const struct sa_node *n;
	uint32_t i = 0;

	while ((n = table_next(t, &i)))
		*rows++ = &n->row;
}

unsigned int table_offloaded(const struct sa_table *t, const struct ipso_event_tc *e,
			     struct sa_note notes[SAS_NAMED])
{
	const struct sa_node *n;
	unsigned int count = 0;
	uint32_t i = 0;

	while (count < SAS_NAMED && (n = table_next(t, &i)))
		if (n->row.offload == IPSO_OFFLOAD_PACKET &&
		    n->row.key.netns == e->hdr.netns &&
		    n->row.ifindex == (uint32_t)e->ifindex)
			notes[count++] = (struct sa_note){n->row.key, n->row.tunnel};
	return count;
}

unsigned int table_on_device(const struct sa_table *t, const char *ifname)
{
	const struct sa_node *n;
	unsigned int count = 0;
	uint32_t i = 0;

	while ((n = table_next(t, &i)))
		count += n->row.offload == IPSO_OFFLOAD_PACKET && strcmp(n->row.ifname, ifname) == 0;
	return count;
}

void table_clear(struct sa_table *t)
{
	for (uint32_t i = 0; i < t->used; i += CHUNK)
		free(t->chunk[i / CHUNK]);
	free(t->chunk);
	free(t->bucket);
	*t = (struct sa_table){};
}
