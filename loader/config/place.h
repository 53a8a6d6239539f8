/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where in the file each member of the configuration was written, so that a rule across keys can
 * name the exact line. Private to config/; alive from load to check.
 */
#ifndef IPSO_CONFIG_PLACE_H
#define IPSO_CONFIG_PLACE_H

#include "config/config.h"

struct cfg_place {
	const void *member;
	struct cfg_at at;
};

struct cfg_places {
	const char *path; /* of the file, for messages; borrowed */
	struct cfg_place *list;
	unsigned int count, room;
	struct why *why;
};

/* Remember that member was written at `at`: 0 or -ENOMEM. */
int place_add(struct cfg_places *p, const void *member, struct cfg_at at);
/* Order the list for place_of(); after the last place_add(). */
void place_sort(struct cfg_places *p);
/* Where member was written; its line is 0 when it was not. */
struct cfg_at place_of(const struct cfg_places *p, const void *member);
void place_free(struct cfg_places *p);

/* Fill why->what with "FILE:LINE:COLUMN: " and the message; always -EINVAL. */
int place_error(const struct cfg_places *p, struct cfg_at at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The same at member, or at `item` when the member has its default. */
int place_error_of(const struct cfg_places *p, const void *member, struct cfg_at item,
		   const char *fmt, ...) __attribute__((format(printf, 4, 5)));

#endif
