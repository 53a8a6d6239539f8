/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text to configuration: what a good file becomes, and every mistake with its place and words. */
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

static const char good[] =
	"version: 1\n"				       /* 1 */
	"devices:\n"				       /* 2 */
	"  - pf: pf0\n"				       /* 3 */
	"    mtu: 2000\n"			       /* 4 */
	"    addresses: [192.0.2.1/24]\n"	       /* 5 */
	"    vfs:\n"				       /* 6 */
	"      - { index: 0, netns: ns0, mtu: 1500 }\n"  /* 7 */
	"tunnels:\n"				       /* 8 */
	"  - name: to-b\n"			       /* 9 */
	"    device: pf0\n"			       /* 10 */
	"    local: 192.0.2.1\n"		       /* 11 */
	"    remote: 192.0.2.2\n"		       /* 12 */
	"    out: { spi: 0x1001, reqid: 1, key-file: out.key }\n"  /* 13 */
	"    in: { spi: 0x1002, reqid: 2, key-file: in.key }\n"	   /* 14 */
	"tc:\n"					       /* 15 */
	"  - { device: pf0, from: { vf: 0 }, to: uplink }\n" /* 16 */
	"  - { device: pf0, from: uplink, to: { vf: 0 }, pref: 9, match: { protocol: arp } }\n"
	"metrics: { listen: \"[::1]:9000\" }\n";

static int parse(const char *text, struct ipso_config **ret_cfg, struct why *why)
{
	memset(why, 0, sizeof(*why));
	return config_parse("f.yaml", text, strlen(text), ret_cfg, why);
}

static void good_file(void **state)
{
	_cleanup_(config_free) struct ipso_config *cfg = NULL;
	struct why why;

	(void)state;
	if (parse(good, &cfg, &why) < 0)
		fail_msg("%s", why.what);
	assert_int_equal(cfg->ordering, IPSO_GATE_ENFORCE);
	assert_int_equal(cfg->devices_count, 1);
	assert_string_equal(cfg->devices[0].pf, "pf0");
	assert_null(cfg->devices[0].pci);
	assert_int_equal(cfg->devices[0].mode, CFG_MODE_SWITCHDEV);
	assert_int_equal(cfg->devices[0].steering, CFG_STEERING_DMFS);
	assert_true(cfg->devices[0].has_mtu);
	assert_int_equal(cfg->devices[0].addresses_count, 1);
	assert_int_equal(cfg->devices[0].addresses[0].prefix, 24);
	assert_int_equal(cfg->devices[0].at.line, 3);
	assert_int_equal(cfg->devices[0].at.column, 5);
	assert_string_equal(cfg->devices[0].vfs[0].netns, "ns0");
	assert_false(cfg->devices[0].vfs[0].has_mac);
	assert_int_equal(cfg->devices[0].vfs[0].mtu, 1500);
	assert_int_equal(cfg->metrics.port, 9000);
	assert_string_equal(cfg->metrics.address, "::1");
	assert_int_equal(cfg->metrics.interval, 1);
}

static void good_tunnel_and_rules(void **state)
{
	_cleanup_(config_free) struct ipso_config *cfg = NULL;
	const struct cfg_tunnel *t;
	struct why why;

	(void)state;
	assert_int_equal(parse(good, &cfg, &why), 0);
	t = &cfg->tunnels[0];
	assert_int_equal(t->device, 0);
	assert_false(t->on_vf);
	assert_int_equal(t->aead, CFG_AES_GCM_128);
	assert_true(t->esn);
	assert_int_equal(t->replay_window, 64);
	assert_int_equal(t->hard_packets, 0);
	assert_int_equal(t->out.spi, 0x1001);
	assert_int_equal(t->in.reqid, 2);
	assert_string_equal(t->in.key_file, "in.key");
	assert_int_equal(t->in.key_at.line, 14);
	assert_null(t->in.key);
	assert_int_equal(cfg->tc_count, 2);
	assert_true(cfg->tc[0].from.is_vf);
	assert_int_equal(cfg->tc[0].actions_count, 1);
	assert_true(cfg->tc[0].actions[0].redirect && !cfg->tc[0].actions[0].port.is_vf);
	assert_int_equal(cfg->tc[0].pref, 1);
	assert_int_equal(cfg->tc[0].protocol, 3);
	assert_int_equal(cfg->tc[1].pref, 9);
	assert_int_equal(cfg->tc[1].protocol, 0x0806);
}

/* The good file with one piece of text replaced. */
static char *edited(const char *from, const char *to)
{
	const char *at = strstr(good, from);
	char *text = NULL;

	assert_non_null(at);
	assert_true(asprintf(&text, "%.*s%s%s", (int)(at - good), good, to, at + strlen(from)) > 0);
	return text;
}

struct mistake {
	const char *from, *to, *place, *words;
};

static bool as_expected(const struct mistake *m)
{
	_cleanup_(config_free) struct ipso_config *cfg = NULL;
	_free_ char *text = edited(m->from, m->to);
	char place[32];
	struct why why;

	assert_int_equal(parse(text, &cfg, &why), -EINVAL);
	snprintf(place, sizeof(place), "f.yaml:%s: ", m->place);
	if (strncmp(why.what, place, strlen(place)) == 0 && strstr(why.what, m->words))
		return true;
	print_error("'%s' -> '%s': expected %s...%s...\n got %s\n", m->from, m->to, place, m->words,
		    why.what);
	return false;
}

static void mistakes_of_form(void **state)
{
	static const struct mistake rows[] = {
		{"version: 1\n", "", "1:1", "key \"version\" is missing"},
		{"version: 1", "version: 2", "1:10", "found \"2\"; allowed: a whole number from 1 to 1"},
		{"version: 1", "version: \"1\"", "1:10", "version: found \"1\"; allowed"},
		{"version: 1", "version: [1]", "1:10", "found a list"},
		{"version: 1", "version:", "1:9", "found nothing"},
		{"version: 1", "version: 1\nversion: 1", "2:1", "stands twice"},
		{"version: 1", "version: 1\nordering: maybe", "2:11",
		 "found \"maybe\"; allowed: enforce, observe or off"},
		{"version: 1", "version: 1\nikev3: []", "2:1",
		 "unknown key \"ikev3\" in configuration; allowed: version, ordering, on-conflict"},
		{"    mtu: 2000", "    mut: 2000", "4:5",
		 "unknown key \"mut\" in device; allowed: pf, pci, mode"},
		{"    mtu: 2000", "    mtu: 2k", "4:10", "allowed: a whole number from 68 to 9978"},
		{"    mtu: 2000", "    mtu: 67", "4:10", "found \"67\""},
		{"    mtu: 2000", "    mtu: 010", "4:10", "found \"010\""},
		{"    mtu: 2000", "    mtu: -1", "4:10", "found \"-1\""},
		{"    mtu: 2000", "    mtu: { a: 1 }", "4:10", "found a mapping"},
		{"[192.0.2.1/24]", "[192.0.2.1]", "5:17", "an address with its prefix"},
		{"[192.0.2.1/24]", "192.0.2.1/24", "5:16", "allowed: a list"},
		{"[192.0.2.1/24]", "[192.0.2.1/24, 192.0.2.1/16]", "5:31", "found 192.0.2.1 twice"},
		{"pf: pf0", "pf: a/b", "3:9", "the name of a network interface"},
		{"pf: pf0", "pf: abcdefghijklmnop", "3:9", "at most 15"},
		{"pf: pf0", "pci: 08:00.0", "3:10", "a PCI address as 0000:08:00.0"},
		{"netns: ns0", "netns: ../x", "7:28", "the name of a network namespace"},
		{"mtu: 1500", "mac: 1:2:3", "7:38", "a MAC address"},
		{"mtu: 1500", "ipsec-packet: yes", "7:47", "found \"yes\"; allowed: true or false"},
		{"local: 192.0.2.1\n", "local: 192.0.2.1/24\n", "11:12", "without a prefix"},
		{"    local: 192.0.2.1\n", "", "9:5", "tunnel: key \"local\" is missing"},
		{"name: to-b", "name: a b", "9:11", "a name of letters"},
		{"device: pf0\n", "device: pf1\n", "10:13",
		 "found \"pf1\", which is not in devices; allowed: pf0"},
		{"    remote", "    mode: beet\n    remote", "12:11",
		 "found \"beet\"; allowed: transport or tunnel"},
		{"    remote", "    aead: aes-cbc\n    remote", "12:11",
		 "allowed: aes-gcm-128 or aes-gcm-256"},
		{"spi: 0x1001", "spi: 255", "13:17", "RFC 4303"},
		{"spi: 0x1001", "spi: 0x100000000", "13:17", "to 4294967295"},
		{"reqid: 1,", "reqid: 0,", "13:32", "the driver refuses 0"},
		{"key-file: out.key", "key-file: \"\"", "13:45", "found nothing"},
		{"key-file: out.key", "key: out.key", "13:35", "unknown key \"key\" in out"},
		{"to: uplink", "to: downlink", "16:41", "allowed: uplink, { vf: NUMBER }, { vxlan: PORT }"},
		{"to: uplink", "to: { vf: a }", "16:47", "vf: found \"a\""},
		{"\"[::1]:9000\"", "9000", "18:20", "an address and a port"},
		{"\"[::1]:9000\"", "localhost:9000", "18:20", "found \"localhost:9000\""},
		{"\"[::1]:9000\"", "\"::1:9000\"", "18:20", "[::1]:9417"},
		{"\"[::1]:9000\"", "127.0.0.1:0", "18:20", "found \"127.0.0.1:0\""},
		{"\"[::1]:9000\"", "127.0.0.1:9, interval: 0", "18:43", "from 1 to 3600"},
	};

	bool good_words = true;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		good_words &= as_expected(&rows[i]);
	assert_true(good_words);
}

static void mistakes_of_yaml(void **state)
{
	static const struct {
		const char *text, *place;
	} rows[] = {
		{"", "1:1: the file is empty"},
		{"# nothing\n", "1:1: the file is empty"},
		{"a: [1\nb: 2\n", "2:2: not YAML: "},
		{"version: 1\n\tdevices: 1\n", "2:1: not YAML: "},
		{"version: 1\ndevices: \x01\n", "2:10: not YAML: control characters"},
		{"- 1\n", "1:1: found a list; allowed: a mapping"},
		{"version: *nobody\n", "1:10: not YAML: "},
	};
	_cleanup_(config_free) struct ipso_config *cfg = NULL;
	_free_ char *twice = NULL;
	struct why why;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(parse(rows[i].text, &cfg, &why), -EINVAL);
		if (strncmp(why.what + strlen("f.yaml:"), rows[i].place, strlen(rows[i].place)))
			fail_msg("expected %s got %s", rows[i].place, why.what);
	}
	assert_true(asprintf(&twice, "%s---\nversion: 1\n", good) > 0);
	assert_int_equal(parse(twice, &cfg, &why), -EINVAL);
	assert_non_null(strstr(why.what, "20:1: a second document"));
}

static void long_values_are_not_echoed_whole(void **state)
{
	static const char digits[] = "0x000102030405060708090a0b0c0d0e0f10111213";
	_cleanup_(config_free) struct ipso_config *cfg = NULL;
	_free_ char *text = NULL, *spi = NULL;
	struct why why;

	(void)state;
	assert_true(asprintf(&spi, "spi: %s", digits) > 0);
	text = edited("spi: 0x1001", spi);
	assert_int_equal(parse(text, &cfg, &why), -EINVAL);
	assert_null(strstr(why.what, digits));
	assert_non_null(strstr(why.what, "..."));
}

static void missing_file(void **state)
{
	_cleanup_(config_free) struct ipso_config *cfg = NULL;
	struct why why = {};

	(void)state;
	assert_int_equal(config_load("/tmp/ipso-no-such-file", &cfg, &why), -ENOENT);
	assert_non_null(strstr(why.what, "/tmp/ipso-no-such-file"));
	assert_null(cfg);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_file),
		cmocka_unit_test(good_tunnel_and_rules),
		cmocka_unit_test(mistakes_of_form),
		cmocka_unit_test(mistakes_of_yaml),
		cmocka_unit_test(long_values_are_not_echoed_whole),
		cmocka_unit_test(missing_file),
	};

	return cmocka_run_group_tests_name("config_load", tests, NULL, NULL);
}
