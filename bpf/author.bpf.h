/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who started the current task, and whose control group it is in. */
#ifndef IPSO_BPF_AUTHOR_H
#define IPSO_BPF_AUTHOR_H

#include "maps.bpf.h"

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
