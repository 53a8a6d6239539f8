/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Steps in words and as commands; before and after the net devices exist; keys in neither. */
#include "host_do.h"

static const char text[] =
	"version: 1\ndevices:\n"
	"  - { pf: pf0, mode: switchdev, mtu: 2000, addresses: [192.0.2.1/24],\n"
	"      vfs: [{ index: 0, mac: \"02:00:00:00:00:09\", netns: ns0,"
	" addresses: [\"2001:db8::1/64\"] }] }\n"
	"tunnels:\n"
	"  - { name: t, device: pf0, local: 192.0.2.1, remote: 192.0.2.2, esn: true,\n"
	"      replay-window: 64, priority: 12, lifetime: { soft-packets: 10, hard-packets: 20 },\n"
	"      out: { spi: 0x1001, reqid: 1, key-file: o }, in: { spi: 0x1002, reqid: 2,"
	" key-file: i } }\n"
	"tc:\n"
	"  - { device: pf0, from: { vf: 0 }, to: uplink,\n"
	"      match: { protocol: arp, src-mac: \"02:00:00:00:00:07\" }, pref: 5 }\n";

/* Every line of a plan, as `ipso plan` prints it without numbers. */
static char *lines_of(const struct ipso_config *cfg, const struct ipso_state *st)
{
	_cleanup_(plan_free) struct ipso_plan *p = NULL;
	char *all = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&all, &size);

	assert_int_equal(plan_up(cfg, st, NULL, &p, NULL), 0);
	for (unsigned int i = 0; i < p->count; i++) {
		char words[256], command[768];

		step_text(cfg, st, &p->steps[i], words, sizeof(words));
		step_command(cfg, st, &p->steps[i], command, sizeof(command));
		fprintf(f, "%s\n\t%s\n", words, command);
	}
	fclose(f);
	return all;
}

static void has(const char *all, const char *line)
{
	if (!strstr(all, line))
		fail_msg("'%s' is not in\n%s", line, all);
}

static void before_anything_exists(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = host_new();
	_cleanup_(config_free) struct ipso_config *cfg = config_of(text);
	_free_ char *all = lines_of(cfg, st);

	(void)state;
	has(all, "create 1 VF on pf0\n\techo 1 > /sys/bus/pci/devices/0000:01:00.0/sriov_numvfs\n");
	has(all, "\techo $(basename $(readlink /sys/bus/pci/devices/0000:01:00.0/virtfn0)) > "
		 "/sys/bus/pci/drivers/mlx5_core/unbind\n");
	has(all, "\tdevlink dev eswitch set pci/0000:01:00.0 mode switchdev\n");
	has(all, "\tdevlink port function set pci/0000:01:00.0/<port of VF 0> hw_addr "
		 "02:00:00:00:00:09\n");
	has(all, "\tip netns add ns0\n");
	has(all, "\tip link set dev <VF 0 of pf0> netns ns0\n");
	has(all, "\tip link set dev pf0 mtu 2000\n");
	has(all, "\tip -n ns0 address add 2001:db8::1/64 dev <VF 0 of pf0> nodad\n");
	has(all, "\tip link set dev <representor of VF 0 of pf0> up\n");
	has(all, "\tip xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x00001001 reqid 1 "
		 "mode transport replay-window 0 flag esn aead 'rfc4106(gcm(aes))' <key:not read> "
		 "128 limit packet-soft 10 limit packet-hard 20 limit time-soft 64800 limit time-hard 86400 "
		 "offload packet dev pf0 dir out "
		 "sel src 192.0.2.1/32 dst 192.0.2.2/32\n");
	has(all, "replay-window 64 flag esn");
	has(all, "\tip xfrm policy add src 192.0.2.2 dst 192.0.2.1 dir in priority 12 offload "
		 "packet dev pf0 tmpl src 192.0.2.2 dst 192.0.2.1 proto esp reqid 2 mode "
		 "transport\n");
	has(all, "pin the IPsec tables of pf0, out: policy udp 192.0.2.1 port 9 -> 198.51.100.0 port "
		 "9, which no packet has, offload packet on pf0\n\tip xfrm policy add src 192.0.2.1 "
		 "dst 198.51.100.0 proto udp sport 9 dport 9 dir out action block offload packet dev "
		 "pf0\n");
	has(all, "\ttc filter add dev <representor of VF 0 of pf0> ingress pref 5 protocol arp "
		 "handle 0x69");
	has(all, " flower skip_sw src_mac 02:00:00:00:00:07 action mirred egress redirect dev pf0\n");
}

/* Once they are there, commands have the real names and can be typed as they are. */
static void after_they_exist(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = host_new();
	_cleanup_(config_free) struct ipso_config *cfg = config_of(text);

	(void)state;
	host_up(cfg, st);
	st->devices->vfs[0].link.addresses_count = 0;
	st->devices->vfs[0].rep.up = false;
	st->filters_count = 0;
	st->sas[0].reqid = 99;
	{
		_free_ char *all = lines_of(cfg, st);

		assert_null(strstr(all, "<VF"));
		assert_null(strstr(all, "<rep"));
		has(all, "\tip -n ns0 address add 2001:db8::1/64 dev vf0 nodad\n");
		has(all, "set representor of VF 0 rep0 up\n\tip link set dev rep0 up\n");
		has(all, "replace SA in of tunnel t: 192.0.2.2 -> 192.0.2.1 spi 0x00001002");
		has(all, "\tip xfrm state delete dst 192.0.2.1 proto esp spi 0x00001002; ip xfrm "
			 "state add src 192.0.2.2");
	}
}

/* An older kernel does not know the direction of a state and wants a window with ESN. */
static void window_without_direction(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = host_new();
	_cleanup_(config_free) struct ipso_config *cfg = config_of(text);

	(void)state;
	st->sa_dir = false;
	{
		_free_ char *all = lines_of(cfg, st);

		has(all, "replay-window 32 flag esn");
	}
}

/* The commands of a plan as lines of a script. */
static char *script_of(const struct ipso_config *cfg, const struct ipso_state *st)
{
	_cleanup_(plan_free) struct ipso_plan *p = NULL;
	char *all = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&all, &size);

	assert_int_equal(plan_up(cfg, st, NULL, &p, NULL), 0);
	for (unsigned int i = 0; i < p->count; i++) {
		char command[2048];

		assert_int_equal(step_shell(cfg, st, &p->steps[i], command, sizeof(command)), 0);
		fprintf(f, "%s\n", command);
	}
	fclose(f);
	return all;
}

/* Nothing in a script waits to be filled in, and no key is in it. */
static void as_script(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = host_new();
	_cleanup_(config_free) struct ipso_config *cfg = config_of(text);
	_free_ char *all = NULL;

	(void)state;
	free(cfg->path);
	cfg->path = strdup("/etc/my ipso/f.yaml");
	all = script_of(cfg, st);
	assert_null(strchr(all, '<'));
	has(all, "\"${IPSO:-ipso}\" gate on -c '/etc/my ipso/f.yaml'\n");
	has(all, "echo \"$(vf_pci 0000:01:00.0 0)\" > /sys/bus/pci/drivers/mlx5_core/unbind\n");
	has(all, "devlink port function set \"$(port 0000:01:00.0 0)\" hw_addr "
		 "02:00:00:00:00:09\n");
	has(all, "ip link set dev \"$(vf 0000:01:00.0 0)\" netns ns0\n");
	has(all, "ip -n ns0 address add 2001:db8::1/64 dev \"$(vf 0000:01:00.0 0 ns0)\" nodad\n");
	has(all, "ip link set dev \"$(uplink 0000:01:00.0)\" mtu 2000\n");
	has(all, "state_add '/etc/my ipso/o' '' src 192.0.2.1 dst 192.0.2.2 proto esp spi "
		 "0x00001001 reqid 1 mode transport replay-window 0 flag esn aead 'rfc4106(gcm(aes))' KEY 128 "
		 "limit packet-soft 10 limit packet-hard 20 limit time-soft 64800 limit time-hard "
		 "86400 offload packet dev "
		 "\"$(uplink 0000:01:00.0)\" dir out sel src 192.0.2.1/32 dst 192.0.2.2/32\n");
	has(all, "tc filter add dev \"$(rep 0000:01:00.0 0)\" ingress pref 5 protocol arp handle "
		 "0x699f3909 flower skip_sw src_mac 02:00:00:00:00:07 action mirred egress redirect dev "
		 "\"$(uplink 0000:01:00.0)\"\n");
}

/* One rule of a port, in words and as command. */
static void rule_says(const char *keys, const char *sentence, const char *command)
{
	static const char head[] = "version: 1\ndevices:\n"
				   "  - { pf: pf0, mode: switchdev, vfs: [{ index: 0 }, { index: 1 }] }\n"
				   "tc:\n  - { device: pf0, from: uplink, pref: 5, ";
	_cleanup_(host_free) struct ipso_state *st = host_new();
	_cleanup_(config_free) struct ipso_config *cfg = NULL;
	_free_ char *all = NULL;
	char yaml[1024];

	snprintf(yaml, sizeof(yaml), "%s%s }\n", head, keys);
	cfg = config_of(yaml);
	all = lines_of(cfg, st);
	has(all, sentence);
	has(all, command);
}

static void rules(void **state)
{
	(void)state;
	rule_says("match: { vlan: [10, 5] }, actions: [vlan-pop, vlan-pop, { redirect: { vf: 0 } }]",
		  "add TC rule pref 5 at uplink pf0: vlan 10 5, protocol all: vlan-pop, vlan-pop, "
		  "redirect to VF 0\n\ttc filter add dev pf0 ingress pref 5 protocol 802.1q handle ",
		  " flower skip_sw vlan_id 10 vlan_ethtype 802.1q cvlan_id 5 action vlan pop "
		  "action vlan pop action mirred egress redirect dev <representor of VF 0 of pf0>\n");
	rule_says("match: { vlan: [7], vlan-protocol: 802.1ad, src: 192.0.2.9/24, ip-protocol: udp }, "
		  "actions: [{ mirror: { vf: 1 } }, { vlan-push: { id: 9, protocol: 802.1ad } }, "
		  "{ redirect: { vf: 0 } }]",
		  ": vlan 7, protocol ip carrying protocol 17, from 192.0.2.0/24: mirror to VF 1, "
		  "vlan-push 9, redirect to VF 0\n\ttc filter add dev pf0 ingress pref 5 protocol "
		  "802.1ad handle ",
		  " flower skip_sw vlan_id 7 vlan_ethtype ip ip_proto udp src_ip 192.0.2.0/24 action "
		  "mirred egress mirror dev <representor of VF 1 of pf0> action vlan push protocol "
		  "802.1ad id 9 action mirred egress redirect dev <representor of VF 0 of pf0>\n");
	rule_says("match: { vlan: [1, 2], dst: 2001:db8::1, ip-protocol: 50, dst-mac: "
		  "02:00:00:00:00:01 }, to: { vf: 1 }",
		  ": vlan 1 2, protocol ipv6 carrying protocol 50, to 02:00:00:00:00:01 "
		  "2001:db8::1/128: redirect to VF 1\n",
		  " cvlan_id 2 cvlan_ethtype ipv6 dst_mac 02:00:00:00:00:01 ip_proto 32 dst_ip "
		  "2001:db8::1/128 action mirred");
}

/* One tunnel, in words and as commands. */
static void tunnel_says(const char *device, const char *keys, const char *const want[3])
{
	_cleanup_(host_free) struct ipso_state *st = host_new();
	_cleanup_(config_free) struct ipso_config *cfg = NULL;
	_free_ char *all = NULL;
	char yaml[1024];

	snprintf(yaml, sizeof(yaml),
		 "version: 1\ndevices:\n  - { pf: pf0, %s }\ntunnels:\n  - { name: t, device: pf0, "
		 "%s, esn: false, lifetime: { soft-packets: 10, hard-packets: 20 }, out: { spi: "
		 "0x1001, reqid: 1, key-file: o }, in: { spi: 0x1002, reqid: 2, key-file: i } }\n",
		 device, keys);
	cfg = config_of(yaml);
	all = lines_of(cfg, st);
	for (size_t i = 0; i < 3; i++)
		has(all, want[i]);
}

static void tunnels(void **state)
{
	static const char *const subnets[] = {
		"set encap-mode of pf0 to none, which tunnel mode needs\n"
		"\tdevlink dev eswitch set pci/0000:01:00.0 encap-mode none\n",
		"add SA out of tunnel t: fd00::1 -> fd00::2 tunnel mode spi 0x00001001, offload packet "
		"on pf0\n\tip xfrm state add src fd00::1 dst fd00::2 proto esp spi 0x00001001 reqid 1 "
		"mode tunnel replay-window 0 aead 'rfc4106(gcm(aes))' <key:not read> 128 limit "
		"packet-soft 10 limit packet-hard 20 limit time-soft 64800 limit time-hard 86400 "
		"offload packet dev pf0 dir out sel src "
		"fd00:1::/64 dst fd00::2/128\n",
		"add policy fwd of tunnel t: fd00::2 -> fd00:1::/64 through fd00::2 -> fd00::1, in the "
		"kernel\n\tip xfrm policy add src fd00::2 dst fd00:1::/64 dir fwd priority 3 tmpl src "
		"fd00::2 dst fd00::1 proto esp reqid 2 mode tunnel\n",
	};
	static const char *const ports[] = {
		"add SA in of tunnel t: 192.0.2.2 -> 192.0.2.1 spi 0x00001002, in UDP port 4501 -> "
		"4500, offload packet on pf0\n\tip xfrm state add src 192.0.2.2 dst 192.0.2.1 proto "
		"esp spi 0x00001002 reqid 2 mode transport encap espinudp 4501 4500 0.0.0.0 "
		"replay-window 0 ",
		"add policy in of tunnel t: udp 192.0.2.2 port 7 -> 192.0.2.1 port 5, offload packet on "
		"pf0\n\tip xfrm policy add src 192.0.2.2 dst 192.0.2.1 proto udp sport 7 dport 5 dir "
		"in offload packet dev pf0 tmpl src 192.0.2.2 dst 192.0.2.1 proto esp reqid 2 mode "
		"transport\n",
		"\tip xfrm policy add src 192.0.2.1 dst 192.0.2.2 proto udp sport 5 dport 7 dir out ",
	};

	(void)state;
	tunnel_says("mode: switchdev",
		    "mode: tunnel, priority: 3, local: \"fd00::1\", remote: \"fd00::2\", "
		    "selector: { local: \"fd00:1::/64\" }", subnets);
	tunnel_says("mode: switchdev",
		    "local: 192.0.2.1, remote: 192.0.2.2, udp-encapsulation: { remote-port: 4501 }, "
		    "selector: { protocol: udp, local-port: 5, remote-port: 7 }", ports);
}

/* Half a command must not be run. */
static void script_without_room(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = host_new();
	_cleanup_(config_free) struct ipso_config *cfg = config_of(text);
	_cleanup_(plan_free) struct ipso_plan *p = NULL;
	char buf[16];

	(void)state;
	assert_int_equal(plan_up(cfg, st, NULL, &p, NULL), 0);
	assert_int_equal(step_shell(cfg, st, &p->steps[0], buf, sizeof(buf)), -ENAMETOOLONG);
}

#define KEY "00112233445566778899aabbccddeeff01234567"

static void write_key(char path[64])
{
	int fd;

	strcpy(path, "/tmp/ipso-key-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, KEY, sizeof(KEY) - 1), sizeof(KEY) - 1);
	close(fd);
}

static void keys_are_masked(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = host_new();
	_cleanup_(config_free) struct ipso_config *cfg = config_of(text);
	char path[64], want[64], fp[SECRET_FPLEN];
	struct why why = {};

	(void)state;
	write_key(path);
	if (secret_load(path, 20, &cfg->tunnels[0].out.key, &why) < 0)
		fail_msg("%s", why.what);
	unlink(path);
	snprintf(want, sizeof(want), "<key:%s>",
		 secret_fingerprint(cfg->tunnels[0].out.key, fp));
	{
		_free_ char *all = lines_of(cfg, st);

		has(all, want);
		for (size_t i = 0; i + 8 <= sizeof(KEY) - 1; i++) {
			char part[9];

			memcpy(part, KEY + i, 8);
			part[8] = '\0';
			assert_null(strcasestr(all, part));
		}
	}
}

/* However small the room, what is written ends inside it. */
static void small_room(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = host_new();
	_cleanup_(config_free) struct ipso_config *cfg = config_of(text);
	_cleanup_(plan_free) struct ipso_plan *p = NULL;

	(void)state;
	assert_int_equal(plan_up(cfg, st, NULL, &p, NULL), 0);
	for (size_t size = 1; size < 200; size += 3) {
		for (unsigned int i = 0; i < p->count; i++) {
			_free_ char *buf = malloc(size);

			assert_non_null(buf);
			step_command(cfg, st, &p->steps[i], buf, size);
			assert_true(strlen(buf) < size);
			step_text(cfg, st, &p->steps[i], buf, size);
			assert_true(strlen(buf) < size);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(before_anything_exists),
		cmocka_unit_test(after_they_exist),
		cmocka_unit_test(window_without_direction),
		cmocka_unit_test(keys_are_masked),
		cmocka_unit_test(small_room),
		cmocka_unit_test(as_script),
		cmocka_unit_test(rules),
		cmocka_unit_test(tunnels),
		cmocka_unit_test(script_without_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
