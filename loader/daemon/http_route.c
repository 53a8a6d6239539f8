/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is served where. docs/openapi.json describes the answers of /api/. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/num.h"
#include "daemon/http_priv.h"

#define JSON_TYPE "application/json"
#define PAGE_EVENTS 20
#define NONCE_LEN 33

int http_answer_text(struct answer *a, unsigned int status, const char *text)
{
	a->status = status;
	a->type = "text/plain; charset=utf-8";
	a->len = strlen(text);
	a->body = strdup(text);
	return a->body ? 0 : -ENOMEM;
}

/* j is stolen. */
static int answer_json(struct answer *a, unsigned int status, json_t *j)
{
	a->body = j ? json_dumps(j, JSON_INDENT(2)) : NULL;
	json_decref(j);
	a->len = a->body ? strlen(a->body) : 0;
	a->status = status;
	a->type = JSON_TYPE;
	return a->body ? 0 : -ENOMEM;
}

/* OpenMetrics for those who ask for it, as Prometheus does. */
static int answer_metrics(struct http *h, struct MHD_Connection *c, struct answer *a)
{
	_cleanup_(snapshot_free) struct snapshot *snap = NULL;
	const char *accept = MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
	bool openmetrics = accept && strstr(accept, "application/openmetrics-text");
	struct export_self self;
	FILE *f;
	int err = collect_snapshot(h->service->collect, &snap);

	if (!err)
		err = collect_hardware(snap);
	if (!err)
		err = collect_rules(h->service->collect, snap);
	if (err < 0)
		return err;
	f = open_memstream(&a->body, &a->len);
	if (!f)
		return -ENOMEM;
	service_self(h->service, snap, &self);
	err = export_metrics(snap, &self, openmetrics, f);
	if (fclose(f) && !err)
		err = -ENOMEM;
	a->status = MHD_HTTP_OK;
	a->type = openmetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
			      : "text/plain; version=0.0.4; charset=utf-8";
	return err;
}

static int answer_health(struct http *h, struct MHD_Connection *c, struct answer *a)
{
	char text[sizeof(h->service->trouble)];
	int err = service_health(h->service, text, sizeof(text) - 1);

	(void)c;
	strcat(text, "\n");
	return http_answer_text(a, err ? MHD_HTTP_SERVICE_UNAVAILABLE : MHD_HTTP_OK, text);
}

static int answer_status(struct http *h, struct MHD_Connection *c, struct answer *a)
{
	(void)c;
	return answer_json(a, MHD_HTTP_OK, service_status(h->service));
}

static int answer_part(struct http *h, json_t *(*part)(const struct snapshot *s), struct answer *a)
{
	_cleanup_(snapshot_free) struct snapshot *snap = NULL;
	int err = collect_snapshot(h->service->collect, &snap);

	return err < 0 ? err : answer_json(a, MHD_HTTP_OK, part(snap));
}

static int answer_devices(struct http *h, struct MHD_Connection *c, struct answer *a)
{
	(void)c;
	return answer_part(h, export_devices_json, a);
}

static int answer_gate(struct http *h, struct MHD_Connection *c, struct answer *a)
{
	(void)c;
	return answer_part(h, export_gate_json, a);
}

static const char *argument(struct MHD_Connection *c, const char *name)
{
	return MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, name);
}

/* 0, or -EINVAL with what is wrong. */
static int query_of(struct MHD_Connection *c, struct sa_query *q, const char **ret_wrong)
{
	const char *sort = argument(c, "sort"), *order = argument(c, "order");
	const char *limit = argument(c, "limit"), *offset = argument(c, "offset");

	q->search = argument(c, "search");
	if (sort && export_order(sort, &q->order) < 0) {
		*ret_wrong = "sort: allowed are tunnel, direction, spi, source, destination, device, "
			     "offload, packets, bytes, packets_per_second, bytes_per_second, drops, "
			     "software_packets, lifetime_used";
		return -EINVAL;
	}
	if (order && strcmp(order, "asc") != 0 && strcmp(order, "desc") != 0) {
		*ret_wrong = "order: allowed are asc, desc";
		return -EINVAL;
	}
	q->descending = order && *order == 'd';
	if ((limit && num_u32(limit, 1, COLLECT_SAS_MAX, &q->limit) < 0) ||
	    (offset && num_u32(offset, 0, COLLECT_SAS_MAX, &q->offset) < 0)) {
		*ret_wrong = "limit, offset: numbers up to 131072 are allowed";
		return -EINVAL;
	}
	return 0;
}

static int answer_sas(struct http *h, struct MHD_Connection *c, struct answer *a)
{
	_cleanup_(snapshot_free) struct snapshot *snap = NULL;
	_cleanup_(export_select_free) struct sa_selection sel = {};
	struct sa_query q = {};
	const char *wrong;
	int err;

	if (query_of(c, &q, &wrong) < 0)
		return answer_json(a, MHD_HTTP_BAD_REQUEST, json_pack("{s:s}", "error", wrong));
	err = collect_snapshot(h->service->collect, &snap);
	if (!err)
		err = export_select(snap, &q, &sel);
	return err < 0 ? err : answer_json(a, MHD_HTTP_OK, export_sas_json(snap, &sel));
}

static int answer_failures(struct http *h, struct MHD_Connection *c, struct answer *a)
{
	static const struct failures_wanted by_cause = {};
	json_t *list = service_failures(h->service, &by_cause);

	(void)c;
	return answer_json(a, MHD_HTTP_OK, list ? json_pack("{s:o}", "failures", list) : NULL);
}

static int answer_events(struct http *h, struct MHD_Connection *c, struct answer *a)
{
	struct recent *r = h->service->recent;
	FILE *f = open_memstream(&a->body, &a->len);
	uint64_t first = recent_first(r);

	(void)c;
	if (!f)
		return -ENOMEM;
	fputs("[", f);
	for (uint64_t n = first; n < recent_end(r); n++) {
		const char *line = recent_line(r, n);

		if (!line) {
			fclose(f);
			return -ENOMEM;
		}
		fprintf(f, "%s\n%.*s", n == first ? "" : ",", (int)strlen(line) - 1, line);
	}
	fputs("\n]\n", f);
	snprintf(a->header, sizeof(a->header), "Ipso-Events-Dropped");
	snprintf(a->value, sizeof(a->value), "%llu", (unsigned long long)first);
	a->status = MHD_HTTP_OK;
	a->type = JSON_TYPE;
	return fclose(f) ? -ENOMEM : 0;
}

/* What the page may do: nothing but ask again here, with the style and the script that it has. */
static int set_policy(struct answer *a, char nonce[NONCE_LEN])
{
	uint8_t random[(NONCE_LEN - 1) / 2];

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return -EIO;
	for (unsigned int i = 0; i < sizeof(random); i++)
		snprintf(nonce + 2 * i, 3, "%02x", random[i]);
	strcpy(a->header, "Content-Security-Policy");
	snprintf(a->value, sizeof(a->value),
		 "default-src 'none'; connect-src 'self'; form-action 'self'; img-src data:; "
		 "base-uri 'none'; frame-ancestors 'none'; style-src 'nonce-%s'; script-src "
		 "'nonce-%s'", nonce, nonce);
	return 0;
}

/* A number of a page, or an order, that is none is as if it were not there: people mistype. */
static struct sa_query page_query(struct MHD_Connection *c)
{
	const char *page = argument(c, "page"), *sort = argument(c, "sort");
	const char *order = argument(c, "order");
	struct sa_query q = {.search = argument(c, "search")};
	uint32_t n;

	if (page && num_u32(page, 1, COLLECT_SAS_MAX, &n) == 0)
		q.offset = (n - 1) * EXPORT_PAGE_ROWS;
	if (sort)
		export_order(sort, &q.order);
	q.descending = order && strcmp(order, "desc") == 0;
	return q;
}

static int write_page(struct http *h, struct export_page_in *in, struct answer *a)
{
	char host[HOST_NAME_MAX + 1] = "", health[sizeof(h->service->trouble)];
	struct export_self self;
	int err;
	FILE *f = open_memstream(&a->body, &a->len);

	if (!f)
		return -ENOMEM;
	gethostname(host, sizeof(host) - 1);
	service_health(h->service, health, sizeof(health));
	service_self(h->service, in->s, &self);
	in->self = &self;
	in->health = health;
	in->host = host;
	in->config = h->service->cfg->path;
	in->refresh_ms = h->service->cfg->metrics.interval * 1000;
	if (!in->refresh_ms)
		in->refresh_ms = 1000;
	err = export_page(in, f);
	return fclose(f) && !err ? -ENOMEM : err;
}

static int answer_page(struct http *h, struct MHD_Connection *c, struct answer *a)
{
	_cleanup_(snapshot_free) struct snapshot *snap = NULL;
	struct export_page_in in = {.query = page_query(c)};
	json_t *events;
	char nonce[NONCE_LEN];
	int err = set_policy(a, nonce);

	if (!err)
		err = collect_snapshot(h->service->collect, &snap);
	if (err < 0)
		return err;
	events = service_last_events(h->service, PAGE_EVENTS);
	in.s = snap;
	in.events = events;
	in.nonce = nonce;
	err = write_page(h, &in, a);
	json_decref(events);
	a->status = MHD_HTTP_OK;
	a->type = "text/html; charset=utf-8";
	return err;
}

static const struct route {
	const char *path;
	int (*make)(struct http *h, struct MHD_Connection *c, struct answer *a);
} routes[] = {
	{"/", answer_page},
	{"/metrics", answer_metrics},
	{"/healthz", answer_health},
	{"/api/v1/status", answer_status},
	{"/api/v1/sas", answer_sas},
	{"/api/v1/devices", answer_devices},
	{"/api/v1/gate", answer_gate},
	{"/api/v1/events", answer_events},
	{"/api/v1/failures", answer_failures},
};

int http_route(struct http *h, struct MHD_Connection *c, const char *path, struct answer *a)
{
	char text[512] = "ipso serves:";

	for (unsigned int i = 0; i < ARRAY_SIZE(routes); i++) {
		if (strcmp(path, routes[i].path) == 0)
			return routes[i].make(h, c, a);
		strcat(strcat(text, " "), routes[i].path);
	}
	strcat(text, "\n");
	return http_answer_text(a, MHD_HTTP_NOT_FOUND, text);
}
