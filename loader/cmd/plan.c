/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ipso plan: the steps `up` would take, as text, JSON or a shell script. */
#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/shell.h"
#include "cmd/setup.h"
#include "render/script.h"

static void free_json(json_t **j)
{
	json_decref(*j);
}

static int print_json(const struct setup *s)
{
	_cleanup_(free_json) json_t *steps = json_array();
	int failed = !steps;

	for (unsigned int i = 0; !failed && i < s->plan->count; i++) {
		const struct step *step = &s->plan->steps[i];
		char text[256], command[768];

		step_text(s->cfg, s->st, step, text, sizeof(text));
		step_command(s->cfg, s->st, step, command, sizeof(command));
		failed = json_array_append_new(
				 steps, json_pack("{s:s, s:b, s:s, s:s}", "step",
						  step_kind_name(step->kind), "removes",
						  step->gone && !puts_back(step),
						  "text", text, "command",
						  command)) < 0;
	}
	failed = failed || json_dumpf(steps, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER) < 0;
	printf("\n");
	return failed ? EXIT_FAILED : EXIT_DONE;
}

static int print_text(const struct setup *s)
{
	struct setup_progress progress = {};

	for (unsigned int i = 0; i < s->plan->count; i++) {
		char text[256], command[768];

		step_text(s->cfg, s->st, &s->plan->steps[i], text, sizeof(text));
		step_command(s->cfg, s->st, &s->plan->steps[i], command, sizeof(command));
		setup_print(text, command, false, 0, &progress);
	}
	if (!s->plan->count)
		printf("plan: nothing to do, everything is as configured\n");
	return EXIT_DONE;
}

static const char about[] =
	"# What `ipso up` would do on this host as it is now; made by ipso plan --shell.\n"
	"# Each step once, in the order that the driver needs; it ends at the first that "
	"fails. Unlike\n"
	"# ipso up it reads nothing back, keeps no journal and undoes nothing.\n"
	"# IPSO names the program that installs the gate, the one step that no other tool does.\n";

/* The functions that the steps of a plan call. */
static unsigned int script_parts(const struct ipso_plan *p)
{
	unsigned int parts = 0;

	for (unsigned int i = 0; i < p->count; i++) {
		switch (p->steps[i].kind) {
		case STEP_SA:
			parts |= p->steps[i].gone ? 0 : SCRIPT_KEYS | SCRIPT_NETDEVS;
			break;
		case STEP_VF_UNBIND:
		case STEP_VF_BIND:
		case STEP_PORT_IPSEC:
		case STEP_PORT_ROCE:
			parts |= SCRIPT_PORTS;
			break;
		case STEP_PORT_MAC: /* in legacy by the uplink */
			parts |= SCRIPT_PORTS | SCRIPT_NETDEVS;
			break;
		default:
			parts |= SCRIPT_NETDEVS;
		}
	}
	return parts;
}

static int print_shell(const struct setup *s)
{
	size_t size = 2 * SHELL_LEN(PATH_MAX);
	_free_ char *command = malloc(size);

	if (!command)
		return EXIT_FAILED;
	script_begin(stdout, about, script_parts(s->plan));
	for (unsigned int i = 0; i < s->plan->count; i++) {
		const struct step *step = &s->plan->steps[i];
		char text[256];
		int err = step_shell(s->cfg, s->st, step, command, size);

		if (err < 0) {
			log_err(err, "plan: step %u cannot be written as a command", i + 1);
			return EXIT_FAILED;
		}
		step_text(s->cfg, s->st, step, text, sizeof(text));
		printf("# %u. %s\n%s\n", i + 1, text, command);
	}
	if (!s->plan->count)
		puts("# Nothing to do, everything is as configured.");
	return EXIT_DONE;
}

/* A script is run from anywhere: it names the configuration and its keys by their full paths. */
static const char *full_path(const char *path, char buf[PATH_MAX])
{
	return realpath(path, buf) ? buf : path;
}

int cmd_plan(const struct cmd_args *a)
{
	_cleanup_(setup_free) struct setup s = {};
	struct cmd_args args = *a;
	char path[PATH_MAX];
	struct why why = {};
	enum exit_code code;

	if (a->shell && a->json) {
		log_err(0, "plan: found --json and --shell; allowed: one of them");
		return EXIT_USAGE;
	}
	if (a->shell)
		args.config = full_path(a->config, path);
	code = setup_prepare(&args, &s, &why);
	if (code != EXIT_DONE)
		return cmd_fail(&why, code);
	if (a->shell)
		return print_shell(&s);
	return a->json ? print_json(&s) : print_text(&s);
}
