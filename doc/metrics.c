/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints docs/metrics.md from the table that /metrics is written from; with -n names and labels. */
#include <stdio.h>
#include <string.h>

#include "export/metric.h"

static const char *const groups[METRIC_GROUPS] = {
	[METRIC_SELF] = "ipso itself",
	[METRIC_KERNEL] = "What ipso sees of the kernel",
	[METRIC_SA] = "SAs and policies",
	[METRIC_ESWITCH] = "Gate and eswitches",
	[METRIC_FAILURE] = "Failures",
};

static void put_labels(const struct metric *m, const char *between)
{
	for (unsigned int i = 0; i < METRIC_LABELS && m->labels[i]; i++)
		printf("%s%s", i ? between : "", m->labels[i]);
}

static void put_row(const struct metric *m)
{
	char name[METRIC_NAME];

	printf("| `%s` | %s | %s | ", metric_sample_name(m, name), metric_type_name(m),
	       m->unit ? m->unit : "");
	put_labels(m, ", ");
	printf(" | %s |\n", m->help);
}

static void put_names(void)
{
	char name[METRIC_NAME];

	for (unsigned int i = 0; i < metrics_count; i++) {
		printf("%s ", metric_sample_name(&metrics[i], name));
		put_labels(&metrics[i], ",");
		putchar('\n');
	}
}

static void put_page(void)
{
	printf("<!-- SPDX-License-Identifier: GPL-2.0-or-later -->\n"
	       "<!-- Made by `make docs` from loader/export/metrics_table.c: change it there. -->\n"
	       "# Metrics of ipso\n\n"
	       "`ipso run` serves them at `/metrics` of its address (`metrics.listen` of the\n"
	       "configuration, 127.0.0.1:9417 by default): OpenMetrics 1.0 to those who accept it, as\n"
	       "Prometheus does, and the text format 0.0.4 to all others. Every family is there from the\n"
	       "start, and every series that is not one of an SA or an eswitch, at 0.\n"
	       "[access.md](access.md) lets a Prometheus on another host read them.\n\n"
	       "Labels of an SA's series name it; `ipso_sa_info` has the rest, to be joined with\n"
	       "`* on (spi, dst, netns, mark) group_left (dev, offload) ipso_sa_info`. `mark` is there for\n"
	       "an SA that has one. At most %d SAs have series, those of configured tunnels first;\n"
	       "`ipso_sas_without_series` tells how many have not, `ipso_sas` counts them all.\n",
	       METRIC_SAS_MAX);
	for (unsigned int g = 0; g < METRIC_GROUPS; g++) {
		printf("\n## %s\n\n| name | type | unit | labels | what it is |\n|---|---|---|---|---|\n",
		       groups[g]);
		for (unsigned int i = 0; i < metrics_count; i++) {
			if (metrics[i].group == g)
				put_row(&metrics[i]);
		}
	}
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "-n") == 0)
		put_names();
	else
		put_page();
	return ferror(stdout) ? 1 : 0;
}
