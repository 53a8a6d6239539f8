// SPDX-License-Identifier: GPL-2.0-or-later
//
// Preloaded into a kernel build: large anonymous mappings ask for huge pages, as malloc does by
// itself with the tunable glibc.malloc.hugetlb=1. The compiler takes its memory by mmap() and
// leaves it by exiting, some two thousand times; where the build host is a virtual machine, faults
// on small pages are a third of its time.
#define _GNU_SOURCE
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

void *mmap(void *at, size_t length, int protection, int flags, int fd, off_t offset)
{
	void *mapped = (void *)syscall(SYS_mmap, at, length, protection, flags, fd, offset);

	if (mapped != MAP_FAILED && (flags & MAP_ANONYMOUS) && length >= 2 << 20)
		madvise(mapped, length, MADV_HUGEPAGE); // a wish: a kernel without them declines
	return mapped;
}
