/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a PF says about its VFs in legacy mode, where no devlink port stands for them. */
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "nl/link.h"

void link_put_vf_mac(struct nl_msg *m, uint32_t ifindex, uint32_t vf, const uint8_t mac[6])
{
	struct ifinfomsg *i = nl_msg_start(m, RTM_NEWLINK, 0, sizeof(*i));
	struct ifla_vf_mac v = {.vf = vf};
	struct nlattr *list, *info;

	i->ifi_index = (int)ifindex;
	memcpy(v.mac, mac, 6);
	list = mnl_attr_nest_start(&m->h, IFLA_VFINFO_LIST);
	info = mnl_attr_nest_start(&m->h, IFLA_VF_INFO);
	mnl_attr_put(&m->h, IFLA_VF_MAC, sizeof(v), &v);
	mnl_attr_nest_end(&m->h, info);
	mnl_attr_nest_end(&m->h, list);
}

struct vf_want {
	uint32_t vf;
	uint8_t mac[6];
	bool found;
};

static int take_vfs(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *a[IFLA_VFINFO_LIST + 1], *v[IFLA_VF_MAC + 1], *info;
	struct vf_want *w = arg;

	nl_attrs(nlh, sizeof(struct ifinfomsg), a, IFLA_VFINFO_LIST);
	if (!a[IFLA_VFINFO_LIST])
		return 0;
	mnl_attr_for_each_nested(info, a[IFLA_VFINFO_LIST]) {
		const struct ifla_vf_mac *mac;

		nl_nest(info, v, IFLA_VF_MAC);
		if (!v[IFLA_VF_MAC] || mnl_attr_get_payload_len(v[IFLA_VF_MAC]) < sizeof(*mac))
			continue;
		mac = mnl_attr_get_payload(v[IFLA_VF_MAC]);
		if (mac->vf != w->vf)
			continue;
		memcpy(w->mac, mac->mac, sizeof(w->mac));
		w->found = true;
	}
	return 0;
}

int link_vf_mac_get(struct nl *nl, uint32_t ifindex, uint32_t vf, uint8_t ret_mac[6],
		    struct why *why)
{
	struct vf_want w = {.vf = vf};
	struct ifinfomsg *i;
	struct nl_msg m;
	int err;

	i = nl_msg_start(&m, RTM_GETLINK, 0, sizeof(*i));
	i->ifi_index = (int)ifindex;
	mnl_attr_put_u32(&m.h, IFLA_EXT_MASK, RTEXT_FILTER_VF);
	err = nl_request(nl, &m, take_vfs, &w, why);
	if (!err && !w.found)
		err = -ENOENT;
	if (err < 0)
		return why_set(why, err, "read VF %u of net device %u", vf, ifindex);
	memcpy(ret_mac, w.mac, sizeof(w.mac));
	return 0;
}

int link_vf_mac_set(struct nl *nl, uint32_t ifindex, uint32_t vf, const uint8_t mac[6],
		    struct why *why)
{
	struct nl_msg m;
	int err;

	link_put_vf_mac(&m, ifindex, vf, mac);
	err = nl_request(nl, &m, NULL, NULL, why);
	if (err < 0)
		why_set(why, err, "set the hardware address of VF %u of net device %u", vf,
			ifindex);
	return err;
}
