/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration's only source of keys, defaults, limits and help. Limits rest on the driver
 * (mlx5 en_accel/ipsec.c, mlx5e_xfrm_validate_state()) and on the RFCs named in the notes; rules
 * that need more than one key are in check.c.
 */
#include "config/schema.h"

#include <linux/if_ether.h>
#include <netinet/in.h>

#include "base/mem.h"
#include "config/config.h"
#include "ipso/event.h"

#define MEMBER(s, m) .offset = offsetof(struct s, m), .size = sizeof(((struct s *)0)->m)
#define LIST(s, m)                                                               \
	.offset = offsetof(struct s, m), .size = sizeof(*((struct s *)0)->m),    \
	.count_offset = offsetof(struct s, m##_count)
#define SET(s, m) .has_end = offsetof(struct s, m) + 1
#define CHOICES(a) .choices = (a), .choices_count = ARRAY_SIZE(a)
#define FIELDS(a) .fields = (a), .fields_count = ARRAY_SIZE(a)

#define MTU_MIN 68   /* RFC 791 */
#define MTU_MAX 9978 /* the largest mlx5 netdev MTU */
#define VF_MAX CFG_VF_MAX
#define ADDRESSES_MAX 64
#define TUNNELS_MAX 1024
#define TC_MAX 1024
#define BRIDGES_MAX 64
#define BRIDGE_PORTS_MAX 1024

static const struct cfg_choice orderings[] = {
	{"enforce", IPSO_GATE_ENFORCE}, {"observe", IPSO_GATE_OBSERVE}, {"off", IPSO_GATE_OFF}};
static const struct cfg_choice conflicts[] = {{"refuse", CFG_CONFLICT_REFUSE},
					      {"displace", CFG_CONFLICT_DISPLACE}};
static const struct cfg_choice drifts[] = {{"alarm", CFG_DRIFT_ALARM},
					   {"restore", CFG_DRIFT_RESTORE}};
static const struct cfg_choice modes[] = {{"switchdev", CFG_MODE_SWITCHDEV},
					  {"legacy", CFG_MODE_LEGACY}};
static const struct cfg_choice steerings[] = {{"dmfs", CFG_STEERING_DMFS},
					      {"smfs", CFG_STEERING_SMFS}};
static const struct cfg_choice ipsec_modes[] = {{"transport", CFG_IPSEC_TRANSPORT},
						{"tunnel", CFG_IPSEC_TUNNEL}};
static const struct cfg_choice keyings[] = {{"static", CFG_KEYING_STATIC},
					    {"ike", CFG_KEYING_IKE}};
static const struct cfg_choice selector_protocols[] = {
	{"any", 0}, {"tcp", IPPROTO_TCP}, {"udp", IPPROTO_UDP}};
static const struct cfg_choice aeads[] = {{"aes-gcm-128", CFG_AES_GCM_128},
					  {"aes-gcm-256", CFG_AES_GCM_256}};
static const struct cfg_choice protocols[] = {
	{"all", ETH_P_ALL}, {"ip", ETH_P_IP}, {"ipv6", ETH_P_IPV6}, {"arp", ETH_P_ARP}};
static const struct cfg_choice vlan_protocols[] = {{"802.1q", ETH_P_8021Q},
						   {"802.1ad", ETH_P_8021AD}};
static const struct cfg_choice ip_protocols[] = {
	{"icmp", IPPROTO_ICMP}, {"tcp", IPPROTO_TCP},	    {"udp", IPPROTO_UDP},
	{"esp", IPPROTO_ESP},	{"icmpv6", IPPROTO_ICMPV6}, {"sctp", IPPROTO_SCTP}};

static const struct cfg_field vf_fields[] = {
	{.key = "index", .help = "number of the VF, from 0", .required = true, .type = &cfg_uint,
	 MEMBER(cfg_vf, index), .max = VF_MAX, .sample = "0"},
	{.key = "mac", .help = "permanent MAC address of the VF; without it the card's stays",
	 .type = &cfg_mac, MEMBER(cfg_vf, mac), SET(cfg_vf, has_mac)},
	{.key = "mtu", .help = "MTU of the VF in bytes; leave room for ESP under the uplink's MTU",
	 .type = &cfg_uint, MEMBER(cfg_vf, mtu), SET(cfg_vf, has_mtu), .min = MTU_MIN,
	 .max = MTU_MAX},
	{.key = "netns", .help = "network namespace that the VF is moved to, made when missing",
	 .type = &cfg_netns, MEMBER(cfg_vf, netns), .min = 1, .max = 63, .sample = "ns0"},
	{.key = "addresses", .help = "addresses of the VF, each with its prefix",
	 .shape = CFG_LIST_OF_SCALARS, .type = &cfg_network, LIST(cfg_vf, addresses),
	 .max = ADDRESSES_MAX, .sample = "[10.0.0.1/16]"},
	{.key = "ipsec-packet",
	 .help = "the VF may offload IPsec itself; excludes tunnels on the PF's uplink",
	 .type = &cfg_bool, MEMBER(cfg_vf, ipsec_packet), .fallback = "false"},
	{.key = "roce", .help = "RoCE of the VF (RDMA over Ethernet) on or off; without it the card's stays",
	 .type = &cfg_bool, MEMBER(cfg_vf, roce), SET(cfg_vf, has_roce)},
};
static const struct cfg_map vf_map = {"vf", FIELDS(vf_fields), sizeof(struct cfg_vf),
				      offsetof(struct cfg_vf, at) + 1};

static const struct cfg_field block_fields[] = {
	{.key = "number", .help = "number of the block, as tc has it", .required = true,
	 .type = &cfg_uint, MEMBER(cfg_block, number), .min = 1, .max = UINT32_MAX - 1,
	 .sample = "22"},
	{.key = "vfs", .help = "indexes of VFs whose representors share it; not the uplink, whose "
			       "rules the driver refuses beside IPsec",
	 .shape = CFG_LIST_OF_SCALARS, .required = true, .type = &cfg_vf_index,
	 LIST(cfg_block, vfs),
	 .min = 1, .max = VF_MAX + 1, .sample = "[0, 1]"},
};
static const struct cfg_map block_map = {"block", FIELDS(block_fields), sizeof(struct cfg_block),
					 offsetof(struct cfg_block, at) + 1};

static const struct cfg_field device_fields[] = {
	{.key = "pf", .help = "interface name of the PF; or give pci instead", .type = &cfg_ifname,
	 MEMBER(cfg_device, pf), .min = 1, .max = IPSO_IFNAM - 1, .sample = "enp8s0f0np0"},
	{.key = "pci", .help = "PCI address of the PF, instead of pf", .type = &cfg_pci,
	 MEMBER(cfg_device, pci), .min = 1, .max = 15},
	{.key = "mode", .help = "mode of the eswitch", .type = &cfg_enum, MEMBER(cfg_device, mode),
	 CHOICES(modes), .fallback = "switchdev", .sample = "switchdev"},
	{.key = "steering",
	 .help = "flow steering mode; packet offload in switchdev needs dmfs",
	 .type = &cfg_enum, MEMBER(cfg_device, steering), CHOICES(steerings), .fallback = "dmfs",
	 .sample = "dmfs"},
	{.key = "mtu", .help = "MTU of the uplink in bytes; without it the present one stays",
	 .type = &cfg_uint, MEMBER(cfg_device, mtu), SET(cfg_device, has_mtu), .min = MTU_MIN,
	 .max = MTU_MAX, .sample = "2000"},
	{.key = "addresses", .help = "addresses of the uplink, each with its prefix",
	 .shape = CFG_LIST_OF_SCALARS, .type = &cfg_network, LIST(cfg_device, addresses),
	 .max = ADDRESSES_MAX, .sample = "[192.168.1.1/16]"},
	{.key = "vfs", .help = "virtual functions; their number is the highest index + 1",
	 .shape = CFG_LIST_OF_MAPS, .map = &vf_map, LIST(cfg_device, vfs), .max = VF_MAX + 1,
	 .sample = ""},
	{.key = "blocks", .help = "representors that share their TC rules, one list for all of them",
	 .shape = CFG_LIST_OF_MAPS, .map = &block_map, LIST(cfg_device, blocks),
	 .max = VF_MAX + 1},
};
static const struct cfg_map device_map = {"device", FIELDS(device_fields),
					  sizeof(struct cfg_device),
					  offsetof(struct cfg_device, at) + 1};

static const struct cfg_field selector_fields[] = {
	{.key = "local", .help = "network of this side (tunnel mode); the address local by default",
	 .type = &cfg_subnet, MEMBER(cfg_selector, local)},
	{.key = "remote", .help = "network of the other side; the address remote by default",
	 .type = &cfg_subnet, MEMBER(cfg_selector, remote)},
	{.key = "protocol", .help = "protocol that IP carries", .type = &cfg_enum,
	 MEMBER(cfg_selector, protocol), CHOICES(selector_protocols), .fallback = "any",
	 .note = "the driver knows no other"},
	{.key = "local-port", .help = "port of this side; any by default", .type = &cfg_uint,
	 MEMBER(cfg_selector, local_port), .min = 1, .max = 65535},
	{.key = "remote-port", .help = "port of the other side; any by default", .type = &cfg_uint,
	 MEMBER(cfg_selector, remote_port), .min = 1, .max = 65535},
};
static const struct cfg_map selector_map = {"selector", FIELDS(selector_fields), 0, 0};

static const struct cfg_field udp_fields[] = {
	{.key = "local-port", .help = "UDP port of this side", .type = &cfg_uint,
	 MEMBER(cfg_tunnel, udp_local), .min = 1, .max = 65535, .fallback = "4500"},
	{.key = "remote-port", .help = "UDP port of the other side, as it is seen from here",
	 .type = &cfg_uint, MEMBER(cfg_tunnel, udp_remote), .min = 1, .max = 65535,
	 .fallback = "4500"},
};
static const struct cfg_map udp_map = {"udp-encapsulation", FIELDS(udp_fields), 0, 0};

static const struct cfg_field lifetime_fields[] = {
	{.key = "soft-packets",
	 .help = "packets until the soft limit, an event: time for new keys; default 3/4 of hard",
	 .type = &cfg_uint, MEMBER(cfg_tunnel, soft_packets), .min = 1, .max = UINT64_MAX - 1},
	{.key = "hard-packets",
	 .help = "packets until the SA stops; without esn 2^32 - 1 by default and at most, as the "
		 "sequence number must not cycle (RFC 4303 section 3.3.3)",
	 .type = &cfg_uint, MEMBER(cfg_tunnel, hard_packets), .min = 2, .max = UINT64_MAX - 1},
	{.key = "soft-bytes", .help = "bytes until the soft limit; default 3/4 of hard-bytes",
	 .type = &cfg_uint, MEMBER(cfg_tunnel, soft_bytes), .min = 1, .max = UINT64_MAX - 1},
	{.key = "hard-bytes",
	 .help = "bytes until the SA stops; none by default",
	 .type = &cfg_uint, MEMBER(cfg_tunnel, hard_bytes), .min = 2, .max = UINT64_MAX - 1},
	{.key = "soft-seconds", .help = "age of the SA at the soft limit; default 3/4 of hard-seconds",
	 .type = &cfg_uint, MEMBER(cfg_tunnel, soft_seconds), SET(cfg_tunnel, has_soft_seconds),
	 .min = 1, .max = UINT32_MAX},
	{.key = "hard-seconds",
	 .help = "age at which the SA stops, and its packets with it: none leaves in clear text; "
		 "default 86400 (a day) with static keys, 0: never",
	 .type = &cfg_uint, MEMBER(cfg_tunnel, hard_seconds), SET(cfg_tunnel, has_hard_seconds),
	 .max = UINT32_MAX},
};
static const struct cfg_map lifetime_map = {"lifetime", FIELDS(lifetime_fields), 0, 0};

#define SA_FIELDS(name, number, file)                                                           \
	static const struct cfg_field name[] = {                                                \
		{.key = "spi", .help = "SPI that names the SA on the wire", .required = true,   \
		 .type = &cfg_uint, MEMBER(cfg_sa, spi), .min = 256, .max = UINT32_MAX,         \
		 .sample = number, .note = "RFC 4303 section 2.1 reserves 0 to 255"},           \
		{.key = "reqid", .help = "ties the policy to the SA", .required = true,         \
		 .type = &cfg_uint, MEMBER(cfg_sa, reqid), .min = 1, .max = UINT32_MAX,         \
		 .sample = number, .note = "the driver refuses 0"},                             \
		{.key = "key-file",                                                             \
		 .help = "file of mode 0600 with the key and its 4-byte salt in hexadecimal",   \
		 .required = true, .type = &cfg_path, MEMBER(cfg_sa, key_file), .min = 1,       \
		 .max = 4095, .sample = file},                                                  \
	}
SA_FIELDS(out_fields, "0xb29ed314", "out.key");
SA_FIELDS(in_fields, "0xc35aa26e", "in.key");
static const struct cfg_map out_map = {"out", FIELDS(out_fields), sizeof(struct cfg_sa),
				       offsetof(struct cfg_sa, at) + 1};
static const struct cfg_map in_map = {"in", FIELDS(in_fields), sizeof(struct cfg_sa),
				      offsetof(struct cfg_sa, at) + 1};

static const struct cfg_field tunnel_fields[] = {
	{.key = "name", .help = "name in output and metrics", .required = true, .type = &cfg_name,
	 MEMBER(cfg_tunnel, name), .min = 1, .max = 63, .sample = "to-b"},
	{.key = "device", .help = "pf or pci of one of devices", .required = true,
	 .type = &cfg_device_ref, MEMBER(cfg_tunnel, device), .sample = "enp8s0f0np0"},
	{.key = "vf", .help = "the tunnel ends on this VF (with ipsec-packet), not on the uplink",
	 .type = &cfg_uint, MEMBER(cfg_tunnel, vf), SET(cfg_tunnel, on_vf), .max = VF_MAX},
	{.key = "local", .help = "address of this side", .required = true, .type = &cfg_host,
	 MEMBER(cfg_tunnel, local), .sample = "192.168.1.1"},
	{.key = "remote", .help = "address of the other side", .required = true, .type = &cfg_host,
	 MEMBER(cfg_tunnel, remote), .sample = "192.168.1.2"},
	{.key = "mode", .help = "IPsec mode", .type = &cfg_enum, MEMBER(cfg_tunnel, mode),
	 CHOICES(ipsec_modes), .fallback = "transport", .sample = "transport"},
	{.key = "keying",
	 .help = "who makes the SAs: ipso, from the key files of out and in, or an IKE daemon "
		 "(ipso render), for which ipso prepares, guards and watches the device",
	 .type = &cfg_enum, MEMBER(cfg_tunnel, keying), CHOICES(keyings), .fallback = "static"},
	{.key = "aead", .help = "algorithm, with a 16-byte ICV", .type = &cfg_enum,
	 MEMBER(cfg_tunnel, aead), CHOICES(aeads), .fallback = "aes-gcm-128",
	 .sample = "aes-gcm-128"},
	{.key = "esn", .help = "extended sequence numbers (RFC 4303 section 2.2.1)",
	 .type = &cfg_bool, MEMBER(cfg_tunnel, esn), .fallback = "true", .sample = "true"},
	{.key = "replay-window",
	 .help = "inbound replay window in packets; the hardware checks replay only with esn",
	 .type = &cfg_uint, MEMBER(cfg_tunnel, replay_window), .max = 256, .sample = "64",
	 .note = "32, 64, 128 or 256 with esn, default 64; 0 without"},
	{.key = "priority",
	 .help = "priority of the policies, lower wins; other than 0 needs a card that can",
	 .type = &cfg_uint, MEMBER(cfg_tunnel, priority), .max = UINT32_MAX - 1, .fallback = "0"},
	{.key = "selector", .help = "what is protected; all between local and remote by default",
	 .shape = CFG_MAP, .map = &selector_map, MEMBER(cfg_tunnel, selector)},
	{.key = "udp-encapsulation",
	 .help = "ESP in UDP (RFC 3948), for NAT between the sides; transport mode, switchdev uplink",
	 .shape = CFG_MAP, .map = &udp_map, SET(cfg_tunnel, has_udp)},
	{.key = "lifetime", .help = "limits of each SA; of time with static keys, of packets without esn",
	 .shape = CFG_MAP, .map = &lifetime_map},
	{.key = "out", .help = "the SA that this side sends with; not with keying: ike",
	 .shape = CFG_MAP, .map = &out_map, MEMBER(cfg_tunnel, out), SET(cfg_tunnel, has_out),
	 .sample = ""},
	{.key = "in",
	 .help = "the SA that this side receives with: the other side's out; not with keying: ike",
	 .shape = CFG_MAP, .map = &in_map, MEMBER(cfg_tunnel, in), SET(cfg_tunnel, has_in),
	 .sample = ""},
};
static const struct cfg_map tunnel_map = {"tunnel", FIELDS(tunnel_fields),
					  sizeof(struct cfg_tunnel),
					  offsetof(struct cfg_tunnel, at) + 1};

static const struct cfg_field port_fields[] = {
	{.key = "vf", .help = "number of the VF behind the representor", .type = &cfg_uint,
	 MEMBER(cfg_port, vf), SET(cfg_port, is_vf), .max = VF_MAX, .sample = "0"},
	{.key = "block", .help = "number of one of the device's blocks; in from only",
	 .type = &cfg_uint, MEMBER(cfg_port, block), SET(cfg_port, is_block), .min = 1,
	 .max = UINT32_MAX - 1},
	{.key = "vxlan",
	 .help = "UDP port of VXLAN tunnels: the net device that stands for all of them, which is "
		 "made",
	 .type = &cfg_uint, MEMBER(cfg_port, vxlan), SET(cfg_port, is_vxlan), .min = 1,
	 .max = 65535},
};
static const struct cfg_map port_map = {"port", FIELDS(port_fields), sizeof(struct cfg_port), 0};

/* The ends and number of a VXLAN tunnel: what a rule matches, or sends into. */
#define VXLAN_FIELDS(owner)                                                                       \
	{.key = "local", .help = "local of the tunnel that protects it", .required = true,        \
	 .type = &cfg_host, MEMBER(owner, tunnel.local), .sample = "192.168.1.1"},                \
	{.key = "remote", .help = "remote of that tunnel", .required = true, .type = &cfg_host,   \
	 MEMBER(owner, tunnel.remote), .sample = "192.168.1.2"},                                  \
	{.key = "vni", .help = "VXLAN network identifier (RFC 7348)", .required = true,           \
	 .type = &cfg_uint, MEMBER(owner, tunnel.vni), .max = 0xffffff, .sample = "100"}

static const struct cfg_field tunnel_match_fields[] = {VXLAN_FIELDS(cfg_tc)};
static const struct cfg_map tunnel_match_map = {"tunnel", FIELDS(tunnel_match_fields), 0, 0};

static const struct cfg_field tunnel_set_fields[] = {
	VXLAN_FIELDS(cfg_action),
	{.key = "port", .help = "UDP port of both sides", .type = &cfg_uint,
	 MEMBER(cfg_action, tunnel.port), .min = 1, .max = 65535, .fallback = "4789"},
};
static const struct cfg_map tunnel_set_map = {"tunnel-set", FIELDS(tunnel_set_fields), 0, 0};

static const struct cfg_field match_fields[] = {
	{.key = "vlan", .help = "VLAN ids from the outer tag to the inner one (QinQ)",
	 .shape = CFG_LIST_OF_SCALARS, .type = &cfg_vlan_id, LIST(cfg_tc, vlan), .min = 1,
	 .max = CFG_VLANS_MAX},
	{.key = "vlan-protocol", .help = "protocol of the outer tag; an inner one is 802.1q",
	 .type = &cfg_enum, MEMBER(cfg_tc, vlan_protocol), CHOICES(vlan_protocols),
	 .fallback = "802.1q"},
	{.key = "src-mac", .help = "source MAC address", .type = &cfg_mac,
	 MEMBER(cfg_tc, src_mac), SET(cfg_tc, has_src_mac)},
	{.key = "dst-mac", .help = "destination MAC address", .type = &cfg_mac,
	 MEMBER(cfg_tc, dst_mac), SET(cfg_tc, has_dst_mac)},
	{.key = "protocol", .help = "ethertype of the frame, behind its VLAN tags",
	 .type = &cfg_named, MEMBER(cfg_tc, protocol), CHOICES(protocols), .min = ETH_P_802_3_MIN,
	 .max = UINT16_MAX, .fallback = "all", .sample = "ip",
	 .note = "without it src and dst tell which IP it is"},
	{.key = "src", .help = "source address or network", .type = &cfg_subnet,
	 MEMBER(cfg_tc, src)},
	{.key = "dst", .help = "destination address or network", .type = &cfg_subnet,
	 MEMBER(cfg_tc, dst)},
	{.key = "ip-protocol", .help = "protocol that IP carries", .type = &cfg_named,
	 MEMBER(cfg_tc, ip_protocol), SET(cfg_tc, has_ip_protocol), CHOICES(ip_protocols),
	 .max = 255},
	{.key = "tunnel", .help = "the VXLAN tunnel that it came in by, with from: { vxlan: PORT }",
	 .shape = CFG_MAP, .map = &tunnel_match_map, SET(cfg_tc, has_tunnel)},
};
static const struct cfg_map match_map = {"match", FIELDS(match_fields), 0, 0};

static const struct cfg_field push_fields[] = {
	{.key = "id", .help = "VLAN id of the new outer tag", .required = true,
	 .type = &cfg_vlan_id, MEMBER(cfg_action, vlan_id), .sample = "5"},
	{.key = "protocol", .help = "protocol of the new outer tag", .type = &cfg_enum,
	 MEMBER(cfg_action, vlan_protocol), CHOICES(vlan_protocols), .fallback = "802.1q"},
};
static const struct cfg_map push_map = {"vlan-push", FIELDS(push_fields), 0, 0};

static const struct cfg_field action_fields[] = {
	{.key = "vlan-push", .help = "add a VLAN tag; the item vlan-pop takes the outer one off",
	 .shape = CFG_MAP, .map = &push_map, SET(cfg_action, vlan_push)},
	{.key = "tunnel-set",
	 .help = "into a VXLAN tunnel, with redirect: { vxlan: PORT }; the item tunnel-unset takes a "
		 "frame out of the one it came in by",
	 .shape = CFG_MAP, .map = &tunnel_set_map, SET(cfg_action, tunnel_set)},
	{.key = "redirect", .help = "out of this port; the last action",
	 .shape = CFG_SCALAR_OR_MAP, .type = &cfg_uplink, .map = &port_map,
	 MEMBER(cfg_action, port), SET(cfg_action, redirect), .sample = "uplink"},
	{.key = "mirror", .help = "a copy out of this port, as the frame is by then",
	 .shape = CFG_SCALAR_OR_MAP, .type = &cfg_uplink, .map = &port_map,
	 MEMBER(cfg_action, port), SET(cfg_action, mirror)},
};
static const struct cfg_map action_map = {"action", FIELDS(action_fields),
					  sizeof(struct cfg_action),
					  offsetof(struct cfg_action, at) + 1};

static const struct cfg_field tc_fields[] = {
	{.key = "device", .help = "pf or pci of one of devices: its eswitch", .required = true,
	 .type = &cfg_device_ref, MEMBER(cfg_tc, device), .sample = "enp8s0f0np0"},
	{.key = "from", .help = "port that the frames come in by", .shape = CFG_SCALAR_OR_MAP,
	 .required = true, .type = &cfg_uplink, .map = &port_map, MEMBER(cfg_tc, from),
	 .sample = "{ vf: 0 }"},
	{.key = "to", .help = "port that they are sent out of: short for actions with one redirect",
	 .shape = CFG_SCALAR_OR_MAP, .type = &cfg_uplink, .map = &port_map, MEMBER(cfg_tc, to),
	 SET(cfg_tc, has_to)},
	{.key = "match", .help = "which frames; all by default", .shape = CFG_MAP,
	 .map = &match_map, .sample = ""},
	{.key = "actions", .help = "what is done with them, in this order",
	 .shape = CFG_LIST_OF_EITHER, .type = &cfg_action_word, .map = &action_map,
	 LIST(cfg_tc, actions), .min = 1, .max = CFG_ACTIONS_MAX, .sample = ""},
	{.key = "pref", .help = "order of the rules of a port; default: position in this list",
	 .type = &cfg_uint, MEMBER(cfg_tc, pref), .min = 1, .max = 65535},
};
static const struct cfg_map tc_map = {"tc rule", FIELDS(tc_fields), sizeof(struct cfg_tc),
				      offsetof(struct cfg_tc, at) + 1};

static const struct cfg_field ovs_port_fields[] = {
	{.key = "device", .help = "pf or pci of one of devices; not needed when there is only one",
	 .type = &cfg_device_ref, MEMBER(cfg_ovs_port, device)},
	{.key = "vf", .help = "number of the VF whose representor is the port", .required = true,
	 .type = &cfg_uint, MEMBER(cfg_ovs_port, vf), .max = VF_MAX, .sample = "0"},
};
static const struct cfg_map ovs_port_map = {"bridge port", FIELDS(ovs_port_fields),
					    sizeof(struct cfg_ovs_port),
					    offsetof(struct cfg_ovs_port, at) + 1};

static const struct cfg_field vxlan_fields[] = {
	{.key = "name", .help = "name of the port", .required = true, .type = &cfg_ifname,
	 MEMBER(cfg_vxlan, name), .min = 1, .max = IPSO_IFNAM - 1, .sample = "vxlan1"},
	{.key = "local", .help = "local of the tunnel that protects it", .required = true,
	 .type = &cfg_host, MEMBER(cfg_vxlan, local), .sample = "192.168.1.1"},
	{.key = "remote", .help = "remote of that tunnel", .required = true, .type = &cfg_host,
	 MEMBER(cfg_vxlan, remote), .sample = "192.168.1.2"},
	{.key = "vni", .help = "VXLAN network identifier (RFC 7348)", .required = true,
	 .type = &cfg_uint, MEMBER(cfg_vxlan, vni), .max = 0xffffff, .sample = "100"},
	{.key = "port", .help = "UDP port of both sides", .type = &cfg_uint,
	 MEMBER(cfg_vxlan, port), .min = 1, .max = 65535, .fallback = "4789", .sample = "4789"},
};
static const struct cfg_map vxlan_map = {"vxlan", FIELDS(vxlan_fields), 0, 0};

static const struct cfg_field ovs_fields[] = {
	{.key = "bridge", .help = "name of the bridge, made when missing", .required = true,
	 .type = &cfg_ifname, MEMBER(cfg_ovs, bridge), .min = 1, .max = IPSO_IFNAM - 1,
	 .sample = "br-ovs"},
	{.key = "ports", .help = "representors that are its ports", .shape = CFG_LIST_OF_MAPS,
	 .map = &ovs_port_map, LIST(cfg_ovs, ports), .max = BRIDGE_PORTS_MAX, .sample = ""},
	{.key = "vxlan", .help = "a VXLAN port, whose frames leave through a tunnel on an uplink",
	 .shape = CFG_MAP, .map = &vxlan_map, MEMBER(cfg_ovs, vxlan), SET(cfg_ovs, has_vxlan),
	 .sample = ""},
};
static const struct cfg_map ovs_map = {"bridge", FIELDS(ovs_fields), sizeof(struct cfg_ovs),
				       offsetof(struct cfg_ovs, at) + 1};

static const struct cfg_field tls_fields[] = {
	{.key = "certificate", .help = "PEM file of the certificate and of those that signed it",
	 .required = true, .type = &cfg_path, MEMBER(cfg_tls, certificate), .min = 1, .max = 4095},
	{.key = "key-file", .help = "PEM file of mode 0600 with its private key", .required = true,
	 .type = &cfg_path, MEMBER(cfg_tls, key_file), .min = 1, .max = 4095},
	{.key = "client-ca",
	 .help = "PEM file of those who sign certificates of clients; who shows one may read",
	 .type = &cfg_path, MEMBER(cfg_tls, client_ca), .min = 1, .max = 4095},
};
static const struct cfg_map tls_map = {"tls", FIELDS(tls_fields), 0, 0};

static const struct cfg_field metrics_fields[] = {
	{.key = "listen",
	 .help = "where /metrics and /api/v1 are served; other hosts reach it with tls only, and "
		 "token-file or client-ca",
	 .type = &cfg_listen,
	 .offset = 0, .fallback = "127.0.0.1:9417", .sample = "\"127.0.0.1:9417\""},
	{.key = "interval", .help = "seconds between two readings of every SA", .type = &cfg_uint,
	 MEMBER(cfg_metrics, interval), .min = 1, .max = 3600, .fallback = "1", .sample = "1"},
	{.key = "hosts",
	 .help = "more names that this host is asked by, as through a proxy; others are refused "
		 "without tls",
	 .shape = CFG_LIST_OF_SCALARS, .type = &cfg_hostname, LIST(cfg_metrics, hosts), .max = 16},
	{.key = "token-file",
	 .help = "file of mode 0600 with one line, which readers show as bearer token or as password",
	 .type = &cfg_path, MEMBER(cfg_metrics, token_file), .min = 1, .max = 4095},
	{.key = "tls", .help = "HTTPS instead of HTTP", .shape = CFG_MAP, .map = &tls_map,
	 MEMBER(cfg_metrics, tls), SET(cfg_metrics, has_tls)},
};
static const struct cfg_map metrics_map = {"metrics", FIELDS(metrics_fields), 0, 0};

static const struct cfg_field root_fields[] = {
	{.key = "version", .help = "version of this format", .required = true, .type = &cfg_uint,
	 MEMBER(ipso_config, version), .min = 1, .max = 1, .sample = "1"},
	{.key = "ordering",
	 .help = "what the gate does with offloadable TC rules while the IPsec tables are missing",
	 .type = &cfg_enum, MEMBER(ipso_config, ordering), CHOICES(orderings),
	 .fallback = "enforce", .sample = "enforce"},
	{.key = "on-conflict",
	 .help = "when TC rules in hardware are in the way of IPsec: refuse tells which; displace "
		 "takes them out and puts them back behind it",
	 .type = &cfg_enum, MEMBER(ipso_config, on_conflict), CHOICES(conflicts),
	 .fallback = "refuse", .sample = "refuse"},
	{.key = "on-drift",
	 .help = "when somebody else changes a mode or the number of VFs: alarm tells who (event, "
		 "metric); restore also lets ipso run do what up does (SAs of static keys begin anew), "
		 "three times in ten minutes at most",
	 .type = &cfg_enum, MEMBER(ipso_config, on_drift), CHOICES(drifts), .fallback = "alarm",
	 .sample = "alarm"},
	{.key = "devices", .help = "physical functions of mlx5 cards", .shape = CFG_LIST_OF_MAPS,
	 .required = true, .map = &device_map, LIST(ipso_config, devices), .min = 1,
	 .max = IPSO_GATE_MAX, .sample = ""},
	{.key = "tunnels", .help = "pairs of packet-offload SAs with their policies",
	 .shape = CFG_LIST_OF_MAPS, .map = &tunnel_map, LIST(ipso_config, tunnels),
	 .max = TUNNELS_MAX, .sample = ""},
	{.key = "tc", .help = "flower rules at ports of an eswitch, in hardware, after IPsec is in place",
	 .shape = CFG_LIST_OF_MAPS, .map = &tc_map, LIST(ipso_config, tc), .max = TC_MAX,
	 .sample = ""},
	{.key = "openvswitch",
	 .help = "bridges of Open vSwitch, whose hw-offload is switched on (ovs-vswitchd is not "
		 "restarted)",
	 .shape = CFG_LIST_OF_MAPS, .map = &ovs_map, LIST(ipso_config, ovs), .max = BRIDGES_MAX},
	{.key = "metrics", .help = "what ipso run serves over HTTP", .shape = CFG_MAP,
	 .map = &metrics_map, MEMBER(ipso_config, metrics), .sample = ""},
	{.key = "readers-group",
	 .help = "group whose members may read at unix sockets: status, events, metrics; only root "
		 "changes things",
	 .type = &cfg_name, MEMBER(ipso_config, readers_group), .min = 1, .max = 63},
};
const struct cfg_map cfg_root = {"configuration", FIELDS(root_fields), sizeof(struct ipso_config),
				 0};
