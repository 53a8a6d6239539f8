/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The SA table: a bounded hash of rows by struct ipso_sa_key. */
#include <stdlib.h>
#include <string.h>

#include "collect/internal.h"

/* FNV-1a; keys are 32 bytes without padding. */
static unsigned int bucket_of(const struct ipso_sa_key *key)
{
	const unsigned char *p = (const unsigned char *)key;
	uint32_t h = 2166136261u;
	size_t i;

	for (i = 0; i < sizeof(*key); i++)
		h = (h ^ p[i]) * 16777619u;
	return h % TABLE_MAX;
}

struct sa_node *table_find(const struct sa_table *t, const struct ipso_sa_key *key)
{
	struct sa_node *n;

	for (n = t->bucket[bucket_of(key)]; n; n = n->next)
		if (memcmp(&n->row.key, key, sizeof(*key)) == 0)
			return n;
	return NULL;
}

struct sa_node *table_get(struct sa_table *t, const struct ipso_sa_key *key)
{
	struct sa_node *n = table_find(t, key);
	unsigned int b;

	if (n)
		return n;
	n = t->count < TABLE_MAX ? calloc(1, sizeof(*n)) : NULL;
	if (!n) {
		t->overflow++;
		return NULL;
	}
	b = bucket_of(key);
	n->row.key = *key;
	n->next = t->bucket[b];
	t->bucket[b] = n;
	t->count++;
	return n;
}

static void unlink_node(struct sa_table *t, struct sa_node **at)
{
	struct sa_node *n = *at;

	*at = n->next;
	free(n);
	t->count--;
}

void table_remove(struct sa_table *t, const struct ipso_sa_key *key)
{
	struct sa_node **at;

	for (at = &t->bucket[bucket_of(key)]; *at; at = &(*at)->next)
		if (memcmp(&(*at)->row.key, key, sizeof(*key)) == 0) {
			unlink_node(t, at);
			return;
		}
}

void table_sweep(struct sa_table *t, uint32_t netns, uint32_t round)
{
	struct sa_node **at;
	unsigned int b;

	for (b = 0; b < TABLE_MAX; b++) {
		at = &t->bucket[b];
		while (*at) {
			if ((*at)->row.key.netns == netns && (*at)->round != round)
				unlink_node(t, at);
			else
				at = &(*at)->next;
		}
	}
}

void table_copy(const struct sa_table *t, struct sa_row *rows)
{
	const struct sa_node *n;
	unsigned int b, i = 0;

	for (b = 0; b < TABLE_MAX; b++)
		for (n = t->bucket[b]; n; n = n->next)
			rows[i++] = n->row;
}

unsigned int table_offloaded(const struct sa_table *t, const struct ipso_event_tc *e,
			     struct sa_note notes[SAS_NAMED])
{
	const struct sa_node *n;
	unsigned int b, count = 0;

	for (b = 0; b < TABLE_MAX && count < SAS_NAMED; b++)
		for (n = t->bucket[b]; n && count < SAS_NAMED; n = n->next)
			if (n->row.offload == IPSO_OFFLOAD_PACKET &&
			    n->row.key.netns == e->hdr.netns &&
			    n->row.ifindex == (uint32_t)e->ifindex)
				notes[count++] = (struct sa_note){n->row.key, n->row.tunnel};
	return count;
}

void table_clear(struct sa_table *t)
{
	unsigned int b;

	for (b = 0; b < TABLE_MAX; b++)
		while (t->bucket[b])
			unlink_node(t, &t->bucket[b]);
}
