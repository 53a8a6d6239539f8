/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is refused before anything is changed: errno and the words a person needs. */
#include "host_do.h"

#define DEVICE(more) "version: 1\ndevices:\n  - { pf: pf0" more " }\n"
#define TUNNEL(where)                                                                        \
	"tunnels:\n  - { name: t, device: pf0, " where "local: 192.0.2.1, remote: 192.0.2.2," \
	" out: { spi: 0x1001, reqid: 1, key-file: o }, in: { spi: 0x1002, reqid: 2, key-file: i } }\n"
#define UPLINK DEVICE(", mode: switchdev") TUNNEL("")
#define WITH_VF DEVICE(", mode: switchdev, vfs: [{ index: 0 }]") TUNNEL("")

static void refused(const char *text, const struct ipso_state *st, int want, const char *word)
{
	_cleanup_(config_free) struct ipso_config *cfg = config_of(text);
	_cleanup_(plan_free) struct ipso_plan *p = NULL;
	struct why why = {};
	int err = plan_up(cfg, st, NULL, &p, &why);

	if (err != want || (want && !strstr(why.what, word)))
		fail_msg("got %d '%s', wanted %d '%s'", err, why.what, want, word);
	assert_true(want == 0 || !p);
}

static void refused_with(const char *text, const struct ipso_state *st, const char *what,
			 const char *remedy)
{
	_cleanup_(config_free) struct ipso_config *cfg = config_of(text);
	_cleanup_(plan_free) struct ipso_plan *p = NULL;
	struct why why = {};

	assert_int_equal(plan_up(cfg, st, NULL, &p, &why), -EBUSY);
	if (!strstr(why.what, what) || !strstr(why.remedy, remedy))
		fail_msg("got '%s', '%s'; wanted '%s', '%s'", why.what, why.remedy, what, remedy);
}

static void rule(struct ipso_state *st, uint32_t ifindex, const char *name, bool in_hw)
{
	struct obs_filter *f = &st->filters[st->filters_count++];

	*f = (struct obs_filter){.ifindex = ifindex, .pref = 77, .protocol = 0x0800,
				 .in_hw = in_hw, .kind = "flower"};
	strcpy(f->ifname, name);
}

static void rules_in_the_way(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = host_new();

	(void)state;
	st->devices->switchdev = true;
	rule(st, PF_INDEX, "pf0", false);
	refused(UPLINK, st, 0, "");
	rule(st, PF_INDEX + 1, "elsewhere", true);
	refused(UPLINK, st, 0, "");
	rule(st, PF_INDEX, "pf0", true);
	refused(UPLINK, st, -EBUSY, "pf0 pref 77 protocol 0x0800 flower");
	st->devices->switchdev = false; /* then the mode change is what they hinder */
	refused(UPLINK, st, -EBUSY, "eswitch mode");
}

/* With tables in both directions the driver takes rules and SAs in any order. */
static void tables_exist(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = host_new();

	(void)state;
	st->devices->switchdev = true;
	rule(st, PF_INDEX, "pf0", true);
	st->policies_count = 1;
	st->policies[0] = (struct obs_policy){
		.dir = IPSO_DIR_IN, .packet_offload = true, .ifindex = PF_INDEX};
	refused(UPLINK, st, -EBUSY, "before its IPsec tables exist");
	st->policies_count = 2;
	st->policies[1] = st->policies[0];
	st->policies[1].dir = IPSO_DIR_OUT;
	refused(UPLINK, st, 0, "");
	/* A forward policy is never in hardware, and so never the first there. */
	strcpy(st->devices->encap_mode, "none");
	refused(DEVICE(", mode: switchdev") TUNNEL("mode: tunnel, "), st, 0, "");
	st->kernel.sa_needs_free_eswitch = true;
	refused(UPLINK, st, -EBUSY, "every new SA");
}

static void mode_held(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = host_new();

	(void)state;
	st->sas_count = 1;
	st->sas[0] = (struct obs_sa){
		.dir = IPSO_DIR_IN, .packet_offload = true, .ifindex = PF_INDEX};
	refused(UPLINK, st, -EBUSY, "offloaded SAs or policies");
}

/* What an IKE daemon lets itself pass by: whose it is, and what stops it. */
static void daemon_in_the_way(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = host_new();
	static const char vf_ipsec[] =
		DEVICE(", mode: switchdev, vfs: [{ index: 0, ipsec-packet: true }]");

	(void)state;
	st->policies_count = 1;
	st->policies[0] = (struct obs_policy){.dir = IPSO_DIR_IN, .packet_offload = true,
					      .bypass = true, .ifindex = PF_INDEX};
	refused_with(UPLINK, st, "policies by which an IKE daemon passes are in hardware (1)", "stop the IKE daemon");
	st->daemons = (struct obs_daemons){
		.list = {{"charon-systemd", 42, DAEMON_IKE, "strongswan.service"},
			 {"ovs-vswitchd", 43, DAEMON_OVS, "ovs-vswitchd.service"},
			 {"pluto", 44, DAEMON_IKE, "ipsec.service"}},
		.count = 3,
	};
	refused_with(UPLINK, st, "eswitch mode of pf0 must change, and policies by which "
		     "charon-systemd (pid 42), pluto (pid 44) passes",
		     "systemctl stop strongswan.service ipsec.service;");
	st->devices->switchdev = true;
	host_sriov(st, 1);
	refused_with(vf_ipsec, st, "ipsec_packet of VFs of pf0 must change", "systemctl stop");
	st->policies[0].ifindex = PF_INDEX + 1;
	refused(vf_ipsec, st, 0, "");
}

static void sriov(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = host_new();

	(void)state;
	st->devices->vfs_total = 0;
	refused(WITH_VF, st, -EOPNOTSUPP, "can have 0 VFs");
	st->devices->vfs_total = 8;
	refused(WITH_VF, st, 0, "");
	host_sriov(st, 1);
	refused(DEVICE(", mode: switchdev, vfs: [{ index: 3 }]"), st, -EBUSY, "needs 4");
}

static void pf_or_vf(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = host_new();

	(void)state;
	host_sriov(st, 2);
	st->devices->vfs[1].ipsec_packet = st->devices->vfs[1].ipsec_packet_known = true;
	refused(WITH_VF, st, -EBUSY, "VF 1");
	/* A configured VF is switched off first. */
	st->devices->vfs[0].ipsec_packet = st->devices->vfs[0].ipsec_packet_known = true;
	st->devices->vfs[1].ipsec_packet = false;
	refused(WITH_VF, st, 0, "");
}

static void kernel_without(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = host_new();

	(void)state;
	st->kernel.xfrm_offload = false;
	refused(UPLINK, st, -EOPNOTSUPP, "CONFIG_XFRM_OFFLOAD");
	refused(DEVICE(""), st, 0, ""); /* nothing here needs it */
	st->kernel.xfrm_offload = true;
	st->kernel.mlx5_ipsec = false;
	refused(UPLINK, st, -EOPNOTSUPP, "CONFIG_MLX5_EN_IPSEC");
	st->kernel.mlx5_ipsec = true;
	st->kernel.xfrm_packet = false;
	refused(UPLINK, st, -EOPNOTSUPP, "packet offload in XFRM");
	st->kernel.xfrm_packet = true;
	st->kernel.mlx5_tc = false; /* would oops at the first inbound SA */
	refused(UPLINK, st, -EOPNOTSUPP, "crash");
	refused(DEVICE(", mode: legacy") TUNNEL(""), st, 0, "");
	st->kernel.mlx5_tc = true;
	st->kernel.mlx5_ipsec_fdb = false;
	refused(UPLINK, st, -EOPNOTSUPP, "switchdev uplink");
	st->kernel.mlx5_ipsec = false;
	st->kernel.known_mlx5_ipsec = false; /* cannot tell: the driver will */
	refused(UPLINK, st, 0, "");
}

#define VF_TUNNEL                                                                     \
	"version: 1\ndevices:\n  - { pf: pf0, mode: switchdev, vfs: [{ index: 0,"       \
	" ipsec-packet: true }] }\n" TUNNEL("vf: 0, mode: tunnel, ")
#define SUBNET "mode: tunnel, selector: { remote: 10.2.0.0/24 }, "
#define ANY "mode: tunnel, selector: { remote: 0.0.0.0/0 }, "

/* What this driver does not take, or takes and does otherwise, by what its BTF says. */
static void driver_without(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = host_new();

	(void)state;
	refused(DEVICE(", mode: switchdev") TUNNEL(SUBNET), st, 0, "");
	st->kernel.ipsec_fdb_tunnel = false;
	refused(DEVICE(", mode: switchdev") TUNNEL("mode: tunnel, "), st, -EOPNOTSUPP,
		"tunnel t on pf0: this kernel's mlx5 takes no tunnel mode on the uplink of an eswitch "
		"in switchdev");
	refused(DEVICE(", mode: legacy") TUNNEL(SUBNET), st, 0, "");
	refused(VF_TUNNEL, st, 0, "");
	refused(UPLINK, st, 0, "");
	st->kernel.ipsec_subnets = false;
	refused(DEVICE(", mode: legacy") TUNNEL(SUBNET), st, -EOPNOTSUPP,
		"only the first address of a selector's network");
	refused(DEVICE(", mode: legacy") TUNNEL(ANY), st, 0, "");
	refused(DEVICE(", mode: legacy") TUNNEL("mode: tunnel, "), st, 0, "");
	st->kernel.mlx5_tc = false;
	refused(DEVICE(", mode: legacy") TUNNEL("priority: 7, "), st, -EOPNOTSUPP,
		"CONFIG_MLX5_CLS_ACT");
	refused(DEVICE(", mode: legacy") TUNNEL(""), st, 0, "");
}

static void card_without(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = host_new();

	(void)state;
	st->devices->uplink.esp_hw_offload = false;
	refused(UPLINK, st, -EOPNOTSUPP, "esp-hw-offload");
	refused(DEVICE(""), st, 0, "");
}

static void no_net_device(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = host_new();

	(void)state;
	st->devices->uplink.ifindex = 0;
	refused(DEVICE(""), st, -ENODEV, "0000:01:00.0 has no net device");
}

static void rule_at_the_uplink(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = host_new();

	(void)state;
	refused(WITH_VF "tc:\n  - { device: pf0, from: uplink, to: { vf: 0 }, pref: 9 }\n", st,
		-EOPNOTSUPP, "pref 9");
	refused(WITH_VF "tc:\n  - { device: pf0, from: { vf: 0 }, to: uplink, pref: 9 }\n", st, 0,
		"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_in_the_way), cmocka_unit_test(tables_exist),
		cmocka_unit_test(mode_held),
		cmocka_unit_test(daemon_in_the_way),	    cmocka_unit_test(sriov),
		cmocka_unit_test(pf_or_vf),	    cmocka_unit_test(kernel_without),
		cmocka_unit_test(card_without),	    cmocka_unit_test(rule_at_the_uplink),
		cmocka_unit_test(no_net_device),    cmocka_unit_test(driver_without),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
