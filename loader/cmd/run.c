/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipso run: everything that can be wrong with the input is found first; then telemetry is attached,
 * so that the set-up's own events are seen; then the plan, whose first step is the gate; then the
 * service.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "apply/apply.h"
#include "base/log.h"
#include "base/mem.h"
#include "cmd/gate.h"
#include "cmd/setup.h"
#include "daemon/control.h"
#include "daemon/http.h"
#include "daemon/journald.h"
#include "daemon/lock.h"
#include "daemon/service.h"

struct run {
	struct ipso_config *cfg;
	struct ipso_state *st;
	struct hooks *hooks;
	struct recent *recent;
	struct collect *collect;
	struct readers readers;
	struct gate_rule rules[IPSO_GATE_MAX];
	unsigned int rules_count;
	int lock_fd, listen_fd;
	struct journald journald;
	char unload[IPSO_MODULE]; /* module that is to be unloaded, "" = none */
	bool policy_left;	  /* an offloaded policy has left the kernel */
	struct window window;
	struct restore restore;
	struct again again;
};

static void run_free(struct run *r)
{
	collect_free(&r->collect);
	hooks_free(&r->hooks);
	recent_free(&r->recent);
	observe_free(&r->st);
	config_free(&r->cfg);
	cleanup_close(&r->listen_fd);
	cleanup_close(&r->lock_fd);
}

static void on_event(const struct ipso_event_hdr *ev, const struct explanation *ex,
		     const char *tunnel, void *arg)
{
	struct run *r = arg;

	if (recent_add(r->recent, ev, ex, tunnel) < 0)
		log_warn("out of memory: an event is not kept");
	else if (log_is_journal())
		journald_event(&r->journald, ev, ex, tunnel, recent_end(r->recent) - 1,
			       monotonic_ns());
	window_event(&r->window, ev, ex);
	again_event(&r->again, ev);
	if (ev->kind == IPSO_EV_MODULE)
		memcpy(r->unload, ((const struct ipso_event_module *)ev)->module, IPSO_MODULE);
	r->policy_left |= ev->kind == IPSO_EV_POLICY_DELETE;
}

static void on_progress(const char *text, const char *command, bool done, int err, void *arg)
{
	struct run *r = arg;

	if (!done)
		log_info("%s%s%s%s", text, *command ? "  [" : "", command, *command ? "]" : "");
	else if (err < 0)
		log_err(err, "%s", text);
	/* Keep the ring empty: a long set-up makes many events. */
	if (done && r->collect)
		collect_dispatch(r->collect);
}

/* All that can be refused before anything is changed. */
static int prepare(struct run *r, const struct cmd_args *a, struct why *why)
{
	int err;

	if (config_load(a->config, &r->cfg, why) < 0 || config_load_keys(r->cfg, why) < 0)
		return EXIT_USAGE;
	if (http_check(r->cfg, &r->readers, why) < 0)
		return EXIT_USAGE;
	if (lock_take(RUN_DIR, &r->lock_fd, why) < 0 ||
	    http_listen(&r->cfg->metrics, &r->listen_fd, why) < 0)
		return EXIT_FAILED;
	err = observe(r->cfg, &r->st, why);
	if (err < 0)
		return err == -ENODEV ? EXIT_USAGE : EXIT_FAILED;
	if (recent_new(RECENT_EVENTS, &r->recent) < 0) {
		why_set(why, -ENOMEM, "list of recent events");
		return EXIT_FAILED;
	}
	return EXIT_DONE;
}

/*
 * The kernel's side of a failed step, which only the hooks have seen: the last refusal that this
 * process met in its set-up, whose events have the numbers from `since` on.
 */
static void tell_cause(struct run *r, uint64_t since)
{
	collect_dispatch(r->collect);
	for (uint64_t n = recent_end(r->recent); n > since; n--) {
		const char *id, *what, *cause, *way, *remedy;
		const struct recent_event *e = recent_get(r->recent, n - 1);

		if (!e || e->pid != (uint32_t)getpid() ||
		    json_unpack(e->explanation, "{s:s, s:s, s:s, s:s, s:s}", "id", &id, "what",
				&what, "cause", &cause, "in_the_way", &way, "remedy", &remedy) < 0)
			continue;
		log_err(0, "%s %s: %s", id, what, cause);
		if (*way)
			log_err(0, "  in the way: %s", way);
		log_err(0, "  what to do: %s", remedy);
		return;
	}
}

static int set_up(struct run *r, struct why *why)
{
	_cleanup_(plan_free) struct ipso_plan *plan = NULL;
	unsigned int done = 0;
	uint64_t since;
	int err = apply_plan(r->cfg, r->st, &plan, why);

	if (err < 0)
		return setup_code(err);
	collect_dispatch(r->collect); /* what the gate saw before this start */
	since = recent_end(r->recent);
	sd_notifyf(0, "STATUS=setting up, %u steps", plan->count);
	setup_warn_keys(r->cfg, r->st, plan);
	if (apply_up(r->cfg, &r->st, plan, on_progress, r, &done, why) < 0) {
		tell_cause(r, since);
		return EXIT_FAILED;
	}
	if (!done)
		log_info("nothing to set up, everything is as configured");
	config_wipe_keys(r->cfg);
	collect_expect(r->collect, r->st->kernel.sa_needs_free_eswitch);
	/* The eswitch may have been made anew: addresses on the bus stay, names and indexes not. */
	return observe_again(r->cfg, &r->st, OBS_ALL, why) < 0 ? EXIT_FAILED : EXIT_DONE;
}

static int name_sa(struct run *r, const struct cfg_tunnel *t, const struct cfg_sa *sa,
		   const struct addr *dst)
{
	struct ipso_sa_key key = {.spi = sa->spi, .family = dst->family, .proto = IPPROTO_ESP};

	memcpy(key.daddr, dst->b, dst->family == AF_INET ? 4 : 16);
	return collect_name(r->collect, &key, t->name);
}

/* Tell the table what the configuration calls things, before the set-up makes them. */
static int name_things(struct run *r, struct why *why)
{
	int err = 0;

	for (unsigned int i = 0; !err && i < r->cfg->tunnels_count; i++) {
		const struct cfg_tunnel *t = &r->cfg->tunnels[i];

		if (t->keying == CFG_KEYING_IKE) {
			err = collect_name_ends(r->collect, &t->local, &t->remote, t->name);
			continue;
		}
		err = name_sa(r, t, &t->out, &t->remote);
		if (!err)
			err = name_sa(r, t, &t->in, &t->local);
	}
	return err < 0 ? why_set(why, err, "table of SAs") : 0;
}

/* Modes as configured; what no line of the configuration is about may be as it is. */
static int want_modes(struct run *r, unsigned int d)
{
	const struct cfg_device *cfg = &r->cfg->devices[d];
	const struct obs_device *dev = &r->st->devices[d];
	struct mode_want want = {};
	int32_t vfs = 0, ipsec = 0;

	if (pci_parse(dev->pci, &want.pci) < 0)
		return 0;
	for (unsigned int i = 0; i < cfg->vfs_count; i++) {
		if ((int32_t)cfg->vfs[i].index >= vfs)
			vfs = (int32_t)cfg->vfs[i].index + 1;
		ipsec += cfg->vfs[i].ipsec_packet;
	}
	for (unsigned int i = 0; i < IPSO_MODE_MAX; i++)
		want.wanted[i] = -1;
	want.wanted[IPSO_MODE_ESWITCH] = cfg->mode == CFG_MODE_SWITCHDEV;
	if (dev->steering[0])
		want.wanted[IPSO_MODE_STEERING] = cfg->steering == CFG_STEERING_SMFS;
	if (vfs)
		want.wanted[IPSO_MODE_VFS] = vfs;
	if (vfs && cfg->mode == CFG_MODE_SWITCHDEV)
		want.wanted[IPSO_MODE_IPSEC_PACKET] = ipsec;
	return collect_want(r->collect, &want);
}

static int watch_things(struct run *r, struct why *why)
{
	int err = 0;

	for (unsigned int d = 0; !err && d < r->st->devices_count; d++) {
		if (r->st->devices[d].uplink.ifindex)
			err = collect_watch(r->collect, r->st->devices[d].uplink.ifindex);
		if (!err)
			err = want_modes(r, d);
	}
	if (err < 0)
		return why_set(why, err, "table of SAs");
	return collect_refresh(r->collect, why);
}

static int start(struct run *r, const struct cmd_args *a, struct why *why)
{
	int code = prepare(r, a, why);

	if (code != EXIT_DONE)
		return code;
	if (hooks_attach(&r->hooks, why) < 0 ||
	    collect_new(r->hooks, on_event, r, &r->collect, why) < 0 ||
	    name_things(r, why) < 0)
		return EXIT_FAILED;
	code = set_up(r, why);
	if (code != EXIT_DONE)
		return code;
	r->rules_count = gate_rules(r->cfg, r->st, r->rules);
	observe_shed(r->st);
	return watch_things(r, why) < 0 ? EXIT_FAILED : EXIT_DONE;
}

/* What the host lacks of the new configuration, which is for `ipso reload` to set up. */
static int warn_missing(const struct ipso_config *cfg, const struct ipso_state *st, struct why *why)
{
	_cleanup_(plan_free) struct ipso_plan *plan = NULL;
	int err = apply_plan(cfg, st, &plan, why);

	if (!err && plan->count)
		log_warn("%u steps are missing of what %s asks for: `ipso reload` takes them",
			 plan->count, cfg->path);
	return err;
}

static int load_again(const char *path, struct ipso_config **ret_cfg, struct ipso_state **ret_st,
		      struct why *why)
{
	_cleanup_(config_free) struct ipso_config *cfg = NULL;
	_cleanup_(observe_free) struct ipso_state *st = NULL;
	int err = config_load(path, &cfg, why);

	if (!err)
		err = config_load_keys(cfg, why);
	if (!err)
		err = observe(cfg, &st, why);
	if (!err)
		err = warn_missing(cfg, st, why);
	if (err < 0)
		return err;
	config_wipe_keys(cfg);
	*ret_cfg = TAKE_PTR(cfg);
	*ret_st = TAKE_PTR(st);
	return 0;
}

/* Devices, or what they are called, are others than before. */
static int begin_again(struct run *r, struct why *why)
{
	int err;

	observe_shed(r->st);
	collect_forget(r->collect);
	err = name_things(r, why);
	return err < 0 ? err : watch_things(r, why);
}

static int reload(struct service *s, void *arg, struct why *why)
{
	_cleanup_(config_free) struct ipso_config *cfg = NULL;
	_cleanup_(observe_free) struct ipso_state *st = NULL;
	struct gate_rule rules[IPSO_GATE_MAX];
	struct service next = {.rules = rules};
	struct readers readers;
	struct run *r = arg;
	int err = load_again(r->cfg->path, &cfg, &st, why);

	if (!err)
		err = peer_readers(cfg->readers_group, &readers, why);
	if (!err) {
		next.rules_count = gate_rules(cfg, st, rules);
		err = service_check_gate(&next, why);
	}
	if (!err)
		err = http_restart(&s->http, cfg, &readers, why);
	if (err < 0)
		return err;
	config_free(&r->cfg);
	observe_free(&r->st);
	s->cfg = r->cfg = TAKE_PTR(cfg);
	s->st = r->st = TAKE_PTR(st);
	memcpy(r->rules, rules, sizeof(rules));
	s->rules_count = r->rules_count = next.rules_count;
	s->readers = r->readers = readers;
	s->pins_rest_ns = 0;
	return begin_again(r, why);
}

/* The file may have been changed meanwhile: what is put right is what the service runs with. */
static int restore(struct service *s, void *arg, unsigned int *ret_done, struct why *why)
{
	struct run *r = arg;
	int err = config_load_keys(r->cfg, why);

	if (!err)
		err = apply_restore(r->cfg, &r->st, on_progress, r, ret_done, why);
	config_wipe_keys(r->cfg);
	s->st = r->st;
	if (!err && *ret_done)
		err = observe_again(r->cfg, &r->st, OBS_ALL, why);
	s->st = r->st;
	observe_shed(r->st);
	return err < 0 || !*ret_done ? err : begin_again(r, why);
}

static int serve(struct run *r, struct why *why)
{
	struct service s = {
		.cfg = r->cfg,
		.st = r->st,
		.hooks = r->hooks,
		.unload = r->unload,
		.policy_left = &r->policy_left,
		.readers = r->readers,
		.collect = r->collect,
		.recent = r->recent,
		.journald = &r->journald,
		.rules = r->rules,
		.rules_count = r->rules_count,
		.window = &r->window,
		.restore = &r->restore,
		.again = &r->again,
		.reload = reload,
		.reload_arg = r,
	};
	int err = service_check_gate(&s, why);

	r->window.st = &r->st;
	r->window.fn = r->again.fn = on_progress;
	r->window.arg = r->again.arg = r;
	r->restore.run = restore;
	r->restore.arg = r;
	if (!err)
		err = service_run(&s, TAKE_FD(r->listen_fd), CONTROL_PATH, why);
	return err < 0 ? EXIT_FAILED : EXIT_DONE;
}

int cmd_run(const struct cmd_args *a)
{
	_cleanup_(run_free) struct run r = {.lock_fd = -1, .listen_fd = -1};
	struct why why = {};
	int code = start(&r, a, &why);

	if (code == EXIT_DONE)
		code = serve(&r, &why);
	if (code != EXIT_DONE)
		return cmd_fail(&why, code);
	if (a->down && apply_down(on_progress, &r, NULL, &why) < 0)
		return cmd_fail(&why, EXIT_FAILED);
	if (!a->down)
		log_info("stopped; tunnels and gate stay as they are, `ipso down` removes them");
	return EXIT_DONE;
}
