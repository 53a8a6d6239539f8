/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The only way to stderr. On a terminal plain lines; with sd-daemon priority prefixes when stderr
 * is the journal (JOURNAL_STREAM). cmd/, apply/ and daemon/ log; lower stages stay silent and
 * return their reason.
 */
#ifndef IPSO_BASE_LOG_H
#define IPSO_BASE_LOG_H

#include <stdarg.h>
#include <stdbool.h>

enum log_level { LOG_LV_ERR, LOG_LV_WARN, LOG_LV_INFO, LOG_LV_DEBUG };

void log_set_level(enum log_level max);
/* stderr is the journal's: what is written there has priorities, and events may have fields. */
bool log_is_journal(void);
void log_v(enum log_level lv, int err, const char *fmt, va_list ap);

/* Print "fmt: strerror(err)" (err 0: no suffix; sign of err does not matter). Returns -|err|. */
int log_msg(enum log_level lv, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#define log_err(err, ...) log_msg(LOG_LV_ERR, (err), __VA_ARGS__)
#define log_warn(...) log_msg(LOG_LV_WARN, 0, __VA_ARGS__)
#define log_info(...) log_msg(LOG_LV_INFO, 0, __VA_ARGS__)
#define log_debug(...) log_msg(LOG_LV_DEBUG, 0, __VA_ARGS__)

#endif
