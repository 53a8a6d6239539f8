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

static const char *const suffix[] = {"", "_total", "_info"};

const char *metric_sample_name(const struct metric *m, char buf[METRIC_NAME])
{
	snprintf(buf, METRIC_NAME, "%s%s", m->name, suffix[m->type]);
	return buf;
}

const char *metric_type_name(const struct metric *m)
{
	static const char *const name[] = {"gauge", "counter", "info"};

	return name[m->type];
}

void metric_labels(const struct metric *m, const char *const *values, FILE *out)
{
	char open = '{';

	for (unsigned int i = 0; i < METRIC_LABELS && m->labels[i]; i++) {
		if (!values[i])
			continue;
		fputc(open, out);
		fputs(m->labels[i], out);
		fputc('=', out);
		put_value(values[i], out);
		open = ',';
	}
	if (open == ',')
		fputc('}', out);
}

static void put_name(const struct metric *m, const struct scrape *to)
{
	fputs(m->name, to->out);
	fputs(suffix[m->type], to->out);
}

static void put_number(double value, FILE *out)
{
	/* what is read is a double: a whole number is exact up to 2^53 */
	if (value >= 0 && value < 1e19 && value == (double)(uint64_t)value)
		fprintf(out, " %llu\n", (unsigned long long)value);
	else
		fprintf(out, " %.9g\n", value);
}

void metric_sample(const struct metric *m, const struct scrape *to, const char *const *values,
		   double value)
{
	put_name(m, to);
	metric_labels(m, values, to->out);
	put_number(value, to->out);
}

void metric_sample_text(const struct metric *m, const struct scrape *to, const char *labels,
			double value)
{
	put_name(m, to);
	fputs(labels, to->out);
	put_number(value, to->out);
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
	struct scrape to = {.s = s, .self = self, .openmetrics = openmetrics, .out = out};
	int err = metric_sa_begin(&to);
	unsigned int i;

	if (err < 0)
		return err;

	__fsetlocking(out, FSETLOCKING_BYCALLER); /* nobody else has it; a scrape is 10,000 small writes */
	for (i = 0; i < metrics_count; i++) {
		put_head(&metrics[i], &to);
		metrics[i].write(&metrics[i], &to);
	}
	metric_sa_end(&to);
	if (openmetrics)
		fputs("# EOF\n", out);
	return ferror(out) ? -EIO : 0;
}
