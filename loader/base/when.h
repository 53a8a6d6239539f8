/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A point in the past, as a person writes it, and the clock that events carry. */
#ifndef IPSO_BASE_WHEN_H
#define IPSO_BASE_WHEN_H

#include <stdint.h>
#include <time.h>

/*
 * Seconds before now that s means: "90s", "10m", "2h", "1d"; "14:05" or "14:05:30", the last such
 * time of day in UTC; "2026-11-25T14:05:30Z". -EINVAL for anything else, -ERANGE for the future.
 */
#define WHEN_ALLOWED                                                                   \
	"90s, 10m, 2h, 1d, a time of day 14:05 or 14:05:30 (UTC), 2026-11-25T14:05:30Z, " \
	"not in the future"
int when_parse(const char *s, time_t now, uint64_t *ret_seconds);

uint64_t monotonic_ns(void); /* CLOCK_MONOTONIC, as bpf_ktime_get_ns() has it */

#endif
