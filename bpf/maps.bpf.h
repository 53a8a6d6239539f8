/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The maps, declared; maps.bpf.c defines those every object has, gate.bpf.c those of the gate. */
#ifndef IPSO_BPF_MAPS_H
#define IPSO_BPF_MAPS_H

#include "ipso/gate.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

/* A subprogram of its own: the verifier looks at it once a caller; not every file uses all. */
#define SUBPROG static __noinline __attribute__((unused))

/*
 * A global function: the verifier looks at it once, for any arguments, not once a caller and state.
 * It takes numbers and pointers to the caller's stack only; a kernel pointer is a number to it.
 */
#define GLOBAL __weak __attribute__((noinline))

#define EVENTS_BYTES (2 << 20) /* about 6000 of the largest records */

/* Records to user space: include/ipso/event.h. */
struct events_map {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, EVENTS_BYTES);
};
extern struct events_map events SEC(".maps");

/* Records that found no room, by enum ipso_event_kind. */
struct lost_map {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, IPSO_EV_MAX);
	__type(key, __u32);
	__type(value, __u64);
};
extern struct lost_map lost SEC(".maps");

/*
 * What was said while a request of this task is under way: its first extack text and its last
 * firmware error. Opened at the entry of a hooked function, closed at its exit. In the task's own
 * storage: it is there from the first request on, where a hash map needs an entry made and deleted
 * for each.
 */
struct note {
	struct ipso_fw_error fw;
	char text[IPSO_TEXT];
	__u32 open;
	__u32 way; /* enum ipso_way of the rules that the task hands to drivers now */
};
struct notes_map {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct note);
};
extern struct notes_map notes SEC(".maps");

#endif
