/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Net devices: list, up, MTU, namespace. Addresses are in link_addr.c, VF lists in link_vf.c, VXLAN in
 * link_vxlan.c.
 */
#include "nl/link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "nl/netns.h"

static struct ifinfomsg *put_link(struct nl_msg *m, uint16_t type, uint32_t ifindex)
{
	struct ifinfomsg *i = nl_msg_start(m, type, 0, sizeof(*i));

	i->ifi_index = (int)ifindex;
	return i;
}

void link_put_flags(struct nl_msg *m, uint32_t ifindex, uint32_t flags, uint32_t change)
{
	struct ifinfomsg *i = put_link(m, RTM_NEWLINK, ifindex);

	i->ifi_flags = flags;
	i->ifi_change = change;
}

void link_put_mtu(struct nl_msg *m, uint32_t ifindex, uint32_t mtu)
{
	put_link(m, RTM_NEWLINK, ifindex);
	mnl_attr_put_u32(&m->h, IFLA_MTU, mtu);
}

void link_put_netns_fd(struct nl_msg *m, uint32_t ifindex, int fd)
{
	put_link(m, RTM_NEWLINK, ifindex);
	mnl_attr_put_u32(&m->h, IFLA_NET_NS_FD, (uint32_t)fd);
}

static void copy_str(char *to, size_t size, const struct nlattr *a)
{
	if (a && mnl_attr_validate(a, MNL_TYPE_NUL_STRING) >= 0)
		snprintf(to, size, "%s", mnl_attr_get_str(a));
}

/* The UDP port of a VXLAN device without a tunnel of its own, 0 for every other device. */
static uint16_t vxlan_of(const struct nlattr *info)
{
	const struct nlattr *i[IFLA_INFO_DATA + 1], *d[IFLA_VXLAN_COLLECT_METADATA + 1];

	if (!info)
		return 0;
	nl_nest(info, i, IFLA_INFO_DATA);
	if (!i[IFLA_INFO_KIND] || !i[IFLA_INFO_DATA] ||
	    strcmp(mnl_attr_get_str(i[IFLA_INFO_KIND]), "vxlan") != 0)
		return 0;
	nl_nest(i[IFLA_INFO_DATA], d, IFLA_VXLAN_COLLECT_METADATA);
	if (!d[IFLA_VXLAN_PORT] || !d[IFLA_VXLAN_COLLECT_METADATA] ||
	    !mnl_attr_get_u8(d[IFLA_VXLAN_COLLECT_METADATA]))
		return 0;
	return ntohs(mnl_attr_get_u16(d[IFLA_VXLAN_PORT]));
}

int link_parse(const struct nlmsghdr *nlh, struct link_info *ret_l)
{
	const struct ifinfomsg *i = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *a[IFLA_PARENT_DEV_BUS_NAME + 1];
	struct link_info l = {};

	if (nlh->nlmsg_type != RTM_NEWLINK || mnl_nlmsg_get_payload_len(nlh) < sizeof(*i))
		return -EBADMSG;
	nl_attrs(nlh, sizeof(*i), a, IFLA_PARENT_DEV_BUS_NAME);
	l.ifindex = (uint32_t)i->ifi_index;
	l.flags = i->ifi_flags;
	copy_str(l.name, sizeof(l.name), a[IFLA_IFNAME]);
	copy_str(l.phys_port, sizeof(l.phys_port), a[IFLA_PHYS_PORT_NAME]);
	if (a[IFLA_PARENT_DEV_BUS_NAME] &&
	    strcmp(mnl_attr_get_str(a[IFLA_PARENT_DEV_BUS_NAME]), "pci") == 0)
		copy_str(l.parent, sizeof(l.parent), a[IFLA_PARENT_DEV_NAME]);
	if (a[IFLA_MTU])
		l.mtu = mnl_attr_get_u32(a[IFLA_MTU]);
	if (a[IFLA_CARRIER])
		l.carrier = mnl_attr_get_u8(a[IFLA_CARRIER]);
	l.vxlan = vxlan_of(a[IFLA_LINKINFO]);
	if (a[IFLA_ADDRESS] && mnl_attr_get_payload_len(a[IFLA_ADDRESS]) == sizeof(l.mac)) {
		memcpy(l.mac, mnl_attr_get_payload(a[IFLA_ADDRESS]), sizeof(l.mac));
		l.has_mac = true;
	}
	*ret_l = l;
	return 0;
}

struct link_call {
	link_fn fn;
	void *arg;
};

static int take_link(const struct nlmsghdr *nlh, void *arg)
{
	const struct link_call *c = arg;
	struct link_info l;
	int err = link_parse(nlh, &l);

	return err < 0 ? err : c->fn(&l, c->arg);
}

int link_dump(struct nl *nl, link_fn fn, void *arg, struct why *why)
{
	struct link_call c = {fn, arg};
	struct nl_msg m;
	int err;

	put_link(&m, RTM_GETLINK, 0);
	err = nl_dump(nl, &m, take_link, &c, why);
	return err < 0 ? why_set(why, err, "read the net devices") : 0;
}

static int keep_link(const struct link_info *l, void *arg)
{
	*(struct link_info *)arg = *l;
	return 0;
}

int link_get(struct nl *nl, uint32_t ifindex, struct link_info *ret_l, struct why *why)
{
	struct link_info l = {};
	struct link_call c = {keep_link, &l};
	struct nl_msg m;
	int err;

	put_link(&m, RTM_GETLINK, ifindex);
	err = nl_request(nl, &m, take_link, &c, why);
	if (err < 0)
		return why_set(why, err, "read net device %u", ifindex);
	*ret_l = l;
	return 0;
}

int link_set_up(struct nl *nl, uint32_t ifindex, bool up, struct why *why)
{
	struct nl_msg m;
	int err;

	link_put_flags(&m, ifindex, up ? IFF_UP : 0, IFF_UP);
	err = nl_request(nl, &m, NULL, NULL, why);
	if (err < 0)
		why_set(why, err, "set net device %u %s", ifindex, up ? "up" : "down");
	return err;
}

int link_set_mtu(struct nl *nl, uint32_t ifindex, uint32_t mtu, struct why *why)
{
	struct nl_msg m;
	int err;

	link_put_mtu(&m, ifindex, mtu);
	err = nl_request(nl, &m, NULL, NULL, why);
	if (err < 0)
		why_set(why, err, "set the MTU of net device %u to %u", ifindex, mtu);
	return err;
}

int link_set_netns(struct nl *nl, uint32_t ifindex, const char *netns, struct why *why)
{
	_close_ int fd = -1;
	struct nl_msg m;
	int err;

	err = netns_open(netns, &fd);
	if (err < 0)
		return why_set(why, err, "open network namespace %s", netns ? netns : "");
	link_put_netns_fd(&m, ifindex, fd);
	err = nl_request(nl, &m, NULL, NULL, why);
	if (err == -EEXIST) { /* its name is taken there: the kernel finds the next that is free */
		link_put_netns_fd(&m, ifindex, fd);
		mnl_attr_put_strz(&m.h, IFLA_IFNAME, "eth%d");
		err = nl_request(nl, &m, NULL, NULL, why);
	}
	if (err < 0)
		why_set(why, err, "move net device %u to network namespace %s", ifindex,
			netns && *netns ? netns : "of the caller");
	return err;
}
