/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ipso status: the table of the running service, for people or as JSON. */
#include <stdio.h>

#include "cmd/cmd.h"
#include "daemon/client.h"
#include "daemon/control.h"
#include "export/export.h"

struct wanted {
	bool json;
	bool answered;
};

static void print_service(const json_t *service)
{
	const char *version = "", *config = "", *trouble = "";
	json_int_t uptime = 0;
	int pid = 0;

	json_unpack((json_t *)service, "{s?s, s?s, s?s, s?I, s?i}", "version", &version, "config",
		    &config, "trouble", &trouble, "uptime_seconds", &uptime, "pid", &pid);
	printf("ipso %s, process %d, up %lld s, %s\n", version, pid, (long long)uptime, config);
	if (*trouble)
		printf("trouble: %s\n", trouble);
}

static int on_status(json_t *j, void *arg)
{
	struct wanted *w = arg;

	w->answered = true;
	if (w->json) {
		json_dumpf(j, stdout, JSON_INDENT(2));
		putchar('\n');
		return 0;
	}
	print_service(json_object_get(j, "service"));
	export_status_text(j, stdout);
	return 0;
}

int cmd_status(const struct cmd_args *a)
{
	struct wanted w = {.json = a->json};
	struct why why = {};
	int err = client_talk(CONTROL_PATH, json_pack("{s:s}", "request", "status"), on_status, &w,
			      &why);

	if (!err && !w.answered)
		err = why_set(&why, 0, "the service closed the connection without an answer");
	return err < 0 || !w.answered ? cmd_fail(&why, EXIT_FAILED) : EXIT_DONE;
}
