/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration, host and plan, and how steps are printed. */
#include "cmd/setup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "apply/apply.h"
#include "base/log.h"
#include "base/mem.h"
#include "daemon/http.h"

enum exit_code setup_code(int err)
{
	switch (err) {
	case -EINVAL:
		return EXIT_USAGE;
	case -ENOMEM:
	case -EBADMSG:
	case -EACCES:
		return EXIT_FAILED;
	default:
		return EXIT_REFUSED;
	}
}

static int until(const struct cmd_args *a, enum plan_stage *ret_stage, struct why *why)
{
	if (!a->until)
		return 0;
	if (strcmp(a->until, "inbound") == 0)
		*ret_stage = STAGE_INBOUND;
	else if (strcmp(a->until, "outbound") == 0)
		*ret_stage = STAGE_OUTBOUND;
	else
		return why_set(why, -EINVAL, "--until: found %s; allowed: inbound, outbound",
			       a->until);
	return 0;
}

enum exit_code setup_prepare(const struct cmd_args *a, struct setup *ret_s, struct why *why)
{
	_cleanup_(setup_free) struct setup s = {};
	enum plan_stage stage = STAGE_DONE;
	struct readers readers; /* of the service, whose configuration this is */
	int err;

	if (until(a, &stage, why) < 0)
		return EXIT_USAGE;
	if (config_load(a->config, &s.cfg, why) < 0 || config_load_keys(s.cfg, why) < 0 ||
	    http_check(s.cfg, &readers, why) < 0)
		return EXIT_USAGE;
	err = observe(s.cfg, &s.st, why);
	if (err < 0)
		return err == -ENODEV ? EXIT_USAGE : EXIT_FAILED;
	err = apply_plan(s.cfg, s.st, &s.plan, why);
	if (err < 0)
		return setup_code(err);
	plan_until(s.plan, stage);
	*ret_s = s;
	s = (struct setup){};
	return EXIT_DONE;
}

void setup_free(struct setup *s)
{
	plan_free(&s->plan);
	observe_free(&s->st);
	config_free(&s->cfg);
}

/* Seconds that an SA has left; the whole when it is not there yet, or will be made anew. */
static uint64_t left_of(const struct ipso_state *st, const struct cfg_tunnel *t,
			const struct cfg_sa *sa, const struct addr *dst)
{
	uint64_t now = (uint64_t)time(NULL);

	for (unsigned int i = 0; i < st->sas_count; i++) {
		const struct obs_sa *o = &st->sas[i];

		if (o->spi != sa->spi || !addr_equal(&o->dst, dst, false) ||
		    o->hard_seconds != t->hard_seconds || now < o->add_time)
			continue;
		return now - o->add_time < o->hard_seconds ? o->add_time + o->hard_seconds - now : 0;
	}
	return t->hard_seconds;
}

static void warn_end(const struct ipso_config *cfg, const struct ipso_state *st)
{
	const struct cfg_tunnel *first = NULL;
	uint64_t least = UINT64_MAX;

	for (unsigned int i = 0; i < cfg->tunnels_count; i++) {
		const struct cfg_tunnel *t = &cfg->tunnels[i];
		uint64_t out = left_of(st, t, &t->out, &t->remote);
		uint64_t in = left_of(st, t, &t->in, &t->local);
		uint64_t left = out < in ? out : in;

		if (t->keying != CFG_KEYING_STATIC || !t->hard_seconds || left >= least)
			continue;
		first = t;
		least = left;
	}
	if (first)
		log_warn("the keys of tunnel %s end in %llu h %llu min (lifetime: hard-seconds); from "
			 "then on its packets are dropped: give it new keys and SPIs before, on both "
			 "sides", first->name, (unsigned long long)least / 3600,
			 (unsigned long long)least % 3600 / 60);
}

void setup_warn_keys(const struct ipso_config *cfg, const struct ipso_state *st,
		     const struct ipso_plan *plan)
{
	warn_end(cfg, st);
	for (unsigned int i = 0; i < plan->count; i++) {
		if (plan->steps[i].kind != STEP_SA)
			continue;
		log_warn("static keys give no forward secrecy, and nonces begin again with each SA "
			 "that is made anew: give it a new key then (ipso keygen)");
		return;
	}
}

void setup_print(const char *text, const char *command, bool done, int err, void *progress)
{
	struct setup_progress *p = progress;

	if (!done) {
		printf("%3u. %s\n", ++p->number, text);
		if (*command)
			printf("       %s\n", command);
	} else if (err < 0) {
		printf("       failed: %s: %s (%s)\n", text, strerror(-err), err_name(err));
	}
	fflush(stdout);
}
