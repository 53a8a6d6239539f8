/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `ipso check` finds on kernels and cards of every kind, from states that are made up. */
#include "cmd/check.h"
#include "explain/explain.h"
#include "host.h"

static const struct finding *finding_of(const struct findings *f, const char *what)
{
	for (unsigned int i = 0; i < f->count; i++) {
		if (strstr(f->list[i].what, what))
			return &f->list[i];
	}
	fail_msg("nothing was found about '%s'", what);
	return NULL;
}

/* The line about `what` has that verdict and says `word`; a line that is not ok has a remedy. */
static void holds(const struct findings *f, const char *what, enum check_verdict verdict,
		  const char *word)
{
	const struct finding *n = finding_of(f, what);

	if (n->verdict != verdict || !strstr(n->found, word))
		fail_msg("%s: got %d '%s', wanted %d '%s'", what, n->verdict, n->found, verdict,
			 word);
	assert_int_equal(n->remedy[0] != '\0', verdict != CHECK_OK);
}

/* Every finding has an id that `ipso explain` knows. */
static void ids(const struct findings *f)
{
	for (unsigned int i = 0; i < f->count; i++) {
		if (!catalogue_find(f->list[i].id))
			fail_msg("%s is not in the catalogue", f->list[i].id);
	}
}

static void kernel(const struct ipso_state *st, const char *what, enum check_verdict verdict,
		   const char *word)
{
	struct findings f = {};

	check_kernel(st, &f);
	ids(&f);
	holds(&f, what, verdict, word);
	free(f.list);
}

static void device(const struct ipso_state *st, const char *what, enum check_verdict verdict,
		   const char *word)
{
	struct findings f = {};

	check_device(NULL, st, 0, &f);
	check_traffic(NULL, st, 0, &f);
	ids(&f);
	holds(&f, what, verdict, word);
	free(f.list);
}

static void kernels(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = host_new();
	struct obs_kernel *k = &st->kernel;

	(void)state;
	k->gate_target = k->trampoline = true;
	kernel(st, "gate", CHECK_OK, "can be installed");
	kernel(st, "kernel BTF", CHECK_OK, "present");
	kernel(st, "mlx5 IPsec in switchdev", CHECK_OK, "can");
	kernel(st, "AES-GCM", CHECK_WARN, "missing");
	k->aes_gcm = true;
	kernel(st, "AES-GCM", CHECK_OK, "there");
	kernel(st, "TC modules", CHECK_OK, "flower");
	strcpy(k->tc_missing, "act_vlan");
	kernel(st, "TC modules", CHECK_WARN, "act_vlan");
	kernel(st, "rekey", CHECK_OK, "can be added");
	k->sa_needs_free_eswitch = true;
	kernel(st, "rekey", CHECK_WARN, "no SA can be added");
	k->mlx5_ipsec_fdb = false;
	kernel(st, "mlx5 IPsec in switchdev", CHECK_WARN, "too old");
	k->mlx5_tc = false;
	kernel(st, "mlx5 TC", CHECK_WARN, "CONFIG_MLX5_CLS_ACT");
	k->mlx5_ipsec = false;
	kernel(st, "mlx5 IPsec", CHECK_FAIL, "CONFIG_MLX5_EN_IPSEC");
	k->known_mlx5_ipsec = false;
	kernel(st, "mlx5_core", CHECK_WARN, "cannot tell");
	k->mlx5 = false;
	kernel(st, "mlx5_core", CHECK_FAIL, "not loaded");
	k->xfrm_packet = false;
	kernel(st, "XFRM packet offload", CHECK_FAIL, "too old");
	k->xfrm_offload = false;
	kernel(st, "XFRM offload", CHECK_FAIL, "CONFIG_XFRM_OFFLOAD");
	k->esp_offload = false;
	kernel(st, "ESP offload", CHECK_FAIL, "esp4_offload");
	k->lockdown = true;
	kernel(st, "gate", CHECK_FAIL, "lockdown");
	k->trampoline = false;
	kernel(st, "gate", CHECK_FAIL, "trampolines");
	k->btf = false;
	kernel(st, "kernel BTF", CHECK_FAIL, "absent");
	kernel(st, "gate", CHECK_FAIL, "no BTF");
}

/* What RDMA does beside a tunnel: only what leaves in the clear, or cannot be known, is a fault. */
static void roce(void **state)
{
	static const struct {
		enum ipso_roce roce;
		enum check_verdict verdict;
		const char *word, *label;
	} cases[] = {
		{IPSO_ROCE_OFF, CHECK_OK, "off", "off"},
		{IPSO_ROCE_COVERED, CHECK_OK, "cover it", "covered"},
		{IPSO_ROCE_PASSES, CHECK_WARN, "in the clear", "in the clear"},
		{IPSO_ROCE_UNKNOWN, CHECK_WARN, "cannot be read", "unknown"},
		{IPSO_ROCE_MAX, CHECK_WARN, "cannot be read", "unknown"},
	};

	(void)state;
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct findings f = {};

		check_roce_of("eth0 RoCE", "0000:08:00.0", cases[i].roce, &f);
		ids(&f);
		holds(&f, "eth0 RoCE", cases[i].verdict, cases[i].word);
		assert_string_equal(roce_label(cases[i].roce), cases[i].label);
		free(f.list);
	}
}

static void cards(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = host_new();
	struct obs_device *d = st->devices;

	(void)state;
	d->pci_device = 0x1021;
	device(st, "card", CHECK_OK, "ConnectX-7");
	d->pci_device = 0xa2d6;
	device(st, "card", CHECK_OK, "BlueField-2");
	device(st, "bandwidth", CHECK_OK, "100 Gb/s and above");
	d->pci_device = 0x101d;
	device(st, "control", CHECK_OK, "hypervisor in control");
	d->pci_device = 0xa2d6;
	strcpy(d->driver, "mlx5_core");
	device(st, "ESP", CHECK_OK, "on");
	device(st, "steering", CHECK_OK, "dmfs");
	d->pci_device = 0x101b;
	device(st, "card", CHECK_FAIL, "ConnectX-6 ");
	d->uplink.esp_hw_offload = false;
	device(st, "ESP", CHECK_FAIL, "off");
	d->switchdev = true;
	strcpy(d->steering, "smfs");
	device(st, "steering", CHECK_FAIL, "smfs in switchdev");
	d->vfs_count = 1;
	d->vfs[0].ipsec_packet = true;
	device(st, "VFs", CHECK_OK, "1 with ipsec_packet");
}

static const char with_vxlan[] =
	"version: 1\n"
	"devices:\n"
	"  - { pf: pf0, mode: switchdev, vfs: [{ index: 0, mtu: 1450 }] }\n"
	"tunnels:\n"
	"  - { name: a, device: pf0, local: 192.0.2.1, remote: 192.0.2.2,\n"
	"      out: { spi: 0x1001, reqid: 1, key-file: out.key },\n"
	"      in: { spi: 0x1002, reqid: 2, key-file: in.key } }\n"
	"openvswitch:\n"
	"  - { bridge: br0, ports: [{ vf: 0 }],\n"
	"      vxlan: { name: vx0, local: 192.0.2.1, remote: 192.0.2.2, vni: 7 } }\n";

static const char with_vxlan_in_udp[] =
	"version: 1\n"
	"devices:\n"
	"  - { pf: pf0, mode: switchdev, vfs: [{ index: 0, mtu: 1450 }] }\n"
	"tunnels:\n"
	"  - { name: a, device: pf0, local: 2001:db8::1, remote: 2001:db8::2,\n"
	"      udp-encapsulation: {},\n"
	"      out: { spi: 0x1001, reqid: 1, key-file: out.key },\n"
	"      in: { spi: 0x1002, reqid: 2, key-file: in.key } }\n"
	"openvswitch:\n"
	"  - { bridge: br0, ports: [{ vf: 0 }],\n"
	"      vxlan: { name: vx0, local: 2001:db8::1, remote: 2001:db8::2, vni: 7 } }\n";

static void traffic_of(const struct ipso_config *cfg, const struct ipso_state *st,
		       const char *what, enum check_verdict verdict, const char *word)
{
	struct findings f = {};

	check_traffic(cfg, st, 0, &f);
	ids(&f);
	holds(&f, what, verdict, word);
	free(f.list);
}

static void traffic(void **state)
{
	_cleanup_(config_free) struct ipso_config *cfg = config_of(with_vxlan);
	_cleanup_(config_free) struct ipso_config *udp = config_of(with_vxlan_in_udp);
	_cleanup_(host_free) struct ipso_state *st = host_new();

	(void)state;
	traffic_of(NULL, st, "MTU", CHECK_OK, "1463 bytes inside ESP, 1413 inside VXLAN over IPv4");
	traffic_of(cfg, st, "MTU", CHECK_WARN, "a full packet has 1537 bytes");
	/* 20 more for IPv6, 8 for UDP: the number by which the configuration itself is refused. */
	traffic_of(udp, st, "MTU", CHECK_WARN, "a full packet has 1565 bytes");
	udp->devices->has_mtu = true;
	udp->devices->mtu = 1565;
	traffic_of(udp, st, "MTU", CHECK_OK, "1450 inside VXLAN and ESP");
	cfg->devices->has_mtu = true;
	cfg->devices->mtu = 1537;
	traffic_of(cfg, st, "MTU", CHECK_OK, "1537");
	traffic_of(cfg, st, "SAs", CHECK_OK, "0 of others");
	st->sas_count = 1;
	st->sas[0] = (struct obs_sa){.spi = 0x1001, .dst = cfg->tunnels->remote,
				     .packet_offload = true, .ifindex = PF_INDEX};
	traffic_of(cfg, st, "SAs", CHECK_OK, "0 of others");
	st->sas[0].spi = 0x1003;
	traffic_of(cfg, st, "SAs", CHECK_WARN, "SPI 0x00001003 to 192.0.2.2");
	traffic_of(NULL, st, "SAs", CHECK_OK, "1 in packet offload");
	traffic_of(cfg, st, "bypass", CHECK_OK, "0 in hardware");
	st->policies_count = 1;
	st->policies[0] = (struct obs_policy){.packet_offload = true, .bypass = true,
					      .ifindex = PF_INDEX};
	traffic_of(cfg, st, "bypass", CHECK_WARN, "1 in hardware");
}

static void around_of(const struct surroundings *s, const char *what, enum check_verdict verdict,
		      const char *word)
{
	struct findings f = {};

	check_surroundings(NULL, s, &f);
	ids(&f);
	holds(&f, what, verdict, word);
	free(f.list);
}

static void around(void **state)
{
	struct surroundings s = {.lsm = "lockdown,capability"};

	(void)state;
	around_of(&s, "LSM", CHECK_OK, "lockdown,capability");
	around_of(&s, "lockdown", CHECK_OK, "off");
	s.daemons = (struct obs_daemons){
		.list = {{"charon-systemd", 42, DAEMON_IKE, "strongswan.service"},
			 {"ovs-vswitchd", 43, DAEMON_OVS, ""},
			 {"ovs-monitor-ips", 44, DAEMON_OVS_IPSEC, "openvswitch-ipsec.service"}},
		.count = 3,
	};
	around_of(&s, "IKE daemon", CHECK_OK, "charon-systemd runs (pid 42, strongswan.service)");
	around_of(&s, "Open vSwitch", CHECK_OK, "hw-offload is off");
	around_of(&s, "ovs-monitor-ipsec", CHECK_WARN, "(pid 44, openvswitch-ipsec.service)");
	strcpy(s.ovs.hw_offload, "true");
	around_of(&s, "Open vSwitch", CHECK_OK, "hw-offload is on");
	s.ovs_why.err = -ETIMEDOUT;
	around_of(&s, "Open vSwitch", CHECK_WARN, "cannot be asked");
}

/* Others that set modes: from their files, and from what runs. */
static void neighbours(void **state)
{
	struct surroundings s = {};

	(void)state;
	around_of(&s, "others that set modes", CHECK_OK, "none is found");
	s.neighbours.unreadable = 2;
	around_of(&s, "others that set modes", CHECK_OK, "2 files cannot be read");
	s.neighbours = (struct neighbours){
		.list = {{"netplan", "/etc/netplan/50.yaml", 7, "embedded-switch-mode: switchdev"},
			 {"ifupdown", "/etc/network/interfaces", 3, "up echo 2 >sriov_numvfs"}},
		.count = 2,
	};
	around_of(&s, "netplan", CHECK_WARN,
		  "/etc/netplan/50.yaml:7: embedded-switch-mode: switchdev");
	around_of(&s, "ifupdown", CHECK_WARN, "/etc/network/interfaces:3");
	s.daemons = (struct obs_daemons){
		.list = {{"sriov-network-c", 42, DAEMON_MODES, "cri-x.scope"}},
		.count = 1,
	};
	around_of(&s, "sriov-network-operator", CHECK_WARN, "runs (pid 42, cri-x.scope)");
}

static void hooks_of(const struct hook_info *info, unsigned int n, enum check_verdict verdict,
		     const char *word)
{
	const struct why why = {.what = "loading the BPF hooks", .err = -EPERM};
	struct findings f = {};

	check_hooks(info, n, &why, &f);
	ids(&f);
	holds(&f, "hooks", verdict, word);
	free(f.list);
}

static void attached(void **state)
{
	struct hook_info info[] = {
		{"sa_add", "xfrm_dev_state_add", "SAs", true, ""},
		{"tc_add", "mlx5e_configure_flower", "TC rules", true, ""},
	};

	(void)state;
	hooks_of(info, 2, CHECK_OK, "all 2 attach");
	info[1].attached = false;
	hooks_of(info, 2, CHECK_WARN, "1 of 2 attach; first missing: mlx5e_configure_flower");
	hooks_of(NULL, 0, CHECK_WARN, "none can be attached: loading the BPF hooks (EPERM)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernels),
		cmocka_unit_test(roce),
		cmocka_unit_test(cards),
		cmocka_unit_test(traffic),
		cmocka_unit_test(around),
		cmocka_unit_test(neighbours),
		cmocka_unit_test(attached),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
