/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a field that no kernel has: tests/check/btf.sh must find it. */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct net_device___planted {
	int planted;
};
#pragma clang attribute pop

SEC("syscall")
int reads(void *arg)
{
	return BPF_CORE_READ((struct net_device___planted *)arg, planted);
}
