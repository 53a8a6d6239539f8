/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IKE daemons and Open vSwitch, and which units of systemd they are. */
#include "observe/daemons.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"

/* comm has 15 characters; of a script it is the name of the script. */
static const struct {
	const char *name;
	enum obs_daemon_kind kind;
} known[] = {
	{"charon", DAEMON_IKE},
	{"charon-systemd", DAEMON_IKE},
	{"charon-nm", DAEMON_IKE},
	{"pluto", DAEMON_IKE},
	{"iked", DAEMON_IKE},
	{"racoon", DAEMON_IKE},
	{"ovs-vswitchd", DAEMON_OVS},
	{"ovs-monitor-ips", DAEMON_OVS_IPSEC},
	{"sriov-network-c", DAEMON_MODES}, /* sriov-network-config-daemon */
};

void daemon_unit(const char *path, char ret_unit[64])
{
	static const char suffix[] = ".service";

	ret_unit[0] = '\0';
	while ((path = strchr(path, '/'))) {
		size_t len = strcspn(++path, "/\n"), end = sizeof(suffix) - 1;

		if (len > end && len < 64 && strncmp(path + len - end, suffix, end) == 0)
			snprintf(ret_unit, 64, "%.*s", (int)len, path);
	}
}

static void note_process(struct obs_daemons *all, const char *pid)
{
	char path[64], name[32], group[256];

	snprintf(path, sizeof(path), "/proc/%.16s/comm", pid);
	if (all->count == DAEMONS_MAX || file_read_line(path, name, sizeof(name)) < 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		struct obs_daemon *d = &all->list[all->count];

		if (strcmp(known[i].name, name) != 0)
			continue;
		*d = (struct obs_daemon){.pid = atoi(pid), .kind = known[i].kind};
		snprintf(d->name, sizeof(d->name), "%s", known[i].name);
		snprintf(path, sizeof(path), "/proc/%.16s/cgroup", pid);
		if (file_read_line(path, group, sizeof(group)) >= 0)
			daemon_unit(group, d->unit);
		all->count++;
		return;
	}
}

int daemons_read(struct obs_daemons *ret_d)
{
	DIR *dir = opendir("/proc");
	const struct dirent *e;

	if (!dir)
		return -errno;
	*ret_d = (struct obs_daemons){};
	while ((e = readdir(dir))) {
		if (isdigit(e->d_name[0]))
			note_process(ret_d, e->d_name);
	}
	closedir(dir);
	return 0;
}
