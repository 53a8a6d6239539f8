/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of other programs, below a folder that stands for the root: which lines are found, and where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "observe/neighbours.h"

static char root[64];

static void put(const char *path, const char *text)
{
	char full[256], *slash;

	snprintf(full, sizeof(full), "%s%s", root, path);
	for (slash = strchr(full + strlen(root) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(full, 0700) < 0)
			assert_int_equal(errno, EEXIST);
		*slash = '/';
	}
	assert_int_equal(file_create(full, text, strlen(text), 0600), 0);
}

static int setup(void **state)
{
	(void)state;
	strcpy(root, "/tmp/ipso-neighbours-XXXXXX");
	return mkdtemp(root) ? 0 : -1;
}

static int teardown(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", root);
	return system(command);
}

static const struct neighbour_line *line_of(const struct neighbours *n, const char *who)
{
	for (unsigned int i = 0; i < n->count; i++) {
		if (strcmp(n->list[i].who, who) == 0)
			return &n->list[i];
	}
	fail_msg("nothing was found of %s", who);
	return NULL;
}

static void nothing_is_nothing(void **state)
{
	struct neighbours n;

	(void)state;
	neighbours_read(root, &n);
	assert_int_equal(n.count, 0);
	assert_int_equal(n.unreadable, 0);
}

static void each_is_found_where_it_keeps_its_modes(void **state)
{
	struct neighbours n;

	(void)state;
	put("/etc/netplan/50-pf.yaml", "network:\n  ethernets:\n    pf0:\n"
				       "      # virtual-function-count: 1\n"
				       "      embedded-switch-mode: \"switchdev\" \n");
	put("/etc/netplan/README", "embedded-switch-mode\n");
	put("/etc/NetworkManager/system-connections/pf0", "[connection]\nid=pf0\n[sriov]\ntotal-vfs=4\n");
	put("/etc/sriov-operator/sriov-interface-config.yaml", "spec:\n  interfaces:\n  - numvfs: 4\n");
	put("/etc/mellanox/mlnx-bf.conf", "IPSEC_FULL_OFFLOAD=\"no\"");
	put("/etc/udev/rules.d/10-vf.rules", "ACTION==\"add\", ATTR{device/sriov_numvfs}=\"4\"\n");
	put("/etc/systemd/system/pf0.service", "[Service]\nExecStart=devlink dev eswitch set x mode legacy\n");
	neighbours_read(root, &n);
	assert_int_equal(n.count, 6);
	assert_int_equal(n.unreadable, 0);
	assert_int_equal(line_of(&n, "netplan")->line, 5);
	assert_string_equal(line_of(&n, "netplan")->text, "embedded-switch-mode: \"switchdev\"");
	assert_int_equal(line_of(&n, "NetworkManager")->line, 3);
	assert_int_equal(line_of(&n, "sriov-network-operator")->line, 3);
	assert_int_equal(line_of(&n, "mlnx_bf_configure")->line, 1);
	assert_int_equal(line_of(&n, "udev")->line, 1);
	assert_int_equal(line_of(&n, "a unit of systemd")->line, 2);
	assert_non_null(strstr(line_of(&n, "udev")->path, "/etc/udev/rules.d/10-vf.rules"));
}

/* As many VFs are made as are defined; a VLAN's link: is none, nor is link-local:. */
static void a_vf_of_netplan_is_told_from_a_vlan(void **state)
{
	struct neighbours n;

	(void)state;
	put("/etc/netplan/10-vlan.yaml", "network:\n  ethernets:\n    pf0:\n      link-local: []\n\n"
					 "  vlans:\n    pf0.7: {id: 7, link: pf0}\n");
	put("/etc/netplan/20-vf.yaml", "network:\n  vlans:\n    pf0.7:\n      link: pf0\n"
				       "  ethernets:\n    pf0: {}\n# vlans:\n    vf0:\n      link: pf0\n"
				       "    vf1: {match: {name: vf1}, link: pf0}\n");
	neighbours_read(root, &n);
	assert_int_equal(n.count, 2);
	assert_int_equal(n.list[0].line, 9);
	assert_string_equal(n.list[0].text, "link: pf0");
	assert_int_equal(n.list[1].line, 10);
}

static void networkmanager_has_a_number_beside_its_profiles(void **state)
{
	struct neighbours n;

	(void)state;
	put("/etc/NetworkManager/NetworkManager.conf", "[main]\nplugins=keyfile\n");
	put("/etc/NetworkManager/conf.d/vfs.conf", "[device-pf]\nsriov-num-vfs=8\n");
	neighbours_read(root, &n);
	assert_int_equal(n.count, 1);
	assert_int_equal(line_of(&n, "NetworkManager")->line, 2);
}

static void what_has_no_room_or_cannot_be_read_is_counted(void **state)
{
	struct neighbours n;
	char text[1024] = "";

	(void)state;
	for (unsigned int i = 0; i < NEIGHBOUR_LINES + 2; i++)
		strcat(text, "virtual-function-count: 1\n");
	put("/etc/netplan/a.yaml", text);
	put("/etc/netplan/b.yaml", "");
	snprintf(text, sizeof(text), "%s/etc/netplan/c.yaml", root);
	assert_int_equal(symlink("nowhere", text), 0);
	neighbours_read(root, &n);
	assert_int_equal(n.count, NEIGHBOUR_LINES);
	assert_int_equal(n.more, 2);
	assert_int_equal(n.unreadable, 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_is_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(each_is_found_where_it_keeps_its_modes, setup, teardown),
		cmocka_unit_test_setup_teardown(a_vf_of_netplan_is_told_from_a_vlan, setup, teardown),
		cmocka_unit_test_setup_teardown(networkmanager_has_a_number_beside_its_profiles, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_has_no_room_or_cannot_be_read_is_counted, setup,
						teardown),
	};

	return cmocka_run_group_tests_name("observe_neighbours", tests, NULL, NULL);
}
