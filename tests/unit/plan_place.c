/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TC rules of shared blocks, and into and out of VXLAN tunnels: steps, order, words, and back. */
#include <errno.h>

#include "base/mem.h"
#include "host_change.h"
#include "plan_words.h"

#define ALL 1000u
#define HEAD "version: 1\ndevices:\n  - { pf: pf0, mode: switchdev, addresses: [192.0.2.1/24],\n" \
	     "      vfs: [{ index: 0 }, { index: 1 }, { index: 2 }], " \
	     "blocks: [{ number: 22, vfs: [0, 1] }] }\n"
#define TUNNEL                                                                             \
	"tunnels:\n  - { name: t, device: pf0, local: 192.0.2.1, remote: 192.0.2.2,"       \
	" out: { spi: 0x1001, reqid: 1, key-file: o }, in: { spi: 0x1002, reqid: 2, key-file: i } }\n"
#define BLOCK_RULE "  - { device: pf0, from: { block: 22 }, to: { vf: 2 }, pref: 5 }\n"
#define ENDS "local: 192.0.2.1, remote: 192.0.2.2, vni: 7 }"
#define OUT "  - { device: pf0, from: { vf: 2 }, actions: [{ tunnel-set: { " ENDS \
	    " }, { redirect: { vxlan: 4789 } }], pref: 6 }\n"
#define IN "  - { device: pf0, from: { vxlan: 4789 }, match: { tunnel: { " ENDS \
	   " }, actions: [tunnel-unset, { redirect: { vf: 2 } }], pref: 7 }\n"

static const char before[] = HEAD TUNNEL "tc:\n" BLOCK_RULE OUT IN;

/* Lines "sentence\tcommand" of a plan. */
static char *lines_of(const struct ipso_config *cfg, const struct ipso_state *st,
		      const struct ipso_plan *p)
{
	char *all = NULL;
	size_t size;
	FILE *f = open_memstream(&all, &size);

	assert_non_null(f);
	for (unsigned int i = 0; i < p->count; i++) {
		char text[512], command[1024];

		step_text(cfg, st, &p->steps[i], text, sizeof(text));
		step_command(cfg, st, &p->steps[i], command, sizeof(command));
		fprintf(f, "%s\t%s\n", text, command);
	}
	fclose(f);
	return all;
}

static void has(const char *all, const char *want)
{
	if (!strstr(all, want))
		fail_msg("no %s in\n%s", want, all);
}

static void up_and_nothing_more(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = host_new();
	_cleanup_(config_free) struct ipso_config *cfg = config_of(before);
	_cleanup_(plan_free) struct ipso_plan *first = NULL;
	_cleanup_(plan_free) struct ipso_plan *none = NULL;
	struct host_journal *j = calloc(1, sizeof(*j));
	_free_ char *all = NULL;

	(void)state;
	assert_non_null(j);
	first = host_change(cfg, st, j, ALL);
	none = host_change(cfg, st, j, ALL);
	assert_int_equal(none->count, 0);
	assert_int_equal(st->filters_count, 4); /* the block's twice */
	all = lines_of(cfg, st, first);
	has(all, "add an ingress qdisc to representor of VF 0 rep0, which shares block 22\t"
		 "tc qdisc add dev rep0 ingress_block 22 ingress\n");
	has(all, "add an ingress qdisc to representor of VF 1 rep1, which shares block 22\t");
	has(all, "add TC rule pref 5 at block 22: protocol all: redirect to VF 2\t"
		 "tc filter add block 22 pref 5 protocol all handle 0x");
	has(all, "make VXLAN net device vxlan4789: it stands for all VXLAN tunnels of UDP port 4789\t"
		 "ip link add vxlan4789 up type vxlan dstport 4789 external nolearning\n");
	has(all, "add TC rule pref 6 at representor of VF 2 rep2: protocol all: tunnel-set VNI 7, "
		 "192.0.2.1 with 192.0.2.2, redirect to UDP port 4789\ttc filter add dev rep2 ingress");
	has(all, "skip_sw action tunnel_key set src_ip 192.0.2.1 dst_ip 192.0.2.2 id 7 dst_port 4789 "
		 "csum action mirred egress redirect dev vxlan4789\n");
	has(all, "add TC rule pref 7 at VXLAN net device vxlan4789: protocol all, from tunnel VNI 7, "
		 "192.0.2.1 with 192.0.2.2: tunnel-unset, redirect to VF 2\t"
		 "tc filter add dev vxlan4789 ingress pref 7 protocol all handle 0x");
	has(all, " flower enc_src_ip 192.0.2.2 enc_dst_ip 192.0.2.1 enc_key_id 7 enc_dst_port 4789 "
		 "action tunnel_key unset action mirred egress redirect dev rep2\n");
	free(j);
}

/* What is no longer asked for goes, rules before the qdiscs and the device that they are on. */
static void less(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = host_new();
	_cleanup_(config_free) struct ipso_config *cfg = config_of(before);
	_cleanup_(config_free) struct ipso_config *bare = config_of(HEAD TUNNEL);
	_cleanup_(plan_free) struct ipso_plan *first = NULL;
	_cleanup_(plan_free) struct ipso_plan *gone = NULL;
	struct host_journal *j = calloc(1, sizeof(*j));
	_free_ char *all = NULL;
	char got[512];

	(void)state;
	assert_non_null(j);
	first = host_change(cfg, st, j, ALL);
	gone = host_change(bare, st, j, 0);
	words(gone, got, sizeof(got));
	assert_string_equal(got, "-tc-filter -tc-filter -tc-filter.rep2 -tc-qdisc -tc-qdisc.rep0 "
				 "-tc-qdisc.rep1 -tc-qdisc.rep2 -vxlan");
	all = lines_of(bare, st, gone);
	has(all, "remove TC rule pref 5 at block 22\ttc filter delete block 22 pref 5 ");
	has(all, "remove the ingress qdisc of VXLAN net device vxlan4789\t"
		 "tc qdisc delete dev vxlan4789 ingress\n");
	has(all, "remove VXLAN net device vxlan4789\tip link delete vxlan4789\n");
	free(j);
}

/* Somebody's rule on the block keeps the qdiscs, and the rule of ipso goes all the same. */
static void others_on_the_block_stay(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = host_new();
	_cleanup_(config_free) struct ipso_config *cfg = config_of(before);
	_cleanup_(config_free) struct ipso_config *bare = config_of(HEAD TUNNEL);
	_cleanup_(plan_free) struct ipso_plan *first = NULL;
	_cleanup_(plan_free) struct ipso_plan *gone = NULL;
	struct host_journal *j = calloc(1, sizeof(*j));
	unsigned int n;
	char got[512];

	(void)state;
	assert_non_null(j);
	first = host_change(cfg, st, j, ALL);
	n = st->filters_count;
	for (unsigned int i = 0; i < n; i++) {
		if (st->filters[i].block != 22)
			continue;
		st->filters[st->filters_count] = st->filters[i];
		st->filters[st->filters_count++].handle = 1;
	}
	gone = host_change(bare, st, j, 0);
	words(gone, got, sizeof(got));
	assert_string_equal(got, "-tc-filter -tc-filter -tc-filter.rep2 -tc-qdisc -tc-qdisc.rep2 -vxlan");
	free(j);
}

/* A qdisc that is there and shares nothing cannot be made to. */
static void qdisc_in_the_way(void **state)
{
	_cleanup_(host_free) struct ipso_state *st = host_new();
	_cleanup_(config_free) struct ipso_config *bare = config_of(HEAD TUNNEL);
	_cleanup_(config_free) struct ipso_config *cfg = config_of(before);
	_cleanup_(plan_free) struct ipso_plan *p = NULL;
	struct why why = {};

	(void)state;
	assert_true(host_up(bare, st) > 0);
	st->ingress[st->ingress_count++] = (struct obs_ingress){REP_INDEX(1), 0};
	assert_int_equal(plan_up(cfg, st, NULL, &p, &why), -EBUSY);
	assert_non_null(strstr(why.what, "rep1 has an ingress or clsact qdisc with rules of its own, where "
					 "the configuration wants a shared block"));
	st->ingress[0].block = 23;
	assert_int_equal(plan_up(cfg, st, NULL, &p, &why), -EBUSY);
	assert_non_null(strstr(why.what, "with another shared block"));
	st->ingress[0].block = 22;
	assert_int_equal(plan_up(cfg, st, NULL, &p, &why), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(up_and_nothing_more), cmocka_unit_test(less),
		cmocka_unit_test(others_on_the_block_stay), cmocka_unit_test(qdisc_in_the_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
