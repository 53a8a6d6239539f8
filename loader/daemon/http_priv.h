/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the HTTP side share. */
#ifndef IPSO_DAEMON_HTTP_PRIV_H
#define IPSO_DAEMON_HTTP_PRIV_H

#include <microhttpd.h>

#include "daemon/http.h"

#define HTTP_CONNECTIONS_MAX 32
#define HTTP_TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

struct stream;
struct caller; /* a connection; http_limit.c */

/* Who may ask; http_access.c. */
struct http_access {
	bool local;		/* other hosts cannot reach us */
	bool on_socket, names;	/* asks the peer's group; asks for a name of this host */
	bool cert;		/* a client's certificate may tell who asks */
	struct readers readers; /* of a unix socket */
	struct secret *token;	/* NULL = none */
};

struct http {
	struct service *service;
	struct http_access access;
	char path[108]; /* of a unix socket, "" = none */
	struct MHD_Daemon *mhd;
	struct caller *callers;
	uint64_t left; /* connections that were */
	sd_event_source *limit;
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

/* http_access.c */
int http_access_load(struct http_access *a, const struct ipso_config *cfg,
		     const struct readers *readers, struct why *why);
void http_access_free(struct http_access *a);
/* 0: go on; 1: the answer is in a, a refusal; -ENOMEM. */
int http_access(struct http *h, struct MHD_Connection *c, struct answer *a);

/* http_tls.c: what the configuration names, in memory; wiped by free. */
struct http_tls {
	char *certificate, *key, *client_ca;
};
int http_tls_load(struct http_tls *t, const struct ipso_config *cfg, struct why *why);
void http_tls_free(struct http_tls *t);
/* The client showed a certificate that one of client-ca signed. */
bool http_tls_verified(struct MHD_Connection *c);

/*
 * http_limit.c: how long a connection may take for a request, and for taking its answer. Called by
 * libmicrohttpd when one comes and goes.
 */
void http_limit_connection(void *http, struct MHD_Connection *c, void **socket_context,
			   enum MHD_ConnectionNotificationCode what);
void http_limit_answering(struct http *h, struct MHD_Connection *c);
void http_limit_answered(struct http *h, struct MHD_Connection *c);
void http_limit_endless(struct http *h, struct MHD_Connection *c); /* a stream */
int http_limit_start(struct http *h);
void http_limit_stop(struct http *h);

#endif
