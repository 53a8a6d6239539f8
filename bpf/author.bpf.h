/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program of the current task, who started it, and whose control group it is in. */
#ifndef IPSO_BPF_AUTHOR_H
#define IPSO_BPF_AUTHOR_H

#include "maps.bpf.h"

/* Threads have names of their own: NetworkManager writes sriov_numvfs in one that GLib calls pool-0. */
static __always_inline void program_name(char comm[IPSO_COMM])
{
	struct task_struct *task = (void *)bpf_get_current_task(),
			   *leader = BPF_CORE_READ(task, group_leader);

	bpf_probe_read_kernel_str(comm, IPSO_COMM, leader->comm);
}

static __always_inline void author_of(struct ipso_author *a)
{
	struct task_struct *task = (void *)bpf_get_current_task(), *by = task;
	int i;

#pragma unroll
	for (i = 0; i < IPSO_STARTERS; i++) {
		by = BPF_CORE_READ(by, real_parent);
		bpf_probe_read_kernel_str(a->by[i], sizeof(a->by[i]), by->comm);
	}
	if (bpf_core_field_exists(task->cgroups))
		bpf_probe_read_kernel_str(a->unit, sizeof(a->unit),
					  BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, name));
}

#endif
