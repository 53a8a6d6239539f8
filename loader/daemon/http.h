/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The HTTP side: GET /metrics, /healthz, /api/v1/... (http_route.c). libmicrohttpd without threads;
 * its epoll descriptor is a source of the service's loop.
 */
#ifndef IPSO_DAEMON_HTTP_H
#define IPSO_DAEMON_HTTP_H

#include "daemon/service.h"

struct http;

/* Bind before anything is changed, so that a taken port ends the start early. */
int http_listen(const struct cfg_metrics *m, int *ret_fd, struct why *why);
/* Serve on fd, which is taken over (also on failure). */
int http_start(struct service *s, int fd, struct http **ret_h, struct why *why);
/*
 * Serve as cfg says, before it is s->cfg; with a new certificate, or at another address. What was
 * served before goes on being served on failure, -errno with why.
 */
int http_restart(struct http **h, const struct ipso_config *cfg, const struct readers *readers,
		 struct why *why);
/* What can be wrong with token, certificate, key and group, before anything is done; the group. */
int http_check(const struct ipso_config *cfg, struct readers *ret_readers, struct why *why);
/* "127.0.0.1 port 9417", for people. */
#define HTTP_WHERE_LEN 128
const char *http_where(const struct cfg_metrics *m, char buf[HTTP_WHERE_LEN]);
void http_free(struct http **h);
/* New events were kept: wake the readers that follow. */
void http_wake(struct http *h);

#endif
