/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What readers of the service are told: status, failures, health. */
#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/service.h"

#define NSEC_PER_SEC 1000000000ull

static json_t *about_service(const struct service *s, uint64_t now_ns)
{
	return json_pack("{s:s, s:i, s:s, s:I, s:s, s:I, s:I}", "version", IPSO_VERSION, "pid",
			 (int)getpid(), "config", s->cfg->path, "uptime_seconds",
			 (json_int_t)((now_ns - s->started_ns) / NSEC_PER_SEC), "trouble",
			 s->trouble, "events_kept",
			 (json_int_t)(recent_end(s->recent) - recent_first(s->recent)),
			 "events_dropped", (json_int_t)recent_first(s->recent));
}

json_t *service_status(struct service *s)
{
	struct snapshot *snap = NULL;
	json_t *j;

	if (collect_snapshot(s->collect, &snap) < 0)
		return NULL;
	j = export_status_json(snap);
	if (j && json_object_set_new(j, "service", about_service(s, snap->now_ns)) < 0) {
		json_decref(j);
		j = NULL;
	}
	snapshot_free(&snap);
	return j;
}

static uint64_t resident_bytes(void)
{
	_fclose_ FILE *f = fopen("/proc/self/statm", "re");
	unsigned long all, resident;

	if (!f || fscanf(f, "%lu %lu", &all, &resident) != 2)
		return 0;
	return (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

static double seconds_of(const struct timeval *t)
{
	return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

void service_self(struct service *s, const struct snapshot *snap, struct export_self *ret_self)
{
	static const struct window none;
	static const struct restore never;
	const struct window *w = s->window ? s->window : &none;
	const struct restore *r = s->restore ? s->restore : &never;
	uint64_t refreshed = snap->refreshed_ns ? snap->refreshed_ns : s->started_ns;
	char text[sizeof(s->trouble)];
	struct ipso_acquires acquires = {};
	struct rusage used = {};

	getrusage(RUSAGE_SELF, &used);
	if (s->hooks)
		hooks_acquires(s->hooks, &acquires);
	*ret_self = (struct export_self){
		.started_s = snap->now_s - (snap->now_ns - s->started_ns) / NSEC_PER_SEC,
		.refresh_age_seconds = (double)(snap->now_ns - refreshed) / (double)NSEC_PER_SEC,
		.cpu_seconds = seconds_of(&used.ru_utime) + seconds_of(&used.ru_stime),
		.resident_bytes = resident_bytes(),
		.healthy = service_health(s, text, sizeof(text)) == 0,
		.windows_done = w->done,
		.windows_in_vain = w->in_vain,
		.windows_failed = w->failed,
		.windows_seconds = (double)w->total_ns / (double)NSEC_PER_SEC,
		.window_open = w->open,
		.acquires_refused = acquires.refused,
		.restores_done = r->done,
		.restores_failed = r->failed,
		.restores_given_up = r->gave_up,
		.streams = s->streams,
		.streams_slow = s->streams_slow,
		.streams_refused = s->streams_refused,
	};
}

json_t *service_last_events(const struct service *s, unsigned int n)
{
	json_t *list = json_array();

	for (uint64_t i = recent_end(s->recent); i > recent_first(s->recent) && n; i--, n--)
		json_array_append_new(list, json_loads(recent_line(s->recent, i - 1), 0, NULL));
	return list;
}

json_t *service_top(struct service *s, const struct sa_query *q, unsigned int n)
{
	_cleanup_(snapshot_free) struct snapshot *snap = NULL;
	_cleanup_(export_select_free) struct sa_selection sel = {};
	char health[sizeof(s->trouble)];

	if (collect_snapshot(s->collect, &snap) < 0 || export_select(snap, q, &sel) < 0)
		return NULL;
	service_health(s, health, sizeof(health));
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "health", health, "service",
			 about_service(s, snap->now_ns), "road", export_devices_json(snap), "gate",
			 export_gate_json(snap), "table", export_sas_json(snap, &sel), "events",
			 service_last_events(s, n));
}

static int add_failure(json_t *list, json_t *explanation, uint64_t seconds_ago)
{
	if (!explanation)
		return -ENOMEM;
	if (json_object_set_new(explanation, "seconds_ago", json_integer((json_int_t)seconds_ago)))
		return -ENOMEM;
	return json_array_append(list, explanation) < 0 ? -ENOMEM : 0;
}

static int failures_by_cause(struct service *s, json_t *list)
{
	struct snapshot *snap = NULL;
	int err = collect_snapshot(s->collect, &snap);

	for (unsigned int i = 0; !err && i < snap->failures_count; i++) {
		const struct failure_row *row = &snap->failures[i];
		json_t *j = export_explanation_json(&row->ex);

		if (json_object_set_new(j, "count", json_integer((json_int_t)row->count)))
			err = -ENOMEM;
		else
			err = add_failure(list, j, (snap->now_ns - row->hdr.ktime) / NSEC_PER_SEC);
		json_decref(j);
	}
	snapshot_free(&snap);
	return err;
}

static bool fits(const struct recent_event *e, const struct failures_wanted *want,
		 uint64_t now_ns)
{
	return e->explanation && (!want->by_spi || (e->has_spi && e->spi == want->spi)) &&
	       (!want->by_age || now_ns - e->ktime <= want->max_age_ns);
}

static int add_event(json_t *list, const struct recent_event *e, uint64_t now_ns)
{
	if (json_object_set_new(e->explanation, "event", json_integer((json_int_t)e->number)))
		return -ENOMEM;
	return add_failure(list, e->explanation, (now_ns - e->ktime) / NSEC_PER_SEC);
}

/* Newest first by when they happened: the gate's records come through a ring of their own. */
static const struct recent_event *last_that_fits(const struct service *s,
						 const struct failures_wanted *want, uint64_t now_ns)
{
	const struct recent_event *last = NULL;

	for (uint64_t n = recent_end(s->recent); n > recent_first(s->recent); n--) {
		const struct recent_event *e = recent_get(s->recent, n - 1);

		if (fits(e, want, now_ns) && (!last || e->ktime > last->ktime))
			last = e;
	}
	return last;
}

static int failures_of_events(struct service *s, const struct failures_wanted *want, json_t *list)
{
	uint64_t now_ns = monotonic_ns();

	if (want->last) {
		const struct recent_event *e = last_that_fits(s, want, now_ns);

		return e ? add_event(list, e, now_ns) : 0;
	}
	for (uint64_t n = recent_end(s->recent); n > recent_first(s->recent); n--) {
		const struct recent_event *e = recent_get(s->recent, n - 1);
		int err;

		if (!fits(e, want, now_ns))
			continue;
		err = add_event(list, e, now_ns);
		if (err < 0)
			return err;
	}
	return 0;
}

static int failure_of_event(struct service *s, uint64_t number, json_t *list)
{
	const struct recent_event *e = recent_get(s->recent, number);
	char text[128];

	if (e && e->explanation)
		return add_event(list, e, monotonic_ns());
	if (e)
		snprintf(text, sizeof(text), "event e%llu is no failure",
			 (unsigned long long)number);
	else
		snprintf(text, sizeof(text), "event e%llu is not kept; kept are e%llu to before "
			 "e%llu", (unsigned long long)number,
			 (unsigned long long)recent_first(s->recent),
			 (unsigned long long)recent_end(s->recent));
	return json_array_append_new(list, json_pack("{s:s}", "error", text)) < 0 ? -ENOMEM : 0;
}

json_t *service_failures(struct service *s, const struct failures_wanted *want)
{
	json_t *list = json_array();
	int err = list ? 0 : -ENOMEM;

	if (!err && want->by_event)
		err = failure_of_event(s, want->event, list);
	else if (!err && (want->last || want->by_spi || want->by_age))
		err = failures_of_events(s, want, list);
	else if (!err)
		err = failures_by_cause(s, list);
	if (err < 0) {
		json_decref(list);
		return NULL;
	}
	return list;
}

/* Held, as in a rekey window, it refuses more than it has to. */
static bool as_wanted(const struct gate_rule *is, const struct gate_rule *want)
{
	return is->pci == want->pci && (is->mode == want->mode || is->mode == IPSO_GATE_HOLD);
}

int service_check_gate(const struct service *s, struct why *why)
{
	struct gate_status now;
	int err;

	if (!s->rules_count)
		return 0;
	err = gate_status(&now, why);
	if (err < 0)
		return err;
	if (!now.installed)
		return why_set(why, -ENOENT, "the gate is not installed");
	for (unsigned int i = 0; i < s->rules_count; i++) {
		unsigned int j = 0;
		char pci[PCI_STRLEN];

		while (j < now.rules_count && !as_wanted(&now.rules[j], &s->rules[i]))
			j++;
		if (j == now.rules_count)
			return why_set(why, -ENOENT, "the gate does not guard %s as configured",
				       pci_str(s->rules[i].pci, pci));
	}
	return 0;
}

int service_health(struct service *s, char *buf, size_t size)
{
	struct why why = {};
	int err = service_check_gate(s, &why);

	if (!err && *s->trouble)
		err = -EIO;
	snprintf(buf, size, "%s", !err ? "ok" : *why.what ? why.what : s->trouble);
	return err;
}
