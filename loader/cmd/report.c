/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one place where a command prints a reason that came up to it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cmd/cmd.h"

int cmd_fail(const struct why *why, enum exit_code code)
{
	/* A mistake in the configuration, and what ipso itself refuses, say all by themselves. */
	bool plain = !why->err || code == EXIT_REFUSED ||
		     (code == EXIT_USAGE && why->err == -EINVAL);

	if (plain)
		log_err(0, "%s", why->what);
	else
		log_err(0, "%s: %s (%s)", why->what, strerror(abs(why->err)), err_name(why->err));
	if (*why->kernel)
		log_err(0, "  the kernel says: %s", why->kernel);
	if (*why->remedy)
		log_err(0, "  what to do: %s", why->remedy);
	return code;
}
