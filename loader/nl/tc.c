/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TC requests: ingress qdiscs and rules. Their bytes are in tc_put.c and tc_parse*.c. */
#include "nl/tc.h"

#include <errno.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

int tc_qdisc_add_ingress(struct nl *nl, uint32_t ifindex, uint32_t block, struct why *why)
{
	struct nl_msg m;
	int err;

	tc_put_qdisc(&m, RTM_NEWQDISC, ifindex, block);
	err = nl_request(nl, &m, NULL, NULL, why);
	return err < 0 ? why_set(why, err, "add an ingress qdisc to net device %u", ifindex) : 0;
}

int tc_qdisc_delete_ingress(struct nl *nl, uint32_t ifindex, struct why *why)
{
	struct nl_msg m;
	int err;

	tc_put_qdisc(&m, RTM_DELQDISC, ifindex, 0);
	err = nl_request(nl, &m, NULL, NULL, why);
	return err < 0 ? why_set(why, err, "delete the ingress qdisc of net device %u", ifindex) : 0;
}

struct qdisc_call {
	tc_qdisc_fn fn;
	void *arg;
};

static int take_qdisc(const struct nlmsghdr *nlh, void *arg)
{
	const struct tcmsg *t = mnl_nlmsg_get_payload(nlh);
	const struct qdisc_call *c = arg;
	const struct nlattr *a[TCA_INGRESS_BLOCK + 1];

	if (nlh->nlmsg_type != RTM_NEWQDISC || mnl_nlmsg_get_payload_len(nlh) < sizeof(*t))
		return -EBADMSG;
	nl_attrs(nlh, sizeof(*t), a, TCA_INGRESS_BLOCK);
	if (!a[TCA_KIND] || (strcmp(mnl_attr_get_str(a[TCA_KIND]), "ingress") != 0 &&
			     strcmp(mnl_attr_get_str(a[TCA_KIND]), "clsact") != 0))
		return 0;
	return c->fn((uint32_t)t->tcm_ifindex,
		     a[TCA_INGRESS_BLOCK] ? mnl_attr_get_u32(a[TCA_INGRESS_BLOCK]) : 0, c->arg);
}

int tc_qdisc_dump(struct nl *nl, tc_qdisc_fn fn, void *arg, struct why *why)
{
	struct qdisc_call c = {fn, arg};
	struct nl_msg m;
	int err;

	nl_msg_start(&m, RTM_GETQDISC, 0, sizeof(struct tcmsg));
	err = nl_dump(nl, &m, take_qdisc, &c, why);
	return err < 0 ? why_set(why, err, "read the qdiscs") : 0;
}

/* "net device 3", "block 22". */
static const char *place(const struct tc_filter *f, char buf[32])
{
	snprintf(buf, 32, "%s %u", f->block ? "block" : "net device", f->block ? f->block : f->ifindex);
	return buf;
}

int tc_filter_add(struct nl *nl, const struct tc_filter *f, struct why *why)
{
	struct nl_msg m;
	char at[32];
	int err;

	tc_put_filter(&m, f);
	err = nl_request(nl, &m, NULL, NULL, why);
	if (err < 0)
		why_set(why, err, "add a flower rule, pref %u, to %s", f->pref, place(f, at));
	return err;
}

int tc_filter_delete(struct nl *nl, const struct tc_filter *f, struct why *why)
{
	struct nl_msg m;
	char at[32];
	int err;

	tc_put_filter_delete(&m, f);
	err = nl_request(nl, &m, NULL, NULL, why);
	if (err < 0)
		why_set(why, err, "delete the flower rule, pref %u, of %s", f->pref, place(f, at));
	return err;
}

struct filter_call {
	tc_filter_fn fn;
	void *arg;
};

static int take_filter(const struct nlmsghdr *nlh, void *arg)
{
	const struct filter_call *c = arg;
	struct tc_filter f;
	int err = tc_parse_filter(nlh, &f);

	if (err == -ENODATA)
		return 0;
	return err < 0 ? err : c->fn(&f, c->arg);
}

static int dump(struct nl *nl, uint32_t ifindex, uint32_t parent, tc_filter_fn fn, void *arg,
		struct why *why)
{
	struct filter_call c = {fn, arg};
	struct nl_msg m;
	struct tcmsg *t;

	t = nl_msg_start(&m, RTM_GETTFILTER, 0, sizeof(*t));
	t->tcm_ifindex = (int)ifindex;
	t->tcm_parent = parent;
	return nl_dump(nl, &m, take_filter, &c, why);
}

int tc_filter_dump(struct nl *nl, uint32_t ifindex, tc_filter_fn fn, void *arg, struct why *why)
{
	int err = dump(nl, ifindex, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS), fn, arg, why);

	return err < 0 ? why_set(why, err, "read the TC rules of net device %u", ifindex) : 0;
}

/* tcm_block_index is another name of tcm_parent. */
int tc_block_dump(struct nl *nl, uint32_t block, tc_filter_fn fn, void *arg, struct why *why)
{
	int err = dump(nl, TCM_IFINDEX_MAGIC_BLOCK, block, fn, arg, why);

	return err < 0 ? why_set(why, err, "read the TC rules of block %u", block) : 0;
}
