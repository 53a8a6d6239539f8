/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events as they come: text/event-stream ("Server-sent events" of the HTML standard). A reader has
 * a place in the ring of recent events instead of a queue of its own. While there is nothing to
 * say its connection is suspended; who takes nothing for CONNECTION_SECONDS is sent away by
 * libmicrohttpd, and counted.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/num.h"
#include "daemon/http_priv.h"

#define STREAMS_MAX 8 /* of the connections that there are */
#define BLOCK 4096    /* what libmicrohttpd asks for at once */

struct stream {
	struct http *http;
	struct MHD_Connection *connection;
	struct stream *next;
	uint64_t event; /* number of the one to come next */
	bool suspended, beat;
	char *out; /* what is being sent */
	size_t len, sent;
};

static struct recent *ring(const struct stream *st)
{
	return st->http->service->recent;
}

/* Something to send next, or nothing: -ENOMEM. */
static int compose(struct stream *st)
{
	uint64_t first = recent_first(ring(st));
	const char *line;
	int n = 0;

	free(st->out);
	st->out = NULL;
	st->len = st->sent = 0;
	if (st->event < first) {
		n = asprintf(&st->out, "event: missed\ndata: {\"missed\":%llu}\n\n",
			     (unsigned long long)(first - st->event));
		st->event = first;
	} else if ((line = recent_line(ring(st), st->event))) {
		n = asprintf(&st->out, "id: %llu\ndata: %s\n", (unsigned long long)st->event,
			     line); /* a line with its newline: the second ends the event */
		st->event++;
	} else if (st->beat) {
		n = asprintf(&st->out, ":\n\n");
	}
	st->beat = false;
	if (n < 0) {
		st->out = NULL;
		return -ENOMEM;
	}
	st->len = (size_t)n;
	return 0;
}

static ssize_t give(void *cls, uint64_t pos, char *buf, size_t max)
{
	struct stream *st = cls;
	size_t used = 0, n;

	(void)pos;
	while (used < max) {
		if (st->sent == st->len && compose(st) < 0)
			return MHD_CONTENT_READER_END_WITH_ERROR;
		n = st->len - st->sent < max - used ? st->len - st->sent : max - used;
		if (!n)
			break;
		memcpy(buf + used, st->out + st->sent, n);
		st->sent += n;
		used += n;
	}
	if (!used) {
		MHD_suspend_connection(st->connection);
		st->suspended = true;
	}
	return (ssize_t)used;
}

bool http_stream_wanted(struct MHD_Connection *c, const char *path)
{
	const char *accept = MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);

	return strcmp(path, "/api/v1/events") == 0 && accept && strstr(accept, "text/event-stream");
}

/* A reader that comes back says what it saw last. */
static uint64_t place_of(struct MHD_Connection *c, const struct recent *r)
{
	const char *last = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Last-Event-ID");
	uint64_t seen;

	if (!last || num_u64(last, 0, UINT64_MAX - 1, &seen) < 0 || seen >= recent_end(r))
		return recent_first(r);
	return seen + 1;
}

struct MHD_Response *http_stream_new(struct http *h, struct MHD_Connection *c, void **ret_stream)
{
	_free_ struct stream *st = calloc(1, sizeof(*st));
	struct MHD_Response *response;

	if (h->service->streams == STREAMS_MAX) {
		h->service->streams_refused++;
		return NULL;
	}
	if (!st)
		return NULL;
	*st = (struct stream){.http = h, .connection = c, .next = h->streams, .beat = true,
			      .event = place_of(c, h->service->recent)};
	response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, give, st, NULL);
	if (!response)
		return NULL;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "text/event-stream");
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	h->service->streams++;
	h->streams = st;
	*ret_stream = TAKE_PTR(st);
	return response;
}

void http_stream_end(void *stream, enum MHD_RequestTerminationCode why)
{
	struct stream *st = stream, **at;
	struct http *h = st->http;

	if (why == MHD_REQUEST_TERMINATED_TIMEOUT_REACHED) {
		h->service->streams_slow++;
		log_warn("HTTP: a reader of events took none for too long and was sent away");
	}
	for (at = &h->streams; *at && *at != st; at = &(*at)->next)
		;
	if (*at)
		*at = st->next;
	h->service->streams--;
	free(st->out);
	free(st);
}

static void wake(struct stream *st)
{
	if (!st->suspended)
		return;
	st->suspended = false;
	MHD_resume_connection(st->connection);
}

void http_streams_wake(struct http *h)
{
	for (struct stream *st = h->streams; st; st = st->next) {
		if (st->event < recent_end(ring(st)))
			wake(st);
	}
}

void http_streams_resume(struct http *h)
{
	for (struct stream *st = h->streams; st; st = st->next)
		wake(st);
}

void http_streams_beat(struct http *h)
{
	for (struct stream *st = h->streams; st; st = st->next) {
		st->beat = true;
		wake(st);
	}
}
