/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of the configuration moves frames: TC rules, shared blocks, bridges of Open vSwitch. */
#ifndef IPSO_CONFIG_RULE_H
#define IPSO_CONFIG_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"

/* Line and column in the file, from 1; 0 = the key was absent and has its default. */
struct cfg_at {
	uint32_t line, column;
};

/* A shared block: representors whose rules are one list. */
struct cfg_block {
	struct cfg_at at;
	uint32_t number;
	uint32_t *vfs; /* indexes of the VFs behind them */
	unsigned int vfs_count;
};

/*
 * A port of the eswitch, the uplink or the representor of a VF; or what else TC rules sit on: a
 * shared block (from only), or the net device that stands for all VXLAN tunnels of a UDP port.
 */
struct cfg_port {
	bool is_vf, is_block, is_vxlan; /* none: the uplink */
	bool said_uplink;		/* by its word, not by an empty mapping */
	uint32_t vf, block;
	uint16_t vxlan;
};

/* A VXLAN tunnel; what is sent through it is protected by the IPsec tunnel with these ends. */
struct cfg_vxlan {
	char *name; /* of a port of Open vSwitch; NULL in TC rules */
	struct addr local, remote;
	uint32_t vni;  /* 24 bits */
	uint16_t port; /* UDP destination; in the match of a rule that of its `from` */
};

/* One action of a rule; exactly one of the flags is set. */
struct cfg_action {
	struct cfg_at at;
	bool vlan_pop, vlan_push, tunnel_set, tunnel_unset, redirect, mirror;
	uint16_t vlan_id, vlan_protocol; /* push: 1 to 4094; ETH_P_8021Q or ETH_P_8021AD */
	struct cfg_vxlan tunnel;	 /* set */
	struct cfg_port port;		 /* redirect, mirror: out of this port */
};

#define CFG_ACTIONS_MAX 8
#define CFG_VLANS_MAX 2

/* One flower rule at an eswitch port; its actions in their order. */
struct cfg_tc {
	struct cfg_at at;
	unsigned int device; /* index into devices: the eswitch */
	struct cfg_port from;
	bool has_to;
	struct cfg_port to;  /* short for one redirect: turned into actions when loaded */
	uint16_t pref;
	uint16_t protocol;   /* ethertype behind the VLAN tags, host order; ETH_P_ALL 3 */
	uint16_t *vlan;	     /* ids, outer to inner */
	unsigned int vlan_count;
	uint16_t vlan_protocol; /* of the outer tag: ETH_P_8021Q or ETH_P_8021AD */
	bool has_src_mac, has_dst_mac, has_ip_protocol;
	uint8_t src_mac[6], dst_mac[6];
	struct addr src, dst; /* family 0 = any; the bits behind the prefix are 0 */
	uint16_t ip_protocol; /* IPPROTO_* */
	bool has_tunnel;
	struct cfg_vxlan tunnel; /* that the frame came in by; local is this side */
	struct cfg_action *actions;
	unsigned int actions_count;
};

/* A port of a bridge: the representor of VF number vf. */
struct cfg_ovs_port {
	struct cfg_at at;
	unsigned int device; /* index into devices; the only one when the key is absent */
	uint32_t vf;
};

/* One bridge of Open vSwitch. */
struct cfg_ovs {
	struct cfg_at at;
	char *bridge;
	struct cfg_ovs_port *ports;
	unsigned int ports_count;
	bool has_vxlan;
	struct cfg_vxlan vxlan;
};

#endif
