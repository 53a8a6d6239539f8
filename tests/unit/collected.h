/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A collector without hooks, and what it told of the records that it was given. */
#ifndef IPSO_TEST_COLLECTED_H
#define IPSO_TEST_COLLECTED_H

#include <stdio.h>
#include <string.h>

#include "collect/internal.h"

static struct {
	unsigned int calls, explained;
	unsigned int sas; /* of the last link that went */
	char tunnel[64];			/* of the last event */
	char id[8], what[160], cause[512], in_the_way[512]; /* of the last explanation */
} seen;

static inline void on_event(const struct ipso_event_hdr *ev, const struct explanation *why,
			    const char *tunnel, void *arg)
{
	(void)arg;
	seen.calls++;
	snprintf(seen.tunnel, sizeof(seen.tunnel), "%s", tunnel);
	if (ev->kind == IPSO_EV_LINK)
		seen.sas = ((const struct ipso_event_link *)ev)->sas;
	if (why) {
		seen.explained++;
		strcpy(seen.id, why->id);
		strcpy(seen.what, why->what);
		strcpy(seen.cause, why->cause);
		strcpy(seen.in_the_way, why->in_the_way);
	}
}

static inline int setup(void **state)
{
	struct collect *c = NULL;

	memset(&seen, 0, sizeof(seen));
	if (collect_new(NULL, on_event, NULL, &c, NULL))
		return -1;
	*state = c;
	return 0;
}

static inline int teardown(void **state)
{
	struct collect *c = *state;

	collect_free(&c);
	return 0;
}

#endif
