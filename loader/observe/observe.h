/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is: the host as it stands, read and never changed. One struct ipso_state is what the plan
 * compares the configuration with, and what `ipso check` and `ipso status` describe.
 */
#ifndef IPSO_OBSERVE_H
#define IPSO_OBSERVE_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "attach/attach.h"
#include "base/addr.h"
#include "base/err.h"
#include "config/config.h"
#include "nl/ovs.h"
#include "nl/tc.h"
#include "observe/daemons.h"

struct obs_link {
	char name[IF_NAMESIZE];
	uint32_t ifindex; /* 0 = no net device */
	uint32_t mtu;
	bool up, carrier;
	uint8_t mac[6];
	struct addr *addresses;
	unsigned int addresses_count;
	bool esp_hw_offload; /* NETIF_F_HW_ESP as ethtool -k shows it */
	bool tc_offload;     /* hw-tc-offload */
};

struct obs_vf {
	uint32_t index;
	char pci[PCI_STRLEN];
	bool bound;		  /* to mlx5_core */
	struct obs_link link;	  /* in the namespace `netns` when it was moved there */
	char netns[64];		  /* "" = the caller's */
	struct obs_link rep;	  /* representor, switchdev only */
	uint32_t port_index;	  /* devlink port, has_port */
	bool has_port;
	bool ipsec_packet, ipsec_packet_known, roce, roce_known;
	bool has_mac;		  /* port_mac is known: devlink port, or the PF's word in legacy */
	uint8_t port_mac[6];
};

struct obs_device {
	char pci[PCI_STRLEN];
	char driver[32], fw[32];
	uint16_t pci_device; /* 0x1021 = ConnectX-7 ... */
	struct obs_link uplink;
	bool switchdev;
	char eswitch_mode[16], encap_mode[16], inline_mode[16], steering[16];
	uint32_t vfs_total, vfs_count; /* sriov_totalvfs, sriov_numvfs */
	struct obs_vf *vfs;	       /* vfs_count of them */
};

/* A net device that stands for all VXLAN tunnels of a UDP port, in the caller's namespace. */
struct obs_vxlan {
	struct obs_link link;
	uint16_t port;
};

/* An ingress or clsact qdisc. */
struct obs_ingress {
	uint32_t ifindex;
	uint32_t block; /* number of the shared block, 0 = its own */
};

/* An SA or policy the kernel holds on one of our devices, enough to compare; no keys are kept. */
struct obs_sa {
	struct addr src, dst;
	struct addr sel_src, sel_dst; /* selector */
	uint16_t udp_sport, udp_dport; /* ESP in UDP; 0 = none */
	uint32_t spi, reqid;
	uint32_t replay_window;
	bool esn, packet_offload;
	uint8_t dir; /* enum ipso_dir, as offloaded */
	uint32_t ifindex;
	char netns[64];
	uint32_t aead_bits;    /* key bits without salt; 0 = not rfc4106(gcm(aes)) */
	uint64_t soft_packets, hard_packets, soft_bytes, hard_bytes; /* 0 = no limit */
	uint64_t soft_seconds, hard_seconds; /* since add_time; 0 = no limit */
	uint64_t add_time;     /* seconds since the epoch */
	bool key_matches;      /* equals the configured key (compared, then wiped) */
	bool key_known;	       /* false: the kernel hides keys (lockdown), or none is configured */
	uint8_t mode;	       /* XFRM_MODE_TRANSPORT 0, XFRM_MODE_TUNNEL 1 */
};

struct obs_policy {
	struct addr src, dst; /* selector */
	uint8_t proto;	      /* of the selector, as are the ports; 0 = any */
	uint16_t sport, dport;
	uint8_t dir;	      /* enum ipso_dir */
	struct addr tmpl_src, tmpl_dst; /* family 0 = no template */
	uint8_t mode;	      /* XFRM_MODE_TRANSPORT, XFRM_MODE_TUNNEL */
	uint32_t priority, reqid;
	bool packet_offload;
	bool block;	      /* drops what it matches */
	bool bypass;	      /* allows, and has no template */
	uint32_t user;	      /* of the selector: XFRM_USER_BELOW = a block policy of ipso's */
	uint32_t ifindex;
	char netns[64];
};

struct obs_filter {
	uint32_t ifindex;
	char ifname[IF_NAMESIZE];
	char kind[16]; /* flower, matchall, ... */
	uint16_t pref, protocol;
	uint32_t handle, chain;
	bool in_hw, skip_sw, skip_hw;
	uint32_t in_hw_count; /* of flower: in so many devices of its block */
	bool plain; /* flower, and `rule` is all that it matches and does */
	bool alone; /* nothing of its actions is shared with others or told apart by others */
	bool ovs;   /* of Open vSwitch: on a port of its datapath, with its cookie */
	uint32_t block; /* the shared block it sits on, 0 = the device's own */
	struct tc_rule rule;
};

/* The kernel's own word, from BTF (from kallsyms where there is none). */
struct obs_kernel {
	char release[65];
	bool btf;
	bool xfrm_offload;     /* CONFIG_XFRM_OFFLOAD: xfrm_dev_state_add() has a body */
	bool xfrm_packet;      /* XFRM knows packet offload (since 6.2), not crypto offload alone */
	bool esp_offload;      /* esp4_offload is built in, loaded, or there to be loaded */
	bool esp6_offload;     /* the same of IPv6 */
	bool aes_gcm;	       /* rfc4106(gcm(aes)) and seqiv, which an offloaded state needs too */
	char tc_missing[96];   /* classifiers and actions that are not there, "" = none */
	bool mlx5;	       /* mlx5_core is built in or loaded */
	bool mlx5_ipsec;       /* CONFIG_MLX5_EN_IPSEC */
	bool mlx5_tc;	       /* CONFIG_MLX5_CLS_ACT */
	bool mlx5_ipsec_fdb;   /* IPsec tables in the FDB: tunnels on a switchdev uplink (since 6.6) */
	bool sa_needs_free_eswitch; /* every new SA, not only the first, is refused while TC rules
				     * are in hardware (commit 22239eb258bc, since 6.18) */
	/* Only from BTF; false where there is none. */
	bool ipsec_fdb_tunnel; /* tunnel mode on a switchdev uplink, while encap-mode is none */
	bool ipsec_subnets;    /* prefixes of policies reach the hardware: else it matches the first
				* address of a network only, and the others leave in the clear */
	bool known_mlx5_ipsec; /* false: mlx5_core is not loaded, cannot tell */
	bool lsm_bpf;	       /* bpf is among the active LSMs; ipso does not need it */
	bool lockdown;	       /* confidentiality: BPF may not read kernel memory */
	bool gate_target;      /* security_netlink_send() is there to be hooked */
	bool trampoline;       /* BPF trampolines are built for this architecture */
};

struct ipso_state {
	uint64_t now; /* when this was read, in seconds since the epoch */
	struct obs_kernel kernel;
	struct obs_device *devices; /* parallel to cfg->devices; pci "" = not found */
	unsigned int devices_count;
	struct obs_sa *sas;
	unsigned int sas_count;
	struct obs_policy *policies;
	unsigned int policies_count;
	struct obs_filter *filters; /* on uplinks, representors and the vxlans; of a block for each
				     * of its devices */
	unsigned int filters_count;
	struct obs_ingress *ingress;
	unsigned int ingress_count;
	struct obs_vxlan *vxlans;
	unsigned int vxlans_count;
	char (*netns)[64]; /* namespaces named in the configuration that exist */
	unsigned int netns_count;
	struct gate_status gate;
	struct ovs ovs;	    /* read for bridges of the configuration, and to displace its rules */
	struct why ovs_why; /* err != 0: it could not be read, and why */
	struct obs_daemons daemons; /* read when an offloaded policy is not ipso's, to name whose */
	bool sa_dir; /* the kernel knows XFRMA_SA_DIR (and wants replay window 0 outbound) */
};

/* Read everything the configuration speaks of. An unknown device is -ENODEV (exit 2). */
int observe(const struct ipso_config *cfg, struct ipso_state **ret_st, struct why *why);
/*
 * Read again after something changed. Devices are found by the PCI address that they had, not by
 * name: an eswitch change may rename the uplink. On failure st is as it was, or its parts are of
 * different age. Open vSwitch, which takes a process to ask, stays as it was read.
 */
enum obs_part {
	OBS_LINKS = 1 << 0,   /* net devices by their indexes, namespaces */
	OBS_DEVICES = 1 << 1, /* eswitches with VFs, devlink ports (asked of firmware) and links */
	OBS_RULES = 1 << 2,   /* TC */
	OBS_GATE = 1 << 3,
	OBS_ALL = 0xff,
};
int observe_again(const struct ipso_config *cfg, struct ipso_state **st, unsigned int parts,
		  struct why *why);
/* Read Open vSwitch again; st stays as it was on failure. */
int observe_ovs(struct ipso_state *st, struct why *why);
/* One eswitch by PCI address, with VFs that live in netns ("" = none); absent parts are empty. */
int observe_device(const char *pci, const char *netns, struct obs_device *ret_d, struct why *why);
void observe_device_free(struct obs_device *d);
/* What anybody may see: the kernel, and of every mlx5 device its address, model and driver. */
int observe_seen(struct ipso_state **ret_st, struct why *why);
/* Kernel and every mlx5 device of the host, for `ipso check` without a configuration. */
int observe_host(struct ipso_state **ret_st, struct why *why);
void observe_free(struct ipso_state **st);
/*
 * Keep what is told of kernel, devices and namespaces, and give the lists of SAs, policies and rules
 * back, which may be long: for a service that stays and reads them itself.
 */
void observe_shed(struct ipso_state *s);

/*
 * Does filter f sit on the uplink or a representor of device d's eswitch, or takes frames out of a
 * tunnel to one of them?
 */
bool observe_filter_on(const struct ipso_state *st, unsigned int d, const struct obs_filter *f);

/* The VF of device d with SR-IOV index, NULL when it does not exist. */
const struct obs_vf *observe_vf(const struct ipso_state *st, unsigned int d, uint32_t index);

#endif
