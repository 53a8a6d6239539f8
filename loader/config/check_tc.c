/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules across the keys of TC rules: match, actions, ports; nothing of the host is looked at. */
#include <errno.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "config/check.h"

#define TAGS_MAX 2 /* that one rule of mlx5 takes off or puts on: MLX5_FS_VLAN_DEPTH */

/* The rule at hand. */
struct at_rule {
	const struct ipso_config *cfg;
	const struct cfg_places *p;
	struct cfg_tc *tc;
};

static bool same_port(const struct cfg_port *a, const struct cfg_port *b)
{
	return a->is_vf == b->is_vf && a->is_block == b->is_block && a->is_vxlan == b->is_vxlan &&
	       (!a->is_vf || a->vf == b->vf) && (!a->is_block || a->block == b->block) &&
	       (!a->is_vxlan || a->vxlan == b->vxlan);
}

static int check_port(const struct at_rule *r, const struct cfg_port *port, const char *key)
{
	const char *name = config_device_name(r->cfg, r->tc->device);
	int n = port->is_vf + port->is_block + port->is_vxlan + port->said_uplink;

	if (n != 1)
		return place_error_of(r->p, port, r->tc->at,
				      "%s: found %s; allowed: uplink, or a mapping with one of vf, "
				      "vxlan and, in from, block",
				      key, n ? "more than one key" : "no key");
	if (port->is_vf && !config_vf(r->cfg, r->tc->device, port->vf))
		return place_error_of(r->p, &port->vf, r->tc->at,
				      "%s: found VF %u, which %s does not list; allowed: an index "
				      "of its vfs", key, port->vf, name);
	if (port->is_block && !config_block(r->cfg, r->tc->device, port->block))
		return place_error_of(r->p, &port->block, r->tc->at,
				      "%s: found block %u, which %s does not list; allowed: a "
				      "number of its blocks", key, port->block, name);
	return 0;
}

/* A port that frames come in by. */
static int check_way_in(const struct at_rule *r)
{
	const struct cfg_port *from = &r->tc->from;
	const struct cfg_block *b;
	int err = check_port(r, from, "from");

	if (err < 0 || !from->is_vf)
		return err;
	b = config_shares(r->cfg, r->tc->device, from->vf);
	if (b)
		return place_error_of(r->p, &from->vf, r->tc->at,
				      "from: found VF %u, whose representor shares block %u (line "
				      "%u); allowed: { block: %u }, it has no rules of its own",
				      from->vf, b->number, b->at.line, b->number);
	return 0;
}

/* A port that frames leave by. */
static int check_way_out(const struct at_rule *r, const struct cfg_port *port, const char *key)
{
	int err = check_port(r, port, key);

	if (!err && port->is_block)
		err = place_error_of(r->p, &port->block, r->tc->at,
				     "%s: found a block; allowed: uplink, { vf: NUMBER } or { vxlan: "
				     "PORT }", key);
	if (!err && same_port(&r->tc->from, port))
		err = place_error_of(r->p, port, r->tc->at,
				     "%s: found the same port as from; allowed: another port", key);
	return err;
}

static int check_action(const struct at_rule *r, const struct cfg_action *a, bool last)
{
	int n = a->vlan_pop + a->vlan_push + a->tunnel_set + a->tunnel_unset + a->redirect +
		a->mirror;

	if (n != 1)
		return place_error(r->p, a->at,
				   "action: found %s key%s; allowed: one of vlan-push, tunnel-set, "
				   "redirect and mirror", n ? "more than one" : "no", n ? "" : "s");
	if (a->redirect != last)
		return place_error_of(r->p, a, r->tc->at,
				      "actions: found %s; allowed: redirect, as the last action and "
				      "only there",
				      last ? "another last action" : "redirect before the last");
	if (a->redirect || a->mirror)
		return check_way_out(r, &a->port, a->redirect ? "redirect" : "mirror");
	return 0;
}

static int check_actions(const struct at_rule *r)
{
	unsigned int pops = 0, pushes = 0;

	for (unsigned int i = 0; i < r->tc->actions_count; i++) {
		const struct cfg_action *a = &r->tc->actions[i];
		int err = check_action(r, a, i + 1 == r->tc->actions_count);

		if (err < 0)
			return err;
		pops += a->vlan_pop;
		pushes += a->vlan_push;
		if (pops > TAGS_MAX || pushes > TAGS_MAX)
			return place_error_of(r->p, a, r->tc->at,
					      "actions: found %s for the third time; allowed: %d "
					      "times, the hardware has no room for more",
					      a->vlan_pop ? "vlan-pop" : "vlan-push", TAGS_MAX);
	}
	return 0;
}

/* `to` becomes the one action that it is short for. */
static int expand_to(const struct at_rule *r)
{
	struct cfg_action *a;
	int err;

	if (r->tc->has_to == (r->tc->actions_count > 0))
		return place_error(r->p, r->tc->at,
				   "tc rule: found %s; allowed: exactly one of to and actions",
				   r->tc->has_to ? "both to and actions"
						 : "neither to nor actions");
	if (!r->tc->has_to)
		return 0;
	err = check_way_out(r, &r->tc->to, "to");
	if (err < 0)
		return err;
	a = calloc(1, sizeof(*a));
	if (!a)
		return why_set(r->p->why, -ENOMEM, "%s: out of memory", r->p->path);
	*a = (struct cfg_action){.at = r->tc->at, .redirect = true, .port = r->tc->to};
	r->tc->actions = a;
	r->tc->actions_count = 1;
	r->tc->has_to = false;
	return 0;
}

static void clear_host_bits(struct addr *a)
{
	unsigned int bits = a->family == AF_INET ? 32 : 128;

	for (unsigned int i = a->prefix; a->family && i < bits; i++)
		a->b[i / 8] &= (uint8_t)~(0x80 >> i % 8);
}

static uint16_t ethertype(const struct addr *a)
{
	return a->family == AF_INET ? ETH_P_IP : ETH_P_IPV6;
}

/* An address says which IP; without one, ip-protocol needs to be told. */
static int check_ip(const struct at_rule *r)
{
	struct cfg_tc *tc = r->tc;
	const struct addr *a = tc->src.family ? &tc->src : &tc->dst;
	bool is_ip;

	if (tc->src.family && tc->dst.family && tc->src.family != tc->dst.family)
		return place_error_of(r->p, &tc->dst, tc->at,
				      "dst: found an address of another family than src; allowed: "
				      "two IPv4 or two IPv6 addresses");
	if (a->family && !place_of(r->p, &tc->protocol).line)
		tc->protocol = ethertype(a);
	if (a->family && tc->protocol != ethertype(a))
		return place_error_of(r->p, &tc->protocol, tc->at,
				      "protocol: found another than that of src and dst; allowed: "
				      "%s, or no protocol",
				      a->family == AF_INET ? "ip" : "ipv6");
	is_ip = tc->protocol == ETH_P_IP || tc->protocol == ETH_P_IPV6;
	if (tc->has_ip_protocol && !is_ip)
		return place_error_of(r->p, &tc->ip_protocol, tc->at,
				      "ip-protocol: found without protocol ip or ipv6; allowed: "
				      "with one of them");
	clear_host_bits(&tc->src);
	clear_host_bits(&tc->dst);
	return 0;
}

static int check_match(const struct at_rule *r)
{
	struct cfg_tc *tc = r->tc;

	if (!tc->vlan_count && place_of(r->p, &tc->vlan_protocol).line)
		return place_error_of(r->p, &tc->vlan_protocol, tc->at,
				      "vlan-protocol: found without vlan; allowed: with vlan");
	if (tc->protocol == ETH_P_8021Q || tc->protocol == ETH_P_8021AD)
		return place_error_of(r->p, &tc->protocol, tc->at,
				      "protocol: found that of a VLAN tag; allowed: the protocol "
				      "behind the tags, which vlan and vlan-protocol match");
	return check_ip(r);
}

static bool same_mac(bool has_a, const uint8_t *a, bool has_b, const uint8_t *b)
{
	return has_a == has_b && (!has_a || memcmp(a, b, 6) == 0);
}

static bool same_match(const struct cfg_tc *a, const struct cfg_tc *b)
{
	return a->vlan_count == b->vlan_count && a->protocol == b->protocol &&
	       (!a->vlan_count ||
		memcmp(a->vlan, b->vlan, a->vlan_count * sizeof(*a->vlan)) == 0) &&
	       same_mac(a->has_src_mac, a->src_mac, b->has_src_mac, b->src_mac) &&
	       same_mac(a->has_dst_mac, a->dst_mac, b->has_dst_mac, b->dst_mac) &&
	       addr_equal(&a->src, &b->src, true) && addr_equal(&a->dst, &b->dst, true) &&
	       a->has_ip_protocol == b->has_ip_protocol && a->ip_protocol == b->ip_protocol &&
	       a->has_tunnel == b->has_tunnel && a->tunnel.vni == b->tunnel.vni &&
	       addr_equal(&a->tunnel.local, &b->tunnel.local, false) &&
	       addr_equal(&a->tunnel.remote, &b->tunnel.remote, false);
}

/* The kernel keeps one protocol for all filters of a pref: tcf_chain_tp_find(). */
static int check_pref(const struct at_rule *r)
{
	const struct cfg_tc *tc = r->tc;

	for (const struct cfg_tc *other = r->cfg->tc; other < tc; other++) {
		if (other->device != tc->device || other->pref != tc->pref ||
		    !same_port(&other->from, &tc->from))
			continue;
		if (config_tc_protocol(other) != config_tc_protocol(tc))
			return place_error_of(r->p, &tc->pref, tc->at,
					      "pref: found %u, which the rule on line %u has with "
					      "another protocol; allowed: another number",
					      tc->pref, other->at.line);
		if (same_match(other, tc))
			return place_error(r->p, tc->at,
					   "tc rule: same port, pref and match as the rule on line "
					   "%u; allowed: rules that differ",
					   other->at.line);
	}
	return 0;
}

int config_check_tc(struct ipso_config *cfg, const struct cfg_places *p, unsigned int index)
{
	struct cfg_tc *tc = &cfg->tc[index];
	struct at_rule r = {cfg, p, tc};
	int err;

	if (!place_of(p, &tc->pref).line)
		tc->pref = (uint16_t)(index + 1);
	if (cfg->devices[tc->device].mode != CFG_MODE_SWITCHDEV)
		return place_error_of(p, &tc->device, tc->at,
				      "device: found %s, whose mode is legacy; allowed: a device "
				      "in switchdev, which has representors",
				      config_device_name(cfg, tc->device));
	err = check_way_in(&r);
	if (!err)
		err = expand_to(&r);
	if (!err)
		err = check_actions(&r);
	if (!err)
		err = config_check_tc_tunnel(cfg, p, tc);
	if (!err)
		err = check_match(&r);
	return err ? err : check_pref(&r);
}
