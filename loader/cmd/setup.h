/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `up` and `plan` have in common: configuration, host and plan, and how steps are printed. */
#ifndef IPSO_CMD_SETUP_H
#define IPSO_CMD_SETUP_H

#include "cmd/cmd.h"
#include "plan/plan.h"

struct setup {
	struct ipso_config *cfg;
	struct ipso_state *st;
	struct ipso_plan *plan;
};

/*
 * Everything up to the first change: EXIT_DONE, EXIT_USAGE (configuration, unknown device),
 * EXIT_REFUSED (the plan cannot work here) or EXIT_FAILED, with why.
 */
enum exit_code setup_prepare(const struct cmd_args *a, struct setup *ret_s, struct why *why);
/* Of the errors of apply_plan(). */
enum exit_code setup_code(int err);
void setup_free(struct setup *s);

/*
 * What static keys do not give, when the plan makes SAs; and how long the tunnel that ends first has
 * left, of those that have a limit of time.
 */
void setup_warn_keys(const struct ipso_config *cfg, const struct ipso_state *st,
		     const struct ipso_plan *plan);

struct setup_progress {
	unsigned int number; /* of the step that is printed next */
};

/* apply_progress_fn for people: the step and its command, then what became of it. */
void setup_print(const char *text, const char *command, bool done, int err, void *progress);

#endif
