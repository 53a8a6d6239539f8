/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Net devices and their addresses over rtnetlink (include/uapi/linux/if_link.h, if_addr.h). */
#ifndef IPSO_NL_LINK_H
#define IPSO_NL_LINK_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "nl/sock.h"

struct link_info {
	uint32_t ifindex, mtu, flags; /* flags: IFF_* */
	char name[IF_NAMESIZE];
	char parent[PCI_STRLEN]; /* IFLA_PARENT_DEV_NAME when the parent is a PCI device, or "" */
	char phys_port[32];	 /* IFLA_PHYS_PORT_NAME: "p0" uplink, "pf0vf1" representor, or "" */
	uint8_t mac[6];
	bool has_mac, carrier;
	uint16_t vxlan; /* UDP port, when it is the net device of all VXLAN tunnels (external), or 0 */
};

typedef int (*link_fn)(const struct link_info *l, void *arg);
int link_dump(struct nl *nl, link_fn fn, void *arg, struct why *why);
/* One device by index; -ENODEV. */
int link_get(struct nl *nl, uint32_t ifindex, struct link_info *ret_l, struct why *why);

int link_set_up(struct nl *nl, uint32_t ifindex, bool up, struct why *why);
int link_set_mtu(struct nl *nl, uint32_t ifindex, uint32_t mtu, struct why *why);
/*
 * Make a VXLAN net device that takes the tunnel of each frame from TC (`type vxlan external`), already
 * up; -EEXIST when the name or the UDP port is taken. Delete any net device that is not hardware.
 */
int link_vxlan_add(struct nl *nl, const char *name, uint16_t port, struct why *why);
int link_delete(struct nl *nl, uint32_t ifindex, struct why *why);
/*
 * Into a named namespace; NULL or "" = the caller's own. The device gets another name, "ethN", when
 * its own is taken there.
 */
int link_set_netns(struct nl *nl, uint32_t ifindex, const char *netns, struct why *why);

typedef int (*link_addr_fn)(uint32_t ifindex, const struct addr *a, void *arg);
int link_addr_dump(struct nl *nl, link_addr_fn fn, void *arg, struct why *why);
/* IPv6 addresses are added without duplicate address detection: usable at once. */
int link_addr_add(struct nl *nl, uint32_t ifindex, const struct addr *a, struct why *why);
/* This one only: others of its subnet stay. */
int link_addr_delete(struct nl *nl, uint32_t ifindex, const struct addr *a, struct why *why);

/* The address a PF gives its VF in legacy mode (IFLA_VFINFO_LIST). -ENOENT: no such VF. */
int link_vf_mac_get(struct nl *nl, uint32_t ifindex, uint32_t vf, uint8_t ret_mac[6],
		    struct why *why);
int link_vf_mac_set(struct nl *nl, uint32_t ifindex, uint32_t vf, const uint8_t mac[6],
		    struct why *why);

/* Bytes. */
void link_put_flags(struct nl_msg *m, uint32_t ifindex, uint32_t flags, uint32_t change);
void link_put_mtu(struct nl_msg *m, uint32_t ifindex, uint32_t mtu);
void link_put_netns_fd(struct nl_msg *m, uint32_t ifindex, int fd);
void link_put_vf_mac(struct nl_msg *m, uint32_t ifindex, uint32_t vf, const uint8_t mac[6]);
void link_put_addr(struct nl_msg *m, uint16_t type, uint32_t ifindex, const struct addr *a);
void link_put_promote(struct nl_msg *m, uint32_t ifindex, uint32_t on);
void link_put_vxlan(struct nl_msg *m, const char *name, uint16_t port);
int link_parse(const struct nlmsghdr *nlh, struct link_info *ret_l);

#endif
