/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel types that ipso's BPF programs read, written by hand and minimal: only the fields
 * that are read, every access relocated by CO-RE against the BTF of the running kernel (vmlinux
 * and its modules). Types missing there are guarded in the programs by bpf_core_type_exists() and
 * bpf_core_field_exists(). An enum is relocated only against an enum: declare it as one.
 */
#ifndef __VMLINUX_H__
#define __VMLINUX_H__

/* ---- integers, include/uapi/asm-generic/int-ll64.h ---- */
typedef unsigned char __u8;
typedef signed char __s8;
typedef unsigned short __u16;
typedef signed short __s16;
typedef unsigned int __u32;
typedef signed int __s32;
typedef unsigned long long __u64;
typedef signed long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u64 __be64;
typedef __u32 __wsum;
typedef _Bool bool;
#define true 1
#define false 0
#ifndef NULL
#define NULL ((void *)0)
#endif

/* ---- include/uapi/linux/bpf.h ---- */
enum bpf_map_type {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_RINGBUF = 27,
	BPF_MAP_TYPE_TASK_STORAGE = 29,
};
enum { BPF_ANY = 0, BPF_NOEXIST = 1 };
enum { BPF_F_NO_PREALLOC = 1 };
enum { BPF_LOCAL_STORAGE_GET_F_CREATE = 1 };

/* ---- errno, socket and netlink numbers (UAPI) ---- */
#define EAGAIN 11
#define EBUSY 16
#define ESRCH 3
#define AF_INET 2
#define NETLINK_ROUTE 0
#define NETLINK_NETFILTER 12
#define NLM_F_REQUEST 1
#define RTM_NEWLINK 16
#define RTM_NEWQDISC 36
#define RTM_NEWTFILTER 44
#define TCM_IFINDEX_MAGIC_BLOCK 0xffffffffu
#define TC_H_MAJ_MASK 0xffff0000u
#define TC_H_INGRESS_MAJ 0xffff0000u   /* major number of the ingress and the clsact qdisc */
#define TC_H_CLSACT_EGRESS 0xfffffff3u /* TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS) */
#define TCA_KIND 1
#define TCA_OPTIONS 2
#define TCA_INGRESS_BLOCK 13
#define TCA_EGRESS_BLOCK 14
#define TCA_FLOWER_FLAGS 22
#define TCA_MATCHALL_FLAGS 3
#define TCA_U32_FLAGS 11
#define TCA_BPF_FLAGS_GEN 9
#define TCA_CLS_FLAGS_SKIP_HW 1
#define NLA_TYPE_MASK 0x3fff
#define NFT_NEWCHAIN (10 << 8 | 3) /* NFNL_SUBSYS_NFTABLES, NFT_MSG_* */
#define NFT_NEWFLOWTABLE (10 << 8 | 22)
#define NFTA_CHAIN_HOOK 4
#define NFTA_CHAIN_FLAGS 10
#define NFT_CHAIN_HW_OFFLOAD 2
#define NFTA_FLOWTABLE_HOOK 3
#define NFTA_FLOWTABLE_FLAGS 7
#define NFT_FLOWTABLE_HW_OFFLOAD 1
#define NFTA_HOOK_DEV 3
#define NFTA_HOOK_DEVS 4
#define NFTA_FLOWTABLE_HOOK_DEVS 3
#define NFTA_DEVICE_PREFIX 2
#define DEVLINK_ATTR_DEV_NAME 2
#define DEVLINK_ATTR_ESWITCH_MODE 25
#define DEVLINK_ATTR_PARAM_NAME 81
#define DEVLINK_ATTR_PARAM_VALUE_DATA 86
#define XFRM_MSG_EXPIRE 24
#define XFRM_OFFLOAD_INBOUND 2
#define XFRM_OFFLOAD_PACKET 4

struct nlmsghdr {
	__u32 nlmsg_len;
	__u16 nlmsg_type;
	__u16 nlmsg_flags;
	__u32 nlmsg_seq;
	__u32 nlmsg_pid;
};

struct nlattr {
	__u16 nla_len;
	__u16 nla_type;
};

struct tcmsg {
	__u8 tcm_family;
	__u8 tcm__pad1;
	__u16 tcm__pad2;
	__s32 tcm_ifindex;
	__u32 tcm_handle;
	__u32 tcm_parent;
	__u32 tcm_info;
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* ---- base: include/linux/types.h, kobject.h, device.h ---- */
typedef struct {
	__s64 counter;
} atomic64_t;

struct list_head {
	struct list_head *next;
};
struct hlist_node {
	struct hlist_node *next;
};
struct hlist_head {
	struct hlist_node *first;
};

struct kobject {
	const char *name;
};
struct device_driver {
	const char *name;
};
struct device {
	struct kobject kobj;
	struct device *parent;
	struct device_driver *driver;
	void *driver_data;
};

/* ---- modules: include/linux/module.h ---- */
struct module {
	char name[56];
};
struct module_attribute;
struct module_kobject {
	struct module *mod;
};

/* ---- namespaces: ns_common was rewritten between 6.12 and 7.3, inum is u32 in both ---- */
struct ns_common {
	unsigned int inum;
};
struct net {
	struct ns_common ns;
	struct list_head list; /* of all namespaces */
	struct net_device *loopback_dev;
	struct list_head dev_base_head;
	struct hlist_head *dev_index_head; /* 256 chains, by ifindex & 255 */
};
typedef struct {
	struct net *net;
} possible_net_t;

struct nsproxy {
	struct net *net_ns;
};
struct kernfs_node {
	const char *name;
};
struct cgroup {
	struct kernfs_node *kn;
};
struct css_set {
	struct cgroup *dfl_cgrp; /* of the unified hierarchy */
};
struct task_struct {
	struct nsproxy *nsproxy;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct css_set *cgroups;
	char comm[16];
};

/* ---- sockets and net devices ---- */
struct sock_common {
	possible_net_t skc_net;
};
struct sock {
	struct sock_common __sk_common;
	__u16 sk_protocol;
};
struct sk_buff {
	unsigned int len;
	unsigned int data_len;
	unsigned char *data;
};

struct Qdisc_ops {
	char id[16];
};
struct Qdisc {
	const struct Qdisc_ops *ops;
	long privdata[0];
};
struct netdev_queue {
	struct Qdisc *qdisc_sleeping;
};
struct rtnl_link_ops {
	const char *kind;
};
struct net_device {
	char name[16];
	int ifindex;
	possible_net_t nd_net;
	struct list_head dev_list;
	struct hlist_node index_hlist;
	struct netdev_queue *ingress_queue; /* NULL until it is first needed */
	const struct rtnl_link_ops *rtnl_link_ops;
	const struct xfrmdev_ops *xfrmdev_ops; /* with CONFIG_XFRM_OFFLOAD */
	struct device dev;
	__u8 priv[0]; /* since 6.10; before, the private area follows the padded structure */
};

struct netlink_ext_ack {
	const char *_msg;
};

struct pci_dev {
	struct device dev;
};

/* ---- devlink: include/net/genetlink.h, include/net/devlink.h, net/devlink/devl_internal.h ---- */
struct genl_info {
	struct nlattr **attrs; /* by DEVLINK_ATTR_* */
	struct netlink_ext_ack *extack;
};

struct devlink {
	struct device *dev;
};

struct devlink_port {
	struct devlink *devlink;
	unsigned int index;
};

/* ---- XFRM: include/net/xfrm.h ---- */
typedef union {
	__be32 a4;
	__be32 a6[4];
} xfrm_address_t;
struct xfrm_id {
	xfrm_address_t daddr;
	__be32 spi;
	__u8 proto;
};
struct xfrm_mark {
	__u32 v;
};
struct xfrm_lifetime_cur {
	__u64 bytes;
	__u64 packets;
	__u64 use_time;
};
struct xfrm_stats {
	__u32 replay_window;
	__u32 replay;
	__u32 integrity_failed;
};
struct xfrm_replay_state {
	__u32 oseq;
	__u32 seq;
};
struct xfrm_replay_state_esn {
	__u32 oseq;
	__u32 seq;
	__u32 oseq_hi;
	__u32 seq_hi;
	__u32 replay_window;
};
/* 7.3 moves the bit fields (ifindex before them); real_dev is bonding's own there */
struct xfrm_dev_offload {
	struct net_device *dev;
	struct net_device *real_dev; /* of a policy: the same, or never set */
	unsigned long offload_handle;
	__u8 dir : 2;
	__u8 type : 2;
	__u8 flags : 2; /* 1: larval state made for an acquire */
};
struct xfrm_state {
	possible_net_t xs_net;
	struct xfrm_id id;
	struct xfrm_mark mark;
	struct {
		__u32 reqid;
		__u8 mode;
		__u8 replay_window;
		__u8 flags;
		__u16 family;
		xfrm_address_t saddr;
	} props;
	struct xfrm_replay_state replay;
	struct xfrm_replay_state_esn *replay_esn; /* NULL: no ESN and window <= 32 */
	struct xfrm_stats stats;
	struct xfrm_lifetime_cur curlft;
	struct xfrm_dev_offload xso; /* reset when an add fails */
};
struct xfrm_selector {
	xfrm_address_t daddr;
	xfrm_address_t saddr;
	__u16 family;
	__u8 prefixlen_d;
	__u8 prefixlen_s;
};
struct xfrm_tmpl {
	__u32 reqid;
};
struct xfrm_sec_ctx;
struct xfrm_policy {
	possible_net_t xp_net;
	__u32 priority;
	__u32 index;
	struct xfrm_selector selector;
	__u8 action;
	__u8 xfrm_nr;
	struct xfrm_tmpl xfrm_vec[6];
	struct xfrm_dev_offload xdo;
};
struct xfrm_user_offload {
	int ifindex;
	__u8 flags;
};
struct km_event {
	union {
		__u32 hard;
	} data;
	__u32 event;
};

/* ---- TC: include/net/sch_generic.h, flow_offload.h ---- */
struct tcf_proto;
struct tcf_chain {
	struct tcf_proto *filter_chain;
	struct list_head list;
};
struct flow_block {
	struct list_head cb_list;
};
struct tcf_block {
	struct list_head chain_list;
	__u32 index; /* 0: not shared */
	struct net *net;
	struct flow_block flow_block;
};
struct flow_block_indr {
	void *cb_priv; /* what the driver gave to flow_indr_dev_register() */
};
struct flow_block_cb {
	struct list_head list;
	void *cb_priv;
	struct flow_block_indr indr;
};
struct flow_cls_common_offload {
	__u32 chain_index;
	__be16 protocol;
	__u32 prio;
	struct netlink_ext_ack *extack;
};
struct flow_cls_offload {
	struct flow_cls_common_offload common;
	unsigned long cookie;
};

/* ---- mlx5: include/linux/mlx5/driver.h, drivers/net/ethernet/mellanox/mlx5/core/ ---- */
enum mlx5_flow_steering_mode { MLX5_FLOW_STEERING_MODE_DMFS };

struct mlx5_flow_steering {
	enum mlx5_flow_steering_mode mode;
};
struct mlx5_eswitch {
	atomic64_t user_count;
	int mode;
	__u16 enabled_ipsec_vf_count;
};
struct mlx5_priv {
	struct mlx5_flow_steering *steering;
	struct mlx5_eswitch *eswitch; /* NULL on a function that does not manage one */
};
struct mlx5e_resources {
	struct net_device *uplink_netdev;
};
struct mlx5_core_dev {
	struct device *device;
	struct mlx5_priv priv;
	struct mlx5e_resources mlx5e_res;
	__u64 num_block_tc;
	__u64 num_block_ipsec;
	__u64 num_ipsec_offloads;
	struct {
		__u32 roce_en; /* how often RoCE was switched on */
	} roce;
};
struct mlx5_ipsec_fs;
struct mlx5e_ipsec_ft {
	__u32 refcnt; /* the table exists while it is not 0 */
};
struct mlx5e_ipsec_rx {
	struct mlx5e_ipsec_ft ft;
};
struct mlx5e_ipsec_tx {
	struct mlx5e_ipsec_ft ft;
};
struct mlx5e_ipsec {
	struct mlx5e_ipsec_rx *rx_ipv4;
	struct mlx5e_ipsec_rx *rx_ipv6;
	struct mlx5e_ipsec_rx *rx_esw;
	struct mlx5e_ipsec_tx *tx;
	struct mlx5e_ipsec_tx *tx_esw;
	__u8 is_uplink_rep : 1;
	struct mlx5_ipsec_fs *roce; /* NULL: RoCE does not go through the tables */
};
struct mlx5e_priv {
	struct mlx5_core_dev *mdev;
	struct net_device *netdev;
	void *ppriv; /* of a representor: its mlx5e_rep_priv */
	struct mlx5e_ipsec *ipsec; /* NULL: the device has no IPsec capability */
};

struct mlx5e_rep_priv {
	struct net_device *netdev;
};

#pragma clang attribute pop

#endif
