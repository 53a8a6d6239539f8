/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A snapshot as text: equal to tests/golden/metrics.txt; every family from the start. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "export/metric.h"
#include "snapshots.h"

#define GOLDEN "tests/golden/metrics.txt"

static const struct export_self self = {
	.started_s = 1790000000,
	.refresh_age_seconds = 0.25,
	.cpu_seconds = 1.5,
	.resident_bytes = 4194304,
	.healthy = true,
	.streams = 1,
	.streams_slow = 2,
};

static char *metrics_of(const struct snapshot *s, bool openmetrics)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	assert_int_equal(export_metrics(s, &self, openmetrics, f), 0);
	fclose(f);
	return text;
}

static void as_the_golden_text(void **state)
{
	struct sa_row sas[3];
	struct failure_row failure;
	struct snapshot s = test_snapshot(sas, &failure);
	_free_ char *got = metrics_of(&s, false);
	_free_ char *want = NULL;
	char *version = strstr(got, "{version=\"" IPSO_VERSION "\"}");

	(void)state;
	/* the version is the one thing that is not ours to fix */
	assert_non_null(version);
	memmove(version, version + strlen("{version=\"" IPSO_VERSION "\"}"),
		strlen(version + strlen("{version=\"" IPSO_VERSION "\"}")) + 1);
	assert_int_equal(file_read(GOLDEN, 1 << 20, &want, NULL), 0);
	if (strcmp(got, want) != 0)
		file_replace("out/metrics.txt", got, strlen(got), 0644); /* to look at */
	assert_string_equal(got, want);
}

/* Alerts need series that exist before the first fault. */
static void nothing_happened_yet(void **state)
{
	struct snapshot s = {0};
	_free_ char *got = metrics_of(&s, false);

	(void)state;
	assert_non_null(strstr(got, "\nipso_gate_installed 0\n"));
	assert_non_null(strstr(got, "\nipso_gate_verdicts_total{verdict=\"refused\"} 0\n"));
	assert_non_null(strstr(got, "\nipso_events_lost_total{kind=\"sa-add\"} 0\n"));
	assert_non_null(
		strstr(got, "\nipso_offload_failures_total{id=\"S-05\",class=\"ORDER\"} 0\n"));
	assert_non_null(strstr(got, "\nipso_firmware_errors_total 0\n"));
	assert_non_null(strstr(got, "\nipso_policies{direction=\"in\"} 0\n"));
	assert_null(strstr(got, "kind=\"none\""));
}

/* The other format: names of families, units, the type info, and the end. */
static void for_openmetrics(void **state)
{
	struct snapshot s = {0};
	_free_ char *got = metrics_of(&s, true);
	const char *eof = strstr(got, "# EOF\n");

	(void)state;
	assert_non_null(strstr(got, "# TYPE ipso_build info\nipso_build_info{version="));
	assert_non_null(strstr(got, "# TYPE ipso_sa_bytes counter\n# UNIT ipso_sa_bytes bytes\n"));
	assert_non_null(strstr(got, "# TYPE ipso_firmware_errors counter\n"
				    "ipso_firmware_errors_total 0\n"));
	assert_non_null(eof);
	assert_string_equal(eof, "# EOF\n");
}

static unsigned int count(const char *text, const char *word)
{
	unsigned int n = 0;

	for (const char *at = text; (at = strstr(at, word)); at++)
		n++;
	return n;
}

static void many_tunnels(void **state)
{
	struct tunnel_row *rows[METRIC_TUNNELS_MAX + 10];
	struct snapshot s = {.tunnels = rows, .tunnels_count = METRIC_TUNNELS_MAX + 10};
	_free_ char *got = NULL;

	(void)state;
	for (unsigned int i = 0; i < s.tunnels_count; i++)
		rows[i] = test_tunnel();
	got = metrics_of(&s, false);
	assert_int_equal(count(got, "\nipso_tunnel_bytes_total{"), 2 * METRIC_TUNNELS_MAX);
	assert_non_null(strstr(got, "\nipso_tunnels_without_series 10\n"));
}

/* Beyond the limit SAs have no series: strangers first, and it is told. */
static void many_sas(void **state)
{
	unsigned int n = METRIC_SAS_MAX + 10, strangers = 20, i;
	_free_ struct sa_row *sas = calloc(n, sizeof(*sas));
	_free_ const struct sa_row **rows = calloc(n, sizeof(*rows));
	struct snapshot s = {.sas = rows, .sas_count = n};
	_free_ char *got = NULL;

	(void)state;
	assert_non_null(sas);
	assert_non_null(rows);
	for (i = 0; i < n; i++) {
		sas[i] = test_sa(IPSO_DIR_OUT, i, i < strangers ? "" : "t");
		rows[i] = &sas[i];
	}
	got = metrics_of(&s, false);
	assert_int_equal(count(got, "\nipso_sa_bytes_total{"), METRIC_SAS_MAX);
	assert_int_equal(count(got, "\nipso_sa_info{"), METRIC_SAS_MAX);
	assert_int_equal(count(got, "\nipso_sa_bytes_total{tunnel=\"\""), strangers - 10);
	assert_non_null(strstr(got, "\nipso_sas_without_series 10\n"));
	assert_non_null(strstr(got, "\nipso_sas{dev=\"eth0\",direction=\"out\",offload=\"packet\"} 1034\n"));
}

/* Names are what conventions ask for, and what the row says. */
static void names_fit(void **state)
{
	char name[METRIC_NAME];
	unsigned int i, j;

	(void)state;
	for (i = 0; i < metrics_count; i++) {
		const struct metric *m = &metrics[i];
		const char *end = m->name + strlen(m->name) - (m->unit ? strlen(m->unit) : 0);

		assert_true(strncmp(m->name, "ipso_", 5) == 0 && m->help[0] && m->write);
		assert_true(strlen(metric_sample_name(m, name)) + 1 < sizeof(name));
		assert_null(strstr(m->name, "_total"));
		assert_true(!m->unit || (end[-1] == '_' && strcmp(end, m->unit) == 0));
		assert_true(m->help[strlen(m->help) - 1] == '.' && !strpbrk(m->help, "\\\n\""));
		for (j = 0; j < i; j++)
			assert_string_not_equal(metrics[j].name, m->name);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_the_golden_text),
		cmocka_unit_test(nothing_happened_yet),
		cmocka_unit_test(for_openmetrics),
		cmocka_unit_test(many_sas),
		cmocka_unit_test(many_tunnels),
		cmocka_unit_test(names_fit),
	};

	return cmocka_run_group_tests_name("export_metrics", tests, NULL, NULL);
}
