/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ipso events: what the service has seen, and with -f goes on to see; a line each, flushed. */
#include <errno.h>
#include <stdio.h>

#include "base/log.h"
#include "cmd/cmd.h"
#include "daemon/client.h"
#include "daemon/control.h"
#include "export/export.h"

static int on_event(json_t *j, void *arg)
{
	const struct cmd_args *a = arg;
	const json_t *missed = json_object_get(j, "missed");

	if (missed) {
		log_warn("%lld events came before or faster than they were read and are gone",
			 (long long)json_integer_value(missed));
		return 0;
	}
	if (a->json) {
		json_dumpf(j, stdout, JSON_COMPACT);
		putchar('\n');
	} else {
		export_event_text(j, stdout);
	}
	/* A script waits for this line; one that stopped reading ends us. */
	return fflush(stdout) ? -EPIPE : 0;
}

int cmd_events(const struct cmd_args *a)
{
	struct cmd_args copy = *a;
	struct why why = {};
	int err = client_talk(CONTROL_PATH,
			      json_pack("{s:s, s:b}", "request", "events", "follow", a->follow),
			      on_event, &copy, &why);

	if (err == -EPIPE)
		return EXIT_DONE;
	if (!err && !a->follow)
		return EXIT_DONE;
	if (!err)
		why_set(&why, 0, "the service has ended");
	return cmd_fail(&why, EXIT_FAILED);
}
