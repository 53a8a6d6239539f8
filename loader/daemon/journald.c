/* SPDX-License-Identifier: GPL-2.0-or-later */
/* systemd.journal-fields(7): a message has an id of its kind, a priority, and fields to search by. */
#include "daemon/journald.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <syslog.h>
#define SD_JOURNAL_SUPPRESS_LOCATION /* an event has no line of this program */
#include <systemd/sd-journal.h>

#include "base/mem.h"
#include "export/export.h"

#define NOT (-1)

/* Made once with uuidgen, and never changed: catalogues and searches name them. */
static const struct {
	const char *id;
	int failed, good; /* priority, NOT: not for the journal */
} kinds[IPSO_EV_MAX] = {
	[IPSO_EV_SA_ADD] = {"740deb8ab2e942e5bdb40780068373a9", LOG_ERR, NOT},
	[IPSO_EV_SA_EXPIRE] = {"f70fbb6e1d9d446487babf32b489f68b", LOG_WARNING, LOG_NOTICE},
	[IPSO_EV_SA_SOFTWARE] = {"af7356e3a3464910b59f4b676bd8bd58", LOG_WARNING, LOG_WARNING},
	[IPSO_EV_POLICY_ADD] = {"01c6f8780980491fb99f1cbc21693ef6", LOG_ERR, NOT},
	[IPSO_EV_TC_ADD] = {"fb54f36d9dc84b8ba01f5b2aef38738a", LOG_WARNING, NOT},
	[IPSO_EV_GATE] = {"8d389e9c41aa4906a94e4adb0752d189", LOG_WARNING, LOG_WARNING},
	[IPSO_EV_FW_ERROR] = {"948882ca07f6499689bd73458e0ab194", LOG_WARNING, LOG_WARNING},
	[IPSO_EV_GATE_MODE] = {"f931738331114d49809e8dd4873eedbe", LOG_NOTICE, LOG_NOTICE},
	[IPSO_EV_MODULE] = {"e23f25bcf2b644a495b2ecaf1537ce40", LOG_NOTICE, LOG_NOTICE},
	[IPSO_EV_MODE] = {"df30686d37d54611ba38fa200884b938", LOG_NOTICE, LOG_NOTICE},
	[IPSO_EV_LINK] = {"68150e4300204bac8f65ecc8b7fe9ab0", LOG_WARNING, LOG_WARNING},
	[IPSO_EV_TABLES] = {"fc677d8ad24c4c81a2888c38a69384bd", LOG_WARNING, LOG_WARNING},
	[IPSO_EV_FALLBACK] = {"82eaabf97c7e479391fb3d55d292c428", LOG_ERR, LOG_ERR},
	[IPSO_EV_DRIFT] = {"bfb52fe9b0c842a284aecd904c8a222b", LOG_WARNING, LOG_WARNING},
};

/* Keys of an event as export_event_json() has them, of its explanation, and the fields they are. */
static const struct {
	const char *key, *field;
} event_fields[] = {
	{"kind", "IPSO_EVENT"},		{"result", "IPSO_RESULT"},
	{"device", "IPSO_DEVICE"},	{"eswitch", "IPSO_ESWITCH"},
	{"pci", "IPSO_ESWITCH"},	{"spi", "IPSO_SPI"},
	{"direction", "IPSO_DIRECTION"}, {"source", "IPSO_SOURCE"},
	{"destination", "IPSO_DESTINATION"}, {"limit", "IPSO_LIMIT"},
	{"verdict", "IPSO_VERDICT"},	{"way", "IPSO_WAY"},
	{"module", "IPSO_MODULE"},	{"comm", "IPSO_COMM"},
}, explanation_fields[] = {
	{"id", "IPSO_CATALOGUE"},
	{"class", "IPSO_CLASS"},
	{"cause", "IPSO_CAUSE"},
	{"in_the_way", "IPSO_IN_THE_WAY"},
	{"remedy", "IPSO_REMEDY"},
};

/* "NAME=value" each; none is there without memory, and the message goes without it. */
struct fields {
	struct iovec iov[ARRAY_SIZE(event_fields) + ARRAY_SIZE(explanation_fields) + 8];
	int count;
};

static void fields_free(struct fields *f)
{
	for (int i = 0; i < f->count; i++)
		free(f->iov[i].iov_base);
}

static void put_text(struct fields *f, const char *name, const char *value)
{
	char *text;
	int len;

	if (!value || !*value)
		return;
	len = asprintf(&text, "%s=%s", name, value);
	if (len < 0)
		return;
	f->iov[f->count++] = (struct iovec){text, (size_t)len};
}

static void put_number(struct fields *f, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	put_text(f, name, text);
}

static void put_message(struct fields *f, const json_t *event)
{
	_free_ char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return;
	export_event_words(event, out);
	if (fclose(out) == 0)
		put_text(f, "MESSAGE", text);
}

static int priority_of(const struct ipso_event_hdr *ev, bool failed)
{
	/* packets stop at the hard limit; the soft one asks for a successor */
	if (ev->kind == IPSO_EV_SA_EXPIRE)
		failed = ((const struct ipso_event_sa *)ev)->hard;
	return failed ? kinds[ev->kind].failed : kinds[ev->kind].good;
}

/* One of a kind each step on average, and a burst of them at once. */
static bool may_tell(struct journald *j, unsigned int kind, uint64_t now_ns)
{
	uint64_t due = j->due_ns[kind] > now_ns ? j->due_ns[kind] : now_ns;

	if (due - now_ns > (JOURNALD_BURST - 1) * JOURNALD_STEP_NS)
		return false;
	j->due_ns[kind] = due + JOURNALD_STEP_NS;
	return true;
}

static void send_fields(struct journald *j, struct fields *f, unsigned int kind, int priority)
{
	uint64_t left_out = j->left_out[kind];

	put_text(f, "MESSAGE_ID", kinds[kind].id);
	put_number(f, "PRIORITY", (uint64_t)priority);
	if (left_out)
		put_number(f, "IPSO_LEFT_OUT", left_out);
	if (sd_journal_sendv(f->iov, f->count) < 0)
		j->left_out[kind]++; /* to be told with the next */
	else
		j->left_out[kind] = 0;
}

void journald_event(struct journald *j, const struct ipso_event_hdr *ev,
		    const struct explanation *ex, const char *tunnel, uint64_t number,
		    uint64_t now_ns)
{
	_cleanup_(json_decrefp) json_t *event = NULL;
	_cleanup_(fields_free) struct fields f = {};
	const json_t *explanation;
	int priority;

	if (ev->kind >= IPSO_EV_MAX || !kinds[ev->kind].id)
		return;
	priority = priority_of(ev, ex != NULL);
	if (priority == NOT)
		return;
	if (!may_tell(j, ev->kind, now_ns)) {
		j->left_out[ev->kind]++;
		return;
	}
	event = export_event_json(ev, ex);
	explanation = json_object_get(event, "explanation");
	put_message(&f, event);
	for (size_t i = 0; i < ARRAY_SIZE(event_fields); i++)
		put_text(&f, event_fields[i].field,
			 json_string_value(json_object_get(event, event_fields[i].key)));
	for (size_t i = 0; i < ARRAY_SIZE(explanation_fields); i++)
		put_text(&f, explanation_fields[i].field,
			 json_string_value(json_object_get(explanation,
							   explanation_fields[i].key)));
	put_text(&f, "IPSO_TUNNEL", tunnel);
	put_number(&f, "IPSO_EVENT_NUMBER", number);
	send_fields(j, &f, ev->kind, priority);
}

void journald_tell_rest(struct journald *j, uint64_t now_ns)
{
	for (unsigned int kind = 0; kind < IPSO_EV_MAX; kind++) {
		_cleanup_(fields_free) struct fields f = {};
		char text[128];

		if (!j->left_out[kind] || !may_tell(j, kind, now_ns))
			continue;
		snprintf(text, sizeof(text),
			 "%llu more events %s were too many for the journal; ipso events --kind %s",
			 (unsigned long long)j->left_out[kind], kind_label(kind), kind_label(kind));
		put_text(&f, "MESSAGE", text);
		put_text(&f, "IPSO_EVENT", kind_label(kind));
		send_fields(j, &f, kind, kinds[kind].failed);
	}
}
