/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared blocks and VXLAN tunnels of TC rules: what is taken, what is refused, where and why. */
#include <errno.h>

#include "host.h"

#define HEAD "version: 1\ndevices:\n  - { pf: pf0, mode: switchdev, mtu: 2000, "
#define VFS "vfs: [{ index: 0 }, { index: 1, mtu: 1914 }, { index: 2 }]"
#define PLAIN HEAD VFS " }\n"
#define BLOCKS(list) HEAD VFS ",\n      blocks: " list " }\n"
#define TUNNEL                                                                              \
	"tunnels:\n  - { name: a, device: pf0, local: 192.0.2.1, remote: 192.0.2.2,\n"      \
	"      out: { spi: 0x1001, reqid: 1, key-file: o }, in: { spi: 0x1002, reqid: 2, "  \
	"key-file: i } }\n"
#define TC(rule) "tc:\n  - { device: pf0, " rule " }\n"
#define SET "{ tunnel-set: { local: 192.0.2.1, remote: 192.0.2.2, vni: 7 } }"
#define INTO "{ redirect: { vxlan: 4789 } }"
#define MATCH "match: { tunnel: { local: 192.0.2.1, remote: 192.0.2.2, vni: 7 } }"

static const struct row {
	const char *text, *place, *words; /* place NULL: accepted */
} rows[] = {
	{BLOCKS("[{ number: 22, vfs: [0, 1] }]") TC("from: { block: 22 }, to: { vf: 2 }"), NULL, NULL},
	{BLOCKS("[{ number: 0, vfs: [0] }]"), "4:26", "allowed: a whole number from 1 to"},
	{BLOCKS("[{ number: 22 }]"), "4:16", "key \"vfs\" is missing"},
	{BLOCKS("[{ number: 22, vfs: [] }]"), "4:35", "found 0"},
	{BLOCKS("[{ number: 22, vfs: [3] }]"), "4:36", "found VF 3, which pf0 does not list"},
	{BLOCKS("[{ number: 22, vfs: [0, 0] }]"), "4:39", "found VF 0 twice"},
	{BLOCKS("[{ number: 22, vfs: [0] }, { number: 23, vfs: [0] }]"), "4:62",
	 "which is in block 22 on line 4"},
	{BLOCKS("[{ number: 22, vfs: [0] }, { number: 22, vfs: [1] }]"), "4:52",
	 "block 22 is already on line 4"},
	{BLOCKS("[{ number: 22, vfs: [0] }]") TC("from: { vf: 0 }, to: uplink"), "6:32",
	 "whose representor shares block 22 (line 4); allowed: { block: 22 }"},
	{BLOCKS("[{ number: 22, vfs: [0] }]") TC("from: { vf: 1 }, to: { block: 22 }"), "6:50",
	 "to: found a block"},
	{"version: 1\ndevices: [{ pf: pf0, mode: legacy, vfs: [{ index: 0 }], blocks: [{ number: 1, "
	 "vfs: [0] }] }]\n", "2:66", "found with mode legacy"},
	{BLOCKS("[{ number: 22, vfs: [0] }]") "openvswitch: [{ bridge: b, ports: [{ vf: 0 }] }]\n"
	 TC("from: { block: 22 }, to: uplink"), "5:42", "from which the TC rule on line 7 redirects"},

	{PLAIN TUNNEL TC("from: { vf: 0 }, actions: [" SET ", " INTO "]"), NULL, NULL},
	{PLAIN TUNNEL TC("from: { vxlan: 4789 }, " MATCH ", actions: [tunnel-unset, { redirect: { vf: 0 } }]"),
	 NULL, NULL},
	{PLAIN TC("from: { vf: 0 }, actions: [" SET ", " INTO "]"), "5:89",
	 "tunnel-set: no tunnel in transport mode on an uplink protects 192.0.2.1 to 192.0.2.2 UDP port "
	 "4789"},
	{PLAIN TUNNEL TC("from: { vf: 1 }, actions: [" SET ", " INTO "]"), "3:81",
	 "mtu: found 1914 with mtu 2000 of the uplink; allowed: at least 87 less"},
	{PLAIN TUNNEL TC("from: { vf: 0 }, actions: [" SET ", { redirect: uplink }]"), "8:61",
	 "tunnel-set without redirect to vxlan"},
	{PLAIN TUNNEL TC("from: { vf: 0 }, actions: [" SET ", { redirect: { vxlan: 4790 } }]"), "8:61",
	 "found two ports"},
	{PLAIN TUNNEL TC("from: { vf: 0 }, actions: [" INTO "]"), "8:59", "without tunnel-set"},
	{PLAIN TUNNEL TC("from: { vf: 0 }, actions: [tunnel-unset, { redirect: uplink }]"), "8:5",
	 "found tunnel-unset"},
	{PLAIN TUNNEL TC("from: { vf: 0 }, " MATCH ", to: uplink"), "8:5", "from a port that is none"},
	{PLAIN TUNNEL TC("from: { vxlan: 4789 }, actions: [tunnel-unset, { redirect: { vf: 0 } }]"), "8:5",
	 "found no tunnel in match"},
	{PLAIN TUNNEL TC("from: { vxlan: 4789 }, " MATCH ", to: { vf: 0 }"), "8:5",
	 "found no tunnel-unset"},
	{PLAIN TUNNEL TC("from: { vf: 0, vxlan: 4789 }, to: uplink"), "8:26", "found more than one key"},
};

static void places(void **state)
{
	bool good = true;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		_cleanup_(config_free) struct ipso_config *cfg = NULL;
		const struct row *r = &rows[i];
		struct why why = {};
		char place[32];
		int err = config_parse("f", r->text, strlen(r->text), &cfg, &why);

		snprintf(place, sizeof(place), "f:%s: ", r->place ? r->place : "");
		if (!r->place ? err == 0
			      : err == -EINVAL && strncmp(why.what, place, strlen(place)) == 0 &&
					strstr(why.what, r->words))
			continue;
		print_error("row %zu: %s expected %s%s\n got %d %s\n", i, r->text, place,
			    r->place ? r->words : "accepted", err, why.what);
		good = false;
	}
	assert_true(good);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {cmocka_unit_test(places)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
