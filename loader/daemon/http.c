/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libmicrohttpd inside sd-event. Every answer but a stream is made whole before it is sent. */
#include "daemon/http.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "daemon/http_priv.h"

#define CONNECTION_SECONDS 10
#define ADDRESS_CONNECTIONS_MAX 8 /* of one host, beyond this one */
#define BEAT_SECONDS 5 /* how soon a reader of events that left is noticed, when nothing happens */
#define CONNECTION_BYTES 16384 /* request line and headers together */

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
	http_limit_answering(h, c);
	err = http_access(h, c, &a);
	if (err)
		return err < 0 ? MHD_NO : send_answer(c, &a);
	if (get && http_stream_wanted(c, url))
		return http_limit_endless(h, c), send_stream(h, c, con_cls);
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
	http_limit_answered(cls, c);
	if (*con_cls)
		http_stream_end(*con_cls, why);
	*con_cls = NULL;
}

/*
 * Let libmicrohttpd work, and come back when one of its connections times out. With every place taken
 * it lets go of the listening socket, and takes it up again at the next run after somebody left: which
 * nothing would bring about, were all of them sent away at once.
 */
static int run_mhd(struct http *h)
{
	MHD_UNSIGNED_LONG_LONG wait_ms;
	uint64_t now, left;

	do {
		left = h->left;
		if (MHD_run(h->mhd) != MHD_YES)
			return log_err(EIO, "HTTP server");
	} while (left != h->left);
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

/* An old one whose place a new one takes hands its listening socket on instead of closing it. */
static void free_beside(struct http *h, bool taken_over)
{
	int fd;

	sd_event_source_disable_unref(h->io);
	sd_event_source_disable_unref(h->timer);
	sd_event_source_disable_unref(h->beat);
	http_limit_stop(h);
	http_streams_resume(h);
	if (h->mhd && taken_over) {
		fd = MHD_quiesce_daemon(h->mhd);
		if (fd >= 0)
			close(fd);
	}
	if (h->mhd)
		MHD_stop_daemon(h->mhd);
	if (*h->path && !taken_over)
		unlink(h->path);
	http_access_free(&h->access);
	free(h);
}

void http_free(struct http **h)
{
	if (*h)
		free_beside(*h, false);
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
	if (err >= 0)
		err = http_limit_start(h);
	return err < 0 ? err : 0;
}

/* libmicrohttpd copies what the options name: certificates and keys are wiped when it has them. */
static int start_mhd(struct http *h, const struct cfg_metrics *m, struct http_tls *tls, int fd)
{
	unsigned int n = 0, flags = MHD_USE_EPOLL | MHD_USE_ERROR_LOG | MHD_ALLOW_SUSPEND_RESUME;
	struct MHD_OptionItem more[5] = {};

	if (m->has_tls) {
		flags |= MHD_USE_TLS;
		more[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0, tls->certificate};
		more[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0, tls->key};
		more[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_PRIORITIES, 0,
						    (void *)HTTP_TLS_PRIORITIES};
	}
	if (tls->client_ca)
		more[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_TRUST, 0, tls->client_ca};
	more[n] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
	h->mhd = MHD_start_daemon(flags, 0, NULL, NULL, on_request, h, MHD_OPTION_NOTIFY_COMPLETED,
				  on_completed, h, MHD_OPTION_NOTIFY_CONNECTION,
				  http_limit_connection, h, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
				  MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
				  (unsigned int)HTTP_CONNECTIONS_MAX,
				  MHD_OPTION_PER_IP_CONNECTION_LIMIT,
				  h->access.local ? 0 : (unsigned int)ADDRESS_CONNECTIONS_MAX,
				  MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)CONNECTION_SECONDS,
				  MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES,
				  MHD_OPTION_ARRAY, more, MHD_OPTION_END);
	return h->mhd ? 0 : -EIO;
}

static int start(struct http *h, const struct ipso_config *cfg, const struct readers *readers,
		 int *fd, struct why *why)
{
	_cleanup_(http_tls_free) struct http_tls tls = {};
	int err = http_access_load(&h->access, cfg, readers, why);

	if (!err)
		err = http_tls_load(&tls, cfg, why);
	if (err < 0)
		return err;
	if (config_on_socket(&cfg->metrics)) {
		snprintf(h->path, sizeof(h->path), "%s", cfg->metrics.address);
		if (chmod(h->path, peer_socket_mode(readers)) < 0)
			return why_set(why, -errno, "metrics on %s: mode", h->path);
	}
	if (start_mhd(h, &cfg->metrics, &tls, *fd) < 0)
		return why_set(why, -EIO, "HTTP server: cannot be started");
	*fd = -1;
	err = add_sources(h);
	return err < 0 ? why_set(why, err, "HTTP server: cannot join the event loop") : 0;
}

int http_check(const struct ipso_config *cfg, struct readers *ret_readers, struct why *why)
{
	_cleanup_(http_access_free) struct http_access access = {};
	_cleanup_(http_tls_free) struct http_tls tls = {};
	struct readers readers;
	int err = peer_readers(cfg->readers_group, &readers, why);

	if (!err)
		err = http_access_load(&access, cfg, &readers, why);
	if (!err)
		err = http_tls_load(&tls, cfg, why);
	if (!err)
		*ret_readers = readers;
	return err;
}

static int start_beside(struct service *s, const struct ipso_config *cfg,
			const struct readers *readers, int listen_fd, struct http **ret_h,
			struct why *why)
{
	struct http *h = calloc(1, sizeof(*h));
	_close_ int fd = listen_fd;
	int err;

	if (!h)
		return why_set(why, -ENOMEM, "HTTP server");
	h->service = s;
	err = start(h, cfg, readers, &fd, why);
	if (err < 0) {
		free_beside(h, true); /* the path may be that of the one before */
		return err;
	}
	*ret_h = h;
	return 0;
}

int http_start(struct service *s, int fd, struct http **ret_h, struct why *why)
{
	return start_beside(s, s->cfg, &s->readers, fd, ret_h, why);
}

int http_restart(struct http **h, const struct ipso_config *cfg, const struct readers *readers,
		 struct why *why)
{
	struct service *s = (*h)->service;
	const struct cfg_metrics *was = &s->cfg->metrics, *m = &cfg->metrics;
	bool same = strcmp(was->address, m->address) == 0 && was->port == m->port;
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info((*h)->mhd, MHD_DAEMON_INFO_LISTEN_FD);
	struct http *next;
	int fd = -1, err;

	/* Readers stay connected when there is nothing of theirs that a file may have changed. */
	if (same && !was->has_tls && !m->has_tls && !was->token_file && !m->token_file &&
	    !config_on_socket(m))
		return 0;
	if (same)
		fd = fcntl(info->listen_fd, F_DUPFD_CLOEXEC, 0);
	err = same ? (fd < 0 ? -errno : 0) : http_listen(m, &fd, why);
	if (err < 0)
		return same ? why_set(why, err, "HTTP server") : err;
	err = start_beside(s, cfg, readers, fd, &next, why);
	if (err < 0)
		return err;
	free_beside(*h, same);
	*h = next;
	return 0;
}
