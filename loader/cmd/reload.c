/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipso reload: what `up` does, with the file that the service runs with; then the service takes the
 * file over. The service itself could not: it has given up what set-up needs.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "apply/apply.h"
#include "base/log.h"
#include "base/mem.h"
#include "cmd/setup.h"
#include "daemon/client.h"
#include "daemon/control.h"

/* Where the service's configuration is, seen from here: it may have been named from its folder. */
static int on_status(json_t *j, void *arg)
{
	const char *config;
	char *path = arg;
	int pid;

	if (json_unpack(j, "{s:{s:s, s:i}}", "service", "config", &config, "pid", &pid) < 0)
		return 0;
	if (*config == '/')
		snprintf(path, PATH_MAX, "%s", config);
	else
		snprintf(path, PATH_MAX, "/proc/%d/cwd/%s", pid, config);
	return 0;
}

static int on_reload(json_t *j, void *arg)
{
	bool *done = arg;

	*done = json_is_true(json_object_get(j, "reloaded"));
	return 0;
}

static int find_config(char path[PATH_MAX], struct why *why)
{
	int err = client_talk(CONTROL_PATH, json_pack("{s:s}", "request", "status"), on_status, path,
			      why);

	if (!err && !*path)
		err = why_set(why, -EBADMSG, "the service does not say what its configuration is");
	return err;
}

static int tell_service(struct why *why)
{
	bool done = false;
	int err = client_talk(CONTROL_PATH, json_pack("{s:s}", "request", "reload"), on_reload, &done,
			      why);

	if (!err && !done)
		err = why_set(why, -EBADMSG, "the service closed the connection without an answer");
	return err;
}

int cmd_reload(const struct cmd_args *a)
{
	_cleanup_(setup_free) struct setup s = {};
	struct setup_progress progress = {};
	struct cmd_args args = *a;
	char path[PATH_MAX] = "";
	enum exit_code code;
	unsigned int done = 0;
	struct why why = {};

	if (find_config(path, &why) < 0)
		return cmd_fail(&why, EXIT_FAILED);
	args.config = path;
	code = setup_prepare(&args, &s, &why);
	if (code != EXIT_DONE) {
		cmd_fail(&why, code);
		log_err(0, "nothing was changed, and the service goes on as before");
		return code;
	}
	setup_warn_keys(s.cfg, s.st, s.plan);
	if (apply_up(s.cfg, &s.st, s.plan, setup_print, &progress, &done, &why) < 0 ||
	    tell_service(&why) < 0)
		return cmd_fail(&why, EXIT_FAILED);
	printf("reload: %u step%s done, the service has the new configuration\n", done,
	       done == 1 ? "" : "s");
	return EXIT_DONE;
}
