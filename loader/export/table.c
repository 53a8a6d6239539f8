/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The status object as text: columns as wide as their widest cell. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "export/internal.h"

#define CELL 64

struct column {
	const char *title, *key;
	bool right; /* numbers */
};

static void cell(const json_t *row, const char *key, char buf[CELL])
{
	const json_t *v = json_object_get(row, key);

	if (json_is_integer(v))
		snprintf(buf, CELL, "%lld", (long long)json_integer_value(v));
	else if (json_is_real(v))
		snprintf(buf, CELL, "%.1f", json_real_value(v));
	else if (json_is_boolean(v))
		snprintf(buf, CELL, "%s", json_is_true(v) ? "yes" : "no");
	else
		snprintf(buf, CELL, "%s", json_string_value(v) ? json_string_value(v) : "");
	if (!buf[0])
		snprintf(buf, CELL, "-");
}

static void print_row(const struct column *c, unsigned int n, const size_t *width,
		      const json_t *row, FILE *out)
{
	char buf[CELL];
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (row)
			cell(row, c[i].key, buf);
		else
			snprintf(buf, sizeof(buf), "%s", c[i].title);
		if (i + 1 == n && !c[i].right)
			fprintf(out, "%s", buf);
		else
			fprintf(out, c[i].right ? "%*s%s" : "%-*s%s", (int)width[i], buf,
				i + 1 < n ? "  " : "");
	}
	fputc('\n', out);
}

static void print_table(const struct column *c, unsigned int n, const json_t *rows, FILE *out)
{
	size_t width[16], len, at;
	char buf[CELL];
	unsigned int i;
	json_t *row;

	for (i = 0; i < n; i++) {
		width[i] = strlen(c[i].title);
		json_array_foreach(rows, at, row) {
			cell(row, c[i].key, buf);
			len = strlen(buf);
			if (len > width[i])
				width[i] = len;
		}
	}
	print_row(c, n, width, NULL, out);
	json_array_foreach(rows, at, row)
		print_row(c, n, width, row, out);
}

static json_int_t sum(const json_t *object)
{
	json_int_t total = 0;
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)object, key, v)
		total += json_integer_value(v);
	return total;
}

static void print_sas(const json_t *status, FILE *out)
{
	static const struct column columns[] = {
		{"TUNNEL", "tunnel", false},	    {"DIR", "direction", false},
		{"SPI", "spi", false},		    {"SOURCE", "source", false},
		{"DESTINATION", "destination", false}, {"DEVICE", "device", false},
		{"OFFLOAD", "offload", false},	    {"PACKETS", "packets", true},
		{"BYTES", "bytes", true},	    {"INTEGRITY", "integrity_failed", true},
		{"REPLAY", "replay_drops", true},   {"SOFTWARE", "software_packets", true},
		{"AGE", "sample_age_seconds", true},
	};
	const json_t *sas = json_object_get(status, "sas");

	if (json_array_size(sas))
		print_table(columns, ARRAY_SIZE(columns), sas, out);
	else
		fprintf(out, "no SAs\n");
}

static void print_eswitches(const json_t *status, FILE *out)
{
	static const struct column columns[] = {
		{"ESWITCH", "device", false},
		{"PCI", "pci", false},
		{"GUARDED", "guarded", false},
		{"OPEN", "open", false},
		{"ROCE", "roce", false},
	};
	const json_t *list = json_object_get(status, "eswitches");

	if (!json_array_size(list))
		return;
	fputc('\n', out);
	print_table(columns, ARRAY_SIZE(columns), list, out);
}

static void print_gate(const json_t *status, FILE *out)
{
	const json_t *gate = json_object_get(status, "gate");
	const json_t *verdicts = json_object_get(gate, "verdicts"), *v;
	const char *key;

	fprintf(out, "\ngate: %s",
		json_is_true(json_object_get(gate, "installed")) ? "installed"
		: json_is_true(json_object_get(gate, "foreign")) ? "another program's"
								 : "not installed");
	json_object_foreach((json_t *)verdicts, key, v)
		fprintf(out, ", %s %lld", key, (long long)json_integer_value(v));
	fputc('\n', out);
}

static void print_failures(const json_t *status, FILE *out)
{
	const json_t *list = json_object_get(status, "failures");
	json_t *f;
	size_t i;

	json_array_foreach(list, i, f)
		fprintf(out, "failed: [%s] %lld times, last: %s: %s\n",
			json_string_value(json_object_get(f, "id")),
			(long long)json_integer_value(json_object_get(f, "count")),
			json_string_value(json_object_get(f, "what")),
			json_string_value(json_object_get(f, "answer")));
}

static void print_watchers(const json_t *status, FILE *out)
{
	const json_t *events = json_object_get(status, "events");
	const json_t *list = json_object_get(status, "programs");
	json_int_t lost = sum(json_object_get(events, "lost"));
	size_t attached = 0, i;
	json_t *p;

	json_array_foreach(list, i, p)
		attached += json_is_true(json_object_get(p, "attached"));
	fprintf(out, "events: %lld seen, %lld lost; programs: %zu of %zu attached\n",
		(long long)sum(json_object_get(events, "seen")), (long long)lost, attached,
		json_array_size(list));
	if (lost)
		fprintf(out, "warning: %lld events found no room, numbers of events are too low\n",
			(long long)lost);
	json_array_foreach(list, i, p)
		if (!json_is_true(json_object_get(p, "attached")))
			fprintf(out, "not attached: %s (%s): %s; without it: %s\n",
				json_string_value(json_object_get(p, "name")),
				json_string_value(json_object_get(p, "target")),
				json_string_value(json_object_get(p, "reason")),
				json_string_value(json_object_get(p, "shows")));
}

void export_status_text(json_t *status, FILE *out)
{
	const json_t *policies = json_object_get(status, "policies");
	json_int_t overflow = json_integer_value(json_object_get(status, "sas_overflow"));

	print_sas(status, out);
	if (overflow)
		fprintf(out, "warning: %lld SAs not shown, the table is full\n",
			(long long)overflow);
	fprintf(out, "policies in hardware: %lld in, %lld out\n",
		(long long)json_integer_value(json_object_get(policies, "in")),
		(long long)json_integer_value(json_object_get(policies, "out")));
	print_eswitches(status, out);
	print_gate(status, out);
	print_failures(status, out);
	print_watchers(status, out);
}
