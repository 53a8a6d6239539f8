/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Metrics are rows of a table, which the writer of /metrics and doc/metrics.c, the reference page,
 * both read. A series cannot have a label that its row does not name.
 */
#ifndef IPSO_EXPORT_METRIC_H
#define IPSO_EXPORT_METRIC_H

#include "export/export.h"

#define METRIC_LABELS 10

enum metric_type {
	METRIC_GAUGE,
	METRIC_COUNTER, /* its samples end with _total */
	METRIC_INFO,	/* always 1, what matters are the labels; its sample ends with _info */
};

enum metric_group { /* a heading of the reference page each, in this order */
	METRIC_SELF,
	METRIC_KERNEL,
	METRIC_SA,
	METRIC_ESWITCH,
	METRIC_FAILURE,
	METRIC_GROUPS
};

/* One answer to a scrape. */
struct scrape {
	const struct snapshot *s;
	const struct export_self *self;
	bool openmetrics;
	FILE *out;
	unsigned int sa_first; /* row of the first SA that has series; then the following ones, around */
	char *sa_labels; /* of every SA that has series, in their order, each ended by 0 */
};

struct metric {
	enum metric_group group;
	enum metric_type type;
	const char *name; /* of the family in OpenMetrics: without _total and _info */
	const char *unit; /* what the name ends with, NULL = none */
	const char *help;
	void (*write)(const struct metric *m, const struct scrape *to);
	union {
		uint64_t (*plain)(const struct scrape *to);
		double (*real)(const struct scrape *to);
		double (*sa)(const struct sa_row *r, const struct scrape *to);
		uint64_t (*eswitch)(const struct ipso_gate_probe *p);
		uint64_t (*tunnel)(const struct tunnel_row *t, unsigned int dir);
	} value; /* for those writers that ask a row for it */
	const char *labels[METRIC_LABELS]; /* NULL ends them */
};

extern const struct metric metrics[];
extern const unsigned int metrics_count;

/* What the samples of a row are called: NAME, NAME_total or NAME_info. */
#define METRIC_NAME 64
const char *metric_sample_name(const struct metric *m, char buf[METRIC_NAME]);
const char *metric_type_name(const struct metric *m); /* as the text formats spell it */

/* One sample; a value for each label of the row, NULL = this series has not got it. */
void metric_sample(const struct metric *m, const struct scrape *to, const char *const *values,
		   double value);

/* The labels of a sample as its text has them, and a sample that was given them. */
void metric_labels(const struct metric *m, const char *const *values, FILE *out);
void metric_sample_text(const struct metric *m, const struct scrape *to, const char *labels,
			double value);

/* metrics_sa.c */
#define METRIC_SA_KEY "tunnel", "direction", "spi", "dst", "netns", "mark"
/* The labels that name an SA stand on a dozen series: they are written once a scrape. -ENOMEM. */
int metric_sa_begin(struct scrape *to);
void metric_sa_end(struct scrape *to);
void metric_write_sas(const struct metric *m, const struct scrape *to);
void metric_write_sa(const struct metric *m, const struct scrape *to);
void metric_write_sa_info(const struct metric *m, const struct scrape *to);
double metric_sa_packets(const struct sa_row *r, const struct scrape *to);
double metric_sa_bytes(const struct sa_row *r, const struct scrape *to);
double metric_sa_integrity(const struct sa_row *r, const struct scrape *to);
double metric_sa_replay(const struct sa_row *r, const struct scrape *to);
double metric_sa_software(const struct sa_row *r, const struct scrape *to);
double metric_sa_last_use(const struct sa_row *r, const struct scrape *to);
double metric_sa_age(const struct sa_row *r, const struct scrape *to);
double metric_sa_used(const struct sa_row *r, const struct scrape *to);
uint64_t metric_sas_omitted(const struct scrape *to);

/* metrics_tunnel.c */
#define METRIC_TUNNELS_MAX 1024 /* tunnels with series of their own */
void metric_write_tunnel(const struct metric *m, const struct scrape *to);
uint64_t metric_tunnels_omitted(const struct scrape *to);
uint64_t metric_tunnel_packets(const struct tunnel_row *t, unsigned int dir);
uint64_t metric_tunnel_bytes(const struct tunnel_row *t, unsigned int dir);
uint64_t metric_tunnel_rekeys(const struct tunnel_row *t, unsigned int dir);
void metric_write_tc_rules(const struct metric *m, const struct scrape *to);

#endif
