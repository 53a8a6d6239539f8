/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipso events: what the service has seen, and with -f goes on to see; a line each, flushed. What is
 * not wanted is left out here: the service says the same to everybody.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/when.h"
#include "cmd/cmd.h"
#include "daemon/client.h"
#include "daemon/control.h"
#include "export/export.h"

struct wanted {
	const struct cmd_args *a;
	char since[32]; /* as events tell their time, "" = always */
};

#define IPSO_EVENT(id, label, help) " " label
static const char all_kinds[] =
#include "ipso/names.def"
	;
/* all but the first, which is no event */
#define KINDS (strchr(all_kinds + 1, ' '))
static const char *const kinds[] = {
#define IPSO_EVENT(id, label, help) label,
#include "ipso/names.def"
};

/* Is word one of those between the commas of list? */
static bool in_list(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = list; (at = strstr(at, word)); at += len) {
		if ((at == list || at[-1] == ',') && (!at[len] || at[len] == ','))
			return true;
	}
	return false;
}

static bool is_kind(const char *s, size_t len)
{
	for (unsigned int i = IPSO_EV_NONE + 1; i < ARRAY_SIZE(kinds); i++) {
		if (strlen(kinds[i]) == len && strncmp(kinds[i], s, len) == 0)
			return true;
	}
	return false;
}

/* -EINVAL after the word that is no kind was named. */
static int check_kinds(const char *list)
{
	size_t len;

	for (const char *at = list;; at += len + 1) {
		len = strcspn(at, ",");
		if (!is_kind(at, len)) {
			log_err(0, "events: found --kind %.*s; allowed:%s", (int)len, at, KINDS);
			return -EINVAL;
		}
		if (!at[len])
			return 0;
	}
}

static const char *text_of(const json_t *j, const char *key)
{
	const char *s = json_string_value(json_object_get(j, key));

	return s ? s : "";
}

typedef bool (*fits_fn)(const char *wanted, const json_t *j);

static bool fits_kind(const char *wanted, const json_t *j)
{
	return in_list(wanted, text_of(j, "kind"));
}

static bool fits_device(const char *wanted, const json_t *j)
{
	return strcmp(wanted, text_of(j, "device")) == 0 ||
	       strcmp(wanted, text_of(j, "eswitch")) == 0 || strcmp(wanted, text_of(j, "pci")) == 0;
}

static bool fits_tunnel(const char *wanted, const json_t *j)
{
	return strcmp(wanted, text_of(j, "tunnel")) == 0;
}

/* One of several is enough; none is all. */
static bool fits(const struct cmd_words *w, fits_fn fn, const json_t *j)
{
	for (unsigned int i = 0; i < w->count; i++) {
		if (fn(w->word[i], j))
			return true;
	}
	return !w->count;
}

static bool is_wanted(const struct wanted *w, const json_t *j)
{
	return fits(&w->a->kinds, fits_kind, j) && fits(&w->a->devices, fits_device, j) &&
	       fits(&w->a->tunnels, fits_tunnel, j) && strcmp(text_of(j, "time"), w->since) >= 0;
}

static int on_event(json_t *j, void *arg)
{
	const struct wanted *w = arg;
	const json_t *missed = json_object_get(j, "missed");

	if (missed) {
		log_warn("%lld events came before or faster than they were read and are gone",
			 (long long)json_integer_value(missed));
		return 0;
	}
	if (!is_wanted(w, j))
		return 0;
	if (w->a->json) {
		json_dumpf(j, stdout, JSON_COMPACT);
		putchar('\n');
	} else {
		export_event_text(j, stdout);
	}
	/* A script waits for this line; one that stopped reading ends us. */
	return fflush(stdout) ? -EPIPE : 0;
}

static int take_since(struct wanted *w)
{
	time_t now = time(NULL), then;
	uint64_t seconds;
	struct tm tm;

	if (!w->a->since)
		return 0;
	if (when_parse(w->a->since, now, &seconds) < 0) {
		log_err(0, "events: found --since %s; allowed: " WHEN_ALLOWED, w->a->since);
		return -EINVAL;
	}
	then = now - (time_t)seconds;
	gmtime_r(&then, &tm);
	strftime(w->since, sizeof(w->since), "%Y-%m-%dT%H:%M:%S", &tm);
	return 0;
}

int cmd_events(const struct cmd_args *a)
{
	struct wanted w = {.a = a};
	struct why why = {};
	int err;

	for (unsigned int i = 0; i < a->kinds.count; i++) {
		if (check_kinds(a->kinds.word[i]) < 0)
			return EXIT_USAGE;
	}
	if (take_since(&w) < 0)
		return EXIT_USAGE;
	err = client_talk(CONTROL_PATH,
			  json_pack("{s:s, s:b}", "request", "events", "follow", a->follow), on_event,
			  &w, &why);
	if (err == -EPIPE)
		return EXIT_DONE;
	if (!err && !a->follow)
		return EXIT_DONE;
	if (!err)
		why_set(&why, 0, "the service has ended");
	return cmd_fail(&why, EXIT_FAILED);
}
