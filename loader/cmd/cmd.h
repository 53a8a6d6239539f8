/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line is data: one row a command, read by dispatch, help, manual and completion. */
#ifndef IPSO_CMD_H
#define IPSO_CMD_H

#include <stdbool.h>

#include "base/err.h"

#define DEFAULT_CONFIG "/etc/ipso/ipso.yaml"

/* Options a command may take; a row names those it allows. */
enum cmd_opt {
	OPT_CONFIG = 1 << 0,  /* -c, --config FILE */
	OPT_JSON = 1 << 1,    /* --json */
	OPT_VERBOSE = 1 << 2, /* -v */
	OPT_DOWN = 1 << 3,    /* run: --down-on-exit */
	OPT_FOLLOW = 1 << 4,  /* events: -f */
	OPT_SHELL = 1 << 5,   /* plan: --shell */
	OPT_FOR = 1 << 6,     /* render: --for TOOL */
	OPT_PEER = 1 << 7,    /* render: --peer */
	OPT_PEER_DIR = 1 << 8, /* keygen: --peer DIR */
	OPT_UNTIL = 1 << 9,    /* plan, up: --until STAGE */
	OPT_SINCE = 1 << 10,    /* explain, events: --since TIME */
	OPT_DEVICE = 1 << 11,   /* events, gate: --device DEV */
	OPT_TUNNEL = 1 << 12,   /* events: --tunnel NAME */
	OPT_KIND = 1 << 13,     /* events: --kind KIND[,KIND] */
};

/* An option that adds each time it is given; none = count 0. */
#define CMD_WORDS_MAX 16
struct cmd_words {
	const char *word[CMD_WORDS_MAX];
	unsigned int count;
};

struct cmd_args {
	const char *config; /* path, default DEFAULT_CONFIG */
	bool config_given;  /* -c was on the command line */
	bool json, verbose, down, follow, shell, peer;
	const char *tool;     /* render: iproute2, strongswan, libreswan; NULL = not given */
	const char *peer_dir; /* keygen: folder for the other host's files; NULL = none */
	const char *until;    /* plan, up: stage to stop at; NULL = none */
	const char *since;    /* explain, events: as written; NULL = no bound */
	struct cmd_words devices; /* events, gate: net devices or PCI addresses; none = all */
	struct cmd_words tunnels; /* events; none = all */
	struct cmd_words kinds;	  /* events: as written, with their commas; none = all */
	const char *operand; /* explain SPI, gate on|off|...; NULL = none */
};

struct command {
	const char *name, *operand, *help; /* operand: metavar, in [] when optional; NULL = none */
	unsigned int options;		   /* enum cmd_opt */
	int (*run)(const struct cmd_args *a); /* returns enum exit_code */
	const char *example;
};

/* metavar: what the value is called, NULL = takes none; values: the only ones, "a|b", NULL = any */
struct cmd_option {
	enum cmd_opt bit;
	const char *brief, *full, *metavar, *values, *help;
};

extern const struct command commands[];
extern const unsigned int commands_count;
extern const struct cmd_option cmd_options[];
extern const unsigned int cmd_options_count;

/*
 * The command and its arguments from argv; 0, or -EINVAL after the mistake was named on stderr.
 * --help anywhere becomes the help command. Pointers are into argv.
 */
int args_parse(int argc, char **argv, const struct command **ret_cmd, struct cmd_args *ret_a);

/* Print why something failed, once: what, errno, the kernel's text, the remedy. Returns code. */
int cmd_fail(const struct why *why, enum exit_code code);

int cmd_up(const struct cmd_args *a);
int cmd_down(const struct cmd_args *a);
int cmd_plan(const struct cmd_args *a);
int cmd_check(const struct cmd_args *a);
int cmd_gate(const struct cmd_args *a);
int cmd_reload(const struct cmd_args *a);
int cmd_run(const struct cmd_args *a);
int cmd_window(const struct cmd_args *a);
int cmd_status(const struct cmd_args *a);
int cmd_top(const struct cmd_args *a);
int cmd_events(const struct cmd_args *a);
int cmd_explain(const struct cmd_args *a);
int cmd_keygen(const struct cmd_args *a);
int cmd_render(const struct cmd_args *a);
int cmd_sample(const struct cmd_args *a);
int cmd_version(const struct cmd_args *a);
int cmd_help(const struct cmd_args *a);
int cmd_first(const struct cmd_args *a); /* ipso alone: no row of the table, it has no name */

#endif
