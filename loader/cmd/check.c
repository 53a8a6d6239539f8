/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ipso check: what this host can do, as lines of ok, warn and fail, each fault with its remedy. */
#include "cmd/check.h"

#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apply/apply.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "explain/explain.h"

static const char *const verdicts[] = {"ok", "warn", "fail"};

const char *verdict_word(enum check_verdict verdict)
{
	return verdicts[verdict];
}

void found(struct findings *f, enum check_verdict verdict, const char *id, const char *what,
	   const char *fmt, ...)
{
	struct finding *more = realloc(f->list, (f->count + 1) * sizeof(*more)), *n;
	va_list ap;

	if (!more) {
		f->lost = true;
		return;
	}
	f->list = more;
	n = &f->list[f->count++];
	memset(n, 0, sizeof(*n));
	n->verdict = verdict;
	n->id = id;
	snprintf(n->what, sizeof(n->what), "%s", what ? what : catalogue_find(id)->text);
	va_start(ap, fmt);
	vsnprintf(n->found, sizeof(n->found), fmt, ap);
	va_end(ap);
}

void remedy(struct findings *f, const char *fmt, ...)
{
	va_list ap;

	if (!f->count || f->lost)
		return;
	va_start(ap, fmt);
	vsnprintf(f->list[f->count - 1].remedy, sizeof(f->list[0].remedy), fmt, ap);
	va_end(ap);
}

void findings_free(struct findings *f)
{
	free(f->list);
	*f = (struct findings){};
}

static void free_json(json_t **j)
{
	json_decref(*j);
}

static enum check_verdict worst(const struct findings *f)
{
	enum check_verdict v = CHECK_OK;

	for (unsigned int i = 0; i < f->count; i++)
		v = f->list[i].verdict > v ? f->list[i].verdict : v;
	return v;
}

static int print_json(const struct findings *f)
{
	_cleanup_(free_json) json_t *lines = json_array();
	_cleanup_(free_json) json_t *top = NULL;
	int failed = !lines;

	for (unsigned int i = 0; !failed && i < f->count; i++) {
		const struct finding *n = &f->list[i];

		failed = json_array_append_new(
				 lines, json_pack("{s:s, s:s, s:s, s:s, s:s}", "verdict",
						  verdicts[n->verdict], "id", n->id, "what",
						  n->what, "found", n->found, "remedy",
						  n->remedy)) < 0;
	}
	if (!failed)
		top = json_pack("{s:s, s:O}", "verdict", verdicts[worst(f)], "checks", lines);
	failed = !top || json_dumpf(top, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER) < 0;
	printf("\n");
	return failed ? -EIO : 0;
}

static void print_text(const struct findings *f)
{
	static const char *const colours[] = {"\033[32m", "\033[33m", "\033[31m"};
	bool colour = isatty(STDOUT_FILENO);

	for (unsigned int i = 0; i < f->count; i++) {
		const struct finding *n = &f->list[i];

		printf("%s%-4s%s  %s  %-24s  %s\n", colour ? colours[n->verdict] : "",
		       verdicts[n->verdict], colour ? "\033[0m" : "", n->id, n->what, n->found);
		if (n->remedy[0])
			printf("      %-31s  -> %s\n", "", n->remedy);
	}
}

/* What `up` would answer, without doing it. */
static void check_plan(const struct ipso_config *cfg, const struct ipso_state *st,
		       struct findings *f)
{
	_cleanup_(plan_free) struct ipso_plan *plan = NULL;
	struct why why = {};

	if (apply_plan(cfg, st, &plan, &why) < 0) {
		found(f, CHECK_FAIL, "CK-52", NULL, "%.250s", why.what);
		remedy(f, "%s", why.remedy);
	} else {
		found(f, CHECK_OK, "CK-52", NULL, "%u steps to do (`ipso plan` lists them)", plan->count);
	}
}

static int finish(const struct cmd_args *a, const struct findings *f)
{
	if (a->json && print_json(f) < 0)
		return EXIT_FAILED;
	if (!a->json)
		print_text(f);
	if (f->lost)
		return EXIT_FAILED;
	return worst(f) == CHECK_FAIL ? EXIT_REFUSED : EXIT_DONE;
}

/* The hooks as they would attach: attached, and let go again. */
static void try_hooks(struct findings *f)
{
	_cleanup_(hooks_free) struct hooks *h = NULL;
	const struct hook_info *info = NULL;
	struct why why = {};
	unsigned int n = 0;

	if (hooks_attach(&h, &why) == 0)
		n = hooks_info(h, &info);
	check_hooks(info, n, &why, f);
}

/* The same for a host and for a configuration, cfg NULL or not. */
static int check_all(const struct ipso_config *cfg, const struct ipso_state *st,
		     struct findings *f, struct why *why)
{
	_cleanup_(surroundings_free) struct surroundings s = {};
	int err = surroundings_read(&s, why);

	if (err < 0)
		return err;
	check_kernel(st, f);
	try_hooks(f);
	check_surroundings(cfg, &s, f);
	if (!st->devices_count)
		check_no_card(f);
	for (unsigned int d = 0; d < st->devices_count; d++) {
		check_device(cfg, st, d, f);
		check_traffic(cfg, st, d, f);
		check_roce(st, d, f);
	}
	return 0;
}

static int check_host(const struct cmd_args *a, struct findings *f)
{
	_cleanup_(observe_free) struct ipso_state *st = NULL;
	struct why why = {};

	if (observe_host(&st, &why) < 0 || check_all(NULL, st, f, &why) < 0)
		return cmd_fail(&why, EXIT_FAILED);
	return finish(a, f);
}

static int check_config(const struct cmd_args *a, struct findings *f)
{
	_cleanup_(config_free) struct ipso_config *cfg = NULL;
	_cleanup_(observe_free) struct ipso_state *st = NULL;
	struct why why = {};
	int err;

	if (config_load(a->config, &cfg, &why) < 0)
		return cmd_fail(&why, EXIT_USAGE);
	found(f, CHECK_OK, "CK-50", NULL, "%s: %u devices, %u tunnels, %u TC rules", a->config,
	      cfg->devices_count, cfg->tunnels_count, cfg->tc_count);
	if (config_load_keys(cfg, &why) < 0)
		return cmd_fail(&why, EXIT_USAGE);
	found(f, CHECK_OK, "CK-51", NULL,
	      "all key files are there, closed to others and distinct");
	err = observe(cfg, &st, &why);
	if (err < 0)
		return cmd_fail(&why, err == -ENODEV ? EXIT_USAGE : EXIT_FAILED);
	if (check_all(cfg, st, f, &why) < 0)
		return cmd_fail(&why, EXIT_FAILED);
	check_plan(cfg, st, f);
	return finish(a, f);
}

int cmd_check(const struct cmd_args *a)
{
	_cleanup_(findings_free) struct findings f = {};

	return a->config_given ? check_config(a, &f) : check_host(a, &f);
}
