/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loop: ring, refresh timer, HTTP, control socket, signals, watchdog. */
#include "daemon/service.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#include "apply/apply.h"
#include "base/log.h"
#include "base/mem.h"
#include "daemon/caps.h"
#include "daemon/control.h"
#include "daemon/http.h"
#include "nl/link.h"

#define USEC_PER_SEC 1000000ull
#define NSEC_PER_USEC 1000u
#define REST 4 /* times as long as a reading took */
#define TIMER_ACCURACY 10000 /* microseconds */
#define LULL_USEC 10000
#define UNLOAD_NS 30000000000ull
#define PATIENCE_USEC "120000000"

/* What the loop adds to the service while it runs. */
struct loop {
	struct service *s;
	uint64_t told; /* events that the readers who follow were woken for */
	sd_event_source *ring, *lull, *again;
};

static void tell_manager(const struct service *s, const char *state)
{
	char where[HTTP_WHERE_LEN];

	sd_notifyf(0, "%s%sSTATUS=%u tunnels, %u eswitches guarded, metrics on %s%s%s", state,
		   *state ? "\n" : "", s->cfg->tunnels_count, s->rules_count,
		   http_where(&s->cfg->metrics, where), *s->trouble ? "; " : "", s->trouble);
}

void service_patience(bool much)
{
	const char *usual = getenv("WATCHDOG_USEC");

	sd_notifyf(0, "WATCHDOG=1\nWATCHDOG_USEC=%s", much ? PATIENCE_USEC : usual ? usual : "0");
}

/* A timer that is off fires once, that much later. */
static int rouse(sd_event_source *timer, uint64_t usec)
{
	int n = sd_event_source_set_time_relative(timer, usec);

	return n < 0 ? n : sd_event_source_set_enabled(timer, SD_EVENT_ONESHOT);
}

/*
 * Records are taken as they come, and after that at most a hundred times a second until none comes:
 * the kernel wakes the reader of an empty ring for each record, which in a burst would cost whoever
 * makes them more than the records do.
 */
static int on_ring(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct loop *l = userdata;
	int n = collect_dispatch(l->s->collect);

	(void)fd;
	(void)revents;
	if (n < 0)
		return log_err(n, "events of the kernel cannot be read");
	n = sd_event_source_set_enabled(source, SD_EVENT_OFF);
	return n < 0 ? n : rouse(l->lull, LULL_USEC);
}

static int on_lull(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct loop *l = userdata;
	int n = collect_dispatch(l->s->collect);

	(void)usec;
	if (n < 0)
		return log_err(n, "events of the kernel cannot be read");
	if (n == 0)
		return sd_event_source_set_enabled(l->ring, SD_EVENT_ON);
	return rouse(source, LULL_USEC);
}

/* Not with the refresh, which may be an hour away: flows wait for it. */
static int on_again(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct loop *l = userdata;

	(void)source;
	(void)usec;
	again_tend(l->s->again, l->s);
	return 0;
}

/*
 * rmmod and modprobe refuse at once to unload a module that programs hold. That they asked is heard,
 * and who tries again finds it free. It may come to nothing, so that the hooks return after a while.
 */
static void let_module_go(struct service *s)
{
	bool held = hooks_release(s->hooks, s->unload);

	if (held) {
		s->renew_ns = monotonic_ns() + UNLOAD_NS;
		log_warn("%s is to be unloaded: its hooks let go of it for %llu s; unload it again",
			 s->unload, UNLOAD_NS / 1000000000ull);
	}
	s->unload[0] = '\0';
}

static int watch_uplink(const struct link_info *l, void *arg)
{
	struct service *s = arg;

	for (unsigned int d = 0; d < s->st->devices_count; d++) {
		struct obs_link *uplink = &s->st->devices[d].uplink;

		if (strcmp(l->parent, s->st->devices[d].pci) != 0 ||
		    strncmp(l->phys_port, "pf", 2) == 0)
			continue;
		uplink->ifindex = l->ifindex;
		snprintf(uplink->name, sizeof(uplink->name), "%s", l->name);
		return collect_watch(s->collect, l->ifindex);
	}
	return 0;
}

/*
 * A driver that was loaded again has made its net devices anew: telemetry follows them, and what is put
 * back (pins) or asked about (rekey windows) is about them.
 */
static void watch_again(struct service *s)
{
	_cleanup_(nl_close) struct nl *nl = NULL;
	struct why why = {};

	collect_unwatch(s->collect);
	if (nl_open(NETLINK_ROUTE, NULL, &nl, &why) < 0 || link_dump(nl, watch_uplink, s, &why) < 0)
		log_err(0, "eswitches cannot be watched: %s", why.what);
}

/* After the driver was loaded again, or when it was not unloaded. The gate reads its types, too. */
static void return_to_modules(struct service *s)
{
	struct gate_status gate;
	struct why why = {};
	int n;

	if (monotonic_ns() < s->renew_ns && !hooks_stale(s->hooks))
		return;
	n = hooks_renew(s->hooks, &why);
	if (n < 0)
		log_err(n, "hooks in modules: %s", why.what);
	if (n <= 0)
		return;
	log_info("hooks are in the kernel's modules again");
	watch_again(s);
	if (gate_status(&gate, &why) == 0 && gate.installed &&
	    gate_install(gate.rules, gate.rules_count, &why) < 0)
		log_err(0, "the gate cannot be put in again: %s: %s", why.what, why.kernel);
}

/* After anything else: a scrape and a refresh empty the ring, too. */
static int on_post(sd_event_source *source, void *userdata)
{
	struct loop *l = userdata;
	uint64_t end = recent_end(l->s->recent);

	(void)source;
	if (l->s->unload && l->s->unload[0])
		let_module_go(l->s);
	if (l->s->policy_left && *l->s->policy_left) {
		*l->s->policy_left = false;
		service_keep(l->s, true);
	}
	if (l->s->window && (l->s->window->open || *l->s->window->refused))
		window_tend(l->s->window, l->s);
	if (l->s->again && l->s->again->count && sd_event_source_get_enabled(l->again, NULL) == 0)
		rouse(l->again, USEC_PER_SEC);
	if (end == l->told)
		return 0;
	l->told = end;
	control_wake(l->s->control);
	http_wake(l->s->http);
	return 0;
}

/* Told once when it begins and once when it ends, not every second. */
static void note_refresh(struct service *s, int err, const struct why *why)
{
	bool was = *s->trouble;

	if (!err == !was)
		return;
	s->trouble[0] = '\0';
	if (err < 0) {
		snprintf(s->trouble, sizeof(s->trouble), "%s: %s", why->what, strerror(-err));
		log_err(0, "SAs cannot be read: %s", s->trouble);
	} else {
		log_info("SAs can be read again");
	}
	tell_manager(s, "");
}

/*
 * From the end of this reading, not from when it was due: after a suspend there is nothing to catch up.
 * Thousands of SAs take long to read: that is at most a fifth of the service's time, whatever the
 * interval; how old the samples are is told with them.
 */
static int on_refresh(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct loop *l = userdata;
	uint64_t began = monotonic_ns(), took, wait;
	struct why why = {};
	int err = collect_refresh(l->s->collect, &why), away;

	(void)usec;
	note_refresh(l->s, err, &why);
	return_to_modules(l->s);
	away = collect_drift(l->s->collect);
	if (away > 0)
		watch_again(l->s);
	service_keep(l->s, false);
	if (l->s->window)
		window_tend(l->s->window, l->s);
	if (l->s->restore && !away && !(l->s->window && l->s->window->open))
		restore_tend(l->s->restore, l->s, collect_drifted(l->s->collect), monotonic_ns());
	if (l->s->journald)
		journald_tell_rest(l->s->journald, monotonic_ns());
	took = (monotonic_ns() - began) / NSEC_PER_USEC;
	wait = l->s->cfg->metrics.interval * USEC_PER_SEC;
	if (wait < REST * took)
		wait = REST * took;
	return sd_event_source_set_time_relative(source, wait);
}

static int on_stop(sd_event_source *source, const struct signalfd_siginfo *si, void *userdata)
{
	(void)userdata;
	log_info("%s: stopping", strsignal((int)si->ssi_signo));
	return sd_event_exit(sd_event_source_get_event(source), 0);
}

int service_reload(struct service *s, struct why *why)
{
	int err;

	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu",
		   (unsigned long long)(monotonic_ns() / NSEC_PER_USEC));
	err = s->reload ? s->reload(s, s->reload_arg, why)
			: why_set(why, -ENOTSUP, "configuration");
	tell_manager(s, "READY=1");
	if (!err && s->control)
		control_permit(s->control);
	if (err < 0)
		log_err(0, "not reloaded, going on as before: %s%s%s", why->what,
			*why->kernel ? ": " : "", why->kernel);
	else
		log_info("reloaded %s", s->cfg->path);
	if (!err && s->restore)
		restore_reset(s->restore);
	return err;
}

static int on_reload(sd_event_source *source, const struct signalfd_siginfo *si, void *userdata)
{
	struct loop *l = userdata;
	struct why why = {};

	(void)source;
	(void)si;
	service_reload(l->s, &why); /* which has told why not */
	return 0;
}

static int add_signals(struct loop *l)
{
	sigset_t set;
	int err;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	signal(SIGPIPE, SIG_IGN); /* a reader that hangs up must not end the service */
	err = sd_event_add_signal(l->s->event, NULL, SIGTERM, on_stop, l);
	if (err >= 0)
		err = sd_event_add_signal(l->s->event, NULL, SIGINT, on_stop, l);
	if (err >= 0)
		err = sd_event_add_signal(l->s->event, NULL, SIGHUP, on_reload, l);
	return err;
}

/* A source that fails ends the service: a manager restarts it, a silent half of it helps nobody. */
static int add_ring(struct loop *l)
{
	int err = sd_event_add_io(l->s->event, &l->ring, collect_fd(l->s->collect), EPOLLIN, on_ring,
				  l);

	if (err >= 0)
		err = sd_event_source_set_exit_on_failure(l->ring, true);
	if (err >= 0)
		err = sd_event_add_time_relative(l->s->event, &l->lull, CLOCK_MONOTONIC, 0, 1, on_lull,
						 l);
	if (err >= 0)
		err = sd_event_source_set_exit_on_failure(l->lull, true);
	if (err >= 0)
		err = sd_event_source_set_enabled(l->lull, SD_EVENT_OFF);
	if (err >= 0)
		err = sd_event_add_time_relative(l->s->event, &l->again, CLOCK_MONOTONIC, 0, TIMER_ACCURACY,
						 on_again, l);
	return err < 0 ? err : sd_event_source_set_enabled(l->again, SD_EVENT_OFF);
}

static int add_timer(struct loop *l)
{
	_cleanup_(sd_event_source_unrefp) sd_event_source *timer = NULL;
	int err = sd_event_add_time_relative(l->s->event, &timer, CLOCK_MONOTONIC,
					     l->s->cfg->metrics.interval * USEC_PER_SEC,
					     TIMER_ACCURACY, on_refresh, l);

	if (err >= 0)
		err = sd_event_source_set_enabled(timer, SD_EVENT_ON);
	return err < 0 ? err : sd_event_source_set_floating(timer, true);
}

static int add_sources(struct loop *l)
{
	int err = add_signals(l);

	if (err >= 0)
		err = add_ring(l);
	if (err >= 0)
		err = add_timer(l);
	if (err >= 0)
		err = sd_event_add_post(l->s->event, NULL, on_post, l);
	if (err >= 0)
		err = sd_event_set_watchdog(l->s->event, true);
	return err < 0 ? err : 0;
}

/* Nothing may have been lost with the capabilities that telemetry and the gate's watch need. */
static int prove_after_drop(struct service *s, struct why *why)
{
	int err = collect_refresh(s->collect, why);

	return err < 0 ? err : service_check_gate(s, why);
}

static int start(struct loop *l, int *listen_fd, const char *control, struct why *why)
{
	int err = http_start(l->s, TAKE_FD(*listen_fd), &l->s->http, why);

	if (!err)
		err = control_start(l->s, control, &l->s->control, why);
	if (err < 0)
		return err;
	err = add_sources(l);
	if (err < 0)
		return why_set(why, err, "event loop: cannot be set up");
	err = caps_drop(why);
	return err < 0 ? err : prove_after_drop(l->s, why);
}

int service_run(struct service *s, int listen_fd, const char *control, struct why *why)
{
	_close_ int fd = listen_fd;
	struct loop l = {.s = s};
	char where[HTTP_WHERE_LEN];
	int err = sd_event_new(&s->event);

	if (err < 0)
		return why_set(why, err, "event loop: cannot be made");
	s->started_ns = monotonic_ns();
	err = start(&l, &fd, control, why);
	if (!err) {
		tell_manager(s, "READY=1");
		log_info("ready: metrics on %s", http_where(&s->cfg->metrics, where));
		err = sd_event_loop(s->event);
		if (err < 0)
			why_set(why, err, "event loop: ended");
		tell_manager(s, "STOPPING=1");
		if (s->window)
			window_end(s->window);
	}
	http_free(&s->http);
	control_free(&s->control);
	sd_event_source_unref(l.ring);
	sd_event_source_unref(l.lull);
	sd_event_source_unref(l.again);
	s->event = sd_event_unref(s->event);
	return err;
}
