/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket: one JSON object as a request line, JSON objects as answer lines.
 *   {"request":"status"}                         one line
 *   {"request":"events","follow":true|false}     a line an event, the kept ones first
 *   {"request":"explain"}                        a line a cause: its last failure
 *   {"request":"explain","spi":NUMBER, "max_age_seconds":NUMBER, "last":true}
 *                                                a line a failure that fits, newest first
 *   {"request":"explain","event":NUMBER}         that event
 *   {"request":"top","search":TEXT,"sort":ORDER,"descending":BOOL,"offset":N,"limit":N,"events":N}
 *                                                one line: those SAs, devices, gate, last events
 *   {"request":"reload"}                         one line, when the configuration was read again
 *   {"request":"window"}                         one line: on how many devices a rekey window is open now
 * A line {"missed":N} among events tells that N were dropped before the reader came or kept up;
 * {"error":"TEXT"} refuses. Root may ask for everything, members of readers-group not for
 * reload and window. The service closes the connection after its last line.
 */
#ifndef IPSO_DAEMON_CONTROL_H
#define IPSO_DAEMON_CONTROL_H

#include "daemon/lock.h"
#include "daemon/service.h"

#define CONTROL_PATH RUN_DIR "/control"

struct control;

int control_start(struct service *s, const char *path, struct control **ret_c, struct why *why);
void control_free(struct control **c); /* unlinks the socket */
/* The readers-group may be another one. */
void control_permit(struct control *c);
/* New events were kept: wake the readers that follow. */
void control_wake(struct control *c);

#endif
