/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The asking side of the control socket, for `ipso status`, `ipso events` and `ipso explain`. */
#ifndef IPSO_DAEMON_CLIENT_H
#define IPSO_DAEMON_CLIENT_H

#include <jansson.h>

#include "base/err.h"

/* Called for each answer line, j borrowed; a negative answer ends the talk. */
typedef int (*client_line_fn)(json_t *j, void *arg);

/*
 * Send request (stolen) and hand every line of the answer to fn, until the service closes. 0, or
 * -errno with why; -ENOTCONN when no service runs, with how to start one.
 */
int client_talk(const char *path, json_t *request, client_line_fn fn, void *arg,
		struct why *why);

#endif
