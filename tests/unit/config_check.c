/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules across keys: each with the place and the words of its refusal. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "config/config.h"

/* Line 1 is version, 2 devices:, then what the rows give. */
#define HEAD "version: 1\ndevices:\n"
#define PF "  - { pf: pf0, vfs: [{ index: 0 }, { index: 1 }] }\n"
#define TUNNEL(more, out, in)                                                            \
	"  - { name: a, device: pf0, local: 192.0.2.1, remote: 192.0.2.2" more           \
	",\n      out: { spi: 0x1001, reqid: 1, key-file: out.key" out                   \
	" },\n      in: { spi: 0x1002, reqid: 2, key-file: in.key" in " } }\n"
#define SECOND(name, device, ends, spi_out, reqid, spi_in)                               \
	"  - { name: " name ", device: " device ", " ends ",\n      out: { spi: " spi_out \
	", reqid: " reqid ", key-file: o2 },\n      in: { spi: " spi_in                  \
	", reqid: 4, key-file: i2 } }\n"
#define ENDS2 "local: 192.0.2.1, remote: 192.0.2.3"

struct row {
	const char *text, *place, *words; /* place NULL: accepted */
};

static void run(const struct row *rows, size_t n)
{
	bool good = true;

	for (size_t i = 0; i < n; i++) {
		_cleanup_(config_free) struct ipso_config *cfg = NULL;
		struct why why = {};
		char place[32];
		int err = config_parse("f", rows[i].text, strlen(rows[i].text), &cfg, &why);

		snprintf(place, sizeof(place), "f:%s: ", rows[i].place ? rows[i].place : "");
		if (!rows[i].place ? err == 0
				   : err == -EINVAL && strncmp(why.what, place, strlen(place)) == 0 &&
					     strstr(why.what, rows[i].words))
			continue;
		print_error("row %zu: %s\n expected %s...%s\n got %d %s\n", i, rows[i].text, place,
			    rows[i].place ? rows[i].words : "accepted", err, why.what);
		good = false;
	}
	assert_true(good);
}

static void devices(void **state)
{
	static const struct row rows[] = {
		{HEAD PF, NULL, NULL},
		{HEAD "  - { mode: legacy }\n", "3:5", "neither pf nor pci"},
		{HEAD "  - { pf: a, pci: \"0000:08:00.0\" }\n", "3:5", "both pf and pci"},
		{HEAD PF PF, "4:5", "pf0 is already on line 3"},
		{HEAD "  - { pci: \"0000:0A:00.0\" }\n  - { pci: \"0000:0a:00.0\" }\n", "4:5",
		 "0000:0a:00.0 is already on line 3"},
		{HEAD "  - { pf: a, vfs: [{ index: 3 }, { index: 3 }] }\n", "3:43",
		 "VF 3 is already on line 3"},
		{HEAD "  - { pf: a, vfs: [{ index: 0, mac: 01:00:00:00:00:01 }] }\n", "3:37",
		 "a unicast MAC"},
		{HEAD "  - { pf: a, vfs: [{ index: 0, mac: 00:00:00:00:00:00 }] }\n", "3:37",
		 "zero address"},
		{HEAD "  - { pf: a, mode: legacy, vfs: [{ index: 0, ipsec-packet: true }] }\n",
		 "3:60", "only with mode switchdev"},
		{"version: 1\ndevices: []\n", "2:10", "found 0 entries; allowed: 1 to 64"},
	};

	(void)state;
	run(rows, ARRAY_SIZE(rows));
}

static void exclusions_of_the_driver(void **state)
{
	static const struct row rows[] = {
		{HEAD "  - { pf: pf0, vfs: [{ index: 0, ipsec-packet: true }] }\ntunnels:\n"
		 TUNNEL("", "", ""), "3:48", "the driver excludes them"},
		{HEAD "  - { pf: pf0, vfs: [{ index: 0, ipsec-packet: true }] }\ntunnels:\n"
		 TUNNEL(", vf: 0", "", ""), NULL, NULL},
		{HEAD "  - { pf: pf0, vfs: [{ index: 0 }] }\ntunnels:\n"
		 TUNNEL(", vf: 0", "", ""), "5:70", "allowed: a VF with ipsec-packet: true"},
		{HEAD PF "tunnels:\n" TUNNEL(", vf: 7", "", ""), "5:70",
		 "VF 7, which pf0 does not list"},
		{HEAD "  - { pf: pf0, steering: smfs }\ntunnels:\n" TUNNEL("", "", ""), "3:26",
		 "allowed: dmfs"},
		{HEAD "  - { pf: pf0, steering: smfs, mode: legacy }\ntunnels:\n"
		 TUNNEL("", "", ""), NULL, NULL},
	};

	(void)state;
	run(rows, ARRAY_SIZE(rows));
}

static void one_tunnel(void **state)
{
	static const struct row rows[] = {
		{HEAD PF "tunnels:\n" TUNNEL(", replay-window: 256", "", ""), NULL, NULL},
		{HEAD PF "tunnels:\n" TUNNEL(", replay-window: 16", "", ""), "5:81",
		 "found 16; allowed: 32, 64, 128 or 256"},
		{HEAD PF "tunnels:\n" TUNNEL(", replay-window: 0", "", ""), "5:81", "found 0;"},
		{HEAD PF "tunnels:\n" TUNNEL(", esn: false, replay-window: 0", "", ""), NULL, NULL},
		{HEAD PF "tunnels:\n" TUNNEL(", esn: false, replay-window: 32", "", ""), "5:93",
		 "with esn: false; allowed: 0"},
		{HEAD PF "tunnels:\n  - { name: a, device: pf0, local: 192.0.2.1, remote: \"::1\", "
		 "out: { spi: 256, reqid: 1, key-file: o }, in: { spi: 256, reqid: 1, key-file: i } }\n",
		 "5:55", "found ::1 while local is 192.0.2.1"},
		{HEAD PF "tunnels:\n  - { name: a, device: pf0, local: 192.0.2.1, remote: 192.0.2.1, "
		 "out: { spi: 256, reqid: 1, key-file: o }, in: { spi: 256, reqid: 1, key-file: i } }\n",
		 "5:55", "found the address of local"},
		{HEAD PF "tunnels:\n  - { name: a, device: pf0, local: 192.0.2.1, remote: 224.0.0.1, "
		 "out: { spi: 256, reqid: 1, key-file: o }, in: { spi: 256, reqid: 1, key-file: i } }\n",
		 "5:55", "a unicast address"},
		{HEAD PF "tunnels:\n  - { name: a, device: pf0, local: \"::\", remote: \"::1\", "
		 "out: { spi: 256, reqid: 1, key-file: o }, in: { spi: 256, reqid: 1, key-file: i } }\n",
		 "5:36", "a unicast address"},
		{HEAD PF "tunnels:\n  - { name: a, device: pf0, local: 192.0.2.1, remote: 192.0.2.2, "
		 "out: { spi: 256, reqid: 1, key-file: 0x000102030405060708090a0b0c0d0e0f10111213 }, "
		 "in: { spi: 256, reqid: 1, key-file: i } }\n",
		 "5:103", "found what looks like a key; allowed"},
	};

	(void)state;
	run(rows, ARRAY_SIZE(rows));
}

#define IKE(name, more)                                                                     \
	"  - { name: " name ", device: pf0, keying: ike, local: 192.0.2.1, remote: 192.0.2.9" \
	more " }\n"

static void who_makes_the_sas(void **state)
{
	static const struct row rows[] = {
		{HEAD PF "tunnels:\n" IKE("a", ""), NULL, NULL},
		{HEAD PF "tunnels:\n" IKE("a", "") TUNNEL("", "", ""), "6:13", "which the tunnel on line 5"},
		{HEAD PF "tunnels:\n" IKE("b", "") TUNNEL("", "", ""), NULL, NULL},
		{HEAD PF "tunnels:\n" IKE("a", "") IKE("b", ""), "6:68", "same selector as tunnel a"},
		{HEAD PF "tunnels:\n" IKE("a", ", replay-window: 16"), "5:94", "found 16"},
		{HEAD PF "tunnels:\n" TUNNEL(", keying: ike", "", ""), "6:12",
		 "out: found with keying: ike"},
		{HEAD PF "tunnels:\n" IKE("a", ", in: { spi: 256, reqid: 1, key-file: i }"), "5:83",
		 "in: found with keying: ike; allowed: only with keying: static"},
		{HEAD PF "tunnels:\n  - { name: a, device: pf0, local: 192.0.2.1, remote: 192.0.2.9 }\n",
		 "5:5", "key \"out\" is missing; allowed: out and in, or keying: ike"},
		{HEAD PF "tunnels:\n  - { name: a, device: pf0, local: 192.0.2.1, remote: 192.0.2.9,"
		 " out: { spi: 256, reqid: 1, key-file: i } }\n", "5:5", "key \"in\" is missing"},
		{HEAD PF "tunnels:\n" TUNNEL(", keying: certificates", "", ""), "5:74",
		 "allowed: static or ike"},
	};

	(void)state;
	run(rows, ARRAY_SIZE(rows));
}

static void two_tunnels(void **state)
{
	static const struct row rows[] = {
		{HEAD PF "tunnels:\n" TUNNEL("", "", "")
		 SECOND("b", "pf0", ENDS2, "0x1001", "3", "0x1004"), NULL, NULL},
		{HEAD PF "tunnels:\n" TUNNEL("", "", "")
		 SECOND("a", "pf0", ENDS2, "0x1003", "3", "0x1004"), "8:13",
		 "\"a\", which the tunnel on line 5 has"},
		{HEAD PF "tunnels:\n" TUNNEL("", "", "")
		 SECOND("b", "pf0", ENDS2, "0x1003", "3", "0x1002"), "10:18",
		 "found 0x1002, which the SA to 192.0.2.1 on line 7 has"},
		{HEAD PF "tunnels:\n" TUNNEL("", "", "")
		 SECOND("b", "pf0", "local: 192.0.2.2, remote: 192.0.2.1", "0x1002", "3", "0x1004"),
		 "9:19", "found 0x1002, which the SA to 192.0.2.1 on line 7 has"},
		{HEAD PF "tunnels:\n" TUNNEL("", "", "")
		 SECOND("b", "pf0", ENDS2, "0x1003", "1", "0x1004"), "9:34",
		 "the hardware chooses the SA by it"},
		{HEAD PF "tunnels:\n" TUNNEL("", "", "")
		 SECOND("b", "pf0", "local: 192.0.2.1, remote: 192.0.2.2", "0x1003", "3", "0x1004"),
		 "8:55", "same selector as tunnel a on line 5"},
		{HEAD "  - { pf: pf0, vfs: [{ index: 0, netns: x, ipsec-packet: true }, "
		 "{ index: 1, netns: y, ipsec-packet: true }] }\ntunnels:\n"
		 TUNNEL(", vf: 0", "", "")
		 SECOND("b", "pf0", "vf: 1, local: 192.0.2.1, remote: 192.0.2.2", "0x1001", "1",
			"0x1002"), NULL, NULL},
	};

	(void)state;
	run(rows, ARRAY_SIZE(rows));
}

static void tc_rules(void **state)
{
	static const struct row rows[] = {
		{HEAD PF "tc:\n  - { device: pf0, from: { vf: 0 }, to: { vf: 1 } }\n", NULL, NULL},
		{HEAD "  - { pf: pf0, mode: legacy }\ntc:\n  - { device: pf0, from: uplink, to: "
		 "{ vf: 0 } }\n", "5:15", "whose mode is legacy"},
		{HEAD PF "tc:\n  - { device: pf0, from: { vf: 2 }, to: uplink }\n", "5:32",
		 "from: found VF 2, which pf0 does not list"},
		{HEAD PF "tc:\n  - { device: pf0, from: uplink, to: { vf: 2 } }\n", "5:44",
		 "to: found VF 2"},
		{HEAD PF "tc:\n  - { device: pf0, from: uplink, to: uplink }\n", "5:38",
		 "allowed: another port"},
		{HEAD PF "tc:\n  - { device: pf0, from: uplink, to: { vf: 0 }, pref: 5 }\n"
		 "  - { device: pf0, from: uplink, to: { vf: 1 }, pref: 5, match: { protocol: ip } }\n",
		 "6:55", "found 5, which the rule on line 5 has with another protocol"},
		{HEAD PF "tc:\n  - { device: pf0, from: uplink, to: { vf: 0 }, pref: 5 }\n"
		 "  - { device: pf0, from: uplink, to: { vf: 1 }, pref: 5 }\n", "6:5",
		 "same port, pref and match as the rule on line 5"},
		{HEAD PF "tc:\n  - { device: pf0, from: uplink, to: { vf: 0 }, pref: 5 }\n"
		 "  - { device: pf0, from: { vf: 0 }, to: uplink, pref: 5 }\n"
		 "  - { device: pf0, from: uplink, to: { vf: 1 }, pref: 5, match: "
		 "{ dst-mac: 02:00:00:00:00:01 } }\n", NULL, NULL},
	};

	(void)state;
	run(rows, ARRAY_SIZE(rows));
}

#define TWO_PF "  - { pf: pf0, vfs: [{ index: 0 }] }\n  - { pf: pf1, vfs: [{ index: 0 }] }\n"
#define OVS(ports, vxlan) "openvswitch:\n  - { bridge: br0, ports: [" ports "]" vxlan " }\n"
#define VXLAN(name, remote, more) \
	", vxlan: { name: " name ", local: 192.0.2.1, remote: " remote ", vni: 1" more " }"

static void bridges(void **state)
{
	static const struct row rows[] = {
		{HEAD PF "tunnels:\n" TUNNEL("", "", "")
		 OVS("{ vf: 0 }, { device: pf0, vf: 1 }", VXLAN("x", "192.0.2.2", "")), NULL, NULL},
		{HEAD PF OVS("{ vf: 2 }", ""), "5:34", "found VF 2, which pf0 does not list"},
		{HEAD PF OVS("{ vf: 0 }, { vf: 0 }", ""), "5:45", "VF 0 is already a port on line 5"},
		{HEAD PF OVS("{ device: pf0 }", ""), "5:28", "key \"vf\" is missing"},
		{HEAD PF OVS("{ device: pf2, vf: 0 }", ""), "5:38", "allowed: pf0"},
		{HEAD TWO_PF OVS("{ vf: 0 }", ""), "6:28", "absent only with one device"},
		{HEAD TWO_PF OVS("{ device: pf1, vf: 0 }, { device: pf0, vf: 0 }", ""), NULL, NULL},
		{HEAD "  - { pf: pf0, mode: legacy, vfs: [{ index: 0 }] }\n"
		 OVS("{ device: pf0, vf: 0 }", ""), "5:38", "whose mode is legacy"},
		{HEAD PF "tc:\n  - { device: pf0, from: { vf: 0 }, to: uplink }\n" OVS("{ vf: 0 }", ""),
		 "7:34", "from which the TC rule on line 5 redirects"},
		{HEAD PF "openvswitch:\n  - { ports: [] }\n", "5:5", "key \"bridge\" is missing"},
		{HEAD PF "openvswitch:\n  - { bridge: \"-b\" }\n", "5:15", "does not begin with"},
		{HEAD PF "openvswitch:\n  - { bridge: b }\n  - { bridge: b }\n", "6:15",
		 "b is already on line 5"},
		{HEAD PF "openvswitch:\n  - { bridge: b, port: [] }\n", "5:18",
		 "unknown key \"port\" in bridge; allowed: bridge, ports, vxlan"},
	};

	(void)state;
	run(rows, ARRAY_SIZE(rows));
}

static void tc_matches(void **state)
{
	static const struct row rows[] = {
		{HEAD PF "tc:\n  - { device: pf0, from: uplink, "
		 "match: { vlan: [10, 5] }, actions: [vlan-pop, vlan-pop, { redirect: { vf: 0 } }] }\n",
		 NULL, NULL},
		{HEAD PF "tc:\n  - { device: pf0, from: uplink, "
		 "match: { vlan: [10], protocol: 0x8847, vlan-protocol: 802.1ad }, actions: [{ redirect: { vf: 0 } }] }\n",
		 NULL, NULL},
		{HEAD PF "tc:\n  - { device: pf0, from: uplink, "
		 "match: { src: 192.0.2.1, dst: 198.51.100.0/24, ip-protocol: esp }, actions: [{ redirect: { vf: 0 } }] }\n",
		 NULL, NULL},
		{HEAD PF "tc:\n  - { device: pf0, from: uplink, "
		 "match: { vlan: [] }, actions: [{ redirect: { vf: 0 } }] }\n",
		 "5:49", "vlan: found 0 entries; allowed: 1 to 2"},
		{HEAD PF "tc:\n  - { device: pf0, from: uplink, "
		 "match: { vlan: [1, 2, 3] }, actions: [{ redirect: { vf: 0 } }] }\n",
		 "5:49", "vlan: found 3 entries; allowed: 1 to 2"},
		{HEAD PF "tc:\n  - { device: pf0, from: uplink, "
		 "match: { vlan: 10 }, actions: [{ redirect: { vf: 0 } }] }\n",
		 "5:49", "allowed: a list of 1 to 2, each a VLAN id"},
		{HEAD PF "tc:\n  - { device: pf0, from: uplink, "
		 "match: { vlan: [10, 4095] }, actions: [{ redirect: { vf: 0 } }] }\n",
		 "5:54", "vlan: found \"4095\""},
		{HEAD PF "tc:\n  - { device: pf0, from: uplink, "
		 "match: { vlan: [0] }, actions: [{ redirect: { vf: 0 } }] }\n",
		 "5:50", "vlan: found \"0\""},
		{HEAD PF "tc:\n  - { device: pf0, from: uplink, "
		 "match: { vlan-protocol: 802.1ad }, actions: [{ redirect: { vf: 0 } }] }\n",
		 "5:58", "vlan-protocol: found without vlan"},
		{HEAD PF "tc:\n  - { device: pf0, from: uplink, "
		 "match: { vlan: [10], vlan-protocol: qinq }, actions: [{ redirect: { vf: 0 } }] }\n",
		 "5:70", "allowed: 802.1q or 802.1ad"},
		{HEAD PF "tc:\n  - { device: pf0, from: uplink, "
		 "match: { protocol: 0x8100 }, actions: [{ redirect: { vf: 0 } }] }\n",
		 "5:53", "protocol: found that of a VLAN tag"},
		{HEAD PF "tc:\n  - { device: pf0, from: uplink, "
		 "match: { protocol: 0x100 }, actions: [{ redirect: { vf: 0 } }] }\n",
		 "5:53", "arp, or a number from 1536 to 65535"},
		{HEAD PF "tc:\n  - { device: pf0, from: uplink, "
		 "match: { src: 192.0.2.1, dst: 2001:db8::1 }, actions: [{ redirect: { vf: 0 } }] }\n",
		 "5:64", "another family than src"},
		{HEAD PF "tc:\n  - { device: pf0, from: uplink, "
		 "match: { protocol: ipv6, src: 192.0.2.1 }, actions: [{ redirect: { vf: 0 } }] }\n",
		 "5:53", "that of src and dst; allowed: ip,"},
		{HEAD PF "tc:\n  - { device: pf0, from: uplink, "
		 "match: { protocol: all, dst: 2001:db8::/64 }, actions: [{ redirect: { vf: 0 } }] }\n",
		 "5:53", "of src and dst; allowed: ipv6,"},
		{HEAD PF "tc:\n  - { device: pf0, from: uplink, "
		 "match: { src: 192.0.2.1/33 }, actions: [{ redirect: { vf: 0 } }] }\n",
		 "5:48", "src: found"},
		{HEAD PF "tc:\n  - { device: pf0, from: uplink, "
		 "match: { ip-protocol: udp }, actions: [{ redirect: { vf: 0 } }] }\n",
		 "5:56", "found without protocol ip or ipv6"},
		{HEAD PF "tc:\n  - { device: pf0, from: uplink, "
		 "match: { protocol: ip, ip-protocol: 256 }, actions: [{ redirect: { vf: 0 } }] }\n",
		 "5:70", "sctp, or a number from 0 to 255"},
		{HEAD PF "tc:\n  - { device: pf0, from: uplink, "
		 "match: { port: 80 }, actions: [{ redirect: { vf: 0 } }] }\n",
		 "5:43", "allowed: vlan, vlan-protocol, src-mac"},
	};

	(void)state;
	run(rows, ARRAY_SIZE(rows));
}

static void vxlan_ports(void **state)
{
	static const struct row rows[] = {
		{HEAD PF "tunnels:\n" TUNNEL("", "", "") OVS("", VXLAN("x", "192.0.2.3", "")), "9:75",
		 "no tunnel in transport mode on an uplink protects 192.0.2.1 to 192.0.2.3 UDP port 4789"},
		{HEAD "  - { pf: pf0, vfs: [{ index: 0, ipsec-packet: true }] }\ntunnels:\n"
		 TUNNEL(", vf: 0", "", "") OVS("", VXLAN("x", "192.0.2.2", "")), "9:75",
		 "else its frames leave in the clear"},
		{HEAD PF "tunnels:\n" TUNNEL(", mode: tunnel", "", "")
		 OVS("", VXLAN("x", "192.0.2.2", "")), "9:75", "no tunnel in transport mode"},
		{HEAD PF "tunnels:\n" TUNNEL(", selector: { protocol: udp, remote-port: 4789 }", "", "")
		 OVS("", VXLAN("x", "192.0.2.2", "")), NULL, NULL},
		{HEAD PF "tunnels:\n" TUNNEL(", selector: { protocol: udp, remote-port: 4790 }", "", "")
		 OVS("", VXLAN("x", "192.0.2.2", "")), "9:75", "UDP port 4789; allowed"},
		{HEAD PF "tunnels:\n" TUNNEL(", selector: { protocol: tcp }", "", "")
		 OVS("", VXLAN("x", "192.0.2.2", "")), "9:75", "UDP port 4789; allowed"},
		{HEAD PF "tunnels:\n" TUNNEL("", "", "")
		 SECOND("b", "pf0", ENDS2 ", mode: tunnel", "0x1003", "3", "0x1004")
		 OVS("", VXLAN("x", "192.0.2.2", "")), "12:75",
		 "vxlan: found with tunnel b in tunnel mode on the same uplink (line 8)"},
		{HEAD PF "tunnels:\n" TUNNEL("", "", "")
		 OVS("", VXLAN("x", "192.0.2.2", "6777216777")), "9:91", "from 0 to 16777215"},
		{HEAD PF "tunnels:\n" TUNNEL("", "", "")
		 OVS("", VXLAN("x", "192.0.2.2", ", port: 0")), "9:100", "from 1 to 65535"},
		{HEAD PF "tunnels:\n" TUNNEL("", "", "") OVS("", VXLAN("br0", "192.0.2.2", "")), "9:46",
		 "found br0, which is a bridge"},
		{HEAD PF "tunnels:\n" TUNNEL("", "", "") OVS("", ", vxlan: { name: x }"), "9:38",
		 "vxlan: key \"local\" is missing"},
		{HEAD PF "tunnels:\n" TUNNEL("", "", "") OVS("", VXLAN("x", "192.0.2.2", ""))
		 "  - { bridge: br1" VXLAN("x", "192.0.2.2", "2") " }\n", "10:35",
		 "found x, which a port of the bridge on line 9 has"},
		{HEAD PF "tunnels:\n" TUNNEL("", "", "") OVS("", VXLAN("x", "192.0.2.2", ""))
		 "  - { bridge: br1" VXLAN("y", "192.0.2.2", "") " }\n", "10:80",
		 "found 1 between the same ends as in the bridge on line 9"},
		{HEAD "  - { pf: pf0, mtu: 1586, vfs: [{ index: 0, mtu: 1500 }] }\ntunnels:\n"
		 TUNNEL("", "", "") OVS("{ vf: 0 }", VXLAN("x", "192.0.2.2", "")), "3:50",
		 "found 1500 with mtu 1586 of the uplink; allowed: at least 87 less"},
		{HEAD "  - { pf: pf0, mtu: 1587, vfs: [{ index: 0, mtu: 1500 }] }\ntunnels:\n"
		 TUNNEL("", "", "") OVS("{ vf: 0 }", VXLAN("x", "192.0.2.2", "")), NULL, NULL},
	};

	(void)state;
	run(rows, ARRAY_SIZE(rows));
}

static void tc_actions(void **state)
{
	static const struct row rows[] = {
		{HEAD PF "tc:\n  - { device: pf0, from: uplink, "
		 "actions: [vlan-pop, { vlan-push: { id: 7, protocol: 802.1ad } }, { mirror: { vf: 1 } }, { redirect: { vf: 0 } }] }\n",
		 NULL, NULL},
		{HEAD PF "tc:\n  - { device: pf0, from: uplink, "
		 "pref: 1 }\n",
		 "5:5", "found neither to nor actions"},
		{HEAD PF "tc:\n  - { device: pf0, from: uplink, "
		 "to: { vf: 0 }, actions: [{ redirect: { vf: 0 } }] }\n",
		 "5:5", "found both to and actions"},
		{HEAD PF "tc:\n  - { device: pf0, from: uplink, "
		 "actions: [] }\n",
		 "5:43", "actions: found 0 entries; allowed: 1 to 8"},
		{HEAD PF "tc:\n  - { device: pf0, from: uplink, "
		 "actions: [vlan-pop] }\n",
		 "5:44", "found another last action; allowed: redirect"},
		{HEAD PF "tc:\n  - { device: pf0, from: uplink, "
		 "actions: [{ redirect: { vf: 0 } }, vlan-pop] }\n",
		 "5:44", "redirect before the last"},
		{HEAD PF "tc:\n  - { device: pf0, from: uplink, "
		 "actions: [drop] }\n",
		 "5:44", "allowed: a list of 1 to 8, each vlan-pop, tunnel-unset, or a mapping"},
		{HEAD PF "tc:\n  - { device: pf0, from: uplink, "
		 "actions: [{ }] }\n",
		 "5:44", "action: found no keys"},
		{HEAD PF "tc:\n  - { device: pf0, from: uplink, "
		 "actions: [{ redirect: { vf: 0 }, mirror: { vf: 1 } }] }\n",
		 "5:44", "more than one key"},
		{HEAD PF "tc:\n  - { device: pf0, from: uplink, "
		 "actions: [{ drop: true }] }\n",
		 "5:46", "\"drop\" in action; allowed: vlan-push, tunnel-set, redirect"},
		{HEAD PF "tc:\n  - { device: pf0, from: uplink, "
		 "actions: [{ vlan-push: { } }, { redirect: { vf: 0 } }] }\n",
		 "5:57", "key \"id\" is missing"},
		{HEAD PF "tc:\n  - { device: pf0, from: uplink, "
		 "actions: [{ vlan-push: 5 }, { redirect: { vf: 0 } }] }\n",
		 "5:57", "allowed: a mapping"},
		{HEAD PF "tc:\n  - { device: pf0, from: uplink, "
		 "actions: [{ vlan-push: { id: 4095 } }, { redirect: { vf: 0 } }] }\n",
		 "5:63", "a VLAN id from 1 to 4094"},
		{HEAD PF "tc:\n  - { device: pf0, from: uplink, "
		 "actions: [vlan-pop, vlan-pop, vlan-pop , { redirect: { vf: 0 } }] }\n",
		 "5:64", "vlan-pop for the third time"},
		{HEAD PF "tc:\n  - { device: pf0, from: uplink, "
		 "actions: [{ redirect: { vf: 2 } }] }\n",
		 "5:62", "redirect: found VF 2, which pf0 does not list"},
		{HEAD PF "tc:\n  - { device: pf0, from: uplink, "
		 "actions: [{ mirror: uplink }, { redirect: { vf: 0 } }] }\n",
		 "5:54", "the same port as from"},
	};

	(void)state;
	run(rows, ARRAY_SIZE(rows));
}

#define TLS "  tls: { certificate: a.pem, key-file: a.key }\n"
#define TLS_CA "  tls: { certificate: a.pem, key-file: a.key, client-ca: c.pem }\n"
#define METRICS(listen, more) HEAD PF "metrics:\n  listen: \"" listen "\"\n" more

static void who_may_read(void **state)
{
	static const struct row rows[] = {
		{METRICS("127.0.0.1:1", ""), NULL, NULL},
		{METRICS("127.8.9.10:1", ""), NULL, NULL},
		{METRICS("[::1]:1", "  token-file: t\n"), NULL, NULL},
		{METRICS("[::1]:1", TLS), NULL, NULL},
		{METRICS("/run/ipso/http", ""), NULL, NULL},
		{METRICS("0.0.0.0:1", TLS "  token-file: t\n"), NULL, NULL},
		{METRICS("0.0.0.0:1", TLS_CA), NULL, NULL},
		{METRICS("[::]:1", TLS_CA "  token-file: t\n"), NULL, NULL},
		{METRICS("0.0.0.0:1", ""), "5:11", "0.0.0.0, which other hosts reach, without tls"},
		{METRICS("[::]:1", ""), "5:11", "without tls"},
		{METRICS("[::ffff:192.0.2.1]:1", ""), "5:11", "without tls"},
		{METRICS("128.0.0.1:1", "  token-file: t\n"), "5:11", "without tls"},
		{METRICS("192.0.2.1:1", TLS), "5:11", "nothing that tells who asks"},
		{METRICS("/run/ipso/http", TLS_CA), "5:11", "a unix socket with tls or token-file"},
		{METRICS("/run/ipso/http", "  token-file: t\n"), "5:11", "allowed is neither"},
		{METRICS("run/ipso/http", ""), "5:11", "the path of a unix socket"},
	};

	(void)state;
	run(rows, ARRAY_SIZE(rows));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(devices),
		cmocka_unit_test(exclusions_of_the_driver),
		cmocka_unit_test(one_tunnel),
		cmocka_unit_test(who_makes_the_sas),
		cmocka_unit_test(two_tunnels),
		cmocka_unit_test(tc_rules),
		cmocka_unit_test(bridges),
		cmocka_unit_test(vxlan_ports),
		cmocka_unit_test(tc_matches),
		cmocka_unit_test(tc_actions),
		cmocka_unit_test(who_may_read),
	};

	return cmocka_run_group_tests_name("config_check", tests, NULL, NULL);
}
