/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rekey window. Where the driver takes no new SA while a TC rule is in hardware (Linux since commit
 * 22239eb258bc), an IKE daemon's rekey fails as long as Open vSwitch offloads. With on-conflict:
 * displace the service takes the eswitch's rules out when an SA of an IKE tunnel is about to reach
 * its soft limit, or when an SA was refused for this cause; the daemon installs its SAs, and the
 * rules come back. Traffic goes on over the slow path meanwhile, still encrypted by the SAs in
 * hardware. It is bounded: without a new pair of SAs everything is put back, and it is told.
 */
#ifndef IPSO_DAEMON_WINDOW_H
#define IPSO_DAEMON_WINDOW_H

#include "apply/apply.h"
#include "explain/explain.h"
#include "ipso/event.h"

struct service;

struct window {
	struct ipso_state **st; /* borrowed; the service's, which opening reads anew */
	apply_progress_fn fn;	/* told of every step */
	void *arg;
	bool open, told;
	unsigned int device;		/* in the configuration, of the open one */
	uint64_t opened_ns, until_ns, closed_ns; /* CLOCK_MONOTONIC */
	uint64_t opening_ns;		/* how long the last took until the rules were out; 0 = none yet */
	uint64_t rest_ns;		/* not before: the last one was in vain */
	uint64_t added_ns[4];		/* by enum ipso_dir: an SA in packet offload was taken */
	char refused[IPSO_IFNAM];	/* device that refused an SA for a rule's sake, "" = none */
	uint64_t done, in_vain, failed; /* windows by how they ended */
	uint64_t total_ns;		/* that windows were open */
};

/* One record of the kernel; ex as collect_event_fn has it. */
void window_event(struct window *w, const struct ipso_event_hdr *ev, const struct explanation *ex);
/* Open it, close it, or nothing; after events, and once a refresh. */
void window_tend(struct window *w, const struct service *s);
/* The service stops: nothing may stay out. */
void window_end(struct window *w);

#endif
