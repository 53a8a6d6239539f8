/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libmicrohttpd ends a connection on which nothing moves for CONNECTION_SECONDS. Who sends a byte
 * from time to time, or takes one, would keep his place for ever: here each has so long for a
 * request and for its answer, however busy he is.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/log.h"
#include "daemon/http_priv.h"

#define REQUEST_SECONDS 10
#define ANSWER_SECONDS 20
#define LOOK_SECONDS 2
#define NSEC_PER_SEC 1000000000ull

struct caller {
	struct caller *next;
	struct MHD_Connection *connection;
	int fd; /* libmicrohttpd's */
	uint64_t until; /* CLOCK_MONOTONIC; UINT64_MAX = for ever */
};

static struct caller **find(struct http *h, const struct MHD_Connection *c)
{
	struct caller **at = &h->callers;

	while (*at && (*at)->connection != c)
		at = &(*at)->next;
	return at;
}

static void set_until(struct http *h, const struct MHD_Connection *c, uint64_t seconds)
{
	struct caller *who = *find(h, c);

	if (who)
		who->until = seconds ? monotonic_ns() + seconds * NSEC_PER_SEC : UINT64_MAX;
}

static void add(struct http *h, struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct caller *who = info ? calloc(1, sizeof(*who)) : NULL;

	if (!who)
		return; /* without memory it is left to libmicrohttpd's limit */
	*who = (struct caller){.next = h->callers, .connection = c, .fd = info->connect_fd};
	h->callers = who;
	set_until(h, c, REQUEST_SECONDS);
	sd_event_source_set_enabled(h->limit, SD_EVENT_ON);
}

void http_limit_connection(void *http, struct MHD_Connection *c, void **socket_context,
			   enum MHD_ConnectionNotificationCode what)
{
	struct caller **at, *gone;
	struct http *h = http;

	(void)socket_context;
	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		add(h, c);
		return;
	}
	h->left++;
	at = find(h, c);
	gone = *at;
	if (gone)
		*at = gone->next;
	free(gone);
}

void http_limit_answering(struct http *h, struct MHD_Connection *c)
{
	set_until(h, c, ANSWER_SECONDS);
}

void http_limit_answered(struct http *h, struct MHD_Connection *c)
{
	set_until(h, c, REQUEST_SECONDS);
}

void http_limit_endless(struct http *h, struct MHD_Connection *c)
{
	set_until(h, c, 0);
}

/* libmicrohttpd sees the end of a connection that is shut down here as if the client had left. */
static int on_look(sd_event_source *source, uint64_t usec, void *userdata)
{
	uint64_t now = monotonic_ns();
	struct http *h = userdata;

	for (struct caller *who = h->callers; who; who = who->next) {
		if (who->until > now)
			continue;
		log_debug("HTTP: a client took too long and is sent away");
		shutdown(who->fd, SHUT_RDWR);
		who->until = UINT64_MAX;
	}
	if (!h->callers)
		return sd_event_source_set_enabled(source, SD_EVENT_OFF);
	return sd_event_source_set_time(source, usec + LOOK_SECONDS * 1000000ull);
}

int http_limit_start(struct http *h)
{
	return sd_event_add_time_relative(h->service->event, &h->limit, CLOCK_MONOTONIC,
					  LOOK_SECONDS * 1000000ull, 0, on_look, h);
}

void http_limit_stop(struct http *h)
{
	h->limit = sd_event_source_disable_unref(h->limit);
}
