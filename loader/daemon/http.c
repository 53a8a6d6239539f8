/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libmicrohttpd inside sd-event. Every answer is made whole before it is sent. */
#include "daemon/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "export/export.h"

#define CONNECTIONS_MAX 32
#define CONNECTION_SECONDS 10
#define CONNECTION_BYTES 16384 /* request line and headers together */

struct http {
	struct service *service;
	struct MHD_Daemon *mhd;
	sd_event_source *io, *timer;
};

struct answer {
	unsigned int status;
	const char *type;
	char *body; /* malloc'd, handed to libmicrohttpd */
	size_t len;
	uint64_t dropped; /* events that left the list before */
};

int http_listen(const struct cfg_metrics *m, int *ret_fd, struct why *why)
{
	struct sockaddr_in6 a6 = {.sin6_family = AF_INET6, .sin6_port = htons(m->port)};
	struct sockaddr_in a4 = {.sin_family = AF_INET, .sin_port = htons(m->port)};
	bool six = inet_pton(AF_INET6, m->address, &a6.sin6_addr) == 1;
	_close_ int fd = -1;
	const int one = 1;
	int err;

	if (!six && inet_pton(AF_INET, m->address, &a4.sin_addr) != 1)
		return why_set(why, -EINVAL, "metrics address %s", m->address);
	fd = socket(six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return why_set(why, -errno, "socket for metrics");
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0)
		return why_set(why, -errno, "socket for metrics");
	err = six ? bind(fd, (struct sockaddr *)&a6, sizeof(a6))
		  : bind(fd, (struct sockaddr *)&a4, sizeof(a4));
	if (err < 0 || listen(fd, CONNECTIONS_MAX) < 0) {
		err = -errno;
		why_remedy(why, "choose another address or port with metrics.listen");
		return why_set(why, err, "metrics on %s port %u: cannot listen", m->address,
			       m->port);
	}
	*ret_fd = TAKE_FD(fd);
	return 0;
}

static int answer_text(struct answer *a, unsigned int status, const char *text)
{
	a->status = status;
	a->type = "text/plain; charset=utf-8";
	a->len = strlen(text);
	a->body = strdup(text);
	return a->body ? 0 : -ENOMEM;
}

static int answer_metrics(struct service *s, struct answer *a)
{
	_cleanup_(snapshot_free) struct snapshot *snap = NULL;
	FILE *f;
	int err = collect_snapshot(s->collect, &snap);

	if (err < 0)
		return err;
	f = open_memstream(&a->body, &a->len);
	if (!f)
		return -ENOMEM;
	err = export_metrics(snap, f);
	if (fclose(f) && !err)
		err = -ENOMEM;
	a->status = MHD_HTTP_OK;
	a->type = "text/plain; version=0.0.4; charset=utf-8";
	return err;
}

static int answer_health(struct service *s, struct answer *a)
{
	char text[sizeof(s->trouble)];
	int err = service_health(s, text, sizeof(text) - 1);

	strcat(text, "\n");
	return answer_text(a, err ? MHD_HTTP_SERVICE_UNAVAILABLE : MHD_HTTP_OK, text);
}

static int answer_status(struct service *s, struct answer *a)
{
	json_t *j = service_status(s);

	a->body = j ? json_dumps(j, JSON_INDENT(2)) : NULL;
	json_decref(j);
	a->len = a->body ? strlen(a->body) : 0;
	a->status = MHD_HTTP_OK;
	a->type = "application/json";
	return a->body ? 0 : -ENOMEM;
}

static int answer_events(struct service *s, struct answer *a)
{
	FILE *f = open_memstream(&a->body, &a->len);
	uint64_t first = recent_first(s->recent);

	if (!f)
		return -ENOMEM;
	fputs("[", f);
	for (uint64_t n = first; n < recent_end(s->recent); n++) {
		const char *line = recent_get(s->recent, n)->line;

		fprintf(f, "%s\n%.*s", n == first ? "" : ",", (int)strlen(line) - 1, line);
	}
	fputs("\n]\n", f);
	a->dropped = first;
	a->status = MHD_HTTP_OK;
	a->type = "application/json";
	return fclose(f) ? -ENOMEM : 0;
}

static const struct route {
	const char *path;
	int (*make)(struct service *s, struct answer *a);
} routes[] = {
	{"/metrics", answer_metrics},
	{"/healthz", answer_health},
	{"/api/v1/status", answer_status},
	{"/api/v1/events", answer_events},
};

static int make_answer(struct service *s, const char *path, const char *method, struct answer *a)
{
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return answer_text(a, MHD_HTTP_METHOD_NOT_ALLOWED, "GET and HEAD only\n");
	for (unsigned int i = 0; i < ARRAY_SIZE(routes); i++) {
		if (strcmp(path, routes[i].path) == 0)
			return routes[i].make(s, a);
	}
	return answer_text(a, MHD_HTTP_NOT_FOUND,
			   "ipso: /metrics /healthz /api/v1/status /api/v1/events\n");
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *c, const char *url,
				  const char *method, const char *version, const char *upload,
				  size_t *upload_size, void **con_cls)
{
	struct http *h = cls;
	struct answer a = {};
	struct MHD_Response *response;
	enum MHD_Result done;
	char dropped[24];

	(void)version;
	(void)upload;
	(void)upload_size; /* answered before a body is read: none is asked for */
	(void)con_cls;
	if (make_answer(h->service, url, method, &a) < 0) {
		free(a.body);
		if (answer_text(&a, MHD_HTTP_INTERNAL_SERVER_ERROR, "out of memory\n") < 0)
			return MHD_NO; /* closes the connection */
	}
	response = MHD_create_response_from_buffer(a.len, a.body, MHD_RESPMEM_MUST_FREE);
	if (!response) {
		free(a.body);
		return MHD_NO;
	}
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, a.type);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	if (a.status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	snprintf(dropped, sizeof(dropped), "%lu", (unsigned long)a.dropped);
	if (strcmp(url, "/api/v1/events") == 0)
		MHD_add_response_header(response, "Ipso-Events-Dropped", dropped);
	done = MHD_queue_response(c, a.status, response);
	MHD_destroy_response(response);
	return done;
}

/* Let libmicrohttpd work, and come back when one of its connections times out. */
static int run_mhd(struct http *h)
{
	MHD_UNSIGNED_LONG_LONG wait_ms;
	uint64_t now;

	if (MHD_run(h->mhd) != MHD_YES)
		return log_err(EIO, "HTTP server");
	if (MHD_get_timeout(h->mhd, &wait_ms) != MHD_YES)
		return sd_event_source_set_enabled(h->timer, SD_EVENT_OFF);
	sd_event_now(h->service->event, CLOCK_MONOTONIC, &now);
	sd_event_source_set_time(h->timer, now + 1000 * (uint64_t)wait_ms);
	return sd_event_source_set_enabled(h->timer, SD_EVENT_ONESHOT);
}

static int on_io(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	(void)source;
	(void)fd;
	(void)revents;
	return run_mhd(userdata);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	return run_mhd(userdata);
}

static void on_log(void *arg, const char *fmt, va_list ap)
{
	_free_ char *text = NULL;

	(void)arg;
	if (vasprintf(&text, fmt, ap) < 0) {
		text = NULL;
		return;
	}
	text[strcspn(text, "\n")] = '\0';
	log_debug("HTTP: %s", text);
}

void http_free(struct http **h)
{
	if (!*h)
		return;
	sd_event_source_disable_unref((*h)->io);
	sd_event_source_disable_unref((*h)->timer);
	if ((*h)->mhd)
		MHD_stop_daemon((*h)->mhd);
	free(*h);
	*h = NULL;
}

static int add_sources(struct http *h)
{
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info(h->mhd, MHD_DAEMON_INFO_EPOLL_FD);
	int err;

	if (!info || info->epoll_fd < 0)
		return -EIO;
	err = sd_event_add_io(h->service->event, &h->io, info->epoll_fd, EPOLLIN, on_io, h);
	if (err >= 0)
		err = sd_event_source_set_exit_on_failure(h->io, true);
	if (err >= 0)
		err = sd_event_add_time_relative(h->service->event, &h->timer, CLOCK_MONOTONIC, 0,
						 1000, on_timer, h);
	return err < 0 ? err : 0;
}

int http_start(struct service *s, int fd, struct http **ret_h, struct why *why)
{
	_cleanup_(http_free) struct http *h = calloc(1, sizeof(*h));
	int err;

	if (!h) {
		close(fd);
		return why_set(why, -ENOMEM, "HTTP server");
	}
	h->service = s;
	h->mhd = MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_ERROR_LOG, 0, NULL, NULL, on_request, h,
				  MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
				  MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
				  (unsigned int)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
				  (unsigned int)CONNECTION_SECONDS,
				  MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES,
				  MHD_OPTION_END);
	if (!h->mhd) {
		close(fd);
		return why_set(why, -EIO, "HTTP server: cannot be started");
	}
	err = add_sources(h);
	if (err < 0)
		return why_set(why, err, "HTTP server: cannot join the event loop");
	*ret_h = TAKE_PTR(h);
	return 0;
}
