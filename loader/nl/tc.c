/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TC requests: ingress qdiscs and rules. Their bytes are in tc_put.c and tc_parse*.c. */
#include "nl/tc.h"

#include <errno.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>

int tc_qdisc_add_ingress(struct nl *nl, uint32_t ifindex, struct why *why)
{
	struct nl_msg m;
	int err;

	tc_put_qdisc(&m, RTM_NEWQDISC, ifindex);
	err = nl_request(nl, &m, NULL, NULL, why);
	return err < 0 ? why_set(why, err, "add an ingress qdisc to net device %u", ifindex) : 0;
}

int tc_qdisc_delete_ingress(struct nl *nl, uint32_t ifindex, struct why *why)
{
	struct nl_msg m;
	int err;

	tc_put_qdisc(&m, RTM_DELQDISC, ifindex);
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
	const struct nlattr *a[TCA_KIND + 1];

	if (nlh->nlmsg_type != RTM_NEWQDISC || mnl_nlmsg_get_payload_len(nlh) < sizeof(*t))
		return -EBADMSG;
	nl_attrs(nlh, sizeof(*t), a, TCA_KIND);
	if (!a[TCA_KIND] || (strcmp(mnl_attr_get_str(a[TCA_KIND]), "ingress") != 0 &&
			     strcmp(mnl_attr_get_str(a[TCA_KIND]), "clsact") != 0))
		return 0;
	return c->fn((uint32_t)t->tcm_ifindex, c->arg);
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

int tc_filter_add(struct nl *nl, const struct tc_filter *f, struct why *why)
{
	struct nl_msg m;
	int err;

	tc_put_filter(&m, f);
	err = nl_request(nl, &m, NULL, NULL, why);
	if (err < 0)
		why_set(why, err, "add a flower rule, pref %u, to net device %u", f->pref,
			f->ifindex);
	return err;
}

int tc_filter_delete(struct nl *nl, const struct tc_filter *f, struct why *why)
{
	struct nl_msg m;
	int err;

	tc_put_filter_delete(&m, f);
	err = nl_request(nl, &m, NULL, NULL, why);
	if (err < 0)
		why_set(why, err, "delete the flower rule, pref %u, of net device %u", f->pref,
			f->ifindex);
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

int tc_filter_dump(struct nl *nl, uint32_t ifindex, tc_filter_fn fn, void *arg, struct why *why)
{
	struct filter_call c = {fn, arg};
	struct nl_msg m;
	struct tcmsg *t;
	int err;

	t = nl_msg_start(&m, RTM_GETTFILTER, 0, sizeof(*t));
	t->tcm_ifindex = (int)ifindex;
	t->tcm_parent = TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS);
	err = nl_dump(nl, &m, take_filter, &c, why);
	return err < 0 ? why_set(why, err, "read the TC rules of net device %u", ifindex) : 0;
}
