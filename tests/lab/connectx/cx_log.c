/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The model's own log: one line an action, written at once, so that a crash of the guest or of QEMU
 * leaves everything up to it. It is no part of the firmware interface.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "cx.h"

struct cx_log {
	FILE *file;	/* NULL: errors go to stderr, the rest nowhere */
	unsigned int level;
};

struct cx_log *cx_log_open(const char *path, unsigned int level)
{
	struct cx_log *log = g_new0(struct cx_log, 1);

	log->level = level;
	if (!path || !*path)
		return log;
	log->file = fopen(path, "w");
	if (!log->file)
		fprintf(stderr, "connectx: cannot write log %s: %s\n", path, strerror(errno));
	else
		setvbuf(log->file, NULL, _IOLBF, 0);
	return log;
}

void cx_log_close(struct cx_log *log)
{
	if (!log)
		return;
	if (log->file)
		fclose(log->file);
	g_free(log);
}

bool cx_log_wants(const struct cx_fn *fn, enum cx_log_level level)
{
	const struct cx_log *log = fn->dev->log;

	return level == CX_LOG_ERROR || (log->file && level <= log->level);
}

void cx_log(const struct cx_fn *fn, enum cx_log_level level, const char *fmt, ...)
{
	uint64_t us = cx_now_ns() / 1000;
	FILE *out = fn->dev->log->file ?: stderr;
	va_list args;

	if (!cx_log_wants(fn, level))
		return;
	fprintf(out, "%" PRIu64 ".%06" PRIu64 " ", us / 1000000, us % 1000000);
	if (cx_is_pf(fn))
		fputs("pf  ", out);
	else
		fprintf(out, "vf%-2d", fn->vport - 1);
	if (level == CX_LOG_ERROR)
		fputs("! ", out);
	va_start(args, fmt);
	vfprintf(out, fmt, args);
	va_end(args);
	fputc('\n', out);
}
