/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prints the frequency of this machine's time stamp counter in kHz. Emulated guests see the same
 * counter but measure it against emulated timers, which goes wrong by a factor when the machine is
 * busy: so they are told instead.
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

struct stamp {
	uint64_t tsc;
	int64_t ns;
};

/* Both clocks at one moment: of several tries, the one that was disturbed the least. */
static struct stamp now(void)
{
	uint64_t best = UINT64_MAX;
	struct stamp s = { 0 };

	for (int i = 0; i < 50; i++) {
		struct timespec ts;
		uint64_t before = __rdtsc(), after;

		clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
		after = __rdtsc();
		if (after - before >= best)
			continue;
		best = after - before;
		s.tsc = before + best / 2;
		s.ns = ts.tv_sec * 1000000000LL + ts.tv_nsec;
	}
	return s;
}

int main(void)
{
	struct stamp start = now(), end;

	nanosleep(&(struct timespec){ .tv_nsec = 200000000 }, NULL);
	end = now();
	printf("%llu\n", (unsigned long long)((double)(end.tsc - start.tsc) * 1e6 /
					      (double)(end.ns - start.ns) + 0.5));
	return 0;
}
