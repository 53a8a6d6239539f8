/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records of the ring buffer, kernel to user space. Fixed size per kind, zeroed before they are
 * filled, never with key material. A reader checks version, kind and length before it looks on.
 * Kinds, directions and offload types are named once, in names.def.
 */
#ifndef IPSO_EVENT_H
#define IPSO_EVENT_H

#include "ipso/sa.h"

#define IPSO_EVENT_VERSION 1
#define IPSO_TEXT 80  /* extack text, netlink_ext_ack._msg_buf is 80 (NETLINK_MAX_FMTMSG_LEN) */
#define IPSO_COMM 16  /* TASK_COMM_LEN */
#define IPSO_IFNAM 16 /* IFNAMSIZ */

enum ipso_event_kind {
#define IPSO_EVENT(id, label, help) IPSO_EV_##id,
#include "ipso/names.def"
	IPSO_EV_MAX
};

struct ipso_event_hdr {
	__u16 version; /* IPSO_EVENT_VERSION */
	__u16 kind;    /* enum ipso_event_kind */
	__u32 len;     /* bytes of the whole record */
	__u64 ktime;   /* nanoseconds, CLOCK_MONOTONIC (bpf_ktime_get_ns) */
	__u32 pid;     /* thread group; 0 and kernel threads for work the kernel started itself */
	__u32 uid;
	__u32 netns; /* inode number of the namespace the request was made in, 0 unknown */
	__s32 result; /* 0 or -errno, as the hooked function returned it */
	char comm[IPSO_COMM];
};
IPSO_ASSERT_SIZE(struct ipso_event_hdr, 48);

/* The driver's exclusion state when an offload was decided; include/linux/mlx5/driver.h. */
struct ipso_driver_state {
	__u64 num_block_tc;	  /* SAs and policies that keep TC rules off the uplink */
	__u64 num_block_ipsec;	  /* TC rules that keep SAs and policies away */
	__u64 num_ipsec_offloads; /* PF IPsec users; they keep VF ipsec_packet away */
	__u32 eswitch_mode;	  /* 0 legacy, 1 switchdev (offloads) */
	__u32 steering_mode;	  /* 0 dmfs, 1 smfs, 2 hmfs */
	__u32 vf_ipsec;		  /* eswitch->enabled_ipsec_vf_count */
	__u32 rx_tables;	  /* references of the RX IPsec tables, 0 = do not exist */
	__u32 tx_tables;
	__u32 esw_users;	  /* eswitch user_count: TC rules hold it, SA add needs it 0 on 7.3 */
	__u32 known;		  /* bit mask IPSO_DRV_*: which of the above were readable */
	__u32 takes_ipsec;	  /* 1: the net device asked for has xfrmdev_ops */
};
IPSO_ASSERT_SIZE(struct ipso_driver_state, 56);
enum {
	IPSO_DRV_BLOCK = 1,   /* num_block_tc, num_block_ipsec */
	IPSO_DRV_ESWITCH = 2, /* eswitch_mode, vf_ipsec, num_ipsec_offloads */
	IPSO_DRV_STEERING = 4,
	IPSO_DRV_TABLES = 8,
	IPSO_DRV_USERS = 16,
};

/* The last firmware command of this task that failed; device/mlx5 fw status, PRM "syndrome". */
struct ipso_fw_error {
	__u16 opcode;
	__u16 op_mod;
	__u32 status;	/* out[0]; 0 = no firmware error recorded */
	__u32 syndrome; /* be32 at out+4 */
	__s32 err;	/* what the command function returned */
};
IPSO_ASSERT_SIZE(struct ipso_fw_error, 16);

/* SA_ADD, SA_DELETE, SA_EXPIRE, SA_SOFTWARE; FALLBACK: seen by the service */
struct ipso_event_sa {
	struct ipso_event_hdr hdr;
	struct ipso_sa_key key;
	__u8 saddr[16];
	__u32 reqid;
	__s32 ifindex;	/* device asked for (add) or granted */
	__u8 dir;	/* enum ipso_dir */
	__u8 offload;	/* enum ipso_offload: asked for on add, in force otherwise */
	__u8 mode;	/* XFRM_MODE_TRANSPORT 0, XFRM_MODE_TUNNEL 1 */
	__u8 hard;	/* expire: 1 hard, 0 soft */
	__u32 flags;	/* x->props.flags; 0x80 = ESN */
	__u32 replay_window;
	__u32 zero;
	char ifname[IPSO_IFNAM];
	char text[IPSO_TEXT]; /* extack, empty when the kernel gave none */
	struct ipso_driver_state drv;
	struct ipso_fw_error fw;
};
IPSO_ASSERT_SIZE(struct ipso_event_sa, 48 + 32 + 16 + 24 + 16 + 80 + 56 + 16);

/* POLICY_ADD, POLICY_DELETE */
struct ipso_event_policy {
	struct ipso_event_hdr hdr;
	__u8 saddr[16];
	__u8 daddr[16];
	__u16 family;
	__u8 prefix_s;
	__u8 prefix_d;
	__s32 ifindex;
	__u32 priority;
	__u32 index;
	__u32 reqid;   /* of the first template */
	__u8 dir;      /* enum ipso_dir */
	__u8 offload;  /* enum ipso_offload */
	__u8 action;   /* 0 allow, 1 block */
	__u8 zero;
	char ifname[IPSO_IFNAM];
	char text[IPSO_TEXT];
	struct ipso_driver_state drv;
	struct ipso_fw_error fw;
};
IPSO_ASSERT_SIZE(struct ipso_event_policy, 48 + 32 + 24 + 16 + 80 + 56 + 16);

/* TC_ADD, TC_DELETE: the driver's answer to one flower rule (mlx5e_configure_flower) */
struct ipso_event_tc {
	struct ipso_event_hdr hdr;
	__u64 cookie; /* names the rule until it is deleted */
	__s32 ifindex;
	__u32 prio;	/* f->common.prio */
	__u32 chain;	/* f->common.chain_index */
	__u16 protocol; /* ethertype, host order */
	__u16 way;	/* enum ipso_way */
	__u32 pci;	/* IPSO_PCI() of the eswitch's PF */
	__u32 zero;
	char ifname[IPSO_IFNAM];
	char text[IPSO_TEXT];
	struct ipso_driver_state drv;
	struct ipso_fw_error fw;
};
IPSO_ASSERT_SIZE(struct ipso_event_tc, 48 + 32 + 16 + 80 + 56 + 16);

/* SA_SAMPLE */
struct ipso_event_sample {
	struct ipso_event_hdr hdr;
	struct ipso_sa_key key;
	struct ipso_sa_sample now;
};
IPSO_ASSERT_SIZE(struct ipso_event_sample, 48 + 32 + 48);

/* GATE: one message refused, or that would have been (observe) */
struct ipso_event_gate {
	struct ipso_event_hdr hdr; /* result: -EBUSY when refused, 0 when only observed */
	__u32 pci;		   /* IPSO_PCI() of the guarded eswitch's PF */
	__s32 ifindex;		   /* tcm_ifindex; 0xffffffff (magic) for a shared block */
	__u32 block;		   /* shared block number, 0 none */
	__u32 parent;		   /* tcm_parent */
	__u32 prio;		   /* upper half of tcm_info */
	__u16 protocol;		   /* lower half of tcm_info, host order */
	__u16 msg_type;		   /* RTM_NEWTFILTER, RTM_NEWQDISC, or nftables' (NFNL_SUBSYS_NFTABLES) */
	__u32 verdict;		   /* enum ipso_verdict */
	__u32 zero;
	char ifname[IPSO_IFNAM];
	char tc_kind[16]; /* TCA_KIND: flower, matchall, ...; "flowtable", "nft chain" */
	struct ipso_driver_state drv;
};
IPSO_ASSERT_SIZE(struct ipso_event_gate, 48 + 32 + 32 + 56);

/* FW_ERROR: any failed firmware command of an mlx5 device */
struct ipso_event_fw {
	struct ipso_event_hdr hdr;
	__u32 pci; /* IPSO_PCI() */
	__u32 zero;
	struct ipso_fw_error fw;
};
IPSO_ASSERT_SIZE(struct ipso_event_fw, 48 + 8 + 16);

/* GATE_MODE: who changed what the gate does for an eswitch */
struct ipso_event_gate_mode {
	struct ipso_event_hdr hdr;
	__u32 pci;  /* IPSO_PCI() of the eswitch's PF */
	__u32 from; /* enum ipso_gate_mode; OFF: was not guarded */
	__u32 to;
	__u32 zero;
};
IPSO_ASSERT_SIZE(struct ipso_event_gate_mode, 48 + 16);

/* MODULE: rmmod or modprobe looked at the count of a module */
#define IPSO_MODULE 16
struct ipso_event_module {
	struct ipso_event_hdr hdr;
	char module[IPSO_MODULE];
};
IPSO_ASSERT_SIZE(struct ipso_event_module, 48 + 16);

enum ipso_dir {
	IPSO_DIR_NONE,
	IPSO_DIR_IN, /* XFRM_DEV_OFFLOAD_IN */
	IPSO_DIR_OUT,
	IPSO_DIR_FWD
};
/* How a TC rule came to the driver: names.def */
enum ipso_way {
#define IPSO_WAY(id, label, help) IPSO_WAY_##id,
#include "ipso/names.def"
	IPSO_WAY_MAX
};
enum ipso_offload {
	IPSO_OFFLOAD_NONE,
	IPSO_OFFLOAD_CRYPTO, /* XFRM_DEV_OFFLOAD_CRYPTO */
	IPSO_OFFLOAD_PACKET
};

/* PCI address as one word: domain 16 bits, bus 8, device 5, function 3. */
#define IPSO_PCI(domain, bus, devfn) \
	(((__u32)(domain) << 16) | ((__u32)(bus) << 8) | ((__u32)(devfn) & 0xff))

#include "ipso/mode.h" /* more records */

#endif
