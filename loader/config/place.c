/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Places of members in the file, and messages that begin with them. */
#include "config/place.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

int place_add(struct cfg_places *p, const void *member, struct cfg_at at)
{
	if (p->count == p->room) {
		unsigned int room = p->room ? 2 * p->room : 64;
		struct cfg_place *list = reallocarray(p->list, room, sizeof(*list));

		if (!list)
			return -ENOMEM;
		p->list = list;
		p->room = room;
	}
	p->list[p->count++] = (struct cfg_place){member, at};
	return 0;
}

static int by_member(const void *a, const void *b)
{
	const struct cfg_place *x = a, *y = b;
	uintptr_t l = (uintptr_t)x->member, r = (uintptr_t)y->member;

	return l < r ? -1 : l > r;
}

void place_sort(struct cfg_places *p)
{
	if (p->count)
		qsort(p->list, p->count, sizeof(*p->list), by_member);
}

struct cfg_at place_of(const struct cfg_places *p, const void *member)
{
	struct cfg_place key = {.member = member}, *found = NULL;

	if (p->count)
		found = bsearch(&key, p->list, p->count, sizeof(*p->list), by_member);
	return found ? found->at : (struct cfg_at){};
}

void place_free(struct cfg_places *p)
{
	free(p->list);
	p->list = NULL;
	p->count = p->room = 0;
}

static int error_at(const struct cfg_places *p, struct cfg_at at, const char *fmt, va_list ap)
{
	char text[sizeof(p->why->what)];

	vsnprintf(text, sizeof(text), fmt, ap);
	return why_set(p->why, -EINVAL, "%s:%u:%u: %s", p->path, at.line, at.column, text);
}

int place_error(const struct cfg_places *p, struct cfg_at at, const char *fmt, ...)
{
	va_list ap;
	int err;

	va_start(ap, fmt);
	err = error_at(p, at, fmt, ap);
	va_end(ap);
	return err;
}

int place_error_of(const struct cfg_places *p, const void *member, struct cfg_at item,
		   const char *fmt, ...)
{
	struct cfg_at at = place_of(p, member);
	va_list ap;
	int err;

	va_start(ap, fmt);
	err = error_at(p, at.line ? at : item, fmt, ap);
	va_end(ap);
	return err;
}
