/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets and bytes a second. The driver reads its counters once a second and so do we: two
 * readings in a row may see none of its, or two. The rate is therefore that of the last one to two
 * RATE_MS.
 */
#include "collect/internal.h"

#define RATE_MS 3000
#define NSEC_PER_MSEC 1000000

void rate_take(struct sa_node *n, uint64_t now_ns)
{
	struct sa_row *r = &n->row;
	struct sa_mark now = {r->now.packets, r->now.bytes};
	uint32_t ms = (uint32_t)(now_ns / NSEC_PER_MSEC);
	double seconds;

	/* another SA under the same key begins again */
	if (!n->from_ms || now.packets < n->from.packets || now.bytes < n->from.bytes) {
		n->from = n->next_from = now;
		n->from_ms = n->next_from_ms = ms ? ms : 1;
	}
	if (ms - n->next_from_ms >= RATE_MS) {
		n->from = n->next_from;
		n->from_ms = n->next_from_ms;
		n->next_from = now;
		n->next_from_ms = ms ? ms : 1;
	}
	seconds = (double)(ms - n->from_ms) / 1e3;
	r->packet_rate = seconds > 0 ? (float)((double)(now.packets - n->from.packets) / seconds) : 0;
	r->byte_rate = seconds > 0 ? (float)((double)(now.bytes - n->from.bytes) / seconds) : 0;
}
