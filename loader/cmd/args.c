/* SPDX-License-Identifier: GPL-2.0-or-later */
/* argv to command and arguments, strictly; help and version, which print the same rows. */
#include "cmd/cmd.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"

#define OVERVIEW_WIDTH 19

static const struct command first = {.name = "", .help = "", .run = cmd_first};

static const struct command *find_command(const char *name)
{
	for (unsigned int i = 0; i < commands_count; i++) {
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	}
	return NULL;
}

/* The row of cmd that arg names; ret_value is what follows "=", NULL when there is none. */
static const struct cmd_option *find_option(const struct command *cmd, const char *arg,
					    const char **ret_value)
{
	for (unsigned int i = 0; i < cmd_options_count; i++) {
		size_t len = strlen(cmd_options[i].full);

		*ret_value = NULL;
		if (!(cmd->options & cmd_options[i].bit))
			continue;
		if (cmd_options[i].brief && strcmp(arg, cmd_options[i].brief) == 0)
			return &cmd_options[i];
		if (strncmp(arg, cmd_options[i].full, len) == 0 && (!arg[len] || arg[len] == '=')) {
			*ret_value = arg[len] ? arg + len + 1 : NULL;
			return &cmd_options[i];
		}
	}
	return NULL;
}

static int add_word(struct cmd_words *w, const struct cmd_option *row, const char *value)
{
	if (w->count == CMD_WORDS_MAX) {
		log_err(0, "option %s is given more than %d times", row->full, CMD_WORDS_MAX);
		return -EINVAL;
	}
	w->word[w->count++] = value;
	return 0;
}

static int set_option(struct cmd_args *a, const struct cmd_option *row, const char *value)
{
	switch (row->bit) {
	case OPT_CONFIG:
		a->config = value;
		a->config_given = true;
		break;
	case OPT_JSON:
		a->json = true;
		break;
	case OPT_VERBOSE:
		a->verbose = true;
		break;
	case OPT_DOWN:
		a->down = true;
		break;
	case OPT_FOLLOW:
		a->follow = true;
		break;
	case OPT_SHELL:
		a->shell = true;
		break;
	case OPT_FOR:
		a->tool = value;
		break;
	case OPT_PEER:
		a->peer = true;
		break;
	case OPT_PEER_DIR:
		a->peer_dir = value;
		break;
	case OPT_UNTIL:
		a->until = value;
		break;
	case OPT_SINCE:
		a->since = value;
		break;
	case OPT_DEVICE:
		return add_word(&a->devices, row, value);
	case OPT_TUNNEL:
		return add_word(&a->tunnels, row, value);
	case OPT_KIND:
		return add_word(&a->kinds, row, value);
	}
	return 0;
}

/* One option at argv[*i]; advances *i over its value. */
static int parse_option(const struct command *cmd, int argc, char **argv, int *i,
			struct cmd_args *a)
{
	const char *value;
	const struct cmd_option *row = find_option(cmd, argv[*i], &value);

	if (!row) {
		log_err(0, "%s: unknown option %s; `ipso help %s` lists them", cmd->name, argv[*i],
			cmd->name);
		return -EINVAL;
	}
	if (!row->metavar && value) {
		log_err(0, "%s: option %s takes no value", cmd->name, row->full);
		return -EINVAL;
	}
	if (row->metavar && !value && *i + 1 < argc)
		value = argv[++*i];
	if (row->metavar && (!value || !*value)) {
		log_err(0, "%s: option %s needs a value: %s", cmd->name, row->full, row->metavar);
		return -EINVAL;
	}
	return set_option(a, row, value);
}

static int check_operand(const struct command *cmd, const struct cmd_args *a)
{
	if (cmd->operand && cmd->operand[0] != '[' && !a->operand) {
		log_err(0, "%s: say which: %s", cmd->name, cmd->operand);
		return -EINVAL;
	}
	return 0;
}

static bool is_help(const char *arg)
{
	return strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0;
}

static int parse_rest(const struct command *cmd, int argc, char **argv,
		      const struct command **ret_cmd, struct cmd_args *ret_a)
{
	struct cmd_args a = {.config = DEFAULT_CONFIG};
	bool only_operands = false;

	for (int i = 0; i < argc; i++) {
		if (!only_operands && is_help(argv[i])) {
			*ret_a = (struct cmd_args){.operand = cmd->name};
			*ret_cmd = find_command("help");
			return 0;
		}
		if (!only_operands && strcmp(argv[i], "--") == 0) {
			only_operands = true;
		} else if (!only_operands && argv[i][0] == '-' && argv[i][1]) {
			int err = parse_option(cmd, argc, argv, &i, &a);

			if (err < 0)
				return err;
		} else if (!cmd->operand || a.operand) {
			log_err(0, "%s: unexpected argument \"%s\"; `ipso help %s` shows the usage",
				cmd->name, argv[i], cmd->name);
			return -EINVAL;
		} else {
			a.operand = argv[i];
		}
	}
	if (check_operand(cmd, &a) < 0)
		return -EINVAL;
	*ret_a = a;
	*ret_cmd = cmd;
	return 0;
}

int args_parse(int argc, char **argv, const struct command **ret_cmd, struct cmd_args *ret_a)
{
	const char *name = argc > 1 ? argv[1] : "";
	const struct command *cmd;

	if (argc < 2) {
		*ret_cmd = &first;
		*ret_a = (struct cmd_args){};
		return 0;
	}
	if (is_help(name))
		name = "help";
	else if (strcmp(name, "--version") == 0)
		name = "version";
	cmd = find_command(name);
	if (!cmd) {
		log_err(0, "unknown %s \"%s\"; `ipso help` lists the commands",
			name[0] == '-' ? "option" : "command", name);
		return -EINVAL;
	}
	return parse_rest(cmd, argc - 2, argv + 2, ret_cmd, ret_a);
}

static void print_command(const struct command *cmd)
{
	printf("usage: ipso %s%s%s%s\n\n%s\n", cmd->name, cmd->options ? " [OPTIONS]" : "",
	       cmd->operand ? " " : "", cmd->operand ? cmd->operand : "", cmd->help);
	for (unsigned int i = 0; i < cmd_options_count; i++) {
		const struct cmd_option *row = &cmd_options[i];
		char names[48];

		if (!(cmd->options & row->bit))
			continue;
		snprintf(names, sizeof(names), "%s%s%s%s%s", row->brief ? row->brief : "",
			 row->brief ? ", " : "    ", row->full, row->metavar ? " " : "",
			 row->metavar ? row->metavar : "");
		printf("  %-22s %s\n", names, row->help);
	}
	if (cmd->example)
		printf("\nexample: %s\n", cmd->example);
}

static void print_overview(void)
{
	puts("ipso sets up, guards and watches IPsec packet offload on mlx5 network cards.\n\n"
	     "usage: ipso COMMAND [OPTIONS]\n");
	for (unsigned int i = 0; i < commands_count; i++) {
		char name[OVERVIEW_WIDTH + 1];
		int len = snprintf(name, sizeof(name), "%s%s%s", commands[i].name,
				   commands[i].operand ? " " : "",
				   commands[i].operand ? commands[i].operand : "");

		/* An operand that is too long for its column is told by the command's own help. */
		printf("  %-*s %s\n", OVERVIEW_WIDTH,
		       len > OVERVIEW_WIDTH ? commands[i].name : name, commands[i].help);
	}
	puts("\nexit status: 0 done, 1 failed, 2 bad usage or configuration (nothing was\n"
	     "changed), 3 refused, it cannot work on this host\n"
	     "start: ipso sample > ipso.yaml; edit it; ipso check -c ipso.yaml;\n"
	     "       ipso run -c ipso.yaml");
}

int cmd_help(const struct cmd_args *a)
{
	const struct command *cmd = a->operand ? find_command(a->operand) : NULL;

	if (a->operand && !cmd) {
		log_err(0, "help: unknown command \"%s\"; `ipso help` lists the commands",
			a->operand);
		return EXIT_USAGE;
	}
	if (cmd)
		print_command(cmd);
	else
		print_overview();
	return EXIT_DONE;
}

int cmd_version(const struct cmd_args *a)
{
	(void)a;
	puts("ipso " IPSO_VERSION);
	return EXIT_DONE;
}
