/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What ipso top shows and how: the state that keys change, and the drawing of it. */
#ifndef IPSO_CMD_TOP_H
#define IPSO_CMD_TOP_H

#include <jansson.h>
#include <stdbool.h>

#include "export/export.h"

struct top {
	char search[64];
	bool typing; /* keys go into search */
	bool paused;
	enum sa_order order;
	bool descending;
	unsigned int offset;
	json_t *seen; /* the last answer of the service; owned */
	char trouble[256]; /* why there is no newer one, "" = there is */
};

#define TOP_EVENTS 3 /* lines for them, where the screen has room */

unsigned int top_rows(const struct top *t); /* SAs that fit the screen */
void top_draw(const struct top *t);
/* The next order that has a column, or the one before. */
enum sa_order top_next_order(enum sa_order order, bool back);

#endif
