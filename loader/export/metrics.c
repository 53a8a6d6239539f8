/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text formats: Prometheus 0.0.4 ("Exposition formats" in its documentation) and OpenMetrics
 * 1.0. They differ in the names of families, the type "info", units, and the end.
 */
#include <errno.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <string.h>

#include "export/metric.h"

/* A label value: backslash, quote and newline are escaped; there is seldom one. */
static void put_value(const char *v, FILE *out)
{
	size_t plain;

	fputc('"', out);
	for (; *v; v++) {
		plain = strcspn(v, "\\\"\n");
		fwrite(v, 1, plain, out);
		v += plain;
		if (!*v)
			break;
		fputc('\\', out);
		fputc(*v == '\n' ? 'n' : *v, out);
	}
	fputc('"', out);
}

const char *metric_sample_name(const struct metric *m, char buf[METRIC_NAME])
{
	static const char *const suffix[] = {"", "_total", "_info"};

	snprintf(buf, METRIC_NAME, "%s%s", m->name, suffix[m->type]);
	return buf;
}

const char *metric_type_name(const struct metric *m)
{
	static const char *const name[] = {"gauge", "counter", "info"};

	return name[m->type];
}

void metric_sample(const struct metric *m, const struct scrape *to, const char *const *values,
		   double value)
{
	char name[METRIC_NAME], open = '{';
	unsigned int i;

	fputs(metric_sample_name(m, name), to->out);
	for (i = 0; i < METRIC_LABELS && m->labels[i]; i++) {
		if (!values[i])
			continue;
		fputc(open, to->out);
		fputs(m->labels[i], to->out);
		fputc('=', to->out);
		put_value(values[i], to->out);
		open = ',';
	}
	fputs(open == ',' ? "} " : " ", to->out);
	/* what is read is a double: a whole number is exact up to 2^53 */
	if (value >= 0 && value < 1e19 && value == (double)(uint64_t)value)
		fprintf(to->out, "%llu\n", (unsigned long long)value);
	else
		fprintf(to->out, "%.9g\n", value);
}

static void put_head(const struct metric *m, const struct scrape *to)
{
	char sample[METRIC_NAME];
	const char *name = to->openmetrics ? m->name : metric_sample_name(m, sample);

	fprintf(to->out, "# HELP %s %s\n# TYPE %s %s\n", name, m->help, name,
		m->type == METRIC_INFO && !to->openmetrics ? "gauge" : metric_type_name(m));
	if (m->unit && to->openmetrics)
		fprintf(to->out, "# UNIT %s %s\n", name, m->unit);
}

int export_metrics(const struct snapshot *s, const struct export_self *self, bool openmetrics,
		   FILE *out)
{
	const struct scrape to = {s, self, openmetrics, out};
	unsigned int i;

	__fsetlocking(out, FSETLOCKING_BYCALLER); /* nobody else has it; a scrape is 10,000 small writes */
	for (i = 0; i < metrics_count; i++) {
		put_head(&metrics[i], &to);
		metrics[i].write(&metrics[i], &to);
	}
	if (openmetrics)
		fputs("# EOF\n", out);
	return ferror(out) ? -EIO : 0;
}
