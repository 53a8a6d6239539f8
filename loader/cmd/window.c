/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ipso window: a rekey window at once (daemon/window.h), by the service. */
#include <errno.h>
#include <stdio.h>

#include "cmd/cmd.h"
#include "daemon/client.h"
#include "daemon/control.h"

static int on_answer(json_t *j, void *arg)
{
	int *open = arg;

	return json_unpack(j, "{s:i}", "window", open) < 0 ? -EBADMSG : 0;
}

int cmd_window(const struct cmd_args *a)
{
	struct why why = {};
	int open = -1, err = client_talk(CONTROL_PATH, json_pack("{s:s}", "request", "window"), on_answer,
					 &open, &why);

	(void)a;
	if (!err && open < 0)
		err = why_set(&why, -EBADMSG, "the service closed the connection without an answer");
	if (err < 0)
		return cmd_fail(&why, EXIT_FAILED);
	if (!open)
		printf("no TC rule in hardware keeps SAs away: nothing to do\n");
	else
		printf("TC rules of %d device%s are out of hardware, and come back a second after new SAs, or "
		       "after 150 s\n", open, open == 1 ? "" : "s");
	return EXIT_DONE;
}
