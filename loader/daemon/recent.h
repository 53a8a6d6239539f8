/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last events, and the JSON lines of them that readers get: made when the first reader asks, as
 * a burst of events has nobody who reads them all. Bounded: the oldest leave, and how many did is
 * known. Every event has a number; a reader keeps the number it wants next.
 */
#ifndef IPSO_DAEMON_RECENT_H
#define IPSO_DAEMON_RECENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "explain/explain.h"

#define RECENT_EVENTS 1024

struct recent_event {
	uint64_t number;      /* from 0 */
	uint64_t ktime;	      /* nanoseconds, CLOCK_MONOTONIC */
	uint32_t pid;	      /* thread group that asked, as the kernel numbers it */
	json_t *explanation;  /* of a failure; NULL = it was none */
	bool has_spi;
	uint32_t spi;	      /* host order */
};

struct recent;

int recent_new(unsigned int capacity, struct recent **ret_r);
void recent_free(struct recent **r);

/* Keep an event; ex is NULL when it is not a failure, tunnel "" when it is of none. 0 or -ENOMEM. */
int recent_add(struct recent *r, const struct ipso_event_hdr *ev, const struct explanation *ex,
	       const char *tunnel);

/* Numbers of the oldest kept event and of the one to come; equal when none is kept. */
uint64_t recent_first(const struct recent *r);
uint64_t recent_end(const struct recent *r);
/* NULL when the number is not kept (any more). Borrowed until the next recent_add(). */
const struct recent_event *recent_get(const struct recent *r, uint64_t number);
/* One JSON object and a newline, borrowed in the same way; NULL as well when memory is short. */
const char *recent_line(struct recent *r, uint64_t number);

#endif
