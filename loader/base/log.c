/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line to stderr a message, in a single write(2) so that lines of several processes on one
 * journal stream never mix.
 */
#include "base/log.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_MAX_BYTES 2048

static const struct {
	const char *journal; /* sd-daemon.h SD_ERR, SD_WARNING, SD_INFO, SD_DEBUG */
	const char *plain;
} levels[] = {
	[LOG_LV_ERR] = {"<3>", "ipso: "},
	[LOG_LV_WARN] = {"<4>", "ipso: warning: "},
	[LOG_LV_INFO] = {"<6>", ""},
	[LOG_LV_DEBUG] = {"<7>", "ipso: debug: "},
};

static enum log_level level_max = LOG_LV_INFO;

void log_set_level(enum log_level max)
{
	level_max = max;
}

/* systemd.exec(5): $JOURNAL_STREAM names device and inode of the stream; it may be inherited. */
bool log_is_journal(void)
{
	const char *env = getenv("JOURNAL_STREAM");
	char here[64];
	struct stat st;

	if (!env || fstat(STDERR_FILENO, &st) < 0)
		return false;
	snprintf(here, sizeof(here), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	return strcmp(env, here) == 0;
}

static size_t append(size_t used, int n)
{
	if (n < 0)
		return used;
	return used + (size_t)n >= LINE_MAX_BYTES - 1 ? LINE_MAX_BYTES - 2 : used + (size_t)n;
}

void log_v(enum log_level lv, int err, const char *fmt, va_list ap)
{
	char line[LINE_MAX_BYTES];
	size_t used;

	if (lv > level_max)
		return;
	used = append(0, snprintf(line, sizeof(line), "%s",
					log_is_journal() ? levels[lv].journal
							    : levels[lv].plain));
	used = append(used, vsnprintf(line + used, sizeof(line) - used, fmt, ap));
	if (err)
		used = append(used, snprintf(line + used, sizeof(line) - used, ": %s",
						   strerror(abs(err))));
	line[used++] = '\n';
	/* Nothing can be told about a failure to write to stderr. */
	if (write(STDERR_FILENO, line, used) < 0)
		return;
}

int log_msg(enum log_level lv, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_v(lv, err, fmt, ap);
	va_end(ap);
	return -abs(err);
}
