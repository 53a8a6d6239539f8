/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which SAs a reader asks for, in which order: one place for the API, the page and `ipso top`. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/mem.h"
#include "export/internal.h"

static double larger(double a, double b)
{
	return a > b ? a : b;
}

#define SEQUENCES (1ull << 32) /* of an SA without ESN, RFC 4303 section 2.2; each packet has one */

static double share(uint64_t used, uint64_t limit)
{
	return limit ? (double)used / (double)limit : 0;
}

double export_sa_used(const struct sa_row *r, uint64_t now_s)
{
	uint64_t age = r->add_time && now_s > r->add_time ? now_s - r->add_time : 0;
	double used = larger(share(r->now.packets, r->hard_packets),
			     share(r->now.bytes, r->hard_bytes));

	if (!r->esn)
		used = larger(used, share(r->now.packets, SEQUENCES));
	return larger(used, share(age, r->hard_seconds));
}

/* ---- orders ---- */

static int number(double a, double b)
{
	return (a > b) - (a < b);
}

static int by_tunnel(const struct sa_row *a, const struct sa_row *b)
{
	/* what has no name comes after what has */
	if (!a->tunnel[0] != !b->tunnel[0])
		return a->tunnel[0] ? -1 : 1;
	return strcmp(a->tunnel, b->tunnel);
}

static int by_direction(const struct sa_row *a, const struct sa_row *b)
{
	return number(a->dir, b->dir);
}

static int by_spi(const struct sa_row *a, const struct sa_row *b)
{
	return number(a->key.spi, b->key.spi);
}

static int by_addr(const struct sa_row *a, const struct sa_row *b, const uint8_t x[16],
		   const uint8_t y[16])
{
	int d = number(a->key.family, b->key.family);

	return d ? d : memcmp(x, y, 16);
}

static int by_source(const struct sa_row *a, const struct sa_row *b)
{
	return by_addr(a, b, a->src, b->src);
}

static int by_destination(const struct sa_row *a, const struct sa_row *b)
{
	return by_addr(a, b, a->key.daddr, b->key.daddr);
}

static int by_device(const struct sa_row *a, const struct sa_row *b)
{
	return strcmp(a->ifname, b->ifname);
}

static int by_offload(const struct sa_row *a, const struct sa_row *b)
{
	return number(a->offload, b->offload);
}

static int by_packets(const struct sa_row *a, const struct sa_row *b)
{
	return number((double)a->now.packets, (double)b->now.packets);
}

static int by_bytes(const struct sa_row *a, const struct sa_row *b)
{
	return number((double)a->now.bytes, (double)b->now.bytes);
}

static int by_packet_rate(const struct sa_row *a, const struct sa_row *b)
{
	return number(a->packet_rate, b->packet_rate);
}

static int by_byte_rate(const struct sa_row *a, const struct sa_row *b)
{
	return number(a->byte_rate, b->byte_rate);
}

static int by_drops(const struct sa_row *a, const struct sa_row *b)
{
	return number((double)a->now.integrity + a->now.replay,
		      (double)b->now.integrity + b->now.replay);
}

static int by_software(const struct sa_row *a, const struct sa_row *b)
{
	return number((double)a->software, (double)b->software);
}

typedef int (*order_fn)(const struct sa_row *a, const struct sa_row *b);
static const struct {
	const char *key;
	order_fn compare;
} orders[] = {
	[SA_BY_TUNNEL] = {"tunnel", by_tunnel},
	[SA_BY_DIRECTION] = {"direction", by_direction},
	[SA_BY_SPI] = {"spi", by_spi},
	[SA_BY_SOURCE] = {"source", by_source},
	[SA_BY_DESTINATION] = {"destination", by_destination},
	[SA_BY_DEVICE] = {"device", by_device},
	[SA_BY_OFFLOAD] = {"offload", by_offload},
	[SA_BY_PACKETS] = {"packets", by_packets},
	[SA_BY_BYTES] = {"bytes", by_bytes},
	[SA_BY_PACKET_RATE] = {"packets_per_second", by_packet_rate},
	[SA_BY_BYTE_RATE] = {"bytes_per_second", by_byte_rate},
	[SA_BY_DROPS] = {"drops", by_drops},
	[SA_BY_SOFTWARE] = {"software_packets", by_software},
	[SA_BY_USED] = {"lifetime_used", NULL}, /* needs the time */
};
_Static_assert(ARRAY_SIZE(orders) == SA_ORDERS, "a key for each order");

const char *export_order_key(enum sa_order order)
{
	return orders[order].key;
}

int export_order(const char *key, enum sa_order *ret_order)
{
	for (unsigned int i = 0; i < SA_ORDERS; i++) {
		if (strcmp(orders[i].key, key) == 0) {
			*ret_order = (enum sa_order)i;
			return 0;
		}
	}
	return -EINVAL;
}

struct sorting {
	const struct sa_query *q;
	uint64_t now_s;
};

static int compare(const void *x, const void *y, void *arg)
{
	const struct sa_row *a = *(const struct sa_row *const *)x;
	const struct sa_row *b = *(const struct sa_row *const *)y;
	const struct sorting *by = arg;
	int d;

	if (by->q->order == SA_BY_USED)
		d = number(export_sa_used(a, by->now_s), export_sa_used(b, by->now_s));
	else
		d = orders[by->q->order].compare(a, b);
	if (d)
		return by->q->descending ? -d : d;
	return sa_row_order(a, b); /* as the snapshot has them: rows do not dance */
}

/* ---- search ---- */

static bool holds(const char *text, const char *word)
{
	return strcasestr(text, word) != NULL;
}

static bool fits(const struct sa_row *r, const char *word)
{
	char src[ADDR_STRLEN], dst[ADDR_STRLEN], spi[SPI_STRLEN];

	return !word || !*word || holds(r->tunnel, word) || holds(r->ifname, word) ||
	       holds(dir_label(r->dir), word) || holds(offload_label(r->offload), word) ||
	       holds(spi_text(r->key.spi, spi), word) || holds(sa_src_text(r, src), word) ||
	       holds(sa_dst_text(r, dst), word);
}

int export_select(const struct snapshot *s, const struct sa_query *q,
		  struct sa_selection *ret_sel)
{
	struct sorting by = {q, s->now_s};
	_free_ const struct sa_row **rows = calloc(s->sas_count + 1, sizeof(*rows));
	struct sa_selection sel = {};
	unsigned int i;

	if (!rows)
		return -ENOMEM;
	for (i = 0; i < s->sas_count; i++) {
		if (fits(s->sas[i], q->search))
			rows[sel.matching++] = s->sas[i];
	}
	qsort_r(rows, sel.matching, sizeof(*rows), compare, &by);
	sel.offset = q->offset < sel.matching ? q->offset : sel.matching;
	sel.count = sel.matching - sel.offset;
	if (q->limit && sel.count > q->limit)
		sel.count = q->limit;
	sel.all = TAKE_PTR(rows);
	sel.rows = sel.all + sel.offset;
	*ret_sel = sel;
	return 0;
}

void export_select_free(struct sa_selection *sel)
{
	free(sel->all);
	*sel = (struct sa_selection){};
}
