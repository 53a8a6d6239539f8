/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flows of Open vSwitch that the gate refused while this service runs, whoever opened it since: `ipso
 * up`, an IKE daemon with its first SA, somebody by hand. Open vSwitch does not try them again by
 * itself, so it is had make them anew once their eswitch is open.
 */
#ifndef IPSO_DAEMON_AGAIN_H
#define IPSO_DAEMON_AGAIN_H

#include "apply/apply.h"
#include "ipso/event.h"
#include "ipso/gate.h"

struct service;

struct again {
	apply_progress_fn fn; /* told of every step */
	void *arg;
	struct {
		uint32_t pci;	/* an eswitch from which a flow was kept */
		uint64_t ktime; /* the last time */
	} list[IPSO_GATE_MAX];
	unsigned int count;
	uint64_t rest_ns; /* not before: the last try failed */
};

/* One record of the kernel. */
void again_event(struct again *a, const struct ipso_event_hdr *ev);
/* Once a second, while count is not 0. */
void again_tend(struct again *a, const struct service *s);

#endif
