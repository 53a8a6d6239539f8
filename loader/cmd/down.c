/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ipso down: take back what ipso did on this host, newest first, and nothing else. */
#include <stdio.h>

#include "apply/apply.h"
#include "cmd/setup.h"

int cmd_down(const struct cmd_args *a)
{
	struct setup_progress progress = {};
	unsigned int done = 0;
	struct why why = {};

	(void)a;
	if (apply_down(setup_print, &progress, &done, &why) < 0)
		return cmd_fail(&why, EXIT_FAILED);
	if (done)
		printf("down: %u step%s undone\n", done, done == 1 ? "" : "s");
	else
		printf("down: nothing to undo\n");
	return EXIT_DONE;
}
