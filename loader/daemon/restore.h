/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * on-drift: restore. A mode that somebody changed is put right by the steps that `up` takes. Somebody may
 * be a controller that wants its own mode as firmly: each turn costs the traffic of that card some
 * seconds, so that after a few of them the service alarms, and leaves it to people.
 */
#ifndef IPSO_DAEMON_RESTORE_H
#define IPSO_DAEMON_RESTORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct service;

#define RESTORE_TRIES 3 /* in RESTORE_SPAN_NS */
#define RESTORE_SPAN_NS 600000000000ull
#define RESTORE_REST_NS 10000000000ull /* after one that failed */

struct restore {
	/* Do it, and look at devices anew: *ret_done steps, 0 = there was nothing to do. -errno, why. */
	int (*run)(struct service *s, void *arg, unsigned int *ret_done, struct why *why);
	void *arg;
	uint64_t began_ns[RESTORE_TRIES]; /* CLOCK_MONOTONIC, of the last tries, in turn; 0 = none */
	unsigned int next;
	uint64_t rest_ns; /* not before */
	bool given_up;
	uint64_t done, failed, gave_up; /* tries by how they ended, and how often it stopped trying */
};

/* Once a refresh. drifted: something differs now. */
void restore_tend(struct restore *r, struct service *s, bool drifted, uint64_t now);
/* A person has looked: the tries so far do not count any more. */
void restore_reset(struct restore *r);

#endif
