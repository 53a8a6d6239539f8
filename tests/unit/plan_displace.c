/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules in the way: out before IPsec, back behind it, whatever comes between; or refused by name. */
#include "host_change.h"
#include "plan_words.h"

#define ALL 1000u
#define TUNNEL(name, remote, out, in)                                                             \
	"  - { name: " #name ", device: pf0, local: 192.0.2.1, remote: " #remote ", out: { spi: " #out \
	", reqid: " #out ", key-file: o" #out " }, in: { spi: " #in ", reqid: " #in ", key-file: i" #in " } }\n"
#define HEAD(conflict) "version: 1\non-conflict: " #conflict "\ndevices:\n" \
	"  - { pf: pf0, mode: switchdev, vfs: [{ index: 0 }] }\ntunnels:\n"
#define ONE TUNNEL(t, 192.0.2.2, 0x1001, 0x1002)
#define TWO ONE TUNNEL(u, 192.0.2.3, 0x1003, 0x1004)

static const char first[] =
	"block.in block.out displace displace pin.in pin.out sa.in sa.out policy.in policy.out -displace -displace";

/* A host in switchdev with two rules of somebody's in hardware, on the representor. */
static struct ipso_state *with_rules(void)
{
	struct ipso_state *st = host_new();

	assert_int_equal(host_sriov(st, 1), 0);
	host_vf_netdev(&st->devices->vfs[0], 0, false);
	assert_int_equal(host_mode(st, true), 0);
	host_vf_netdev(&st->devices->vfs[0], 0, true);
	st->devices->uplink.up = st->devices->vfs[0].rep.up = true;
	st->ingress[st->ingress_count++] = (struct obs_ingress){REP_INDEX(0), 0};
	for (unsigned int i = 0; i < 2; i++) {
		struct obs_filter *f = &st->filters[st->filters_count++];

		*f = (struct obs_filter){.ifindex = REP_INDEX(0), .ifname = "rep0",
					 .kind = "flower", .pref = (uint16_t)(7 + i),
					 .protocol = 0x0800, .handle = 1, .chain = i,
					 .in_hw = true, .plain = true, .alone = true};
		f->handle = 1 + i;
		f->rule.match.protocol = 0x0800;
		f->rule.actions_count = 1;
		f->rule.actions[0] = (struct tc_action){.kind = TC_DO_REDIRECT,
							.ifindex = PF_INDEX};
	}
	return st;
}

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

static void refused(struct ipso_state *st, const char *text, const char *word)
{
	_cleanup_(config_free) struct ipso_config *cfg = config_of(text);
	_cleanup_(plan_free) struct ipso_plan *p = NULL;
	struct why why = {};

	assert_int_equal(plan_up(cfg, st, NULL, &p, &why), -EBUSY);
	if (!strstr(why.what, word))
		fail_msg("'%s' does not say '%s'", why.what, word);
	assert_null(p);
}

static void out_and_back(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = with_rules();
	char want[256];

	(void)state;
	refused(st, HEAD(refuse) ONE, "rep0 pref 7 protocol 0x0800 flower, rep0 pref 8");
	snprintf(want, sizeof(want), "gate %s", first);
	golden(HEAD(displace) ONE, st, want);
}

/* Killed behind any step, the next run completes it, and no rule is lost. */
static void survives_crashes(const char *text, unsigned int rules, bool sa_needs_free_eswitch)
{
	_cleanup_(config_free) struct ipso_config *cfg = config_of(text);
	unsigned int steps = 1;

	for (unsigned int crash = 0; crash < steps; crash++) {
		_cleanup_(host_free) struct ipso_state *st = with_rules();
		_cleanup_(plan_free) struct ipso_plan *begun = NULL;
		_cleanup_(plan_free) struct ipso_plan *rest = NULL;
		_cleanup_(plan_free) struct ipso_plan *none = NULL;
		struct host_journal *j = calloc(1, sizeof(*j));

		assert_non_null(j);
		st->kernel.sa_needs_free_eswitch = sa_needs_free_eswitch;
		st->filters_count = rules;
		begun = host_change(cfg, st, j, crash);
		steps = begun->count;
		rest = host_change(cfg, st, j, ALL);
		none = host_change(cfg, st, j, ALL);
		assert_int_equal(none->count, 0);
		assert_int_equal(st->filters_count, rules);
		for (unsigned int i = 0; i < j->count; i++) {
			assert_int_not_equal(j->list[i].kind, STEP_DISPLACE);
			assert_int_not_equal(j->list[i].kind, STEP_GATE_HOLD);
		}
		assert_int_equal(st->gate.rules[0].mode, IPSO_GATE_ENFORCE);
		free(j);
	}
}

static void survives_any_crash(void **state)
{
	(void)state;
	survives_crashes(HEAD(displace) ONE, 2, false);
	survives_crashes(HEAD(displace) ONE, 2, true);
	survives_crashes(HEAD(refuse) ONE, 0, true);
}

/* Another tunnel: where a driver takes no SA beside a rule they go out again, also for one stage. */
static void every_new_sa(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = with_rules();
	_cleanup_(config_free) struct ipso_config *one = config_of(HEAD(displace) ONE);
	_cleanup_(config_free) struct ipso_config *two = config_of(HEAD(displace) TWO);
	_cleanup_(plan_free) struct ipso_plan *done = NULL;
	_cleanup_(plan_free) struct ipso_plan *p = NULL;
	struct host_journal *j = calloc(1, sizeof(*j));
	char got[256];

	(void)state;
	assert_non_null(j);
	done = host_change(one, st, j, ALL);
	golden(HEAD(displace) TWO, st, "block.in block.out sa.in sa.out policy.in policy.out");
	st->kernel.sa_needs_free_eswitch = true;
	golden(HEAD(displace) TWO, st, "block.in block.out gate-hold displace displace sa.in sa.out "
				       "policy.in policy.out -gate-hold -displace -displace");
	assert_int_equal(plan_up(two, st, NULL, &p, NULL), 0);
	plan_until(p, STAGE_INBOUND);
	words(p, got, sizeof(got));
	assert_string_equal(got, "block.in block.out gate-hold displace displace sa.in -gate-hold "
				 "-displace -displace");
	free(j);
}

/* Without a rule in the way, one may come as soon as the pin has opened the gate. */
static void held_until_the_last_sa(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = with_rules();
	_cleanup_(host_free) struct ipso_state *fresh = host_new();

	(void)state;
	st->filters_count = 0;
	golden(HEAD(refuse) ONE, st, "gate block.in block.out pin.in pin.out sa.in sa.out policy.in "
				     "policy.out");
	st->kernel.sa_needs_free_eswitch = fresh->kernel.sa_needs_free_eswitch = true;
	golden(HEAD(refuse) ONE, st, "gate block.in block.out gate-hold pin.in pin.out sa.in sa.out "
				     "policy.in policy.out -gate-hold");
	golden(HEAD(refuse) ONE, fresh, "gate sriov vf-unbind.0 eswitch port-ipsec.0 vf-bind.0 block.in "
					"block.out link-up link-up.rep0 gate-hold pin.in pin.out sa.in "
					"sa.out policy.in policy.out -gate-hold");
	golden("ordering: observe\n" HEAD(refuse) ONE, st, "gate block.in block.out pin.in pin.out sa.in "
							    "sa.out policy.in policy.out");
}

/* What could not be put back as it was stays, and so does everything else. */
static void cannot_be_put_back(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = with_rules();
	struct obs_filter *f = &st->filters[1];

	(void)state;
	f->plain = false;
	refused(st, HEAD(displace) ONE, "rep0 pref 8 protocol 0x0800 flower is in the way of IPsec "
					"and cannot be displaced: it matches or does something");
	f->plain = true;
	f->rule.actions[0].ifindex = 9;
	refused(st, HEAD(displace) ONE, "cannot put back exactly");
	f->rule.actions[0].ifindex = PF_INDEX;
	f->alone = false;
	refused(st, HEAD(displace) ONE, "has an action with a cookie");
	f->alone = true;
	f->block = 22;
	refused(st, HEAD(displace) ONE, "a block that devices share");
	f->block = 0;
	f->ifindex = PF_INDEX;
	refused(st, HEAD(displace) ONE, "starts at the uplink");
}

/* Open vSwitch is told to take out its own, which are no rules to keep; others go as before. */
static void open_vswitch(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = with_rules();
	_cleanup_(config_free) struct ipso_config *cfg = config_of(HEAD(displace) ONE);
	_cleanup_(plan_free) struct ipso_plan *p = NULL;
	char text[256], command[768];
	struct undo u;

	(void)state;
	st->filters[0].ovs = true;
	st->filters[0].plain = st->filters[0].alone = false;
	refused(st, HEAD(refuse) ONE, "pref 7 protocol 0x0800 flower of Open vSwitch");
	golden(HEAD(displace) ONE, st, "gate block.in block.out displace ovs-hold pin.in pin.out sa.in "
				       "sa.out policy.in policy.out -displace -ovs-hold");
	st->filters[1].ovs = true;
	strcpy(st->ovs.flow_limit, "5000");
	assert_int_equal(plan_up(cfg, st, NULL, &p, NULL), 0);
	assert_int_equal(p->count, 11);
	assert_int_equal(p->steps[3].kind, STEP_OVS_HOLD);
	undo_make(cfg, st, &p->steps[3], &u);
	assert_string_equal(u.value, "5000");
	step_command(cfg, st, &p->steps[3], command, sizeof(command));
	assert_string_equal(command, "ovs-vsctl set Open_vSwitch . other_config:flow-limit=0; while "
				     "ovs-appctl dpctl/dump-flows type=offloaded | grep -q "
				     "'in_port('; do sleep 1; done");
	step_text(cfg, st, &p->steps[10], text, sizeof(text));
	assert_string_equal(text, "let Open vSwitch have flows in hardware again (flow limit as it was: "
				  "5000)");
	step_command(cfg, st, &p->steps[10], command, sizeof(command));
	assert_string_equal(command, "ovs-vsctl set Open_vSwitch . other_config:flow-limit=5000; "
				     "ovs-appctl upcall/set-flow-limit 5000");
	assert_false(step_satisfied(cfg, st, &p->steps[3]));
	strcpy(st->ovs.flow_limit, "0");
	assert_false(step_satisfied(cfg, st, &p->steps[3]));
	st->filters_count = 0;
	assert_true(step_satisfied(cfg, st, &p->steps[3]));
}

/* Where Open vSwitch cannot be asked, nothing is begun. */
static void open_vswitch_is_silent(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = with_rules();
	_cleanup_(config_free) struct ipso_config *cfg = config_of(HEAD(displace) ONE);
	_cleanup_(plan_free) struct ipso_plan *p = NULL;
	struct why why = {};

	(void)state;
	st->filters[0].ovs = true;
	why_set(&st->ovs_why, -ENOTCONN, "Open vSwitch is not running");
	assert_int_equal(plan_up(cfg, st, NULL, &p, &why), -ENOTCONN);
	assert_string_equal(why.what, "Open vSwitch is not running");
	assert_null(p);
}

static void in_words(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = with_rules();
	_cleanup_(config_free) struct ipso_config *cfg = config_of(HEAD(displace) ONE);
	_cleanup_(plan_free) struct ipso_plan *p = NULL;
	char text[256], command[768];

	(void)state;
	st->filters[1].skip_sw = true;
	st->filters[1].rule.match.vlans = 1;
	st->filters[1].rule.match.vlan[0] = 5;
	assert_int_equal(plan_up(cfg, st, NULL, &p, NULL), 0);
	step_text(cfg, st, &p->steps[2], text, sizeof(text));
	assert_string_equal(text, "block out 192.0.2.1 -> 192.0.2.2 while tunnel t does not carry it");
	step_command(cfg, st, &p->steps[2], command, sizeof(command));
	assert_string_equal(command, ""); /* ip(8) has no word for it */
	step_text(cfg, st, &p->steps[4], text, sizeof(text));
	assert_string_equal(text, "take TC rule pref 8 protocol 0x0800 of rep0 out of the way of IPsec");
	step_command(cfg, st, &p->steps[4], command, sizeof(command));
	assert_string_equal(command, "tc filter delete dev rep0 ingress chain 1 pref 8 protocol ip "
				     "handle 0x2 flower");
	step_text(cfg, st, &p->steps[p->count - 1], text, sizeof(text));
	assert_string_equal(text, "put TC rule pref 8 protocol 0x0800 of rep0 back");
	step_command(cfg, st, &p->steps[p->count - 1], command, sizeof(command));
	assert_string_equal(command, "tc filter add dev rep0 ingress chain 1 pref 8 protocol ip "
				     "handle 0x2 flower skip_sw vlan_id 5 vlan_ethtype ip action mirred "
				     "egress redirect dev pf0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(out_and_back),	      cmocka_unit_test(survives_any_crash),
		cmocka_unit_test(every_new_sa),	      cmocka_unit_test(held_until_the_last_sa),
			      cmocka_unit_test(cannot_be_put_back),
		cmocka_unit_test(open_vswitch),	      cmocka_unit_test(open_vswitch_is_silent),
		cmocka_unit_test(in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
