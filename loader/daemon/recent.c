/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A ring of records. */
#include "daemon/recent.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "export/export.h"

struct slot {
	struct recent_event e;
	char *line; /* NULL = nobody asked yet */
	char tunnel[64];
	union {
		struct ipso_event_hdr hdr;
		struct ipso_event_sa sa;
		struct ipso_event_policy policy;
		struct ipso_event_tc tc;
		struct ipso_event_sample sample;
		struct ipso_event_gate gate;
		struct ipso_event_fw fw;
		struct ipso_event_gate_mode gate_mode;
		struct ipso_event_module module;
		struct ipso_event_mode mode;
		struct ipso_event_link link;
		struct ipso_event_tables tables;
		struct ipso_event_drift drift;
	} record;
};

struct recent {
	unsigned int capacity;
	uint64_t first, end; /* numbers kept: first <= n < end */
	struct slot slots[];
};

int recent_new(unsigned int capacity, struct recent **ret_r)
{
	struct recent *r = calloc(1, sizeof(*r) + capacity * sizeof(r->slots[0]));

	if (!r)
		return -ENOMEM;
	r->capacity = capacity;
	*ret_r = r;
	return 0;
}

static void clear_slot(struct slot *s)
{
	free(s->line);
	json_decref(s->e.explanation);
	s->line = NULL;
	s->e = (struct recent_event){};
}

void recent_free(struct recent **r)
{
	if (!*r)
		return;
	for (unsigned int i = 0; i < (*r)->capacity; i++)
		clear_slot(&(*r)->slots[i]);
	free(*r);
	*r = NULL;
}

static bool event_spi(const struct ipso_event_hdr *ev, uint32_t *ret_spi)
{
	switch (ev->kind) {
	case IPSO_EV_SA_ADD:
	case IPSO_EV_SA_DELETE:
	case IPSO_EV_SA_EXPIRE:
	case IPSO_EV_SA_SOFTWARE:
	case IPSO_EV_FALLBACK:
		*ret_spi = ((const struct ipso_event_sa *)ev)->key.spi;
		return true;
	case IPSO_EV_SA_SAMPLE:
		*ret_spi = ((const struct ipso_event_sample *)ev)->key.spi;
		return true;
	default:
		return false;
	}
}

/* "TEXT\n", or NULL. */
static char *json_line(const struct slot *s)
{
	json_t *j = export_event_json(&s->record.hdr, NULL);
	bool good = j != NULL;
	_free_ char *text = NULL;
	char *line = NULL;
	size_t len;

	if (good && s->tunnel[0])
		good = json_object_set_new(j, "tunnel", json_string(s->tunnel)) == 0;
	if (good && s->e.explanation)
		good = json_object_set_new(j, "explanation", json_deep_copy(s->e.explanation)) == 0;
	if (good)
		good = json_object_set_new(j, "event", json_integer((json_int_t)s->e.number)) == 0;
	text = good ? json_dumps(j, JSON_COMPACT) : NULL;
	json_decref(j);
	if (!text)
		return NULL;
	len = strlen(text);
	line = realloc(text, len + 2);
	if (!line)
		return NULL;
	text = NULL;
	line[len] = '\n';
	line[len + 1] = '\0';
	return line;
}

int recent_add(struct recent *r, const struct ipso_event_hdr *ev, const struct explanation *ex,
	       const char *tunnel)
{
	struct slot *slot = &r->slots[r->end % r->capacity];
	json_t *explanation = ex ? export_explanation_json(ex) : NULL;

	if ((ex && !explanation) || ev->len > sizeof(slot->record)) {
		json_decref(explanation);
		return ex ? -ENOMEM : -EINVAL;
	}
	clear_slot(slot);
	slot->e = (struct recent_event){.number = r->end, .ktime = ev->ktime, .pid = ev->pid,
					.explanation = explanation};
	slot->e.has_spi = event_spi(ev, &slot->e.spi);
	snprintf(slot->tunnel, sizeof(slot->tunnel), "%s", tunnel);
	memcpy(&slot->record, ev, ev->len);
	r->end++;
	if (r->end - r->first > r->capacity)
		r->first++;
	return 0;
}

uint64_t recent_first(const struct recent *r)
{
	return r->first;
}

uint64_t recent_end(const struct recent *r)
{
	return r->end;
}

const struct recent_event *recent_get(const struct recent *r, uint64_t number)
{
	if (number < r->first || number >= r->end)
		return NULL;
	return &r->slots[number % r->capacity].e;
}

const char *recent_line(struct recent *r, uint64_t number)
{
	struct slot *s = &r->slots[number % r->capacity];

	if (!recent_get(r, number))
		return NULL;
	if (!s->line)
		s->line = json_line(s);
	return s->line;
}
