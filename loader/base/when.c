/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ages, times of day and timestamps. */
#include "base/when.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define DAY 86400

static int parse_age(const char *s, uint64_t *ret_seconds)
{
	static const struct {
		char unit;
		uint64_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', DAY}};
	size_t digits = strspn(s, "0123456789");

	if (!digits || digits > 9 || strlen(s) != digits + 1)
		return -EINVAL;
	for (unsigned int i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (units[i].unit != s[digits])
			continue;
		*ret_seconds = strtoull(s, NULL, 10) * units[i].seconds;
		return 0;
	}
	return -EINVAL;
}

/* The whole of s by one strptime(3) format. */
static bool parse_as(const char *s, const char *format, struct tm *ret_tm)
{
	struct tm tm = {0};
	const char *end = strptime(s, format, &tm);

	if (!end || *end)
		return false;
	*ret_tm = tm;
	return true;
}

int when_parse(const char *s, time_t now, uint64_t *ret_seconds)
{
	struct tm tm;
	time_t then;

	if (parse_age(s, ret_seconds) == 0)
		return 0;
	if (parse_as(s, "%H:%M:%S", &tm) || parse_as(s, "%H:%M", &tm)) {
		then = now - now % DAY + tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec;
		then -= then > now ? DAY : 0;
	} else if (parse_as(s, "%Y-%m-%dT%H:%M:%SZ", &tm)) {
		then = timegm(&tm);
	} else {
		return -EINVAL;
	}
	if (then > now)
		return -ERANGE;
	*ret_seconds = (uint64_t)(now - then);
	return 0;
}

uint64_t monotonic_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}
