/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the HTTP side share. */
#ifndef IPSO_DAEMON_HTTP_PRIV_H
#define IPSO_DAEMON_HTTP_PRIV_H

#include <microhttpd.h>

#include "daemon/http.h"

struct stream;

struct http {
	struct service *service;
	struct MHD_Daemon *mhd;
	sd_event_source *io, *timer, *beat;
	struct stream *streams;
};

struct answer {
	unsigned int status;
	const char *type;
	char *body; /* malloc'd, handed to libmicrohttpd */
	size_t len;
	char header[32], value[320]; /* one more, "" = none */
};

/* http_route.c: the answer to GET path; -ENOMEM. */
int http_route(struct http *h, struct MHD_Connection *c, const char *path, struct answer *a);
int http_answer_text(struct answer *a, unsigned int status, const char *text);

/* http_stream.c: GET asks for events as they come. */
bool http_stream_wanted(struct MHD_Connection *c, const char *path);
/* NULL when there is no room: the caller answers 503. *ret_stream goes to http_stream_end(). */
struct MHD_Response *http_stream_new(struct http *h, struct MHD_Connection *c, void **ret_stream);
void http_stream_end(void *stream, enum MHD_RequestTerminationCode why);
/*
 * Wake the readers that there is something for. Without a thread of its own libmicrohttpd does not
 * notice: let it work afterwards.
 */
void http_streams_wake(struct http *h);
/* Before libmicrohttpd stops: nothing may be suspended then. */
void http_streams_resume(struct http *h);
/* Say something to every reader, to see those who left; called from time to time. */
void http_streams_beat(struct http *h);

#endif
