/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers that people read, on the page and in the terminal. */
#include <stdio.h>

#include "base/mem.h"
#include "export/export.h"

const char *export_scaled(double v, const char *unit, char buf[EXPORT_NUMBER])
{
	static const char *const prefix[] = {"", "k", "M", "G", "T", "P", "E"};
	unsigned int i = 0;

	while (v >= 999.5 && i + 1 < ARRAY_SIZE(prefix)) {
		v /= 1000;
		i++;
	}
	snprintf(buf, EXPORT_NUMBER, "%.*f %s%s", i == 0 || v >= 99.95 ? 0 : v >= 9.995 ? 1 : 2, v,
		 prefix[i], unit);
	return buf;
}

const char *export_ago(uint64_t s, char buf[EXPORT_NUMBER])
{
	if (s < 60)
		snprintf(buf, EXPORT_NUMBER, "%d s", (int)s);
	else if (s < 3600)
		snprintf(buf, EXPORT_NUMBER, "%d min", (int)(s / 60));
	else if (s < 86400)
		snprintf(buf, EXPORT_NUMBER, "%d h %d min", (int)(s / 3600), (int)(s / 60 % 60));
	else
		snprintf(buf, EXPORT_NUMBER, "%llu d %d h", (unsigned long long)(s / 86400),
			 (int)(s / 3600 % 24));
	return buf;
}
