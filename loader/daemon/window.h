/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rekey window. Where the driver takes no new SA while a TC rule is in hardware (Linux since commit
 * 22239eb258bc), an IKE daemon's rekey fails as long as Open vSwitch offloads. With on-conflict:
 * displace the service takes the eswitch's rules out when an SA of an IKE tunnel is about to reach
 * its soft limit, when an SA was refused for this cause, when the pin is gone and refused for it, or when
 * somebody asks; the daemon installs its SAs, and the rules come back. Traffic goes on over the slow path
 * meanwhile, still encrypted by the SAs in hardware. It is bounded: without a new pair of SAs everything is put back, and it is told.
 */
#ifndef IPSO_DAEMON_WINDOW_H
#define IPSO_DAEMON_WINDOW_H

#include "apply/apply.h"
#include "explain/explain.h"
#include "ipso/event.h"

struct service;

/* An SA in packet offload that was added; zero = none */
struct window_sa {
	uint64_t ns; /* CLOCK_MONOTONIC */
	uint32_t spi; /* as struct ipso_sa_key has it */
};

enum window_cause { WINDOW_LIMIT, WINDOW_REFUSED, WINDOW_PIN, WINDOW_ASKED };

struct window {
	struct ipso_state **st; /* borrowed; the service's, which opening reads anew */
	apply_progress_fn fn;	/* told of every step */
	void *arg;
	bool open, told;
	bool for_pair; /* the open one is to end with a new pair of SAs */
	uint32_t lacking; /* device whose pin was refused for a rule's sake, 0 = none; keep.c tells */
	uint64_t opened_ns, until_ns, closed_ns; /* CLOCK_MONOTONIC */
	uint64_t opening_ns;		/* how long the last took until the rules were out; 0 = none yet */
	uint64_t rest_ns;		/* not before: the last one was in vain */
	struct window_sa added[4];	/* by enum ipso_dir: the last that was taken */
	char refused[IPSO_IFNAM];	/* device that refused an SA for a rule's sake, "" = none */
	uint64_t done, in_vain, failed; /* windows by how they ended */
	uint64_t total_ns;		/* that windows were open */
};

/* One record of the kernel; ex as collect_event_fn has it. */
void window_event(struct window *w, const struct ipso_event_hdr *ev, const struct explanation *ex);
/* Open it, close it, or nothing; after events, and once a refresh. */
void window_tend(struct window *w, const struct service *s);
/*
 * Open it now, on every device with rules in hardware: an IKE daemon is about to start, and what pluto
 * adds then it adds once (the policies for IKE's own packets). *ret_open: devices; 0 where no rule is in hardware.
 * -EPERM without on-conflict: displace, or what kept the rules from leaving.
 */
int window_ask(struct window *w, const struct service *s, unsigned int *ret_open, struct why *why);
/* The service stops: nothing may stay out. */
void window_end(struct window *w);

#endif
