/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of what ends offload at one stroke: modes, links, tables. Included by event.h. */
#ifndef IPSO_MODE_H
#define IPSO_MODE_H

enum ipso_mode_item {
#define IPSO_MODE(id, label, help) IPSO_MODE_##id,
#include "ipso/names.def"
	IPSO_MODE_MAX
};

/*
 * Who stands behind a request: a mode is mostly set by a tool (devlink) that a script or a service
 * starts, and the tool's own name tells little.
 */
#define IPSO_STARTERS 3
#define IPSO_UNIT 48
struct ipso_author {
	char by[IPSO_STARTERS][IPSO_COMM]; /* parent, its parent, ... */
	char unit[IPSO_UNIT]; /* last part of the control group's path: a unit of systemd */
};
IPSO_ASSERT_SIZE(struct ipso_author, 48 + 48);

/* MODE: a request, and what became of it */
struct ipso_event_mode {
	struct ipso_event_hdr hdr;
	__u32 pci;    /* IPSO_PCI() of the PF */
	__u32 item;   /* enum ipso_mode_item */
	__u32 number; /* eswitch: DEVLINK_ESWITCH_MODE_*; VFs; ipsec_packet: 0 or 1 */
	__u32 port;   /* ipsec_packet: index of the devlink port */
	char name[24];	/* parameter */
	char value[16]; /* steering */
	char text[IPSO_TEXT];
	struct ipso_author author;
};
IPSO_ASSERT_SIZE(struct ipso_event_mode, 48 + 16 + 40 + 80 + 96);

/* LINK: xfrm_dev_state_flush() of an mlx5 net device that has IPsec tables */
struct ipso_event_link {
	struct ipso_event_hdr hdr;
	__s32 ifindex;
	__u32 sas; /* that are in hardware by the service's table, which fills it */
	char ifname[IPSO_IFNAM];
	struct ipso_driver_state drv;
};
IPSO_ASSERT_SIZE(struct ipso_event_link, 48 + 8 + 16 + 56);

/* TABLES: seen by the service; who made the last SA or policy go is in the header */
struct ipso_event_tables {
	struct ipso_event_hdr hdr;
	__u32 pci;
	__u32 dir; /* enum ipso_dir */
	char ifname[IPSO_IFNAM];
	struct ipso_driver_state drv;
};
IPSO_ASSERT_SIZE(struct ipso_event_tables, 48 + 8 + 16 + 56);

/* DRIFT: seen by the service; who asked for it last is in the header, if that was heard */
struct ipso_event_drift {
	struct ipso_event_hdr hdr;
	__u32 pci;
	__u32 item; /* enum ipso_mode_item */
	__u32 found, wanted; /* 0 legacy, 1 switchdev; 0 dmfs, 1 smfs, 2 hmfs; numbers */
	char ifname[IPSO_IFNAM];
	struct ipso_author author;
};
IPSO_ASSERT_SIZE(struct ipso_event_drift, 48 + 16 + 16 + 96);

#endif
