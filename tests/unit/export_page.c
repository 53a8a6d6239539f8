/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page as text: what is wrong is said, text of others stays text, numbers as people read them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "export/page.h"
#include "snapshots.h"

static char *page_of(const struct snapshot *s, struct sa_query query, bool healthy)
{
	struct export_self self = {.started_s = s->now_s - 3720, .healthy = healthy};
	struct export_page_in in = {
		.s = s, .self = &self, .health = "SAs cannot be read", .host = "a<b", .nonce = "n0",
		.config = "f.yaml", .query = query, .refresh_ms = 1000,
	};
	char *text = NULL;
	size_t len = 0;
	FILE *f;

	in.events = json_pack("[{s:s, s:s, s:s, s:s, s:I}]", "time", "2026-01-01T09:14:02.123Z",
			      "kind", "gate", "result", "EBUSY", "what", "a <rule>", "event",
			      (json_int_t)7);
	f = open_memstream(&text, &len);
	assert_non_null(f);
	assert_int_equal(export_page(&in, f), 0);
	fclose(f);
	json_decref((json_t *)in.events);
	return text;
}

static void has(const char *text, const char *words)
{
	if (!strstr(text, words))
		fail_msg("the page has no: %s", words);
}

static void what_there_is(void **state)
{
	struct sa_row sas[3];
	struct failure_row failure;
	struct snapshot s = test_snapshot(sas, &failure);
	_free_ char *page = page_of(&s, (struct sa_query){.search = "<&\""}, true);
	_free_ char *all = page_of(&s, (struct sa_query){}, true);

	(void)state;
	has(page, "ipso</span> a&lt;b</h1>");
	has(page, "value=\"&lt;&amp;&quot;\"");
	has(page, "0 of 3 SAs");
	has(page, "No SA fits.");
	has(page, "search=%3c%26%22");
	has(page, "up 1&nbsp;h&nbsp;2&nbsp;min");
	has(all, "a &quot;quoted&quot; name</summary>");
	has(all, "class=\"n packets\"><data value=\"23\">23</data>");
	has(all, "<small>1 integrity</small><small>2 replay</small>");
	has(all, "RX held by 1, TX held by 2");
	has(all, "<span class=\"id\">S-05</span>");
	has(all, "<tr data-key=\"e7\"><td data-label=\"Time (UTC)\">09:14:02.123</td>");
	has(all, "a &lt;rule&gt;");
	has(all, "1 of 2 BPF programs attached");
	has(all, "<li class=\"warn\">1 events of the kernel found no room");
	has(all, "<script nonce=\"n0\">");
	assert_null(strstr(all, "Nothing needs attention"));
}

static void nothing_there(void **state)
{
	struct snapshot s = {.now_s = 1790000000, .now_ns = 1};
	_free_ char *well = page_of(&s, (struct sa_query){}, true);
	_free_ char *ill = page_of(&s, (struct sa_query){.offset = 500}, false);

	(void)state;
	has(well, "Nothing needs attention.");
	has(well, "There is no SA yet.");
	has(well, "Not installed: TC rules can come before IPsec.");
	has(ill, "<li class=\"bad\">SAs cannot be read</li>");
	has(ill, "not healthy");
}

static void pages_of_many(void **state)
{
	static struct sa_row sas[120];
	static const struct sa_row *rows[120];
	struct snapshot s = {.sas = rows, .sas_count = 120, .now_s = 1790000000};
	_free_ char *page = NULL;

	(void)state;
	for (unsigned int i = 0; i < 120; i++) {
		sas[i] = test_sa(IPSO_DIR_OUT, i, "t");
		rows[i] = &sas[i];
	}
	page = page_of(&s, (struct sa_query){.order = SA_BY_SPI, .offset = 50}, true);
	has(page, "page 2 of 3");
	has(page, "?sort=spi&amp;order=asc\">Previous</a>");
	has(page, "?sort=spi&amp;order=asc&amp;page=3\">Next</a>");
	has(page, "aria-sort=\"ascending\"><a href=\"?sort=spi&amp;order=desc\">SPI</a>");
	has(page, "0x00000032");
	assert_null(strstr(page, "0x00000031"));
}

static void numbers(void **state)
{
	static const struct {
		double v;
		const char *text;
	} rows[] = {{0, "0 B"}, {999, "999 B"}, {1000, "1.00 kB"}, {9995, "10.0 kB"},
		    {99950, "100 kB"}, {999499, "999 kB"}, {999500, "1.00 MB"}, {28.5e9, "28.5 GB"}};
	static const struct {
		uint64_t s;
		const char *text;
	} times[] = {{0, "0 s"}, {59, "59 s"}, {60, "1 min"}, {3720, "1 h 2 min"},
		     {90000, "1 d 1 h"}};
	char buf[EXPORT_NUMBER];
	_free_ char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++)
		assert_string_equal(export_scaled(rows[i].v, "B", buf), rows[i].text);
	for (unsigned int i = 0; i < ARRAY_SIZE(times); i++)
		assert_string_equal(export_ago(times[i].s, buf), times[i].text);
	assert_non_null(f);
	html_count(f, 1234567);
	fclose(f);
	assert_string_equal(text, "<data value=\"1234567\">1&#8239;234&#8239;567</data>");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_there_is),
		cmocka_unit_test(nothing_there),
		cmocka_unit_test(pages_of_many),
		cmocka_unit_test(numbers),
	};

	return cmocka_run_group_tests_name("export_page", tests, NULL, NULL);
}
