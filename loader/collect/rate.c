/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets and bytes a second. The driver reads its counters once a second and so do we: two
 * readings in a row may see none of its, or two. The rate is therefore that of the last one to two
 * RATE_NS.
 */
#include "collect/internal.h"

#define RATE_NS 3000000000ull

void rate_take(struct sa_node *n, uint64_t now_ns)
{
	struct sa_row *r = &n->row;
	struct sa_mark now = {now_ns, r->now.packets, r->now.bytes};
	double seconds;

	/* another SA under the same key begins again */
	if (!n->from.ns || now.packets < n->from.packets || now.bytes < n->from.bytes)
		n->from = n->next_from = now;
	if (now_ns - n->next_from.ns >= RATE_NS) {
		n->from = n->next_from;
		n->next_from = now;
	}
	seconds = (double)(now_ns - n->from.ns) / 1e9;
	r->packet_rate = seconds > 0 ? (float)((double)(now.packets - n->from.packets) / seconds) : 0;
	r->byte_rate = seconds > 0 ? (float)((double)(now.bytes - n->from.bytes) / seconds) : 0;
}
