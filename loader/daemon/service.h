/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `ipso run` serves after set-up: one sd-event loop, one thread. HTTP, the control socket and
 * the loop's timers all answer from this.
 */
#ifndef IPSO_DAEMON_SERVICE_H
#define IPSO_DAEMON_SERVICE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "base/when.h"
#include "collect/collect.h"
#include "config/config.h"
#include "daemon/again.h"
#include "daemon/journald.h"
#include "daemon/peer.h"
#include "daemon/recent.h"
#include "daemon/restore.h"
#include "daemon/window.h"
#include "export/export.h"

struct http;
struct control;

struct service {
	const struct ipso_config *cfg; /* borrowed */
	struct ipso_state *st;	       /* after set-up; borrowed */
	uint64_t pins_rest_ns;	       /* not before: the last try to put the pin back failed */
	uint64_t below_rest_ns;	       /* not before: block policies were looked at one by one */
	sd_event *event;	       /* owned */
	struct hooks *hooks;	       /* borrowed */
	char *unload; /* module that is to be unloaded, IPSO_MODULE bytes, "" = none; set with events */
	bool *policy_left; /* an offloaded policy has left the kernel; set with events */
	uint64_t renew_ns;	       /* not before: hooks keep off modules that are to be unloaded */
	struct http *http;	       /* owned, as is control, while it serves */
	struct control *control;
	struct readers readers;	       /* of cfg's readers-group */
	struct collect *collect;       /* borrowed */
	struct recent *recent;	       /* borrowed */
	struct journald *journald;     /* borrowed; NULL: nothing goes to the journal */
	const struct gate_rule *rules; /* what the gate must hold; borrowed */
	unsigned int rules_count;
	/*
	 * Read the configuration again and put cfg, st, readers and rules of this anew; what they
	 * were is kept on failure, -errno with why. NULL: cannot be.
	 */
	int (*reload)(struct service *s, void *arg, struct why *why);
	void *reload_arg;
	struct window *window; /* borrowed; NULL: no rekey windows */
	struct restore *restore; /* borrowed; NULL: drift is told, not put right */
	struct again *again;   /* borrowed; NULL: flows that the gate refused stay as they are */
	uint64_t started_ns; /* CLOCK_MONOTONIC */
	bool unsafe_told; /* that acquires of this kernel end in an oops */
	char trouble[960]; /* of the last refresh, "" = none */
	/* readers that follow events over HTTP: now, sent away as too slow, refused as too many */
	unsigned int streams;
	uint64_t streams_slow, streams_refused;
};

/*
 * Serve until SIGTERM or SIGINT: 0, or -errno with why. listen_fd is taken over; control is the
 * path of the control socket. Drops capabilities, proves that telemetry works without them, tells
 * the service manager READY, and STOPPING at the end.
 */
int service_run(struct service *s, int listen_fd, const char *control, struct why *why);

/*
 * The configuration may have changed: take it over, without setting anything up. 0, or -errno with
 * why and all as it was. Says in the log what became of it.
 */
int service_reload(struct service *s, struct why *why);

/* What follows may take long: the service manager is told to wait, or to watch as before. */
void service_patience(bool much);

/*
 * keep.c: put back what is gone of the pin and of the block policies; policy_left: an offloaded policy
 * has just left, and only the latter are looked at.
 */
void service_keep(struct service *s, bool policy_left);

/* answer.c: what readers are told; new references, NULL without memory. */
json_t *service_status(struct service *s);
/* What `ipso top` shows: SAs of q, devices, gate, the last n events, newest first. */
json_t *service_top(struct service *s, const struct sa_query *q, unsigned int n);
/* The newest n events, newest first, as objects. */
json_t *service_last_events(const struct service *s, unsigned int n);
/* What the service knows of itself beyond the snapshot. */
void service_self(struct service *s, const struct snapshot *snap, struct export_self *ret_self);
/* Which failures a reader asks for; all causes when nothing is set. */
struct failures_wanted {
	bool last;	     /* only the newest that fits */
	bool by_spi, by_event, by_age;
	uint32_t spi;	     /* host order */
	uint64_t event;	     /* number of an event */
	uint64_t max_age_ns;
};
/*
 * Explanations, newest first: the last of each cause, or those of the kept events that were asked
 * for. An event that is not kept, or that is no failure, gives one {"error":"TEXT"}.
 */
json_t *service_failures(struct service *s, const struct failures_wanted *want);
/* The gate holds what it must: 0, or -errno with why. */
int service_check_gate(const struct service *s, struct why *why);
/* 0 and "ok", or -errno and what is wrong. */
int service_health(struct service *s, char *buf, size_t size);

#endif
