/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The screen of ipso top: from 80 columns and 24 lines, more where there is more. */
#include <ncurses.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/top.h"

#define CELL 64

static const char *text_at(const json_t *j, const char *key)
{
	const char *s = json_string_value(json_object_get(j, key));

	return s ? s : "";
}

static json_int_t int_at(const json_t *j, const char *key)
{
	return json_integer_value(json_object_get(j, key));
}

static double number_at(const json_t *j, const char *key)
{
	return json_number_value(json_object_get(j, key));
}

/* ---- columns ---- */

static void tunnel(const json_t *sa, char buf[CELL])
{
	snprintf(buf, CELL, "%s", *text_at(sa, "tunnel") ? text_at(sa, "tunnel") : "-");
}

static void direction(const json_t *sa, char buf[CELL])
{
	snprintf(buf, CELL, "%s", text_at(sa, "direction"));
}

static void spi(const json_t *sa, char buf[CELL])
{
	snprintf(buf, CELL, "%s", text_at(sa, "spi"));
}

static void peer(const json_t *sa, char buf[CELL])
{
	bool in = strcmp(text_at(sa, "direction"), "in") == 0;

	snprintf(buf, CELL, "%s", text_at(sa, in ? "source" : "destination"));
}

static void device(const json_t *sa, char buf[CELL])
{
	snprintf(buf, CELL, "%s", *text_at(sa, "device") ? text_at(sa, "device") : "-");
}

static void offload(const json_t *sa, char buf[CELL])
{
	snprintf(buf, CELL, "%s", text_at(sa, "offload"));
}

static void bits(const json_t *sa, char buf[CELL])
{
	char n[EXPORT_NUMBER];

	snprintf(buf, CELL, "%s", export_scaled(number_at(sa, "bytes_per_second") * 8, "b", n));
}

static void rate(const json_t *sa, char buf[CELL])
{
	char n[EXPORT_NUMBER];

	snprintf(buf, CELL, "%s", export_scaled(number_at(sa, "packets_per_second"), "", n));
}

static void packets(const json_t *sa, char buf[CELL])
{
	snprintf(buf, CELL, "%lld", (long long)int_at(sa, "packets"));
}

static void bytes(const json_t *sa, char buf[CELL])
{
	char n[EXPORT_NUMBER];

	snprintf(buf, CELL, "%s", export_scaled((double)int_at(sa, "bytes"), "B", n));
}

static void drops(const json_t *sa, char buf[CELL])
{
	snprintf(buf, CELL, "%lld",
		 (long long)(int_at(sa, "integrity_failed") + int_at(sa, "replay_drops")));
}

static void software(const json_t *sa, char buf[CELL])
{
	snprintf(buf, CELL, "%lld", (long long)int_at(sa, "software_packets"));
}

static void used(const json_t *sa, char buf[CELL])
{
	double share = number_at(sa, "lifetime_used");

	if (share > 0)
		snprintf(buf, CELL, "%.0f%%", share * 100);
	else
		snprintf(buf, CELL, "-");
}

static const struct column {
	const char *title;
	int width;
	int from; /* columns that the screen must have for it */
	bool number;
	enum sa_order order;
	void (*fill)(const json_t *sa, char buf[CELL]);
} columns[] = {
	{"TUNNEL", 14, 0, false, SA_BY_TUNNEL, tunnel},
	{"DIR", 4, 0, false, SA_BY_DIRECTION, direction},
	{"SPI", 10, 0, false, SA_BY_SPI, spi},
	{"PEER", 15, 0, false, SA_BY_DESTINATION, peer},
	{"DEVICE", 15, 128, false, SA_BY_DEVICE, device},
	{"OFFLOAD", 7, 90, false, SA_BY_OFFLOAD, offload},
	{"BIT/S", 8, 0, true, SA_BY_BYTE_RATE, bits},
	{"PKT/S", 7, 0, true, SA_BY_PACKET_RATE, rate},
	{"PACKETS", 14, 144, true, SA_BY_PACKETS, packets},
	{"BYTES", 8, 100, true, SA_BY_BYTES, bytes},
	{"DROPS", 6, 0, true, SA_BY_DROPS, drops},
	{"ON CPU", 7, 110, true, SA_BY_SOFTWARE, software},
	{"LIFE", 5, 0, true, SA_BY_USED, used},
};

static bool shown(const struct column *c)
{
	return COLS >= c->from;
}

enum sa_order top_next_order(enum sa_order order, bool back)
{
	const unsigned int n = ARRAY_SIZE(columns);
	unsigned int i = 0, step = back ? n - 1 : 1;

	while (i < n - 1 && columns[i].order != order)
		i++;
	do
		i = (i + step) % n;
	while (!shown(&columns[i]));
	return columns[i].order;
}

/* ---- parts of the screen ---- */

/* What is left of the line, cut where the screen ends. */
static void put(int y, int x, int attributes, const char *text)
{
	attron(attributes);
	mvaddnstr(y, x, text, x < COLS ? COLS - x : 0);
	attroff(attributes);
}

static void draw_title(const struct top *t)
{
	const json_t *service = json_object_get(t->seen, "service");
	const json_t *table = json_object_get(t->seen, "table");
	bool well = strcmp(text_at(t->seen, "health"), "ok") == 0;
	char line[320], up[EXPORT_NUMBER];

	snprintf(line, sizeof(line), "ipso %s  up %s  %lld of %lld SAs%s%s", text_at(service, "version"),
		 export_ago((uint64_t)int_at(service, "uptime_seconds"), up),
		 (long long)int_at(table, "matching"), (long long)int_at(table, "total"),
		 t->paused ? "  PAUSED" : "", well ? "" : "  NOT HEALTHY");
	put(0, 0, A_BOLD, line);
	if (!well)
		put(1, 0, A_BOLD | COLOR_PAIR(1), text_at(t->seen, "health"));
}

static void device_line(const json_t *d, char *line, size_t size)
{
	const json_t *esw = json_object_get(d, "eswitch"), *driver = json_object_get(esw, "driver");
	char in[EXPORT_NUMBER], out[EXPORT_NUMBER];
	int n = snprintf(line, size, "%-12s in %8s/s out %8s/s",
			 *text_at(d, "device") ? text_at(d, "device") : "in software",
			 export_scaled(number_at(json_object_get(d, "in"), "bytes_per_second") * 8,
				       "b", in),
			 export_scaled(number_at(json_object_get(d, "out"), "bytes_per_second") * 8,
				       "b", out));

	if (esw)
		snprintf(line + n, size - (size_t)n, " %s tables %lld/%lld gate %s",
			 text_at(driver, "eswitch_mode"),
			 (long long)int_at(driver, "rx_table_users"),
			 (long long)int_at(driver, "tx_table_users"),
			 strcmp(text_at(esw, "guarded"), "enforce") != 0 ? text_at(esw, "guarded")
			 : json_is_true(json_object_get(esw, "open"))	 ? "open"
									 : "closed");
}

static const json_t *devices_of(const struct top *t)
{
	return json_object_get(json_object_get(t->seen, "road"), "devices");
}

/* Lines for devices: a small screen is for SAs. */
static int devices_shown(const struct top *t)
{
	int n = (int)json_array_size(devices_of(t)), most = LINES / 6;

	return n < most ? n : most;
}

static void draw_devices(const struct top *t)
{
	char line[256];

	for (int i = 0; i < devices_shown(t); i++) {
		device_line(json_array_get(devices_of(t), (size_t)i), line, sizeof(line));
		put(2 + i, 0, 0, line);
	}
}

static int events_shown(void)
{
	return LINES >= 20 ? TOP_EVENTS : 0;
}

/* Title, health, devices, heads, rows, events, help. */
static int first_row(const struct top *t)
{
	return 2 + devices_shown(t) + 1;
}

unsigned int top_rows(const struct top *t)
{
	int n = LINES - first_row(t) - events_shown() - 1;

	return n > 0 ? (unsigned int)n : 1;
}

static int put_cell(int y, int x, const struct column *c, int attributes, const char *text)
{
	char cut[CELL];

	snprintf(cut, sizeof(cut), c->number ? "%*.*s" : "%-*.*s", c->width, c->width, text);
	put(y, x, attributes, cut);
	return x + c->width + 1;
}

static void draw_heads(const struct top *t)
{
	int y = first_row(t) - 1, x = 0;
	char title[CELL];

	attron(A_REVERSE);
	mvhline(y, 0, ' ', COLS);
	attroff(A_REVERSE);
	for (unsigned int i = 0; i < ARRAY_SIZE(columns); i++) {
		const struct column *c = &columns[i];

		if (!shown(c))
			continue;
		snprintf(title, sizeof(title), "%s%s", c->title,
			 c->order != t->order ? "" : t->descending ? "-" : "+");
		x = put_cell(y, x, c, A_REVERSE | (c->order == t->order ? A_BOLD : 0), title);
	}
}

static void draw_sa(const json_t *sa, int y)
{
	bool wrong = *text_at(sa, "tunnel") && strcmp(text_at(sa, "offload"), "packet") != 0;
	bool bad = wrong || int_at(sa, "integrity_failed") || int_at(sa, "software_packets") ||
		   number_at(sa, "lifetime_used") >= 0.9;
	char buf[CELL];
	int x = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(columns); i++) {
		if (!shown(&columns[i]))
			continue;
		columns[i].fill(sa, buf);
		x = put_cell(y, x, &columns[i], bad ? A_BOLD | COLOR_PAIR(1) : 0, buf);
	}
}

static void draw_events(const struct top *t)
{
	const json_t *events = json_object_get(t->seen, "events");
	int y = LINES - 1 - events_shown();
	char line[320];

	for (int i = 0; i < events_shown(); i++) {
		const json_t *e = json_array_get(events, (size_t)i);
		const char *when = strchr(text_at(e, "time"), 'T');

		if (!e)
			break;
		snprintf(line, sizeof(line), "%.8s %s%s%s: %s", when ? when + 1 : "",
			 text_at(e, "kind"), *text_at(e, "result") ? " " : "", text_at(e, "result"),
			 text_at(e, "what"));
		put(y + i, 0, *text_at(e, "result") ? COLOR_PAIR(1) : A_DIM, line);
	}
}

static void draw_help(const struct top *t)
{
	char line[160];

	if (t->typing || *t->search)
		snprintf(line, sizeof(line), "search: %s%s", t->search,
			 t->typing ? "_   (Enter keeps it, Esc clears it)" : "   (/ changes it)");
	else
		snprintf(line, sizeof(line), "q quit  / search  < > sort  r reverse  "
			 "arrows, PgUp, PgDn move  p pause");
	put(LINES - 1, 0, A_REVERSE, *t->trouble ? t->trouble : line);
}

void top_draw(const struct top *t)
{
	const json_t *sas = json_object_get(json_object_get(t->seen, "table"), "sas");
	size_t i;
	json_t *sa;

	erase();
	if (t->seen) {
		draw_title(t);
		draw_devices(t);
		draw_heads(t);
		json_array_foreach(sas, i, sa) {
			if (i < top_rows(t))
				draw_sa(sa, first_row(t) + (int)i);
		}
		draw_events(t);
	}
	draw_help(t);
	refresh();
}
