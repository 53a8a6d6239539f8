/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ipso sample: a configuration to start from. */
#include <stdio.h>

#include "base/log.h"
#include "cmd/cmd.h"
#include "config/config.h"

int cmd_sample(const struct cmd_args *a)
{
	int err = config_write_sample(stdout);

	(void)a;
	if (!err && fflush(stdout))
		err = -1;
	if (err < 0) {
		log_err(0, "the sample cannot be written");
		return EXIT_FAILED;
	}
	return EXIT_DONE;
}
