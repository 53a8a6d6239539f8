/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPU time of short work, measured in many short blocks of which the median counts: where a busy
 * machine takes the processor away from a virtual one, it takes it from few of them.
 */
#ifndef IPSO_BENCH_BLOCKS_H
#define IPSO_BENCH_BLOCKS_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* ns of CLOCK_PROCESS_CPUTIME_ID, or of another clock */
static inline long long blocks_now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static inline int blocks_compare(const void *a, const void *b)
{
	long long x = *(const long long *)a, y = *(const long long *)b;

	return x < y ? -1 : x > y;
}

/* ns: time of each of n blocks of `size` pieces of work; sorted. Prints ns for one piece. */
static inline void blocks_print(long long *ns, unsigned int n, unsigned int size)
{
	qsort(ns, n, sizeof(*ns), blocks_compare);
	printf("%lld\n", ns[n / 2] / size);
}

#endif
