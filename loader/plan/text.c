/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Steps as sentences. Their equivalent commands are in command.c. */
#include <linux/devlink.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "plan/line.h"
#include "plan/names.h"
#include "plan/priv.h"
#include "plan/undo.h"

static const char *const kind_names[] = {
	[STEP_GATE] = "gate",
	[STEP_SRIOV] = "sriov",
	[STEP_VF_UNBIND] = "vf-unbind",
	[STEP_LEGACY] = "legacy",
	[STEP_STEERING] = "steering",
	[STEP_ENCAP] = "encap",
	[STEP_ESWITCH] = "eswitch",
	[STEP_PORT_MAC] = "port-mac",
	[STEP_PORT_IPSEC] = "port-ipsec",
	[STEP_PORT_ROCE] = "port-roce",
	[STEP_VF_BIND] = "vf-bind",
	[STEP_NETNS] = "netns",
	[STEP_MOVE] = "move",
	[STEP_BLOCK] = "block",
	[STEP_MTU] = "mtu",
	[STEP_ADDRESS] = "address",
	[STEP_LINK_UP] = "link-up",
	[STEP_GATE_HOLD] = "gate-hold",
	[STEP_DISPLACE] = "displace",
	[STEP_OVS_HOLD] = "ovs-hold",
	[STEP_PIN] = "pin",
	[STEP_SA] = "sa",
	[STEP_POLICY] = "policy",
	[STEP_VXLAN] = "vxlan",
	[STEP_TC_OFFLOAD] = "tc-offload",
	[STEP_TC_QDISC] = "tc-qdisc",
	[STEP_TC_FILTER] = "tc-filter",
	[STEP_OVS_OFFLOAD] = "ovs-offload",
	[STEP_OVS_BRIDGE] = "ovs-bridge",
	[STEP_OVS_PORT] = "ovs-port",
	[STEP_OVS_VXLAN] = "ovs-vxlan",
};
_Static_assert(ARRAY_SIZE(kind_names) == STEP_KINDS, "every kind of step has a name");

const char *step_kind_name(enum step_kind kind)
{
	return kind < STEP_KINDS ? kind_names[kind] : "?";
}

const char *name_device(const struct ipso_config *cfg, const struct ipso_state *st,
			unsigned int device, char buf[NAME_LEN])
{
	const char *name = st->devices[device].uplink.name;

	if (!name[0])
		name = cfg->devices[device].pf ? cfg->devices[device].pf : cfg->devices[device].pci;
	snprintf(buf, NAME_LEN, "%s", name);
	return buf;
}

const char *name_link(const struct ipso_config *cfg, const struct ipso_state *st,
		      const struct step *s, char buf[NAME_LEN])
{
	const struct obs_link *l = step_link(cfg, st, s);
	char device[NAME_LEN];

	if (s->vxlan) {
		vxlan_name(s->vxlan, device);
		snprintf(buf, NAME_LEN, "%s", l->ifindex ? l->name : device);
		return buf;
	}
	if (s->vf == NO_VF && s->block && s->kind == STEP_TC_FILTER) {
		snprintf(buf, NAME_LEN, "%u", s->block);
		return buf;
	}
	if (s->vf == NO_VF)
		return name_device(cfg, st, s->device, buf);
	if (l->ifindex)
		snprintf(buf, NAME_LEN, "%s", l->name);
	else
		snprintf(buf, NAME_LEN, "<%sVF %u of %.32s>", s->rep ? "representor of " : "",
			 cfg->devices[s->device].vfs[s->vf].index,
			 name_device(cfg, st, s->device, device));
	return buf;
}

static const char *link_role(const struct ipso_config *cfg, const struct step *s, char buf[NAME_LEN])
{
	if (s->vxlan)
		snprintf(buf, NAME_LEN, "VXLAN net device");
	else if (s->vf == NO_VF && s->block)
		snprintf(buf, NAME_LEN, "block");
	else if (s->vf == NO_VF)
		snprintf(buf, NAME_LEN, "uplink");
	else
		snprintf(buf, NAME_LEN, "%sVF %u", s->rep ? "representor of " : "",
			 cfg->devices[s->device].vfs[s->vf].index);
	return buf;
}

const struct addr *step_address(const struct ipso_config *cfg, const struct step *s)
{
	const struct cfg_device *d = &cfg->devices[s->device];

	return s->vf == NO_VF ? &d->addresses[s->item] : &d->vfs[s->vf].addresses[s->item];
}

static void vf_text(const struct ipso_config *cfg, const struct ipso_state *st,
		    const struct step *s, char *buf, size_t size)
{
	const struct cfg_vf *v = &cfg->devices[s->device].vfs[s->vf];
	char dev[NAME_LEN], mac[MAC_STRLEN];

	name_device(cfg, st, s->device, dev);
	switch (s->kind) {
	case STEP_VF_UNBIND:
		snprintf(buf, size, "unbind VF %u of %s from its driver", v->index, dev);
		break;
	case STEP_VF_BIND:
		snprintf(buf, size, "bind VF %u of %s to its driver", v->index, dev);
		break;
	case STEP_PORT_MAC:
		snprintf(buf, size, "give VF %u of %s the hardware address %s", v->index, dev,
			 mac_str(v->mac, mac));
		break;
	case STEP_PORT_IPSEC:
	case STEP_PORT_ROCE:
		snprintf(buf, size, "switch %s %s for VF %u of %s",
			 s->kind == STEP_PORT_ROCE ? "roce" : "ipsec_packet", s->to ? "on" : "off",
			 v->index, dev);
		break;
	case STEP_NETNS:
		snprintf(buf, size, "create network namespace %s", v->netns);
		break;
	default:
		snprintf(buf, size, "move VF %u of %s to network namespace %s", v->index, dev,
			 v->netns);
	}
}

static void link_text(const struct ipso_config *cfg, const struct ipso_state *st,
		      const struct step *s, char *buf, size_t size)
{
	char dev[NAME_LEN], role[NAME_LEN], a[ADDR_STRLEN];
	int n;

	name_link(cfg, st, s, dev);
	link_role(cfg, s, role);
	switch (s->kind) {
	case STEP_MTU:
		snprintf(buf, size, "set MTU of %s %s to %u", role, dev, s->to);
		break;
	case STEP_ADDRESS:
		snprintf(buf, size, "add address %s to %s %s",
			 addr_str(step_address(cfg, s), true, a), role, dev);
		break;
	case STEP_LINK_UP:
		snprintf(buf, size, "set %s %s up", role, dev);
		break;
	case STEP_TC_OFFLOAD:
		snprintf(buf, size, "switch hw-tc-offload on for %s %s", role, dev);
		break;
	case STEP_TC_QDISC:
		n = snprintf(buf, size, "add an ingress qdisc to %s %s", role, dev);
		if (s->block && n > 0 && (size_t)n < size)
			snprintf(buf + n, size - (size_t)n, ", which shares block %u", s->block);
		break;
	case STEP_VXLAN:
		snprintf(buf, size, "make %s %s: it stands for all VXLAN tunnels of UDP port %u", role,
			 dev, s->vxlan);
		break;
	default:
		n = snprintf(buf, size, "%s TC rule pref %u at %s %s: ", s->from ? "replace" : "add",
			     cfg->tc[s->item].pref, role, dev);
		if (n > 0 && (size_t)n < size)
			rule_text(&cfg->tc[s->item], buf + n, size - (size_t)n);
	}
}

static void ovs_text(const struct ipso_config *cfg, const struct ipso_state *st,
		     const struct step *s, char *buf, size_t size)
{
	const struct cfg_ovs *o = &cfg->ovs[s->item];
	char dev[NAME_LEN], local[ADDR_STRLEN], remote[ADDR_STRLEN];

	switch (s->kind) {
	case STEP_OVS_OFFLOAD:
		snprintf(buf, size, "switch hw-offload of Open vSwitch on (ovs-vswitchd is not "
			 "restarted; bridges that are there already may need it)");
		break;
	case STEP_OVS_BRIDGE:
		snprintf(buf, size, "add bridge %s to Open vSwitch", o->bridge);
		break;
	case STEP_OVS_PORT:
		name_link(cfg, st, s, dev);
		snprintf(buf, size, "add representor %s to bridge %s", dev, o->bridge);
		break;
	default:
		snprintf(buf, size, "%s VXLAN port %s: VNI %u, %s -> %s UDP port %u, bridge %s",
			 s->from ? "change" : "add", o->vxlan.name, o->vxlan.vni,
			 addr_str(&o->vxlan.local, false, local),
			 addr_str(&o->vxlan.remote, false, remote), o->vxlan.port, o->bridge);
	}
}

void step_text(const struct ipso_config *cfg, const struct ipso_state *st, const struct step *s,
	       char *buf, size_t size)
{
	char dev[NAME_LEN];

	if (s->gone) {
		gone_text(st, s, buf, size);
		return;
	}
	name_device(cfg, st, s->device, dev);
	switch (s->kind) {
	case STEP_GATE_HOLD:
		snprintf(buf, size, "hold the gate of %s closed until its SAs are in", dev);
		break;
	case STEP_OVS_HOLD:
		snprintf(buf, size, "let Open vSwitch take its flows out of hardware and hold it (flow "
			 "limit 0: it switches packet by packet meanwhile)");
		break;
	case STEP_DISPLACE:
		snprintf(buf, size, "take TC rule pref %u protocol 0x%04x of %s out of the way of IPsec",
			 s->saved->rule.pref, s->saved->rule.protocol, s->saved->port);
		break;
	case STEP_GATE:
		snprintf(buf, size, "close the gate of %s: %s TC offload until its IPsec tables exist",
			 dev, cfg->ordering == IPSO_GATE_OBSERVE ? "report" : "refuse");
		break;
	case STEP_SRIOV:
		snprintf(buf, size, "create %u VF%s on %s", s->to, s->to == 1 ? "" : "s", dev);
		break;
	case STEP_LEGACY:
		snprintf(buf, size, "leave switchdev on %s to set its %s", dev,
			 s->to ? "encap-mode" : "steering mode");
		break;
	case STEP_STEERING:
		snprintf(buf, size, "set steering mode of %s to %s", dev, name_steering(s->to));
		break;
	case STEP_ENCAP:
		snprintf(buf, size, "set encap-mode of %s to none, which tunnel mode needs", dev);
		break;
	case STEP_ESWITCH:
		snprintf(buf, size, "set eswitch of %s to %s", dev, name_eswitch(s->to));
		break;
	case STEP_VF_UNBIND:
	case STEP_VF_BIND:
	case STEP_PORT_MAC:
	case STEP_PORT_IPSEC:
	case STEP_PORT_ROCE:
	case STEP_NETNS:
	case STEP_MOVE:
		vf_text(cfg, st, s, buf, size);
		break;
	case STEP_BLOCK:
	case STEP_PIN:
	case STEP_SA:
	case STEP_POLICY:
		tunnel_text(cfg, st, s, buf, size);
		break;
	case STEP_OVS_OFFLOAD:
	case STEP_OVS_BRIDGE:
	case STEP_OVS_PORT:
	case STEP_OVS_VXLAN:
		ovs_text(cfg, st, s, buf, size);
		break;
	default:
		link_text(cfg, st, s, buf, size);
	}
}
