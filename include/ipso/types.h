/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fixed-width types for headers that both worlds include: BPF programs take them from vmlinux.h,
 * user space from <linux/types.h>. Records that cross the boundary have no hidden padding; every
 * one of them asserts its size here, so that clang -target bpf and the host compiler agree.
 */
#ifndef IPSO_TYPES_H
#define IPSO_TYPES_H

#ifdef __bpf__
#include "vmlinux.h"
#else
#include <linux/types.h>
#endif

#define IPSO_ASSERT_SIZE(type, bytes) \
	_Static_assert(sizeof(type) == (bytes), #type " must be " #bytes " bytes")

#endif
