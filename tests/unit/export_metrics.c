/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A snapshot as Prometheus text: equal to tests/golden/metrics.txt; every family from the start. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "export/export.h"
#include "snapshots.h"

#define GOLDEN "tests/golden/metrics.txt"

static char *metrics_of(const struct snapshot *s)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	assert_int_equal(export_metrics(s, f), 0);
	fclose(f);
	return text;
}

static void as_the_golden_text(void **state)
{
	struct sa_row sas[3];
	struct failure_row failure;
	struct snapshot s = test_snapshot(sas, &failure);
	_free_ char *got = metrics_of(&s);
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
	_free_ char *got = metrics_of(&s);

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

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_the_golden_text),
		cmocka_unit_test(nothing_happened_yet),
	};

	return cmocka_run_group_tests_name("export_metrics", tests, NULL, NULL);
}
