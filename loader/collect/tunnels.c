/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the SAs of a tunnel carried together. SAs come and go, the sums only grow: of each reading
 * what is new since the one before is added, whatever becomes of the SA or of its name.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "collect/internal.h"

/* Where name is, or would be, in the order of names. */
static unsigned int place_of(const struct tunnels *t, const char *name)
{
	unsigned int low = 0, high = t->count;

	while (low < high) {
		unsigned int mid = (low + high) / 2;

		if (strcmp(t->list[mid]->name, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct tunnel_row *tunnels_get(struct tunnels *t, const char *name)
{
	unsigned int at = place_of(t, name);
	struct tunnel_row **list, *row;

	if (at < t->count && strcmp(t->list[at]->name, name) == 0)
		return t->list[at];
	list = reallocarray(t->list, t->count + 1, sizeof(*list));
	if (!list)
		return NULL;
	t->list = list;
	row = calloc(1, sizeof(*row) + strlen(name) + 1);
	if (!row)
		return NULL;
	strcpy(row->name, name);
	memmove(&list[at + 1], &list[at], (t->count - at) * sizeof(*list));
	list[at] = row;
	t->count++;
	return row;
}

void tunnels_free(struct tunnels *t)
{
	for (unsigned int i = 0; i < t->count; i++)
		free(t->list[i]);
	free(t->list);
	*t = (struct tunnels){};
}

/* Another SA under the same key begins again. */
static uint64_t grown(uint64_t now, uint64_t before)
{
	return now >= before ? now - before : now;
}

/* NULL: the SA is of no tunnel. */
static struct tunnel_sums *sums_of(const struct sa_node *n)
{
	return n->tunnel && n->row.dir < ARRAY_SIZE(n->tunnel->dir) ? &n->tunnel->dir[n->row.dir]
								     : NULL;
}

void sa_read(struct sa_node *n, const struct ipso_sa_sample *now)
{
	struct tunnel_sums *sums = sums_of(n);

	if (sums) {
		sums->packets += grown(now->packets, n->row.now.packets);
		sums->bytes += grown(now->bytes, n->row.now.bytes);
	}
	n->row.now = *now;
}

void tunnel_joined(struct sa_node *n, bool seen_to_come)
{
	struct tunnel_sums *sums = sums_of(n);

	if (!sums)
		return;
	if (seen_to_come && sums->had_sa)
		sums->rekeys++;
	sums->had_sa = true;
	if (!n->counted) {
		sums->packets += n->row.now.packets;
		sums->bytes += n->row.now.bytes;
	}
	n->counted = true;
}
