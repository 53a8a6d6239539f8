/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events that somebody may want to be woken for, in the journal with fields of their own. What
 * belongs to the life of SAs, policies and rules is not there: ten thousand SAs of a start are no
 * news, `ipso events` and /metrics have them.
 */
#ifndef IPSO_DAEMON_JOURNALD_H
#define IPSO_DAEMON_JOURNALD_H

#include <stdint.h>

#include "explain/explain.h"

#define JOURNALD_BURST 20		/* of a kind at once */
#define JOURNALD_STEP_NS 3000000000ull /* and one each 3 seconds after that */

/* Zeroed to begin with. */
struct journald {
	uint64_t due_ns[IPSO_EV_MAX];	/* when the next of a kind would come, were they spread evenly */
	uint64_t left_out[IPSO_EV_MAX]; /* since the last that was told */
};

/*
 * Tell the journal, if the event is one for it and not one of too many: those are counted, and
 * told with the next one. Arguments as collect_event_fn has them; number as in `ipso explain eN`.
 */
void journald_event(struct journald *j, const struct ipso_event_hdr *ev,
		    const struct explanation *ex, const char *tunnel, uint64_t number,
		    uint64_t now_ns);
/* Tell how many were left out, for when no next one comes. */
void journald_tell_rest(struct journald *j, uint64_t now_ns);

#endif
