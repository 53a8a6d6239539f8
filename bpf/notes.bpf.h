/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notes of the request that the current task has under way; see struct note in maps.bpf.h. */
#ifndef IPSO_BPF_NOTES_H
#define IPSO_BPF_NOTES_H

#include "maps.bpf.h"

static __always_inline void note_begin(void)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct note n = {};

	bpf_map_update_elem(&notes, &id, &n, BPF_ANY);
}

static __always_inline struct note *note_find(void)
{
	__u64 id = bpf_get_current_pid_tgid();

	return bpf_map_lookup_elem(&notes, &id);
}

/*
 * Move the note into a record. The first text wins over extack: the driver overwrites a specific
 * text with "Device failed to offload this policy" (mlx5 en_accel/ipsec.c).
 */
static __always_inline void note_end(struct netlink_ext_ack *extack, char *text,
				     struct ipso_fw_error *fw)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct note *n = bpf_map_lookup_elem(&notes, &id);
	const char *msg;

	if (n) {
		*fw = n->fw;
		bpf_probe_read_kernel_str(text, IPSO_TEXT, n->text);
		bpf_map_delete_elem(&notes, &id);
	}
	if (!text[0] && extack) {
		msg = BPF_CORE_READ(extack, _msg);
		if (msg)
			bpf_probe_read_kernel_str(text, IPSO_TEXT, msg);
	}
}

/* The request succeeded or is none of ours: forget what was said. */
static __always_inline void note_drop(void)
{
	__u64 id = bpf_get_current_pid_tgid();

	bpf_map_delete_elem(&notes, &id);
}

#endif
