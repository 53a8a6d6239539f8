/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names that rows point to: the configuration's tunnels, and devices. Looked up once for a row, not
 * at every reading: with thousands of tunnels and SAs that would be most of a refresh.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "collect/internal.h"

static int by_key(const void *a, const void *b)
{
	const struct sa_name *x = a, *y = b;
	int d = memcmp(x->key.daddr, y->key.daddr, sizeof(x->key.daddr));

	if (d)
		return d;
	if (x->key.family != y->key.family)
		return x->key.family < y->key.family ? -1 : 1;
	return (x->key.spi > y->key.spi) - (x->key.spi < y->key.spi);
}

static bool between(const struct sa_row *row, const struct addr *src, const struct addr *dst)
{
	struct addr from = sa_row_src(row), to = sa_row_dst(row);

	return addr_equal(&from, src, false) && addr_equal(&to, dst, false);
}

/* A name is for an SPI and its destination, in whatever namespace the state lives. */
static struct tunnel_row *find(const struct sa_names *n, const struct sa_row *row)
{
	const struct sa_name want = {.key = row->key}, *found;

	found = n->count ? bsearch(&want, n->rows, n->count, sizeof(want), by_key) : NULL;
	if (found)
		return found->tunnel;
	for (unsigned int i = 0; i < n->ends_count; i++) {
		const struct sa_name *e = &n->ends[i];

		if (between(row, &e->a, &e->b) || between(row, &e->b, &e->a))
			return e->tunnel;
	}
	return NULL;
}

void names_tunnel(const struct sa_names *n, struct sa_node *node)
{
	node->tunnel = find(n, &node->row);
	node->row.tunnel = node->tunnel ? node->tunnel->name : "";
}

static int append(struct sa_name **list, unsigned int *count, const struct sa_name *name,
		  struct tunnel_row *tunnel)
{
	struct sa_name *rows = reallocarray(*list, *count + 1, sizeof(*rows));

	if (!rows)
		return -ENOMEM;
	*list = rows;
	rows[*count] = *name;
	rows[(*count)++].tunnel = tunnel;
	return 0;
}

int names_add(struct sa_names *n, const struct sa_name *name, const char *tunnel)
{
	struct tunnel_row *row = tunnels_get(&n->tunnels, tunnel);

	if (!row)
		return -ENOMEM;
	n->unsettled = true;
	return name->a.family ? append(&n->ends, &n->ends_count, name, row)
			      : append(&n->rows, &n->count, name, row);
}

void names_settle(struct sa_names *n, struct sa_table *t, bool running)
{
	struct sa_node *node;
	uint32_t i = 0;

	if (!n->unsettled)
		return;
	n->unsettled = false;
	if (n->count)
		qsort(n->rows, n->count, sizeof(*n->rows), by_key);
	while ((node = table_next(t, &i))) {
		names_tunnel(n, node);
		/* set up by another process, before we were told what it is: it came all the same */
		tunnel_joined(node, running && !node->counted);
	}
}

void names_forget(struct sa_names *n, struct sa_table *t)
{
	struct sa_node *node;
	uint32_t i = 0;

	while ((node = table_next(t, &i))) {
		node->row.tunnel = "";
		node->tunnel = NULL;
	}
	free(n->rows);
	free(n->ends);
	n->rows = n->ends = NULL;
	n->count = n->ends_count = 0;
}

const char *names_device(struct sa_names *n, const char *ifname)
{
	char **devices, *copy;

	for (unsigned int i = 0; i < n->devices_count; i++) {
		if (strcmp(n->devices[i], ifname) == 0)
			return n->devices[i];
	}
	devices = reallocarray(n->devices, n->devices_count + 1, sizeof(*devices));
	if (!devices)
		return "";
	n->devices = devices;
	copy = strdup(ifname);
	if (!copy)
		return "";
	return devices[n->devices_count++] = copy;
}

void names_free(struct sa_names *n, struct sa_table *t)
{
	names_forget(n, t);
	for (unsigned int i = 0; i < n->devices_count; i++)
		free(n->devices[i]);
	free(n->devices);
	tunnels_free(&n->tunnels);
}
