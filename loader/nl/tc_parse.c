/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TC rules of any kind as the kernel shows them; what flower matches and does: tc_parse_rule.c. */
#include <errno.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_mirred.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "nl/tc.h"

/* Where each kind that drivers take keeps its hardware flags. */
static const struct {
	const char *kind;
	uint16_t attr;
} flag_attrs[] = {
	{"flower", TCA_FLOWER_FLAGS},
	{"matchall", TCA_MATCHALL_FLAGS},
	{"u32", TCA_U32_FLAGS},
	{"bpf", TCA_BPF_FLAGS_GEN},
};

static void take_flags(const struct nlattr *const *a, struct tc_filter *f)
{
	for (size_t i = 0; i < sizeof(flag_attrs) / sizeof(flag_attrs[0]); i++) {
		uint32_t flags;

		if (strcmp(f->kind, flag_attrs[i].kind) != 0 || !a[flag_attrs[i].attr])
			continue;
		flags = mnl_attr_get_u32(a[flag_attrs[i].attr]);
		f->in_hw = flags & TCA_CLS_FLAGS_IN_HW;
		f->skip_sw = flags & TCA_CLS_FLAGS_SKIP_SW;
		f->skip_hw = flags & TCA_CLS_FLAGS_SKIP_HW;
	}
}

/* struct tc_gen begins the parameters of every action. */
static bool is_shared(const struct nlattr *options)
{
	const struct nlattr *o[TCA_MIRRED_PARMS + 1];
	const struct gen {
		tc_gen;
	} *gen;

	nl_nest(options, o, TCA_MIRRED_PARMS);
	if (!o[TCA_MIRRED_PARMS] || mnl_attr_get_payload_len(o[TCA_MIRRED_PARMS]) < sizeof(*gen))
		return true;
	gen = mnl_attr_get_payload(o[TCA_MIRRED_PARMS]);
	return gen->refcnt > 1 || gen->bindcnt > 1;
}

/* An action of a rule gets the rule's own two flags; others were asked for. */
static bool has_own_flags(const struct nlattr *flags, const struct tc_filter *f)
{
	uint32_t rule = (f->skip_sw ? TCA_ACT_FLAGS_SKIP_SW : 0) |
			(f->skip_hw ? TCA_ACT_FLAGS_SKIP_HW : 0);
	const struct nla_bitfield32 *bits;

	if (!flags)
		return false;
	if (mnl_attr_get_payload_len(flags) < sizeof(*bits))
		return true;
	bits = mnl_attr_get_payload(flags);
	return bits->value & ~rule;
}

/* What the kernel tells of an action besides what it does is a number, counters and these. */
static void take_actions(const struct nlattr *acts, struct tc_filter *f)
{
	const struct nlattr *act;

	f->alone = true;
	if (!acts)
		return;
	mnl_attr_for_each_nested(act, acts) {
		const struct nlattr *a[TCA_ACT_MAX + 1];

		nl_nest(act, a, TCA_ACT_MAX);
		f->cookie |= a[TCA_ACT_COOKIE] != NULL;
		if (!a[TCA_ACT_OPTIONS] || a[TCA_ACT_COOKIE] || a[TCA_ACT_HW_STATS] ||
		    has_own_flags(a[TCA_ACT_FLAGS], f) || is_shared(a[TCA_ACT_OPTIONS]))
			f->alone = false;
	}
}

int tc_parse_filter(const struct nlmsghdr *nlh, struct tc_filter *ret_f)
{
	const struct nlattr *a[TCA_CHAIN + 1], *o[TC_OPTIONS_MAX + 1];
	const struct tcmsg *t = mnl_nlmsg_get_payload(nlh);
	struct tc_filter f = {};

	if (nlh->nlmsg_type != RTM_NEWTFILTER || mnl_nlmsg_get_payload_len(nlh) < sizeof(*t))
		return -EBADMSG;
	nl_attrs(nlh, sizeof(*t), a, TCA_CHAIN);
	if (!a[TCA_KIND] || !a[TCA_OPTIONS] || !t->tcm_handle)
		return -ENODATA;
	f.ifindex = (uint32_t)t->tcm_ifindex;
	if (f.ifindex == TCM_IFINDEX_MAGIC_BLOCK) {
		f.block = t->tcm_block_index;
		f.ifindex = 0;
	}
	f.handle = t->tcm_handle;
	f.pref = (uint16_t)(TC_H_MAJ(t->tcm_info) >> 16);
	f.protocol = ntohs((uint16_t)TC_H_MIN(t->tcm_info));
	if (a[TCA_CHAIN])
		f.chain = mnl_attr_get_u32(a[TCA_CHAIN]);
	snprintf(f.kind, sizeof(f.kind), "%s", mnl_attr_get_str(a[TCA_KIND]));
	nl_nest(a[TCA_OPTIONS], o, TC_OPTIONS_MAX);
	take_flags(o, &f);
	if (strcmp(f.kind, "flower") == 0) {
		if (o[TCA_FLOWER_IN_HW_COUNT])
			f.in_hw_count = mnl_attr_get_u32(o[TCA_FLOWER_IN_HW_COUNT]);
		f.plain = tc_parse_rule(o, f.protocol, &f.rule);
		take_actions(o[TCA_FLOWER_ACT], &f);
	}
	*ret_f = f;
	return 0;
}
