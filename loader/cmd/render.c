/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ipso render: the tunnels as the configuration of another tool, for this host or the other. */
#include "render/render.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "cmd/cmd.h"

static int iproute2(const struct ipso_config *cfg, bool peer)
{
	char copy[PATH_MAX], real[PATH_MAX];
	const char *dir;

	/* Where they will be on the other host is its own business: the usual place. */
	snprintf(copy, sizeof(copy), "%s", peer ? DEFAULT_CONFIG : cfg->path);
	dir = dirname(copy);
	if (!peer && realpath(dir, real))
		dir = real;
	return render_iproute2(cfg, dir, stdout);
}

static int strongswan(const struct ipso_config *cfg, bool peer)
{
	(void)peer;
	return render_strongswan(cfg, stdout);
}

static int libreswan(const struct ipso_config *cfg, bool peer)
{
	(void)peer;
	return render_libreswan(cfg, stdout);
}

static const struct {
	const char *name;
	int (*render)(const struct ipso_config *cfg, bool peer);
} tools[] = {
	{"iproute2", iproute2},
	{"strongswan", strongswan},
	{"libreswan", libreswan},
};

int cmd_render(const struct cmd_args *a)
{
	_cleanup_(config_free) struct ipso_config *cfg = NULL;
	struct why why = {};
	unsigned int i = 0;
	int err;

	while (a->tool && i < ARRAY_SIZE(tools) && strcmp(tools[i].name, a->tool) != 0)
		i++;
	if (!a->tool || i == ARRAY_SIZE(tools)) {
		log_err(0, "render: found --for %s; allowed: iproute2, strongswan or libreswan",
			a->tool ? a->tool : "nothing");
		return EXIT_USAGE;
	}
	if (config_load(a->config, &cfg, &why) < 0 || (a->peer && config_mirror(cfg, &why) < 0))
		return cmd_fail(&why, EXIT_USAGE);
	err = tools[i].render(cfg, a->peer);
	if (!err && fflush(stdout))
		err = -EIO;
	if (err < 0) {
		log_err(err, "render: the text cannot be written");
		return EXIT_FAILED;
	}
	return EXIT_DONE;
}
