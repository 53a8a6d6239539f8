/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes that add SAs, policies or TC rules by themselves. */
#ifndef IPSO_DAEMONS_H
#define IPSO_DAEMONS_H

#define DAEMONS_MAX 16

enum obs_daemon_kind {
	DAEMON_IKE,
	DAEMON_OVS,
	DAEMON_OVS_IPSEC, /* makes tunnels for ports of Open vSwitch, through an IKE daemon */
	DAEMON_MODES,	  /* sets modes of cards */
};

/* By its name in /proc/PID/comm. */
struct obs_daemon {
	char name[16];
	int pid;
	enum obs_daemon_kind kind;
	char unit[64]; /* of systemd, "" = none */
};

struct obs_daemons {
	struct obs_daemon list[DAEMONS_MAX];
	unsigned int count;
};

int daemons_read(struct obs_daemons *ret_d);
/* The service that a control group (the path in /proc/PID/cgroup) is of; "" = none. */
void daemon_unit(const char *path, char ret_unit[64]);

#endif
