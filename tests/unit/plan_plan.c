/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plans as values: golden sequences, every step done on a host in memory, nothing left to do. */
#include "host_do.h"
#include "plan_words.h"

#define TUNNEL(where)                                                                        \
	"tunnels:\n  - { name: t, device: pf0, " where "local: 192.0.2.1, remote: 192.0.2.2," \
	" out: { spi: 0x1001, reqid: 1, key-file: o }, in: { spi: 0x1002, reqid: 2, key-file: i } }\n"

static const char legacy[] =
	"version: 1\ndevices:\n"
	"  - { pf: pf0, mode: legacy, mtu: 2000, addresses: [192.0.2.1/24] }\n" TUNNEL("");

static const char switchdev[] =
	"version: 1\ndevices:\n"
	"  - { pf: pf0, mode: switchdev, mtu: 2000, addresses: [192.0.2.1/24],\n"
	"      vfs: [{ index: 0, mac: \"02:00:00:00:00:09\", netns: ns0, mtu: 1400,"
	" addresses: [10.0.0.1/24] }] }\n" TUNNEL("")
	"tc:\n  - { device: pf0, from: { vf: 0 }, to: uplink, match: { protocol: ip }, pref: 5 }\n";

static const char on_vf[] =
	"version: 1\ndevices:\n"
	"  - { pf: pf0, mode: switchdev, vfs: [{ index: 0, ipsec-packet: true,"
	" addresses: [192.0.2.1/24] }, { index: 1, netns: ns0 }] }\n" TUNNEL("vf: 0, ")
	"tc:\n  - { device: pf0, from: uplink, to: { vf: 0 }, pref: 5 }\n"
	"  - { device: pf0, from: { vf: 0 }, to: uplink, pref: 6 }\n";

static void golden(const char *text, struct ipso_state *st, const char *want)
{
	_cleanup_(config_free) struct ipso_config *cfg = config_of(text);
	_cleanup_(plan_free) struct ipso_plan *p = NULL;
	struct why why = {};
	char got[1024];

	if (plan_up(cfg, st, NULL, &p, &why) < 0)
		fail_msg("%s", why.what);
	words(p, got, sizeof(got));
	assert_string_equal(got, want);
}

static void golden_legacy(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = host_new();

	(void)state;
	golden(legacy, st, "gate block.in block.out mtu address link-up pin.in pin.out sa.in sa.out "
			   "policy.in policy.out");
}

static void golden_switchdev(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = host_new();

	(void)state;
	golden(switchdev, st,
	       "gate sriov vf-unbind.0 eswitch port-mac.0 port-ipsec.0 vf-bind.0 netns.0 "
	       "move.0 block.in block.out mtu mtu.0 address address.0 link-up link-up.0 link-up.rep0 "
	       "pin.in pin.out sa.in sa.out policy.in policy.out tc-offload "
	       "tc-offload.rep0 tc-qdisc.rep0 tc-filter.rep0");
}

/* No gate: it would never open, for a VF's tables are its own. */
static void golden_vf(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = host_new();

	(void)state;
	golden(on_vf, st,
	       "sriov vf-unbind.0 vf-unbind.1 eswitch port-ipsec.0 port-ipsec.1 vf-bind.0 "
	       "vf-bind.1 netns.1 move.1 block.0.in block.0.out address.0 link-up link-up.0 "
	       "link-up.rep0 link-up.1 link-up.rep1 sa.0.in sa.0.out policy.0.in policy.0.out "
	       "policy.0.fwd tc-offload tc-offload.rep0 tc-qdisc tc-qdisc.rep0 tc-filter "
	       "tc-filter.rep0");
}

static const char tunnel_mode[] =
	"version: 1\ndevices:\n  - { pf: pf0, mode: switchdev }\n"
	TUNNEL("mode: tunnel, selector: { local: 10.1.0.0/24, remote: 10.2.0.0/24 }, ");

/* In the FDB tunnel mode needs an eswitch without encapsulation, which is told it in legacy. */
static void golden_tunnel_mode(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = host_new();
	static const char ipsec[] = "block.in block.out link-up pin.in pin.out sa.in sa.out policy.in "
				    "policy.out policy.fwd";
	char want[256];

	(void)state;
	snprintf(want, sizeof(want), "gate encap eswitch %s", ipsec);
	golden(tunnel_mode, st, want);
	st->devices->switchdev = true;
	snprintf(want, sizeof(want), "gate legacy encap eswitch %s", ipsec);
	golden(tunnel_mode, st, want);
	strcpy(st->devices->encap_mode, "none");
	snprintf(want, sizeof(want), "gate %s", ipsec);
	golden(tunnel_mode, st, want);
	st->devices->switchdev = false;
	strcpy(st->devices->encap_mode, "basic");
	snprintf(want, sizeof(want), "gate %s", ipsec);
	golden("version: 1\ndevices:\n  - { pf: pf0, mode: legacy }\n" TUNNEL("mode: tunnel, "), st,
	       want);
	strcpy(st->devices->steering, "smfs");
	st->devices->switchdev = true;
	snprintf(want, sizeof(want), "gate legacy steering encap eswitch %s", ipsec);
	golden(tunnel_mode, st, want);
}

/* smfs in switchdev cannot be changed there: out, dmfs, in again. */
static void golden_steering(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = host_new();

	(void)state;
	st->devices->switchdev = true;
	strcpy(st->devices->steering, "smfs");
	golden("version: 1\ndevices:\n  - { pf: pf0, mode: switchdev }\n" TUNNEL(""), st,
	       "gate legacy steering eswitch block.in block.out link-up pin.in pin.out sa.in "
	       "sa.out policy.in policy.out");
	golden("version: 1\ndevices:\n  - { pf: pf0, mode: legacy }\n" TUNNEL(""), st,
	       "gate legacy steering block.in block.out link-up pin.in pin.out sa.in sa.out "
	       "policy.in policy.out");
}

/* What the driver refuses to write, even the value it has (7.3), is not written. */
static void steering_unchanged(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = host_new();

	(void)state;
	st->devices->switchdev = true;
	st->devices->uplink.up = true;
	golden("version: 1\ndevices:\n  - { pf: pf0, mode: switchdev }\n", st, "");
	st->devices->steering[0] = '\0'; /* a driver without the parameter */
	golden("version: 1\ndevices:\n  - { pf: pf0, mode: switchdev }\n", st, "");
}

/* Every plan can be done step by step, and leaves nothing to do. */
static void converges(void **state)
{
	static const char *const texts[] = {legacy, switchdev, on_vf, tunnel_mode};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		_cleanup_(host_free) struct ipso_state *st = host_new();
		_cleanup_(config_free) struct ipso_config *cfg = config_of(texts[i]);

		assert_true(host_up(cfg, st) > 5);
		golden(texts[i], st, "");
		assert_int_equal(host_up(cfg, st), 0);
	}
}

/* A run that died after any of its steps is completed by the next. */
static void completes_after_any_crash(void **state)
{
	static const char *const texts[] = {legacy, switchdev, on_vf, tunnel_mode};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		_cleanup_(config_free) struct ipso_config *cfg = config_of(texts[i]);
		unsigned int steps = 1;

		for (unsigned int crash = 0; crash < steps; crash++) {
			_cleanup_(host_free) struct ipso_state *st = host_new();
			_cleanup_(plan_free) struct ipso_plan *p = NULL;

			assert_int_equal(plan_up(cfg, st, NULL, &p, NULL), 0);
			steps = p->count;
			for (unsigned int k = 0; k < crash; k++) {
				if (!step_satisfied(cfg, st, &p->steps[k]))
					assert_int_equal(host_do(cfg, st, &p->steps[k]), 0);
			}
			host_up(cfg, st);
			golden(texts[i], st, "");
		}
	}
}

/* One change at a time after everything is up: only it is planned. */
static void only_the_difference(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = host_new();
	_cleanup_(config_free) struct ipso_config *cfg = config_of(switchdev);

	(void)state;
	host_up(cfg, st);
	st->devices->uplink.mtu = 1500;
	golden(switchdev, st, "mtu");
	st->devices->uplink.mtu = 2000;
	st->sas[1].reqid++;
	golden(switchdev, st, "sa.out");
	st->sas[1].reqid--;
	st->sas[0].packet_offload = false;
	golden(switchdev, st, "sa.in");
	st->sas[0].packet_offload = true;
	st->sas[0].key_known = true; /* and it does not match */
	golden(switchdev, st, "sa.in");
	st->sas[0].key_matches = true;
	st->policies[4].priority++;
	golden(switchdev, st, "policy.in");
	st->policies[4].priority--;
	st->policies[4].mode = 1;
	golden(switchdev, st, "policy.in");
	st->policies[4].mode = 0;
	st->policies[4].tmpl_dst.b[3]++;
	golden(switchdev, st, "policy.in");
	st->policies[4].tmpl_dst.b[3]--;
	st->policies[4].dport = 80; /* somebody else's, of a narrower selector */
	golden(switchdev, st, "policy.in");
	st->policies[4].dport = 0;
	st->sas[0].sel_src.prefix = 24;
	golden(switchdev, st, "sa.in");
	st->sas[0].sel_src.prefix = 32;
	st->sas[0].udp_dport = 4500;
	golden(switchdev, st, "sa.in");
	st->sas[0].udp_dport = 0;
	st->policies[2].block = false; /* somebody else's, in the place of the pin */
	golden(switchdev, st, "pin.in");
	st->policies[2].block = true;
	st->policies_count = 0; /* as after a daemon's flush */
	golden(switchdev, st, "block.in block.out pin.in pin.out policy.in policy.out");
	st->policies_count = 6;
	st->filters[0].in_hw = false;
	golden(switchdev, st, "tc-filter.rep0");
	st->filters[0].in_hw = true;
	st->filters[0].plain = false; /* it matches more than is understood */
	golden(switchdev, st, "tc-filter.rep0");
	st->filters[0].plain = true;
	st->filters[0].rule.actions[0].ifindex++;
	golden(switchdev, st, "tc-filter.rep0");
	st->filters[0].rule.actions[0].ifindex--;
	st->gate.rules[0].mode = IPSO_GATE_OBSERVE;
	golden(switchdev, st, "gate");
}

/* A changed attribute of a bound VF costs its rebind, and with it all its net device had. */
static void rebind_renews(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = host_new();
	_cleanup_(config_free) struct ipso_config *cfg = config_of(on_vf);

	(void)state;
	host_up(cfg, st);
	st->devices->vfs[0].ipsec_packet = false;
	golden(on_vf, st,
	       "vf-unbind.0 port-ipsec.0 vf-bind.0 address.0 link-up.0 sa.0.in sa.0.out "
	       "policy.0.in policy.0.out policy.0.fwd");
}

static const char two_versions[] =
	"version: 1\ndevices:\n  - { pf: pf0, mode: legacy, vfs: [{ index: 0 }] }\n"
	"tunnels:\n"
	"  - { name: t, device: pf0, keying: ike, local: 192.0.2.1, remote: 192.0.2.2 }\n"
	"  - { name: u, device: pf0, keying: ike, local: fd00::1, remote: fd00::2 }\n";

static bool has_end(const struct addr *a, const char *want)
{
	char text[ADDR_STRLEN];

	return strcmp(addr_str(a, false, text), want) == 0;
}

/* n policies of one tunnel that are behind all others; in each direction one blocks, the last but for the others. */
static void blocked(const struct obs_policy *p, unsigned int n)
{
	unsigned int blocks[3] = {};

	for (unsigned int i = 0; i < n; i++) {
		assert_int_equal(p[i].user, XFRM_USER_BELOW);
		assert_false(p[i].packet_offload);
		assert_int_equal(p[i].ifindex, 0);
		assert_int_equal(p[i].priority, p[i].block ? UINT32_MAX : UINT32_MAX - 1);
		assert_true(p[i].block || p[i].bypass || (p[i].proto == 58 && (p[i].sport == 135 || p[i].sport == 136)));
		blocks[p[i].dir] += p[i].block;
	}
	assert_int_equal(blocks[IPSO_DIR_IN], 1);
	assert_int_equal(blocks[IPSO_DIR_OUT], 1);
}

/*
 * Tunnels of an IKE daemon have a pin, for each version of IP, on addresses that are nobody's, blocked,
 * with the device's place on the PCI bus in them; and block policies in software, which of IPv6 let
 * pass what finds neighbours.
 */
static void pins(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = host_new();
	_cleanup_(config_free) struct ipso_config *cfg = config_of(two_versions);
	struct xfrm_pol other;

	(void)state;
	golden(two_versions, st,
	       "gate sriov block.in block.out block.in block.in block.in block.out block.out block.out "
	       "link-up pin.in pin.out pin.in pin.out");
	host_up(cfg, st);
	golden(two_versions, st, "");
	assert_int_equal(st->policies_count, 12);
	blocked(st->policies, 2);
	blocked(st->policies + 2, 6);
	assert_true(has_end(&st->policies[8].src, "198.51.100.0"));
	assert_true(has_end(&st->policies[8].dst, "192.0.2.1"));
	assert_true(has_end(&st->policies[9].src, "192.0.2.1"));
	assert_true(has_end(&st->policies[9].dst, "198.51.100.0"));
	assert_true(has_end(&st->policies[11].src, "2001:db8:6970:736f::1:1"));
	assert_true(has_end(&st->policies[11].dst, "2001:db8:6970:736f::2:0"));
	for (unsigned int i = 8; i < 12; i++) {
		assert_true(st->policies[i].block && st->policies[i].packet_offload);
		assert_int_equal(st->policies[i].ifindex, PF_INDEX);
		assert_int_equal(st->policies[i].sport, 9);
	}
	st->policies_count = 10;
	golden(two_versions, st, "pin.in pin.out");
	other = pin_policy("0001:01:00.1", 4, IPSO_DIR_OUT, 7);
	assert_true(has_end(&other.sel_dst, "198.51.100.1"));
	assert_int_equal(other.dport, 1);
}

/* A forward policy is the kernel's own: offloaded, it is not the one that is wanted. */
static void forward_policy(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = host_new();
	_cleanup_(config_free) struct ipso_config *cfg = config_of(tunnel_mode);

	(void)state;
	host_up(cfg, st);
	assert_int_equal(st->policies_count, 7);
	assert_int_equal(st->policies[6].dir, IPSO_DIR_FWD);
	assert_int_equal(st->policies[6].ifindex, 0);
	assert_int_equal(st->policies[6].reqid, 2);
	st->policies[6].packet_offload = true;
	golden(tunnel_mode, st, "policy.fwd");
	st->policies_count = 6;
	golden(tunnel_mode, st, "policy.fwd");
}

static void replaced(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = host_new();
	_cleanup_(config_free) struct ipso_config *cfg = config_of(legacy);
	_cleanup_(plan_free) struct ipso_plan *p = NULL;

	(void)state;
	host_up(cfg, st);
	st->sas[0].replay_window = 32;
	assert_int_equal(plan_up(cfg, st, NULL, &p, NULL), 0);
	assert_int_equal(p->count, 1);
	assert_int_equal(p->steps[0].from, 1);
	assert_int_equal(host_do(cfg, st, &p->steps[0]), 0);
	golden(legacy, st, "");
	plan_free(&p);
	assert_int_equal(st->sas[1].hard_seconds, 86400);
	st->sas[1].hard_seconds = 0; /* as one has it that was made without a limit */
	assert_int_equal(plan_up(cfg, st, NULL, &p, NULL), 0);
	assert_int_equal(p->count, 1);
	assert_int_equal(p->steps[0].kind, STEP_SA);
	assert_int_equal(p->steps[0].from, 1);
	assert_int_equal(host_do(cfg, st, &p->steps[0]), 0);
	golden(legacy, st, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_legacy),      cmocka_unit_test(golden_switchdev),
		cmocka_unit_test(golden_vf),	      cmocka_unit_test(golden_steering),
		cmocka_unit_test(golden_tunnel_mode),
		cmocka_unit_test(steering_unchanged), cmocka_unit_test(converges),
		cmocka_unit_test(completes_after_any_crash),
		cmocka_unit_test(only_the_difference), cmocka_unit_test(rebind_renews),
		cmocka_unit_test(pins), cmocka_unit_test(forward_policy), cmocka_unit_test(replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
