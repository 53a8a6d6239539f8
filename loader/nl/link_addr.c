/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses of net devices. */
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "nl/link.h"

void link_put_addr(struct nl_msg *m, uint16_t type, uint32_t ifindex, const struct addr *a)
{
	uint16_t flags = type == RTM_NEWADDR ? NLM_F_CREATE | NLM_F_EXCL : 0;
	size_t len = a->family == AF_INET ? 4 : 16;
	struct ifaddrmsg *i = nl_msg_start(m, type, flags, sizeof(*i));

	i->ifa_family = (uint8_t)a->family;
	i->ifa_prefixlen = a->prefix;
	i->ifa_index = ifindex;
	if (a->family == AF_INET6 && type == RTM_NEWADDR)
		i->ifa_flags = IFA_F_NODAD;
	mnl_attr_put(&m->h, IFA_LOCAL, len, a->b);
	mnl_attr_put(&m->h, IFA_ADDRESS, len, a->b);
}

struct addr_call {
	link_addr_fn fn;
	void *arg;
};

static int take_addr(const struct nlmsghdr *nlh, void *arg)
{
	const struct ifaddrmsg *i = mnl_nlmsg_get_payload(nlh);
	const struct addr_call *c = arg;
	const struct nlattr *t[IFA_LOCAL + 1], *b;
	struct addr a = {};

	if (nlh->nlmsg_type != RTM_NEWADDR || mnl_nlmsg_get_payload_len(nlh) < sizeof(*i))
		return -EBADMSG;
	nl_attrs(nlh, sizeof(*i), t, IFA_LOCAL);
	b = t[IFA_LOCAL] ? t[IFA_LOCAL] : t[IFA_ADDRESS];
	if (!b || mnl_attr_get_payload_len(b) > sizeof(a.b))
		return 0;
	a.family = i->ifa_family;
	a.prefix = i->ifa_prefixlen;
	memcpy(a.b, mnl_attr_get_payload(b), mnl_attr_get_payload_len(b));
	return c->fn(i->ifa_index, &a, c->arg);
}

int link_addr_dump(struct nl *nl, link_addr_fn fn, void *arg, struct why *why)
{
	struct addr_call c = {fn, arg};
	struct nl_msg m;
	int err;

	nl_msg_start(&m, RTM_GETADDR, 0, sizeof(struct ifaddrmsg));
	err = nl_dump(nl, &m, take_addr, &c, why);
	return err < 0 ? why_set(why, err, "read the addresses") : 0;
}

static int change_addr(struct nl *nl, uint16_t type, uint32_t ifindex, const struct addr *a,
		       struct why *why)
{
	char text[ADDR_STRLEN];
	struct nl_msg m;
	int err;

	link_put_addr(&m, type, ifindex, a);
	err = nl_request(nl, &m, NULL, NULL, why);
	if (err < 0)
		why_set(why, err, "%s address %s of net device %u",
			type == RTM_NEWADDR ? "add" : "remove", addr_str(a, true, text), ifindex);
	return err;
}

int link_addr_add(struct nl *nl, uint32_t ifindex, const struct addr *a, struct why *why)
{
	return change_addr(nl, RTM_NEWADDR, ifindex, a, why);
}

/* IFLA_AF_SPEC holds the device's IPv4 settings as an array of 32 bit numbers, counted from 1. */
static int take_promote(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *t[IFLA_AF_SPEC + 1], *in[AF_INET + 1], *conf[IFLA_INET_CONF + 1];
	const size_t at = (IPV4_DEVCONF_PROMOTE_SECONDARIES - 1) * sizeof(uint32_t);

	nl_attrs(nlh, sizeof(struct ifinfomsg), t, IFLA_AF_SPEC);
	if (!t[IFLA_AF_SPEC])
		return 0;
	nl_nest(t[IFLA_AF_SPEC], in, AF_INET);
	if (!in[AF_INET])
		return 0;
	nl_nest(in[AF_INET], conf, IFLA_INET_CONF);
	if (conf[IFLA_INET_CONF] &&
	    mnl_attr_get_payload_len(conf[IFLA_INET_CONF]) >= at + sizeof(uint32_t))
		memcpy(arg, (const uint8_t *)mnl_attr_get_payload(conf[IFLA_INET_CONF]) + at,
		       sizeof(uint32_t));
	return 0;
}

void link_put_promote(struct nl_msg *m, uint32_t ifindex, uint32_t on)
{
	struct ifinfomsg *i = nl_msg_start(m, RTM_NEWLINK, 0, sizeof(*i));
	struct nlattr *spec, *in, *conf;

	i->ifi_index = (int)ifindex;
	spec = mnl_attr_nest_start(&m->h, IFLA_AF_SPEC);
	in = mnl_attr_nest_start(&m->h, AF_INET);
	conf = mnl_attr_nest_start(&m->h, IFLA_INET_CONF);
	mnl_attr_put_u32(&m->h, IPV4_DEVCONF_PROMOTE_SECONDARIES, on);
	mnl_attr_nest_end(&m->h, conf);
	mnl_attr_nest_end(&m->h, in);
	mnl_attr_nest_end(&m->h, spec);
}

static int set_promote(struct nl *nl, uint32_t ifindex, uint32_t on, struct why *why)
{
	struct nl_msg m;
	int err;

	link_put_promote(&m, ifindex, on);
	err = nl_request(nl, &m, NULL, NULL, why);
	return err < 0 ? why_set(why, err, "set promote_secondaries of net device %u", ifindex) : 0;
}

static int get_promote(struct nl *nl, uint32_t ifindex, uint32_t *ret_on, struct why *why)
{
	struct ifinfomsg *i;
	struct nl_msg m;
	int err;

	*ret_on = 0;
	i = nl_msg_start(&m, RTM_GETLINK, 0, sizeof(*i));
	i->ifi_index = (int)ifindex;
	err = nl_request(nl, &m, take_promote, ret_on, why);
	return err < 0 ? why_set(why, err, "read net device %u", ifindex) : 0;
}

/*
 * With the first IPv4 address of a subnet the kernel deletes all others of it, unless the device's
 * promote_secondaries is set (__inet_del_ifa()): set while this one goes.
 */
int link_addr_delete(struct nl *nl, uint32_t ifindex, const struct addr *a, struct why *why)
{
	uint32_t before = 1;
	int err = 0;

	if (a->family == AF_INET)
		err = get_promote(nl, ifindex, &before, why);
	if (!err && !before)
		err = set_promote(nl, ifindex, 1, why);
	if (err < 0)
		return err;
	err = change_addr(nl, RTM_DELADDR, ifindex, a, why);
	if (!before)
		set_promote(nl, ifindex, 0, NULL);
	return err;
}
