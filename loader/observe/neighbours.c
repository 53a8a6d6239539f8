/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines that set the number of VFs, the eswitch or the steering mode of some card. Whose card a line is
 * about is not told here: names and matches of each program are its own.
 */
#include "observe/neighbours.h"

#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"

#define FILE_MAX (1u << 20)
#define WORDS_MAX 4

static const struct place {
	const char *who, *dir, *suffix;
	const char *words[WORDS_MAX]; /* in any case */
} places[] = {
	{"netplan", "/etc/netplan", ".yaml", {"embedded-switch-mode", "virtual-function-count"}},
	{"netplan", "/run/netplan", ".yaml", {"embedded-switch-mode", "virtual-function-count"}},
	{"netplan", "/usr/lib/netplan", ".yaml", {"embedded-switch-mode", "virtual-function-count"}},
	{"NetworkManager", "/etc/NetworkManager/system-connections", "", {"[sriov]"}},
	{"NetworkManager", "/run/NetworkManager/system-connections", "", {"[sriov]"}},
	{"NetworkManager", "/usr/lib/NetworkManager/system-connections", "", {"[sriov]"}},
	{"NetworkManager", "/etc/NetworkManager", "NetworkManager.conf", {"sriov-num-vfs"}},
	{"NetworkManager", "/etc/NetworkManager/conf.d", ".conf", {"sriov-num-vfs"}},
	{"NetworkManager", "/run/NetworkManager/conf.d", ".conf", {"sriov-num-vfs"}},
	{"NetworkManager", "/usr/lib/NetworkManager/conf.d", ".conf", {"sriov-num-vfs"}},
	{"NetworkManager", "/etc/sysconfig/network-scripts", "", {"SRIOV_TOTAL_VFS"}},
	{"sriov-network-operator", "/etc/sriov-operator", "", {"numvfs", "eswitchmode"}},
	{"sriov-network-operator", "/etc/sriov-operator/pci", "", {"numvfs", "eswitchmode"}},
	{"mlnx_bf_configure", "/etc/mellanox", "mlnx-bf.conf", {"IPSEC_FULL_OFFLOAD=\"no\""}},
	{"udev", "/etc/systemd/network", ".link", {"SR-IOVVirtualFunctions="}},
	{"udev", "/run/systemd/network", ".link", {"SR-IOVVirtualFunctions="}},
	{"udev", "/etc/udev/rules.d", ".rules", {"sriov_numvfs", "devlink dev ", "devlink port "}},
	{"udev", "/run/udev/rules.d", ".rules", {"sriov_numvfs", "devlink dev ", "devlink port "}},
	{"a unit of systemd", "/etc/systemd/system", ".service",
	 {"sriov_numvfs", "devlink dev ", "devlink port "}},
	{"ifupdown", "/etc/network", "interfaces", {"sriov_numvfs", "devlink dev "}},
	{"ifupdown", "/etc/network/interfaces.d", "", {"sriov_numvfs", "devlink dev "}},
};

static bool is_comment(const char *line)
{
	return *line == '#' || *line == ';';
}

static bool has_word(const struct place *p, const char *line)
{
	for (unsigned int i = 0; i < WORDS_MAX && p->words[i]; i++) {
		if (strcasestr(line, p->words[i]))
			return true;
	}
	return false;
}

/*
 * Of netplan: as many VFs are made as name their PF with link:. Below vlans: the same key is what a VLAN
 * lies on. *ethernets is how far that section's own line is indented, -1 outside of it.
 */
static bool is_vf(const char *line, int indent, int *ethernets)
{
	const char *link = strstr(line, "link:");

	if (strstr(line, "ethernets:"))
		*ethernets = indent;
	else if (*line && indent <= *ethernets)
		*ethernets = -1;
	return *ethernets >= 0 && link && (link == line || strchr(" {,\"", link[-1]));
}

static void note(struct neighbours *n, const struct place *p, const char *path, unsigned int number,
		 const char *line)
{
	struct neighbour_line *l = &n->list[n->count];

	if (n->count == NEIGHBOUR_LINES) {
		n->more++;
		return;
	}
	n->count++;
	l->who = p->who;
	l->line = number;
	snprintf(l->path, sizeof(l->path), "%s", path);
	snprintf(l->text, sizeof(l->text), "%s", line);
}

static void read_file(struct neighbours *n, const struct place *p, const char *path)
{
	_free_ char *text = NULL;
	unsigned int number = 0;
	bool netplan = strcmp(p->who, "netplan") == 0;
	char *rest, *line, *begin;
	int ethernets = -1;

	if (file_read(path, FILE_MAX, &text, NULL) < 0) {
		n->unreadable++;
		return;
	}
	for (rest = text; (begin = line = strsep(&rest, "\n"));) {
		size_t len;

		number++;
		while (isspace((unsigned char)*line))
			line++;
		len = strlen(line);
		while (len && isspace((unsigned char)line[len - 1]))
			line[--len] = '\0';
		if (is_comment(line))
			continue;
		if ((netplan && is_vf(line, (int)(line - begin), &ethernets)) || has_word(p, line))
			note(n, p, path, number, line);
	}
}

static bool ends_with(const char *name, const char *suffix)
{
	size_t n = strlen(name), s = strlen(suffix);

	return n >= s && strcmp(name + n - s, suffix) == 0;
}

/* In the order of their names, which is that in which most of them are applied. */
static void read_place(struct neighbours *n, const struct place *p, const char *root)
{
	struct dirent **names;
	char dir[96], path[160];
	int count;

	snprintf(dir, sizeof(dir), "%s%s", root, p->dir);
	count = scandir(dir, &names, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		int len = snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);

		if (names[i]->d_type != DT_DIR && ends_with(names[i]->d_name, p->suffix) &&
		    len < (int)sizeof(path))
			read_file(n, p, path);
		free(names[i]);
	}
	if (count >= 0)
		free(names);
}

void neighbours_read(const char *root, struct neighbours *ret_n)
{
	*ret_n = (struct neighbours){};
	for (unsigned int i = 0; i < ARRAY_SIZE(places); i++)
		read_place(ret_n, &places[i], root);
}
