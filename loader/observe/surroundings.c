/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes and security settings around the cards. */
#include "observe/surroundings.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

/* strongSwan, libreswan, the others that install SAs; and Open vSwitch. comm has 15 characters. */
static const struct {
	const char *name;
	bool ike;
} known[] = {
	{"charon", true}, {"charon-systemd", true}, {"charon-nm", true}, {"pluto", true},
	{"iked", true},	  {"racoon", true},	    {"ovs-vswitchd", false},
};

static void note_process(struct surroundings *s, const char *pid)
{
	char path[64], name[32];

	snprintf(path, sizeof(path), "/proc/%.16s/comm", pid);
	if (s->daemons_count == DAEMONS_MAX || file_read_line(path, name, sizeof(name)) < 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		struct obs_daemon *d = &s->daemons[s->daemons_count];

		if (strcmp(known[i].name, name) != 0)
			continue;
		snprintf(d->name, sizeof(d->name), "%s", known[i].name);
		d->pid = atoi(pid);
		d->ike = known[i].ike;
		s->daemons_count++;
		return;
	}
}

static int read_processes(struct surroundings *s)
{
	DIR *dir = opendir("/proc");
	const struct dirent *e;

	if (!dir)
		return -errno;
	while ((e = readdir(dir))) {
		if (isdigit(e->d_name[0]))
			note_process(s, e->d_name);
	}
	closedir(dir);
	return 0;
}

static void read_ovs(struct surroundings *s)
{
	for (unsigned int i = 0; i < s->daemons_count; i++) {
		if (!s->daemons[i].ike && ovs_read(&s->ovs, &s->ovs_why) < 0)
			s->ovs = (struct ovs){};
	}
}

int surroundings_read(struct surroundings *ret_s, struct why *why)
{
	struct surroundings s = {};
	char lockdown[64];
	int err = read_processes(&s);

	if (err < 0)
		return why_set(why, err, "read the processes in /proc");
	if (file_read_line("/sys/kernel/security/lsm", s.lsm, sizeof(s.lsm)) < 0)
		s.lsm[0] = '\0';
	s.lockdown = file_read_line("/sys/kernel/security/lockdown", lockdown, sizeof(lockdown)) >= 0 &&
		     !strstr(lockdown, "[none]");
	read_ovs(&s);
	*ret_s = s;
	return 0;
}

void surroundings_free(struct surroundings *s)
{
	ovs_free(&s->ovs);
}

bool surroundings_bond(const char *ifname, char ret_bond[IF_NAMESIZE])
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/class/net/%s/master", ifname);
	if (file_link_name(path, ret_bond, IF_NAMESIZE) < 0)
		return false;
	snprintf(path, sizeof(path), "/sys/class/net/%s/bonding", ret_bond);
	return access(path, F_OK) == 0;
}
