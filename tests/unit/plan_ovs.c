/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plans for bridges of Open vSwitch: order, words, difference, and what is left to its owner. */
#include "host_do.h"

#define OVS(vni)                                                                              \
	"version: 1\ndevices:\n"                                                              \
	"  - { pf: pf0, mode: switchdev, mtu: 2000, vfs: [{ index: 0, mtu: 1500 }] }\n"       \
	"tunnels:\n  - { name: t, device: pf0, local: 192.0.2.1, remote: 192.0.2.2,"          \
	" out: { spi: 0x1001, reqid: 1, key-file: o },"                                       \
	" in: { spi: 0x1002, reqid: 2, key-file: i } }\n"                                     \
	"openvswitch:\n  - { bridge: br0, ports: [{ vf: 0 }], vxlan: { name: vx, local: "     \
	"192.0.2.1, remote: 192.0.2.2, vni: " vni " } }\n"

static const struct step *find(const struct ipso_plan *p, enum step_kind kind)
{
	for (unsigned int i = 0; i < p->count; i++) {
		if (p->steps[i].kind == kind)
			return &p->steps[i];
	}
	return NULL;
}

static void after_everything(void **state)
{
	static const enum step_kind last[] = {STEP_OVS_OFFLOAD, STEP_OVS_BRIDGE, STEP_OVS_PORT,
					      STEP_OVS_VXLAN};
	_cleanup_(host_free) struct ipso_state *st = host_new();
	_cleanup_(config_free) struct ipso_config *cfg = config_of(OVS("100"));
	_cleanup_(plan_free) struct ipso_plan *p = NULL;

	(void)state;
	assert_int_equal(plan_up(cfg, st, NULL, &p, NULL), 0);
	assert_non_null(find(p, STEP_TC_OFFLOAD));
	assert_null(find(p, STEP_TC_QDISC));
	for (size_t i = 0; i < ARRAY_SIZE(last); i++)
		assert_int_equal(p->steps[p->count - ARRAY_SIZE(last) + i].kind, last[i]);
}

static void commands(void **state)
{
	static const struct {
		enum step_kind kind;
		const char *command, *shell;
	} rows[] = {
		{STEP_OVS_OFFLOAD, "ovs-vsctl set Open_vSwitch . other_config:hw-offload=true", NULL},
		{STEP_OVS_BRIDGE, "ovs-vsctl add-br br0 -- set Bridge br0 external_ids:ipso=added",
		 NULL},
		{STEP_OVS_PORT,
		 "ovs-vsctl add-port br0 <representor of VF 0 of pf0> -- set Port <representor of "
		 "VF 0 of pf0> external_ids:ipso=added",
		 "ovs-vsctl add-port br0 \"$(rep 0000:01:00.0 0)\" -- set Port \"$(rep 0000:01:00.0 "
		 "0)\" external_ids:ipso=added"},
		{STEP_OVS_VXLAN,
		 "ovs-vsctl add-port br0 vx -- set Port vx external_ids:ipso=added -- set Interface "
		 "vx type=vxlan options:local_ip=192.0.2.1 options:remote_ip=192.0.2.2 "
		 "options:key=100 options:dst_port=4789", NULL},
	};
	_cleanup_(host_free) struct ipso_state *st = host_new();
	_cleanup_(config_free) struct ipso_config *cfg = config_of(OVS("100"));
	_cleanup_(plan_free) struct ipso_plan *p = NULL;

	(void)state;
	assert_int_equal(plan_up(cfg, st, NULL, &p, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char got[768];

		step_command(cfg, st, find(p, rows[i].kind), got, sizeof(got));
		assert_string_equal(got, rows[i].command);
		assert_int_equal(step_shell(cfg, st, find(p, rows[i].kind), got, sizeof(got)), 0);
		assert_string_equal(got, rows[i].shell ? rows[i].shell : rows[i].command);
	}
}

static void only_the_difference(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = host_new();
	_cleanup_(config_free) struct ipso_config *cfg = config_of(OVS("100"));
	_cleanup_(config_free) struct ipso_config *other = config_of(OVS("101"));
	_cleanup_(plan_free) struct ipso_plan *p = NULL;
	char text[256];

	(void)state;
	assert_true(host_up(cfg, st) > 10);
	assert_int_equal(host_up(cfg, st), 0);
	assert_int_equal(plan_up(other, st, NULL, &p, NULL), 0);
	assert_int_equal(p->count, 1);
	step_text(other, st, p->steps, text, sizeof(text));
	assert_string_equal(text, "change VXLAN port vx: VNI 101, 192.0.2.1 -> 192.0.2.2 UDP port "
				  "4789, bridge br0");
	step_command(other, st, p->steps, text, sizeof(text));
	assert_non_null(strstr(text, "ovs-vsctl set Interface vx type=vxlan"));
	assert_int_equal(host_up(other, st), 1);
	assert_int_equal(host_up(other, st), 0);
}

/* A port of the same name that is not ours, not there, or broken. */
static void refused(void **state)
{
	static const struct {
		const char *bridge, *error, *words;
		bool ours;
	} rows[] = {
		{"br1", "", "vx is a port of bridge br1", true},
		{"br0", "", "with other options, and ipso did not add it", false},
		{"br0", "could not add", "does not work: could not add", true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(host_free) struct ipso_state *st = host_new();
		_cleanup_(config_free) struct ipso_config *cfg = config_of(OVS("100"));
		_cleanup_(plan_free) struct ipso_plan *p = NULL;
		struct why why = {};
		struct ovs_port *port = calloc(1, sizeof(*port));

		strcpy(port->name, "vx");
		strcpy(port->type, "vxlan");
		strcpy(port->bridge, rows[i].bridge);
		strcpy(port->error, rows[i].error);
		port->ours = rows[i].ours;
		st->ovs.ports = port;
		st->ovs.ports_count = 1;
		assert_int_equal(plan_up(cfg, st, NULL, &p, &why), -EBUSY);
		if (!strstr(why.what, rows[i].words))
			fail_msg("%s", why.what);
		assert_non_null(strstr(why.remedy, "ovs-vsctl del-port"));
	}
}

static void not_running(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = host_new();
	_cleanup_(config_free) struct ipso_config *cfg = config_of(OVS("100"));
	_cleanup_(plan_free) struct ipso_plan *p = NULL;
	struct why why = {};

	(void)state;
	why_set(&st->ovs_why, -ENOTCONN, "Open vSwitch is not running: no ovs-vswitchd");
	assert_int_equal(plan_up(cfg, st, NULL, &p, &why), -ENOTCONN);
	assert_non_null(strstr(why.what, "no ovs-vswitchd"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(after_everything), cmocka_unit_test(commands),
		cmocka_unit_test(only_the_difference), cmocka_unit_test(refused),
		cmocka_unit_test(not_running),
	};

	return cmocka_run_group_tests_name("plan_ovs", tests, NULL, NULL);
}
