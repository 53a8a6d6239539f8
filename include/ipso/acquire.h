/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the guard of acquires (bpf/acquire.bpf.c) tells user space. */
#ifndef IPSO_ACQUIRE_H
#define IPSO_ACQUIRE_H

#include "ipso/types.h"

struct ipso_acquires {
	__u64 unsafe_ns; /* CLOCK_MONOTONIC: a policy was last seen whose acquire would oops; 0 = none yet */
	__u64 refused;
};
IPSO_ASSERT_SIZE(struct ipso_acquires, 16);

#endif
