/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a tunnel selects, how it travels and how long it lives: each rule with its place and words. */
#include <errno.h>
#include <netinet/in.h>
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

#define HEAD "version: 1\ndevices:\n"
#define PF "  - { pf: pf0 }\n"
#define LEGACY "  - { pf: pf0, mode: legacy }\n"
#define VF "  - { pf: pf0, vfs: [{ index: 0, ipsec-packet: true }] }\n"
/* The first line of a tunnel holds what the rows are about, from column 1. */
#define TUNNEL(keys)                                                         \
	"tunnels:\n- { " keys ",\n  name: a, device: pf0, local: 192.0.2.1," \
	" remote: 192.0.2.2, out: { spi: 0x1001, reqid: 1, key-file: o1 },"  \
	" in: { spi: 0x1002, reqid: 2, key-file: i1 } }\n"
#define SECOND(ends, keys)                                                   \
	"- { " keys ",\n  name: b, device: pf0, " ends                       \
	", out: { spi: 0x1003, reqid: 3, key-file: o2 },"                    \
	" in: { spi: 0x1004, reqid: 4, key-file: i2 } }\n"
#define SAME "local: 192.0.2.1, remote: 192.0.2.2"
#define OTHER "local: 192.0.2.1, remote: 192.0.2.3"

struct row {
	const char *text, *why; /* why NULL: accepted; else the whole message behind "f:" */
};

static void run(const struct row *rows, size_t n)
{
	bool good = true;

	for (size_t i = 0; i < n; i++) {
		_cleanup_(config_free) struct ipso_config *cfg = NULL;
		struct why why = {};
		int err = config_parse("f", rows[i].text, strlen(rows[i].text), &cfg, &why);

		if (!rows[i].why ? err == 0
				 : err == -EINVAL && strcmp(why.what + 2, rows[i].why) == 0)
			continue;
		print_error("row %zu: %s\n wanted %s\n got %d %s\n", i, rows[i].text,
			    rows[i].why ? rows[i].why : "accepted", err, why.what);
		good = false;
	}
	assert_true(good);
}

static void networks(void **state)
{
	static const struct row rows[] = {
		{HEAD PF TUNNEL("mode: tunnel"), NULL},
		{HEAD PF TUNNEL("mode: tunnel, selector: { local: 10.1.0.0/24, remote: 10.2.0.9 }"),
		 NULL},
		{HEAD PF TUNNEL("mode: tunnel, selector: { remote: 0.0.0.0/0 }"), NULL},
		{HEAD PF TUNNEL("selector: { local: 192.0.2.1, remote: 192.0.2.2/32 }"), NULL},
		{HEAD PF TUNNEL("selector: { local: 10.1.0.0/24 }"),
		 "5:24: local: found 10.1.0.0/24 with mode transport; allowed: mode tunnel, or "
		 "192.0.2.1, transport mode protects what the two ends themselves send"},
		{HEAD PF TUNNEL("mode: tunnel, selector: { remote: \"fd00::/64\" }"),
		 "5:39: remote: found fd00::/64 while remote of the tunnel is 192.0.2.2; allowed: a "
		 "network of the same family, the hardware writes one header for both"},
		{HEAD PF TUNNEL("mode: tunnel, selector: { local: 10.1.0.1/24 }"),
		 "5:38: local: found 10.1.0.1/24; allowed: a network, whose bits behind the prefix "
		 "are 0"},
		{HEAD PF TUNNEL("mode: tunnel, selector: { remote: 0.0.0.0/1 }"),
		 "5:39: remote: found 0.0.0.0/1; allowed: another network, or prefix 0: the driver "
		 "takes this one for any address"},
		{HEAD PF TUNNEL("mode: tunnel, selector: { local: 0.0.0.0/0, remote: 0.0.0.0/0 }"),
		 "5:57: remote: found any address on both sides; allowed: a narrower network on one, "
		 "else the driver's rule takes every frame, ARP among them"},
	};

	(void)state;
	run(rows, ARRAY_SIZE(rows));
}

static void protocols_and_ports(void **state)
{
	static const struct row rows[] = {
		{HEAD PF TUNNEL("selector: { protocol: udp }"), NULL},
		{HEAD PF TUNNEL("selector: { protocol: tcp, local-port: 1, remote-port: 65535 }"), NULL},
		{HEAD PF TUNNEL("selector: { protocol: icmp }"),
		 "5:27: protocol: found \"icmp\"; allowed: any, tcp or udp (the driver knows no "
		 "other)"},
		{HEAD PF TUNNEL("selector: { remote-port: 4789 }"),
		 "5:30: remote-port: found 4789 with protocol any; allowed: a port with protocol tcp or "
		 "udp"},
		{HEAD PF TUNNEL("selector: { protocol: any, local-port: 7 }"),
		 "5:44: local-port: found 7 with protocol any; allowed: a port with protocol tcp or "
		 "udp"},
		{HEAD PF TUNNEL("selector: { protocol: udp, local-port: 0 }"),
		 "5:44: local-port: found \"0\"; allowed: a whole number from 1 to 65535"},
		{HEAD PF TUNNEL("selector: { port: 7 }"),
		 "5:17: unknown key \"port\" in selector; allowed: local, remote, protocol, "
		 "local-port, remote-port"},
	};

	(void)state;
	run(rows, ARRAY_SIZE(rows));
}

#define MET "; allowed: selectors without a common packet, or different priorities"

static void two_tunnels(void **state)
{
	static const struct row rows[] = {
		{HEAD PF TUNNEL("esn: true") SECOND(OTHER, "esn: true"), NULL},
		{HEAD PF TUNNEL("esn: true") SECOND(SAME, "esn: true"),
		 "8:51: tunnel b: same selector as tunnel a on line 5; allowed: one tunnel for the "
		 "same packets"},
		{HEAD PF TUNNEL("selector: { protocol: udp, remote-port: 7 }")
		 SECOND(SAME, "selector: { protocol: udp, remote-port: 8 }"), NULL},
		{HEAD PF TUNNEL("selector: { protocol: udp, remote-port: 7 }")
		 SECOND(SAME, "selector: { protocol: tcp, remote-port: 7 }"), NULL},
		{HEAD PF TUNNEL("selector: { protocol: udp, remote-port: 7 }")
		 SECOND(SAME, "selector: { protocol: udp, local-port: 7 }"),
		 "8:51: tunnel b: its selector meets that of tunnel a on line 5, with priority 0 as "
		 "well" MET},
		{HEAD PF TUNNEL("selector: { protocol: udp }, priority: 1") SECOND(SAME, "esn: true"),
		 NULL},
		{HEAD PF TUNNEL("selector: { protocol: udp }, priority: 1")
		 SECOND(SAME, "priority: 1"),
		 "8:51: tunnel b: its selector meets that of tunnel a on line 5, with priority 1 as "
		 "well" MET},
		{HEAD PF TUNNEL("mode: tunnel, selector: { remote: 10.2.0.0/24 }")
		 SECOND(OTHER, "mode: tunnel, selector: { remote: 10.3.0.0/24 }"), NULL},
		{HEAD PF TUNNEL("mode: tunnel, selector: { remote: 10.2.0.0/24 }")
		 SECOND(OTHER, "mode: tunnel, selector: { remote: 10.2.0.0/16 }"),
		 "7:39: tunnel b: its selector meets that of tunnel a on line 5, with priority 0 as "
		 "well" MET},
		{HEAD PF TUNNEL("mode: tunnel, selector: { remote: 10.2.0.0/24 }")
		 SECOND(OTHER, "mode: tunnel, selector: { remote: 10.2.0.0/16 }, priority: 9"), NULL},
		/* The same selector is one policy, whatever its priority. */
		{HEAD PF TUNNEL("mode: tunnel, selector: { remote: 10.2.0.0/24 }")
		 SECOND(OTHER, "mode: tunnel, selector: { remote: 10.2.0.0/24 }, priority: 9"),
		 "7:39: tunnel b: same selector as tunnel a on line 5; allowed: one tunnel for the "
		 "same packets"},
		{HEAD PF TUNNEL("mode: tunnel, selector: { remote: 0.0.0.0/0 }")
		 SECOND("local: \"fd00::1\", remote: \"fd00::2\"",
			"mode: tunnel, selector: { remote: \"::/0\" }"), NULL},
	};

	(void)state;
	run(rows, ARRAY_SIZE(rows));
}

#define WHERE                                                                                \
	"; allowed: mode transport on the uplink of a device in switchdev, elsewhere the driver " \
	"does not decrypt what comes in UDP"

static void in_udp(void **state)
{
	static const struct row rows[] = {
		{HEAD PF TUNNEL("udp-encapsulation: {}"), NULL},
		{HEAD PF TUNNEL("udp-encapsulation: { local-port: 4501 }"), NULL},
		{HEAD PF TUNNEL("udp-encapsulation: { local-port: 4501, remote-port: 4502 }"),
		 "5:38: udp-encapsulation: found ports 4501 and 4502; allowed: 4500 on one side, by "
		 "which the hardware knows ESP in UDP"},
		{HEAD PF TUNNEL("mode: tunnel, udp-encapsulation: {}"),
		 "5:38: udp-encapsulation: found with mode tunnel" WHERE},
		{HEAD LEGACY TUNNEL("udp-encapsulation: {}"),
		 "5:24: udp-encapsulation: found with a device in mode legacy" WHERE},
		{HEAD VF TUNNEL("vf: 0, udp-encapsulation: {}"),
		 "5:31: udp-encapsulation: found with a tunnel on a VF" WHERE},
	};

	(void)state;
	run(rows, ARRAY_SIZE(rows));
}

static void limits(void **state)
{
	static const struct row rows[] = {
		{HEAD PF TUNNEL("lifetime: { hard-bytes: 9 }"), NULL},
		{HEAD PF TUNNEL("lifetime: { soft-bytes: 8, hard-bytes: 9 }"), NULL},
		{HEAD PF TUNNEL("lifetime: { soft-bytes: 8 }"), NULL},
		{HEAD PF TUNNEL("lifetime: { soft-packets: 9, hard-packets: 9 }"),
		 "5:31: soft-packets: found 9 with hard-packets 9; allowed: less than the hard limit"},
		{HEAD PF TUNNEL("esn: false, lifetime: { soft-packets: 4294967295 }"),
		 "5:43: soft-packets: found 4294967295 with hard-packets 4294967295; allowed: less "
		 "than the hard limit"},
		{HEAD PF TUNNEL("esn: false, lifetime: { hard-packets: 4294967296 }"),
		 "5:43: hard-packets: found 4294967296 with esn: false; allowed: at most 4294967295, "
		 "the sequence number must not cycle (RFC 4303 section 3.3.3)"},
		{HEAD PF TUNNEL("lifetime: { hard-packets: 4294967296 }"), NULL},
		{HEAD PF TUNNEL("lifetime: { hard-seconds: 0 }"), NULL},
		{HEAD PF TUNNEL("lifetime: { soft-seconds: 86400 }"),
		 "5:31: soft-seconds: found 86400 with hard-seconds 86400; allowed: less than the hard "
		 "limit"},
		{HEAD PF TUNNEL("lifetime: { hard-seconds: 4294967296 }"),
		 "5:31: hard-seconds: found \"4294967296\"; allowed: a whole number from 0 to "
		 "4294967295"},
		{HEAD PF TUNNEL("lifetime: { hard-packets: 1 }"),
		 "5:31: hard-packets: found \"1\"; allowed: a whole number from 2 to "
		 "18446744073709551614"},
	};

	(void)state;
	run(rows, ARRAY_SIZE(rows));
}

static void limited(const char *text, uint64_t soft, uint64_t hard, uint64_t soft_bytes,
		    uint64_t hard_bytes)
{
	_cleanup_(config_free) struct ipso_config *cfg = NULL;
	const struct cfg_tunnel *t;
	struct why why = {};

	if (config_parse("f", text, strlen(text), &cfg, &why) < 0)
		fail_msg("%s", why.what);
	t = &cfg->tunnels[0];
	assert_true(t->soft_packets == soft && t->hard_packets == hard);
	assert_true(t->soft_bytes == soft_bytes && t->hard_bytes == hard_bytes);
}

/* A sequence number never cycles; what is not written follows from what is. */
static void default_limits(void **state)
{
	(void)state;
	limited(HEAD PF TUNNEL("esn: true"), 0, 0, 0, 0);
	limited(HEAD PF TUNNEL("esn: false"), 3221225472, 4294967295, 0, 0);
	limited(HEAD PF TUNNEL("lifetime: { hard-packets: 8, hard-bytes: 4000 }"), 6, 8, 3000, 4000);
	limited(HEAD PF TUNNEL("lifetime: { hard-packets: 2 }"), 1, 2, 0, 0);
	limited(HEAD PF TUNNEL("lifetime: { soft-packets: 5 }"), 5, 0, 0, 0);
	limited(HEAD PF TUNNEL("esn: false, lifetime: { hard-bytes: 4 }"), 3221225472, 4294967295,
		3, 4);
}

static void timed(const char *text, uint64_t soft, uint64_t hard)
{
	_cleanup_(config_free) struct ipso_config *cfg = NULL;
	struct why why = {};

	if (config_parse("f", text, strlen(text), &cfg, &why) < 0)
		fail_msg("%s", why.what);
	assert_true(cfg->tunnels[0].soft_seconds == soft);
	assert_true(cfg->tunnels[0].hard_seconds == hard);
}

/* Static keys end after a day unless the file says otherwise; an IKE daemon has its own mind. */
static void time_limits(void **state)
{
	(void)state;
	timed(HEAD PF TUNNEL("esn: true"), 64800, 86400);
	timed(HEAD PF TUNNEL("lifetime: { hard-seconds: 0 }"), 0, 0);
	timed(HEAD PF TUNNEL("lifetime: { soft-seconds: 60, hard-seconds: 0 }"), 60, 0);
	timed(HEAD PF TUNNEL("lifetime: { hard-seconds: 100 }"), 75, 100);
	timed(HEAD PF TUNNEL("lifetime: { soft-seconds: 60 }"), 60, 86400);
	timed(HEAD PF TUNNEL("lifetime: { hard-packets: 9 }"), 64800, 86400);
}

static void whole_selector(void **state)
{
	static const char text[] =
		HEAD PF TUNNEL("mode: tunnel, selector: { remote: 10.2.0.0/24, protocol: tcp }");
	_cleanup_(config_free) struct ipso_config *cfg = NULL;
	struct cfg_selector s;

	(void)state;
	assert_int_equal(config_parse("f", text, strlen(text), &cfg, NULL), 0);
	s = config_selector(&cfg->tunnels[0]);
	assert_true(addr_equal(&s.local, &cfg->tunnels[0].local, true));
	assert_int_equal(s.remote.prefix, 24);
	assert_int_equal(s.protocol, IPPROTO_TCP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(networks),	  cmocka_unit_test(protocols_and_ports),
		cmocka_unit_test(two_tunnels),	  cmocka_unit_test(in_udp),
		cmocka_unit_test(limits),	  cmocka_unit_test(default_limits),
		cmocka_unit_test(time_limits),
		cmocka_unit_test(whole_selector),
	};

	return cmocka_run_group_tests_name("config_check_selector", tests, NULL, NULL);
}
