/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The net device that stands for all VXLAN tunnels of a UDP port (drivers/net/vxlan/vxlan_core.c). */
#include <arpa/inet.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "nl/link.h"

void link_put_vxlan(struct nl_msg *m, const char *name, uint16_t port)
{
	struct ifinfomsg *i = nl_msg_start(m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof(*i));
	struct nlattr *info, *data;

	i->ifi_flags = IFF_UP;
	i->ifi_change = IFF_UP;
	mnl_attr_put_strz(&m->h, IFLA_IFNAME, name);
	info = mnl_attr_nest_start(&m->h, IFLA_LINKINFO);
	mnl_attr_put_strz(&m->h, IFLA_INFO_KIND, "vxlan");
	data = mnl_attr_nest_start(&m->h, IFLA_INFO_DATA);
	mnl_attr_put_u16(&m->h, IFLA_VXLAN_PORT, htons(port));
	mnl_attr_put_u8(&m->h, IFLA_VXLAN_COLLECT_METADATA, 1);
	mnl_attr_put_u8(&m->h, IFLA_VXLAN_LEARNING, 0);
	mnl_attr_nest_end(&m->h, data);
	mnl_attr_nest_end(&m->h, info);
}

int link_vxlan_add(struct nl *nl, const char *name, uint16_t port, struct why *why)
{
	struct nl_msg m;
	int err;

	link_put_vxlan(&m, name, port);
	err = nl_request(nl, &m, NULL, NULL, why);
	return err < 0 ? why_set(why, err, "make VXLAN net device %s for UDP port %u", name, port) : 0;
}

int link_delete(struct nl *nl, uint32_t ifindex, struct why *why)
{
	struct ifinfomsg *i;
	struct nl_msg m;
	int err;

	i = nl_msg_start(&m, RTM_DELLINK, 0, sizeof(*i));
	i->ifi_index = (int)ifindex;
	err = nl_request(nl, &m, NULL, NULL, why);
	return err < 0 ? why_set(why, err, "delete net device %u", ifindex) : 0;
}
