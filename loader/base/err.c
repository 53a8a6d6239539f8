/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reasons that travel up with an errno, and the names of errnos. */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* include/linux/errno.h: kernel-internal, but drivers leak it through netlink and sysfs. */
#define KERNEL_ENOTSUPP 524

int why_set(struct why *why, int err, const char *fmt, ...)
{
	va_list ap;

	if (!why)
		return err;
	va_start(ap, fmt);
	vsnprintf(why->what, sizeof(why->what), fmt, ap);
	va_end(ap);
	why->err = err;
	return err;
}

void why_remedy(struct why *why, const char *fmt, ...)
{
	va_list ap;

	if (!why)
		return;
	va_start(ap, fmt);
	vsnprintf(why->remedy, sizeof(why->remedy), fmt, ap);
	va_end(ap);
}

const char *err_name(int err)
{
	const char *name;

	err = abs(err);
	if (err == KERNEL_ENOTSUPP)
		return "ENOTSUPP";
	name = err ? strerrorname_np(err) : NULL;
	return name ? name : "E?";
}
