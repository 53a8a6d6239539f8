/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One record: reserve, zero, fill the header; the caller fills the rest and submits. A reserve
 * that fails is counted for its kind, so that nothing is lost in silence.
 */
#ifndef IPSO_BPF_EMIT_H
#define IPSO_BPF_EMIT_H

#include "maps.bpf.h"

/* Who a record is about: the current task, or the kernel's own work in some task's context. */
enum actor { BY_TASK, BY_KERNEL };

static __always_inline void count_lost(__u32 kind)
{
	__u64 *n = bpf_map_lookup_elem(&lost, &kind);

	if (n)
		(*n)++;
}

static __always_inline void *emit_begin(__u32 kind, const __u32 size, enum actor by)
{
	struct ipso_event_hdr *h = bpf_ringbuf_reserve(&events, size, 0);

	if (!h) {
		count_lost(kind);
		return NULL;
	}
	__builtin_memset(h, 0, size);
	h->version = IPSO_EVENT_VERSION;
	h->kind = kind;
	h->len = size;
	h->ktime = bpf_ktime_get_ns();
	if (by == BY_TASK) {
		h->pid = bpf_get_current_pid_tgid() >> 32;
		h->uid = (__u32)bpf_get_current_uid_gid();
		bpf_get_current_comm(h->comm, sizeof(h->comm));
	}
	return h;
}

static __always_inline void emit_end(void *record)
{
	bpf_ringbuf_submit(record, 0);
}

#endif
