/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oncpu PID: ns that another process was on a CPU; /proc counts in hundredths of a second. */
#include <stdio.h>
#include <stdlib.h>

#include "blocks.h"

int main(int argc, char **argv)
{
	clockid_t clock;

	if (argc != 2 || clock_getcpuclockid(atoi(argv[1]), &clock))
		return 2;
	printf("%lld\n", blocks_now(clock));
	return 0;
}
