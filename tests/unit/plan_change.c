/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A changed configuration: the difference alone, old things gone after new ones stand, others' kept. */
#include <errno.h>

#include "base/mem.h"
#include "host_change.h"
#include "plan_words.h"

#define ALL 1000u
#define HEAD "version: 1\ndevices:\n  - { pf: pf0, mode: switchdev, "
#define VF "vfs: [{ index: 0, addresses: [10.0.0.1/24] }] }\n"
#define SA(spi, reqid, file) "{ spi: " #spi ", reqid: " #reqid ", key-file: " #file " }"
#define TUNNEL(name, remote, out, in) \
	"  - { name: " #name ", device: pf0, local: 192.0.2.1, remote: " #remote ", out: " out \
	", in: " in " }\n"
#define OTHER TUNNEL(u, 192.0.2.3, SA(0x2001, 21, uo), SA(0x2002, 22, ui))
#define RULE(pref) "  - { device: pf0, from: { vf: 0 }, to: uplink, match: { protocol: ip }, " \
		   "pref: " #pref " }\n"

static const char before[] =
	HEAD "mtu: 2000, addresses: [192.0.2.1/24, 198.51.100.1/24], " VF
	"tunnels:\n" TUNNEL(t, 192.0.2.2, SA(0x1001, 1, o), SA(0x1002, 2, i)) OTHER
	"tc:\n" RULE(5);

/* Everything as text says, recorded. */
static void set_up_as(const char *text, struct ipso_state *st, struct host_journal *j)
{
	_cleanup_(config_free) struct ipso_config *cfg = config_of(text);
	_cleanup_(plan_free) struct ipso_plan *p = host_change(cfg, st, j, ALL);

	assert_true(p->count > 10);
}

static void set_up(struct ipso_state *st, struct host_journal *j)
{
	set_up_as(before, st, j);
}

/* The plan of a change, and after it there is none; a run that stopped after any step is completed. */
static void changes(const char *from, const char *text, const char *want)
{
	_cleanup_(config_free) struct ipso_config *cfg = config_of(text);
	unsigned int steps = 1;
	char got[1024];

	for (unsigned int crash = 0; crash < steps; crash++) {
		_cleanup_(host_free) struct ipso_state *st = host_new();
		_cleanup_(plan_free) struct ipso_plan *first = NULL;
		_cleanup_(plan_free) struct ipso_plan *rest = NULL;
		_cleanup_(plan_free) struct ipso_plan *none = NULL;
		struct host_journal *j = calloc(1, sizeof(*j));

		assert_non_null(j);
		set_up_as(from, st, j);
		first = host_change(cfg, st, j, crash);
		words(first, got, sizeof(got));
		assert_string_equal(got, want);
		steps = first->count;
		rest = host_change(cfg, st, j, ALL);
		assert_int_equal(rest->count, steps - crash);
		none = host_change(cfg, st, j, ALL);
		assert_int_equal(none->count, 0);
		free(j);
	}
}

static void changes_to(const char *text, const char *want)
{
	changes(before, text, want);
}

#define REKEYED(out, in)                                                                        \
	HEAD "mtu: 2000, addresses: [192.0.2.1/24, 198.51.100.1/24], " VF "tunnels:\n" \
	TUNNEL(t, 192.0.2.2, out, in) OTHER "tc:\n" RULE(5)

/* Another SPI and key: the new pair stands before the old one goes, the policies need nothing. */
static void rekey(void **state)
{
	(void)state;
	changes_to(REKEYED(SA(0x1003, 1, o2), SA(0x1004, 2, i2)), "sa.in sa.out -sa.out -sa.in");
}

/* Another reqid besides: the policies change in their place, between new and old. */
static void rekey_with_reqid(void **state)
{
	(void)state;
	changes_to(REKEYED(SA(0x1003, 3, o2), SA(0x1004, 4, i2)),
		   "sa.in sa.out policy.in policy.out -sa.out -sa.in");
}

static void less(void **state)
{
	(void)state;
	changes_to(HEAD "addresses: [192.0.2.1/24], " VF "tunnels:\n" OTHER,
		   "-tc-filter.rep0 -tc-qdisc.rep0 -address -policy.in -policy.out "
		   "-block.in -block.out -sa.out -sa.in -mtu");
}

/* Without a tunnel on the uplink the gate has nothing to guard. */
static void no_tunnel(void **state)
{
	(void)state;
	changes_to(HEAD "mtu: 2000, addresses: [192.0.2.1/24, 198.51.100.1/24], " VF "tc:\n" RULE(5),
		   "-policy.in -policy.in -policy.out -policy.out -block.in -block.in "
		   "-block.out -block.out -sa.out -sa.out -sa.in -sa.in -pin.in -pin.out "
		   "-gate");
}

/* Another address of the host, another peer: the SAs of the other tunnel are not among it. */
static void other_address(void **state)
{
	(void)state;
	changes_to(HEAD "mtu: 2000, addresses: [192.0.2.1/24, 198.51.100.9/24], " VF
		   "tunnels:\n" TUNNEL(t, 192.0.2.7, SA(0x1001, 1, o), SA(0x1002, 2, i)) OTHER
		   "tc:\n" RULE(5),
		   "block.in block.out address sa.in sa.out policy.in policy.out -address "
		   "-policy.in -policy.out -block.in -block.out -sa.out");
}

#define SELECTED(selector)                                                              \
	HEAD "mtu: 2000, addresses: [192.0.2.1/24, 198.51.100.1/24], " VF "tunnels:\n"   \
	"  - { name: t, device: pf0, local: 192.0.2.1, remote: 192.0.2.2, " selector      \
	"out: " SA(0x1001, 1, o) ", in: " SA(0x1002, 2, i) " }\n" OTHER "tc:\n" RULE(5)

/* Other ports are other policies, of the same SAs; a forward policy goes with its tunnel mode. */
static void other_selector(void **state)
{
	(void)state;
	changes(SELECTED("selector: { protocol: udp, local-port: 7 }, "),
		SELECTED("selector: { protocol: udp, local-port: 8 }, "),
		"block.in block.out policy.in policy.out -policy.in -policy.out "
		"-block.in -block.out");
	changes(SELECTED("selector: { protocol: udp, local-port: 7 }, "), SELECTED(""),
		"block.in block.out policy.in policy.out -policy.in -policy.out "
		"-block.in -block.out");
	changes(SELECTED("mode: tunnel, "), SELECTED(""),
		"sa.in sa.out policy.in policy.out -policy.fwd");
}

static void other_rule(void **state)
{
	(void)state;
	changes_to(HEAD "mtu: 2000, addresses: [192.0.2.1/24, 198.51.100.1/24], " VF
		   "tunnels:\n" TUNNEL(t, 192.0.2.2, SA(0x1001, 1, o), SA(0x1002, 2, i)) OTHER
		   "tc:\n" RULE(6),
		   "-tc-filter.rep0 tc-filter.rep0");
}

/* A kernel that takes no SA while rules are in hardware: those that go are not in the way. */
static void rule_that_goes_is_not_in_the_way(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = host_new();
	_cleanup_(config_free) struct ipso_config *rekeyed =
		config_of(REKEYED(SA(0x1003, 1, o2), SA(0x1004, 2, i2)));
	_cleanup_(config_free) struct ipso_config *ruleless =
		config_of(HEAD VF "tunnels:\n"
			  TUNNEL(t, 192.0.2.2, SA(0x1003, 1, o2), SA(0x1004, 2, i2)) OTHER);
	_cleanup_(plan_free) struct ipso_plan *p = NULL;
	struct host_journal *j = calloc(1, sizeof(*j));
	struct owned owned;
	struct why why = {};

	(void)state;
	assert_non_null(j);
	set_up(st, j);
	st->kernel.sa_needs_free_eswitch = true;
	owned = (struct owned){j->list, j->count};
	assert_int_equal(plan_up(rekeyed, st, &owned, &p, &why), -EBUSY);
	assert_int_equal(plan_up(ruleless, st, &owned, &p, &why), 0);
	free(j);
}

/* The time of an SA is over: not with the same key again, until down has forgotten it. */
static void keys_end(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = host_new();
	_cleanup_(config_free) struct ipso_config *cfg = config_of(before);
	_cleanup_(plan_free) struct ipso_plan *early = NULL;
	_cleanup_(plan_free) struct ipso_plan *late = NULL;
	_cleanup_(plan_free) struct ipso_plan *fresh = NULL;
	_cleanup_(plan_free) struct ipso_plan *forgotten = NULL;
	struct host_journal *j = calloc(1, sizeof(*j));
	struct owned owned, nothing = {};
	struct why why = {};

	(void)state;
	assert_non_null(j);
	st->now = 1000;
	set_up(st, j);
	owned = (struct owned){j->list, j->count};
	for (unsigned int i = 0; i < st->sas_count; i++) {
		if (st->sas[i].spi == 0x1001)
			st->sas[i] = st->sas[--st->sas_count];
	}
	st->now = 1000 + 86399;
	assert_int_equal(plan_up(cfg, st, &owned, &early, &why), 0);
	assert_int_equal(early->count, 1);
	st->now = 1000 + 86400 + 3 * 3600 + 120;
	assert_int_equal(plan_up(cfg, st, &owned, &late, &why), -EKEYEXPIRED);
	assert_non_null(strstr(why.what, "keys of tunnel t ended 3 h 2 min ago"));
	assert_int_equal(secret_generate(20, &cfg->tunnels[0].out.key, &why), 0);
	cfg->tunnels[0].out.key->written = 999;
	assert_int_equal(plan_up(cfg, st, &owned, &late, &why), -EKEYEXPIRED);
	cfg->tunnels[0].out.key->written = 1001;
	assert_int_equal(plan_up(cfg, st, &owned, &fresh, &why), 0);
	cfg->tunnels[0].out.key->written = 999;
	assert_int_equal(plan_up(cfg, st, &nothing, &forgotten, &why), 0);
	free(j);
}

/* What is not in the journal is somebody else's, however much it looks like ipso's. */
static void others_stay(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = host_new();
	_cleanup_(config_free) struct ipso_config *cfg =
		config_of("version: 1\ndevices:\n  - { pf: pf0, mode: switchdev, vfs: [{ index: 0 }] }\n");
	_cleanup_(plan_free) struct ipso_plan *p = NULL;
	struct host_journal *j = calloc(1, sizeof(*j));
	unsigned int rules;
	char got[1024];

	(void)state;
	assert_non_null(j);
	set_up(st, j);
	st->sas[st->sas_count] = st->sas[0];
	st->sas[st->sas_count++].spi = 0x3001;
	st->policies[st->policies_count] = st->policies[0];
	st->policies[st->policies_count++].src.b[3] = 77;
	st->filters[st->filters_count] = st->filters[0];
	st->filters[st->filters_count++].handle = 1;
	st->devices->uplink.addresses[st->devices->uplink.addresses_count++] =
		(struct addr){AF_INET, 24, {203, 0, 113, 1}};
	rules = st->filters_count;
	p = host_change(cfg, st, j, ALL);
	words(p, got, sizeof(got));
	/* the qdisc stays for the rule that is on it */
	assert_null(strstr(got, "qdisc"));
	assert_int_equal(st->sas_count, 1);
	assert_int_equal(st->policies_count, 1);
	assert_int_equal(st->filters_count, rules - 1);
	assert_int_equal(st->devices->uplink.addresses_count, 1);
	free(j);
}

/* Two hosts change together: each stage is the beginning of the next, and says where it ends. */
static void stages(void **state)
{
	static const struct {
		enum plan_stage stage;
		const char *want;
	} rows[] = {
		{STAGE_INBOUND, "sa.in"},
		{STAGE_OUTBOUND, "sa.in sa.out policy.in policy.out -sa.out"},
		{STAGE_DONE, "sa.in sa.out policy.in policy.out -sa.out -sa.in"},
	};
	_cleanup_(host_free) struct ipso_state *st = host_new();
	_cleanup_(config_free) struct ipso_config *cfg =
		config_of(REKEYED(SA(0x1003, 3, o2), SA(0x1004, 4, i2)));
	struct host_journal *j = calloc(1, sizeof(*j));
	char got[1024];

	(void)state;
	assert_non_null(j);
	set_up(st, j);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(plan_free) struct ipso_plan *p = host_change(cfg, st, j, 0);

		plan_until(p, rows[i].stage);
		words(p, got, sizeof(got));
		assert_string_equal(got, rows[i].want);
	}
	free(j);
}

static void in_words(void **state)
{
	static const char *const lines[] = {
		"remove TC rule pref 5 at representor of VF 0 rep0\n\ttc filter delete dev rep0 "
		"ingress pref 5 protocol 0x0800 handle 0x",
		"remove address 198.51.100.1/24 from uplink pf0\n\tip address delete "
		"198.51.100.1/24 dev pf0\n",
		"remove policy out 192.0.2.1 -> 192.0.2.2, which the configuration no longer "
		"asks for\n\tip xfrm policy delete src 192.0.2.1 dst 192.0.2.2 dir out\n",
		"remove SA in 192.0.2.2 -> 192.0.2.1 spi 0x00001002, which the configuration no "
		"longer asks for\n\tip xfrm state delete dst 192.0.2.1 proto esp spi 0x00001002\n",
		"set MTU of uplink pf0 back to 1500\n\tip link set dev pf0 mtu 1500\n",
		"open the gate of uplink pf0: no tunnel needs it any more\n\tipso gate off\n",
	};
	_cleanup_(host_free) struct ipso_state *st = host_new();
	_cleanup_(config_free) struct ipso_config *cfg =
		config_of(HEAD "addresses: [192.0.2.1/24], " VF);
	_cleanup_(plan_free) struct ipso_plan *p = NULL;
	struct host_journal *j = calloc(1, sizeof(*j));
	_free_ char *all = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&all, &size);

	(void)state;
	assert_non_null(j);
	set_up(st, j);
	p = host_change(cfg, st, j, 0);
	for (unsigned int i = 0; i < p->count; i++) {
		char text[256], command[768], shell[768];

		step_text(cfg, st, &p->steps[i], text, sizeof(text));
		step_command(cfg, st, &p->steps[i], command, sizeof(command));
		assert_int_equal(step_shell(cfg, st, &p->steps[i], shell, sizeof(shell)), 0);
		fprintf(f, "%s\n\t%s\n%s\n", text, command, shell);
	}
	fclose(f);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		if (!strstr(all, lines[i]))
			fail_msg("'%s' is not in\n%s", lines[i], all);
	}
	assert_non_null(strstr(all, "dev \"$(rep 0000:01:00.0 0)\" ingress"));
	free(j);
}

/* The oldest record knows what was there before, the newest when its turn comes. */
static void squashed(void **state)
{
	struct undo list[] = {
		{.kind = STEP_MTU, .vf = -1, .value = "1500"},
		{.kind = STEP_SA, .vf = -1, .spi = 1},
		{.kind = STEP_ESWITCH, .vf = -1, .value = "legacy"},
		{.kind = STEP_MTU, .vf = -1, .value = "2000"},
		{.kind = STEP_MTU, .vf = 0, .value = "1400"},
		{.kind = STEP_SA, .vf = -1, .spi = 1, .replaced = true},
		{.kind = STEP_ESWITCH, .vf = -1, .value = "switchdev"},
	};

	(void)state;
	assert_int_equal(undo_squash(list, ARRAY_SIZE(list)), 5);
	assert_int_equal(list[0].kind, STEP_ESWITCH);
	assert_string_equal(list[1].value, "1500");
	assert_int_equal(list[2].vf, 0);
	assert_int_equal(list[3].kind, STEP_SA);
	assert_false(list[3].replaced);
	assert_string_equal(list[4].value, "switchdev");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rekey),	 cmocka_unit_test(rekey_with_reqid),
		cmocka_unit_test(less),		 cmocka_unit_test(no_tunnel),
		cmocka_unit_test(other_address), cmocka_unit_test(other_rule),
		cmocka_unit_test(other_selector),
		cmocka_unit_test(rule_that_goes_is_not_in_the_way),
		cmocka_unit_test(keys_end),	 cmocka_unit_test(others_stay),
		cmocka_unit_test(stages),
		cmocka_unit_test(in_words),	 cmocka_unit_test(squashed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
