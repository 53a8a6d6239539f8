/* SPDX-License-Identifier: GPL-2.0-or-later */
/* argv to command table to exit code; and nothing of this process may end up in a core dump. */
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "cmd/cmd.h"

/* A descriptor 0-2 that was closed would be given to the next file opened: a device, a key. */
static int open_standard_fds(void)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			return -1;
	}
	return 0;
}

/* Keys pass through this process. */
static int forbid_core_dumps(void)
{
	const struct rlimit none = {0, 0};

	if (setrlimit(RLIMIT_CORE, &none) < 0)
		return -1;
	return prctl(PR_SET_DUMPABLE, 0);
}

int main(int argc, char **argv)
{
	const struct command *cmd;
	struct cmd_args args;

	if (open_standard_fds() < 0)
		return EXIT_FAILED;
	umask(077);
	if (forbid_core_dumps() < 0) {
		log_err(0, "core dumps cannot be switched off; not going on, they could hold keys");
		return EXIT_FAILED;
	}
	if (args_parse(argc, argv, &cmd, &args) < 0)
		return EXIT_USAGE;
	if (args.verbose)
		log_set_level(LOG_LV_DEBUG);
	return cmd->run(&args);
}
