/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes and security settings around the cards. */
#include "observe/surroundings.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

static void read_ovs(struct surroundings *s)
{
	for (unsigned int i = 0; i < s->daemons.count; i++) {
		if (s->daemons.list[i].kind == DAEMON_OVS && ovs_read(&s->ovs, &s->ovs_why) < 0)
			s->ovs = (struct ovs){};
	}
}

int surroundings_read(struct surroundings *ret_s, struct why *why)
{
	struct surroundings s = {};
	char lockdown[64];
	int err = daemons_read(&s.daemons);

	if (err < 0)
		return why_set(why, err, "read the processes in /proc");
	if (file_read_line("/sys/kernel/security/lsm", s.lsm, sizeof(s.lsm)) < 0)
		s.lsm[0] = '\0';
	s.lockdown = file_read_line("/sys/kernel/security/lockdown", lockdown, sizeof(lockdown)) >= 0 &&
		     !strstr(lockdown, "[none]");
	read_ovs(&s);
	neighbours_read("", &s.neighbours);
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
