/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programs that set modes of a card, known by the names of their processes and units, and what makes
 * each leave the card alone. docs/neighbours.md tells more of each.
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "explain/internal.h"

#define COMMS_MAX 2

static const struct {
	const char *name;
	const char *comm[COMMS_MAX]; /* as /proc/PID/comm has it: 15 characters */
	const char *unit;	     /* the beginning of its units' names */
	const char *remedy;
} known[] = {
	{"ipso", {"ipso"}, NULL, ""},
	{"netplan", {"netplan"}, "netplan-sriov",
	 "take embedded-switch-mode and virtual-function-count of this device, and VFs with link: to it, "
	 "out of netplan's files (ipso check tells the lines, CK-46), then ipso up"},
	{"NetworkManager", {"NetworkManager"}, "NetworkManager",
	 "take the [sriov] section out of this device's profile and sriov-num-vfs out of NetworkManager's "
	 "configuration (ipso check tells the file, CK-46), nmcli connection reload, then ipso up"},
	{"sriov-network-operator", {"sriov-network-c"}, "sriov-config",
	 "externallyManaged: true in the SriovNetworkNodePolicy of this device, then ipso up"},
	{"mlnx_bf_configure", {"mlnx_bf_configu", "openibd"}, "mlnx-bf-ctl",
	 "IPSEC_FULL_OFFLOAD=\"yes\" in /etc/mellanox/mlnx-bf.conf, then ipso up"},
	{"udev", {"(udev-worker)", "systemd-udevd"}, "systemd-udevd",
	 "take the rule or .link file away that does it (ipso check tells the lines, CK-46), then ipso up"},
	{"a unit of systemd", {NULL}, NULL,
	 "systemctl disable --now it, or order it Before=ipso.service and keep its modes those of "
	 "ipso.yaml; then ipso up"},
};

static int by_name(const char *comm)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(known); i++) {
		for (unsigned int k = 0; k < COMMS_MAX && known[i].comm[k]; k++) {
			if (strncmp(known[i].comm[k], comm, IPSO_COMM) == 0)
				return (int)i;
		}
	}
	return -1;
}

static int by_unit(const char *unit)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(known); i++) {
		if (known[i].unit && strncmp(unit, known[i].unit, strlen(known[i].unit)) == 0)
			return (int)i;
	}
	return -1;
}

static bool is_service(const char *unit)
{
	const char *dot = memrchr(unit, '.', strnlen(unit, IPSO_UNIT));

	return dot && strncmp(dot, ".service", (size_t)(unit + IPSO_UNIT - dot)) == 0;
}

/* The nearest that is known: the process itself, who started it, its unit. */
static int find(const struct ipso_event_hdr *ev, const struct ipso_author *a)
{
	int i = by_name(ev->comm);

	for (unsigned int k = 0; i < 0 && k < IPSO_STARTERS; k++)
		i = by_name(a->by[k]);
	return i < 0 ? by_unit(a->unit) : i;
}

const char *author_name(const struct ipso_event_hdr *ev, const struct ipso_author *a,
			char buf[IPSO_UNIT])
{
	int i = find(ev, a);

	if (i >= 0)
		return known[i].name;
	snprintf(buf, IPSO_UNIT, "%.*s", is_service(a->unit) ? IPSO_UNIT : IPSO_COMM,
		 is_service(a->unit) ? a->unit : ev->comm);
	return buf;
}

const char *neighbour_remedy(const char *name)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(known); i++) {
		if (strcmp(known[i].name, name) == 0)
			return known[i].remedy;
	}
	return "";
}

void describe_author(const struct ipso_event_hdr *ev, const struct ipso_author *a, char *buf,
		     size_t size)
{
	char name[IPSO_UNIT];
	size_t used;

	if (!ev->comm[0]) {
		snprintf(buf, size, "nobody was heard to ask for it");
		return;
	}
	used = (size_t)snprintf(buf, size, "likely %s: %.*s (pid %u)", author_name(ev, a, name),
				IPSO_COMM, ev->comm, ev->pid);
	for (unsigned int k = 0; k < IPSO_STARTERS && a->by[k][0] && used < size; k++)
		used += (size_t)snprintf(buf + used, size - used, "%s%.*s", k ? ", " : ", started by ",
					 IPSO_COMM, a->by[k]);
	if (a->unit[0] && used < size)
		snprintf(buf + used, size - used, ", in %.*s", IPSO_UNIT, a->unit);
}
