/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ipso up: from what is to what the configuration wants, each step shown as it is done. */
#include <stdio.h>

#include "apply/apply.h"
#include "base/mem.h"
#include "cmd/setup.h"

int cmd_up(const struct cmd_args *a)
{
	_cleanup_(setup_free) struct setup s = {};
	struct setup_progress progress = {};
	enum exit_code code;
	unsigned int done = 0;
	struct why why = {};
	int err;

	code = setup_prepare(a, &s, &why);
	if (code != EXIT_DONE)
		return cmd_fail(&why, code);
	setup_warn_keys(s.cfg, s.st, s.plan);
	err = apply_up(s.cfg, &s.st, s.plan, setup_print, &progress, &done, &why);
	if (err < 0)
		return cmd_fail(&why, EXIT_FAILED);
	if (done)
		printf("up: %u step%s done\n", done, done == 1 ? "" : "s");
	else
		printf("up: nothing to do, everything is as configured\n");
	return EXIT_DONE;
}
