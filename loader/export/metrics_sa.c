/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Series of SAs. Their number is bounded: beyond METRIC_SAS_MAX SAs the rest have no series of their
 * own, and how many is told. What names an SA is in the labels of each, the rest on one info series.
 */
#include <errno.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "export/internal.h"
#include "export/metric.h"

#define NSEC_PER_SEC 1e9

static void put_count(const struct metric *m, const struct scrape *to, const struct sa_row *r,
		      unsigned int n)
{
	const char *const values[] = {r->ifname, dir_label(r->dir), offload_label(r->offload)};

	metric_sample(m, to, values, n);
}

static bool same_group(const struct sa_row *a, const struct sa_row *b)
{
	return a->dir == b->dir && a->offload == b->offload && strcmp(a->ifname, b->ifname) == 0;
}

#define GROUPS_MAX 256

/* The group of r among those counted; GROUPS_MAX = no room. */
static unsigned int group_of(const struct sa_row *r, const struct sa_row **first, unsigned int *n)
{
	unsigned int i;

	for (i = 0; i < *n && !same_group(first[i], r); i++)
		;
	if (i == *n && i < GROUPS_MAX)
		first[(*n)++] = r;
	return i;
}

/* SAs by device, direction, offload; both directions of every watched device from the start. */
void metric_write_sas(const struct metric *m, const struct scrape *to)
{
	struct sa_row want[2 * IPSO_GATE_MAX] = {};
	const struct sa_row *first[GROUPS_MAX];
	unsigned int count[GROUPS_MAX] = {}, n = 0, i, e, g;

	for (i = 0; i < to->s->sas_count; i++) {
		g = group_of(to->s->sas[i], first, &n);
		if (g < GROUPS_MAX)
			count[g]++;
	}
	for (e = 0; e < 2 * to->s->eswitches_count; e++) {
		want[e].dir = e % 2 ? IPSO_DIR_OUT : IPSO_DIR_IN;
		want[e].offload = IPSO_OFFLOAD_PACKET;
		want[e].ifname = to->s->eswitches[e / 2].ifname;
		group_of(&want[e], first, &n);
	}
	for (g = 0; g < n; g++)
		put_count(m, to, first[g], count[g]);
}

/* The configured tunnels' SAs first: rows are sorted by tunnel, strangers have no name. */
static unsigned int first_named(const struct snapshot *s)
{
	unsigned int i = 0;

	while (i < s->sas_count && !s->sas[i]->tunnel[0])
		i++;
	return i;
}

uint64_t metric_sas_omitted(const struct scrape *to)
{
	return to->s->sas_count > METRIC_SAS_MAX ? to->s->sas_count - METRIC_SAS_MAX : 0;
}

struct key_text {
	char spi[SPI_STRLEN], dst[ADDR_STRLEN], netns[16], mark[16];
};

/* The labels that every series of an SA has. */
static void put_key(const struct sa_row *r, struct key_text *t, const char **values)
{
	snprintf(t->netns, sizeof(t->netns), "%u", r->key.netns);
	snprintf(t->mark, sizeof(t->mark), "%u", r->key.mark);
	values[0] = r->tunnel;
	values[1] = dir_label(r->dir);
	values[2] = spi_text(r->key.spi, t->spi);
	values[3] = sa_dst_text(r, t->dst);
	values[4] = t->netns;
	values[5] = r->key.mark ? t->mark : NULL;
}

/* Those that have series, one after the other from *i = 0; NULL ends them. */
static const struct sa_row *next_sa(const struct scrape *to, unsigned int *i)
{
	if (*i == to->s->sas_count || *i == METRIC_SAS_MAX)
		return NULL;
	return to->s->sas[(to->sa_first + (*i)++) % to->s->sas_count];
}

int metric_sa_begin(struct scrape *to)
{
	/* any row of the table that has the labels of an SA and no others */
	static const struct metric names = {
		.labels = {METRIC_SA_KEY},
	};
	const char *values[METRIC_LABELS];
	const struct sa_row *r;
	unsigned int i = 0;
	struct key_text t;
	size_t len;
	FILE *out = open_memstream(&to->sa_labels, &len);

	if (!out)
		return -ENOMEM;
	__fsetlocking(out, FSETLOCKING_BYCALLER);
	to->sa_first = first_named(to->s);
	while ((r = next_sa(to, &i))) {
		put_key(r, &t, values);
		metric_labels(&names, values, out);
		fputc('\0', out);
	}
	return fclose(out) ? -ENOMEM : 0;
}

void metric_sa_end(struct scrape *to)
{
	free(to->sa_labels);
	to->sa_labels = NULL;
}

void metric_write_sa(const struct metric *m, const struct scrape *to)
{
	const char *labels = to->sa_labels;
	const struct sa_row *r;
	unsigned int i = 0;

	while ((r = next_sa(to, &i))) {
		metric_sample_text(m, to, labels, m->value.sa(r, to));
		labels += strlen(labels) + 1;
	}
}

void metric_write_sa_info(const struct metric *m, const struct scrape *to)
{
	const char *values[METRIC_LABELS];
	char src[ADDR_STRLEN];
	const struct sa_row *r;
	unsigned int i = 0;
	struct key_text t;

	while ((r = next_sa(to, &i))) {
		put_key(r, &t, values);
		values[6] = sa_src_text(r, src);
		values[7] = r->ifname;
		values[8] = offload_label(r->offload);
		values[9] = r->mode ? "tunnel" : "transport";
		metric_sample(m, to, values, 1);
	}
}

double metric_sa_packets(const struct sa_row *r, const struct scrape *to)
{
	(void)to;
	return (double)r->now.packets;
}

double metric_sa_bytes(const struct sa_row *r, const struct scrape *to)
{
	(void)to;
	return (double)r->now.bytes;
}

double metric_sa_integrity(const struct sa_row *r, const struct scrape *to)
{
	(void)to;
	return r->now.integrity;
}

double metric_sa_replay(const struct sa_row *r, const struct scrape *to)
{
	(void)to;
	return r->now.replay;
}

double metric_sa_software(const struct sa_row *r, const struct scrape *to)
{
	(void)to;
	return (double)r->software;
}

double metric_sa_last_use(const struct sa_row *r, const struct scrape *to)
{
	(void)to;
	return (double)r->now.use_time;
}

double metric_sa_age(const struct sa_row *r, const struct scrape *to)
{
	uint64_t from = r->sampled_ns ? r->sampled_ns : r->added_ns;

	return to->s->now_ns > from ? (double)(to->s->now_ns - from) / NSEC_PER_SEC : 0;
}

double metric_sa_used(const struct sa_row *r, const struct scrape *to)
{
	return export_sa_used(r, to->s->now_s);
}
