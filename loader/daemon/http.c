/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libmicrohttpd inside sd-event. Every answer but a stream is made whole before it is sent. */
#include "daemon/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "daemon/http_priv.h"

#define CONNECTIONS_MAX 32
#define CONNECTION_SECONDS 10
#define BEAT_SECONDS 5 /* how soon a reader of events that left is noticed, when nothing happens */
#define CONNECTION_BYTES 16384 /* request line and headers together */

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

static enum MHD_Result send_answer(struct MHD_Connection *c, struct answer *a)
{
	struct MHD_Response *response =
		MHD_create_response_from_buffer(a->len, a->body, MHD_RESPMEM_MUST_FREE);
	enum MHD_Result done;

	if (!response) {
		free(a->body);
		return MHD_NO;
	}
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, a->type);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	if (*a->header)
		MHD_add_response_header(response, a->header, a->value);
	done = MHD_queue_response(c, a->status, response);
	MHD_destroy_response(response);
	return done;
}

static enum MHD_Result send_stream(struct http *h, struct MHD_Connection *c, void **ret_stream)
{
	struct MHD_Response *response = http_stream_new(h, c, ret_stream);
	struct answer a = {};
	enum MHD_Result done;

	if (!response) {
		strcpy(a.header, MHD_HTTP_HEADER_RETRY_AFTER);
		strcpy(a.value, "30");
		if (http_answer_text(&a, MHD_HTTP_SERVICE_UNAVAILABLE,
				     "as many readers of events as there is room for\n") < 0)
			return MHD_NO;
		return send_answer(c, &a);
	}
	sd_event_source_set_enabled(h->beat, SD_EVENT_ON);
	done = MHD_queue_response(c, MHD_HTTP_OK, response);
	MHD_destroy_response(response);
	return done;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *c, const char *url,
				  const char *method, const char *version, const char *upload,
				  size_t *upload_size, void **con_cls)
{
	bool get = strcmp(method, MHD_HTTP_METHOD_GET) == 0;
	struct http *h = cls;
	struct answer a = {};
	int err;

	(void)version;
	(void)upload;
	(void)upload_size; /* answered before a body is read: none is asked for */
	if (get && http_stream_wanted(c, url))
		return send_stream(h, c, con_cls);
	if (get || strcmp(method, MHD_HTTP_METHOD_HEAD) == 0) {
		err = http_route(h, c, url, &a);
	} else {
		strcpy(a.header, MHD_HTTP_HEADER_ALLOW);
		strcpy(a.value, "GET, HEAD");
		err = http_answer_text(&a, MHD_HTTP_METHOD_NOT_ALLOWED, "GET and HEAD only\n");
	}
	if (err < 0) {
		free(a.body);
		if (http_answer_text(&a, MHD_HTTP_INTERNAL_SERVER_ERROR, "out of memory\n") < 0)
			return MHD_NO; /* closes the connection */
	}
	return send_answer(c, &a);
}

static void on_completed(void *cls, struct MHD_Connection *c, void **con_cls,
			 enum MHD_RequestTerminationCode why)
{
	(void)cls;
	(void)c;
	if (*con_cls)
		http_stream_end(*con_cls, why);
	*con_cls = NULL;
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

void http_wake(struct http *h)
{
	if (!h->streams)
		return;
	http_streams_wake(h);
	run_mhd(h);
}

/* As long as somebody follows events. */
static int on_beat(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct http *h = userdata;

	if (!h->streams)
		return sd_event_source_set_enabled(source, SD_EVENT_OFF);
	http_streams_beat(h);
	run_mhd(h);
	return sd_event_source_set_time(source, usec + BEAT_SECONDS * 1000000ull);
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
	sd_event_source_disable_unref((*h)->beat);
	http_streams_resume(*h);
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
	if (err >= 0)
		err = sd_event_add_time_relative(h->service->event, &h->beat, CLOCK_MONOTONIC,
						 BEAT_SECONDS * 1000000ull, 0, on_beat, h);
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
	h->mhd = MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_ERROR_LOG | MHD_ALLOW_SUSPEND_RESUME, 0,
				  NULL, NULL, on_request, h, MHD_OPTION_NOTIFY_COMPLETED,
				  on_completed, NULL, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
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
