/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libbpf's own words, demoted to debug. */
#include "attach/internal.h"

#include <bpf/libbpf.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"

static char culprit[64];

/* "prog 'NAME': failed to load: -EINVAL", tools/lib/bpf/libbpf.c */
static void keep_culprit(const char *line)
{
	static const char head[] = "libbpf: prog '", tail[] = "': failed to load";
	const char *name, *end;

	if (strncmp(line, head, strlen(head)) != 0)
		return;
	name = line + strlen(head);
	end = strstr(name, tail);
	if (end)
		snprintf(culprit, sizeof(culprit), "%.*s", (int)(end - name), name);
}

static int print(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	char line[1024];

	if (level == LIBBPF_DEBUG)
		return 0;
	vsnprintf(line, sizeof(line), fmt, ap);
	line[strcspn(line, "\n")] = '\0';
	keep_culprit(line);
	log_debug("%s", line);
	return 0;
}

void libbpf_log_install(void)
{
	libbpf_set_print(print);
}

void libbpf_log_clear(void)
{
	culprit[0] = '\0';
}

const char *libbpf_log_culprit(void)
{
	return culprit;
}
