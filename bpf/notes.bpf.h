/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notes of the request that the current task has under way; see struct note in maps.bpf.h. */
#ifndef IPSO_BPF_NOTES_H
#define IPSO_BPF_NOTES_H

#include "maps.bpf.h"

/* The task's note, open or not; NULL when it has none and cannot be given one. */
static __always_inline struct note *note_of_task(__u64 flags)
{
	return bpf_task_storage_get(&notes, bpf_get_current_task_btf(), NULL, flags);
}

static __always_inline void note_begin(void)
{
	struct note *n = note_of_task(BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (!n)
		return;
	__builtin_memset(&n->fw, 0, sizeof(n->fw));
	n->text[0] = '\0';
	n->open = 1;
}

/* The note of the request under way, NULL when there is none. */
static __always_inline struct note *note_find(void)
{
	struct note *n = note_of_task(0);

	return n && n->open ? n : NULL;
}

/* What the request's answer says, text being empty so far. */
static __always_inline void answer_text(struct netlink_ext_ack *extack, char *text)
{
	const char *msg = BPF_CORE_READ(extack, _msg);

	if (msg)
		bpf_probe_read_kernel_str(text, IPSO_TEXT, msg);
}

/*
 * Move the note into a record. The first text wins over extack: the driver overwrites a specific
 * text with "Device failed to offload this policy" (mlx5 en_accel/ipsec.c).
 */
static __always_inline void note_end(struct netlink_ext_ack *extack, char *text,
				     struct ipso_fw_error *fw)
{
	struct note *n = note_find();

	if (n) {
		n->open = 0;
		*fw = n->fw;
		if (n->text[0])
			bpf_probe_read_kernel_str(text, IPSO_TEXT, n->text);
	}
	if (!text[0] && extack)
		answer_text(extack, text);
}

/* There is no record to move it into. */
static __always_inline void note_drop(void)
{
	struct note *n = note_find();

	if (n)
		n->open = 0;
}

#endif
