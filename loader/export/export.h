/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A snapshot or an event as text: pure writers, no I/O but the FILE they are given. */
#ifndef IPSO_EXPORT_H
#define IPSO_EXPORT_H

#include <jansson.h>
#include <stdio.h>

#include "collect/collect.h"

/* What the service knows of itself. */
struct export_self {
	uint64_t started_s;	    /* seconds since the epoch */
	double refresh_age_seconds; /* since SAs and policies were read */
	double cpu_seconds;
	uint64_t resident_bytes;
	bool healthy;
	uint64_t windows_done, windows_in_vain, windows_failed; /* rekey windows by how they ended */
	uint64_t restores_done, restores_failed, restores_given_up; /* of drift */
	double windows_seconds;	/* that they were open */
	bool window_open;
	uint64_t acquires_refused; /* they would have ended in an oops of this kernel */
	unsigned int streams; /* readers that follow events over HTTP */
	uint64_t streams_slow, streams_refused;
};

/*
 * Prometheus text format 0.0.4, or OpenMetrics 1.0; every series exists at 0 from the start, and at
 * most METRIC_SAS_MAX SAs have series of their own.
 */
#define METRIC_SAS_MAX 1024
int export_metrics(const struct snapshot *s, const struct export_self *self, bool openmetrics,
		   FILE *out);

/* "1.23 MB", three digits that count; "3 h 12 min". Return buf. */
#define EXPORT_NUMBER 40
const char *export_scaled(double v, const char *unit, char buf[EXPORT_NUMBER]);
const char *export_ago(uint64_t seconds, char buf[EXPORT_NUMBER]);

/* ---- a choice of SAs ---- */
enum sa_order {
	SA_BY_TUNNEL,
	SA_BY_DIRECTION,
	SA_BY_SPI,
	SA_BY_SOURCE,
	SA_BY_DESTINATION,
	SA_BY_DEVICE,
	SA_BY_OFFLOAD,
	SA_BY_PACKETS,
	SA_BY_BYTES,
	SA_BY_PACKET_RATE,
	SA_BY_BYTE_RATE,
	SA_BY_DROPS,
	SA_BY_SOFTWARE,
	SA_BY_USED,
	SA_ORDERS
};
const char *export_order_key(enum sa_order order); /* "tunnel", "bytes_per_second", ... */
int export_order(const char *key, enum sa_order *ret_order); /* -EINVAL */

struct sa_query {
	const char *search; /* in names, addresses, SPI, ...; NULL or "" = all */
	enum sa_order order;
	bool descending;
	unsigned int offset, limit; /* limit 0 = all */
};
struct sa_selection {
	const struct sa_row **all;  /* owned */
	const struct sa_row **rows; /* the wanted ones, of the snapshot */
	unsigned int count, matching, offset;
};
int export_select(const struct snapshot *s, const struct sa_query *q,
		  struct sa_selection *ret_sel);
void export_select_free(struct sa_selection *sel);
json_t *export_sas_json(const struct snapshot *s, const struct sa_selection *sel);

/* Share of the nearest hard limit that an SA has used; without ESN its sequence numbers are one. */
double export_sa_used(const struct sa_row *r, uint64_t now_s);

/* The same as one JSON object (new reference), and as tables for people. */
json_t *export_status_json(const struct snapshot *s);
void export_status_text(json_t *status, FILE *out);

/* Parts of it, and more of them. */
json_t *export_devices_json(const struct snapshot *s);
json_t *export_gate_json(const struct snapshot *s);

json_t *export_explanation_json(const struct explanation *ex);

/* The page, one HTML document. */
struct export_page_in {
	const struct snapshot *s;
	const struct export_self *self;
	const char *health, *host, *config;
	const json_t *events; /* array, newest first */
	struct sa_query query;
	unsigned int refresh_ms; /* how often a script may ask again */
	const char *nonce;	 /* that the Content-Security-Policy of this answer names */
};
#define EXPORT_PAGE_ROWS 50 /* SAs on a page */
int export_page(const struct export_page_in *in, FILE *out);

const char *kind_label(unsigned int kind); /* enum ipso_event_kind, as names.def has it */
/* One event: one JSON object; one line for people. ex may be NULL. */
json_t *export_event_json(const struct ipso_event_hdr *ev, const struct explanation *ex);
void export_event_text(json_t *event, FILE *out);
/* The same without its time, its number and the end of the line. */
void export_event_words(const json_t *event, FILE *out);

#endif
