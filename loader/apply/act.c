/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Doing one step, natively: sysfs, devlink, rtnetlink, ethtool. SAs: act_ipsec.c, TC rules: act_rule.c. */
#include <errno.h>
#include <limits.h>
#include <linux/devlink.h>
#include <stdio.h>
#include <string.h>

#include "apply/priv.h"
#include "base/file.h"
#include "base/mem.h"
#include "nl/compat.h"
#include "nl/devlink.h"
#include "nl/ethtool.h"
#include "nl/link.h"
#include "nl/netns.h"

static const struct obs_device *device_of(const struct work *w)
{
	return &(*w->st)->devices[w->s->device];
}

static const struct cfg_vf *vf_of(const struct work *w)
{
	return &w->cfg->devices[w->s->device].vfs[w->s->vf];
}

/* The gate keeps the rules it has; this device's is added or changed. */
static int act_gate(const struct work *w)
{
	const struct gate_status *now = &(*w->st)->gate;
	struct gate_rule rules[IPSO_GATE_MAX];
	unsigned int n = 0;
	uint32_t pci;

	if (pci_parse(device_of(w)->pci, &pci) < 0)
		return why_set(w->why, -EINVAL, "guard PCI device %s", device_of(w)->pci);
	for (unsigned int i = 0; now->installed && i < now->rules_count; i++) {
		if (now->rules[i].pci != pci)
			rules[n++] = now->rules[i];
	}
	if (n == IPSO_GATE_MAX)
		return why_set(w->why, -ENOSPC, "the gate guards %u devices at most", n);
	rules[n++] = (struct gate_rule){pci, w->s->kind == STEP_GATE_HOLD ? IPSO_GATE_HOLD
									   : w->cfg->ordering};
	return gate_install(rules, n, w->why);
}

static int write_sysfs(const char *path, const char *text, struct why *why)
{
	int err = file_write(path, text);

	if (err < 0)
		why_set(why, err, "write %s to %s", text, path);
	if (err == -EROFS)
		why_remedy(why, "a unit of systemd with ProtectKernelTunables= may not: ipso up, or "
				"ReadWritePaths=/sys/devices /sys/bus for it (docs/neighbours.md)");
	return err;
}

static int act_sriov(const struct work *w)
{
	char path[PATH_MAX], text[16];
	int err;

	snprintf(path, sizeof(path), SYSFS_PCI "/devices/%s/sriov_numvfs", device_of(w)->pci);
	snprintf(text, sizeof(text), "%u", w->s->to);
	err = write_sysfs(path, text, w->why);
	if (err == -ENOMEM)
		why_remedy(w->why, "firmware of the host left no address room for VFs: see dmesg");
	return err;
}

static int act_bind(const struct work *w)
{
	const struct obs_vf *vf = step_vf(w->cfg, *w->st, w->s);

	if (!vf)
		return why_set(w->why, -ENODEV, "find VF %u of %s", vf_of(w)->index,
			       device_of(w)->pci);
	return write_sysfs(w->s->kind == STEP_VF_BIND ? SYSFS_PCI "/drivers/mlx5_core/bind"
						      : SYSFS_PCI "/drivers/mlx5_core/unbind",
			   vf->pci, w->why);
}

static int act_mode(const struct work *w, struct devlink *dl)
{
	const char *pci = device_of(w)->pci;
	uint16_t mode = w->s->kind == STEP_LEGACY ? DEVLINK_ESWITCH_MODE_LEGACY
						  : (uint16_t)w->s->to;

	if (w->s->kind == STEP_STEERING)
		return devlink_param_set(dl, pci, DEVLINK_PARAM_STEERING,
					 w->s->to == CFG_STEERING_SMFS ? "smfs" : "dmfs", w->why);
	if (w->s->kind == STEP_ENCAP)
		return devlink_encap_set(dl, pci, DEVLINK_ESWITCH_ENCAP_MODE_NONE, w->why);
	return devlink_eswitch_set(dl, pci, mode, w->why);
}

static int legacy_mac(const struct work *w)
{
	_nl_ struct nl *nl = NULL;
	int err = nl_open(NETLINK_ROUTE, NULL, &nl, w->why);

	return err ? err : link_vf_mac_set(nl, device_of(w)->uplink.ifindex, vf_of(w)->index,
					   vf_of(w)->mac, w->why);
}

int port_set_cap(struct devlink *dl, enum step_kind kind, const char *pci, uint32_t port, bool on,
		 struct why *why)
{
	if (kind == STEP_PORT_ROCE)
		return devlink_port_set_cap(dl, pci, port, NL_DEVLINK_PORT_FN_CAP_ROCE, "roce", on,
					    why);
	return devlink_port_set_cap(dl, pci, port, NL_DEVLINK_PORT_FN_CAP_IPSEC_PACKET,
				    "ipsec_packet", on, why);
}

static int act_port(const struct work *w, struct devlink *dl)
{
	const struct obs_vf *vf = step_vf(w->cfg, *w->st, w->s);

	if (w->s->kind == STEP_PORT_MAC && !device_of(w)->switchdev)
		return legacy_mac(w);
	if (!vf || !vf->has_port)
		return why_set(w->why, -ENODEV, "find the devlink port of VF %u of %s",
			       vf_of(w)->index, device_of(w)->pci);
	if (w->s->kind == STEP_PORT_MAC)
		return devlink_port_set_mac(dl, device_of(w)->pci, vf->port_index, vf_of(w)->mac,
					    w->why);
	return port_set_cap(dl, w->s->kind, device_of(w)->pci, vf->port_index, w->s->to, w->why);
}

static int act_devlink(const struct work *w)
{
	_devlink_ struct devlink *dl = NULL;
	int err = devlink_open(&dl, w->why);

	if (err < 0)
		return err;
	if (w->s->kind == STEP_PORT_MAC || w->s->kind == STEP_PORT_IPSEC ||
	    w->s->kind == STEP_PORT_ROCE)
		return act_port(w, dl);
	return act_mode(w, dl);
}

static int act_netns(const struct work *w)
{
	int err = netns_create(vf_of(w)->netns);

	return err < 0 ? why_set(w->why, err, "create network namespace %s", vf_of(w)->netns) : 0;
}

static int act_link(const struct work *w, struct nl *nl, uint32_t ifindex)
{
	const struct cfg_device *d = &w->cfg->devices[w->s->device];

	switch (w->s->kind) {
	case STEP_MOVE:
		return link_set_netns(nl, ifindex, vf_of(w)->netns, w->why);
	case STEP_MTU:
		return link_set_mtu(nl, ifindex, w->s->to, w->why);
	case STEP_ADDRESS:
		return link_addr_add(nl, ifindex,
				     w->s->vf == NO_VF ? &d->addresses[w->s->item]
						       : &vf_of(w)->addresses[w->s->item],
				     w->why);
	case STEP_LINK_UP:
		return link_set_up(nl, ifindex, true, w->why);
	default:
		return tc_qdisc_add_ingress(nl, ifindex, w->s->block, w->why);
	}
}

static int act_vxlan(const struct work *w)
{
	_nl_ struct nl *nl = NULL;
	char name[VXLAN_NAME_LEN];
	int err = nl_open(NETLINK_ROUTE, NULL, &nl, w->why);

	if (!err)
		err = link_vxlan_add(nl, vxlan_name(w->s->vxlan, name), w->s->vxlan, w->why);
	if (err == -EEXIST)
		why_remedy(w->why, "the name or the UDP port is taken: ip -d link show type vxlan");
	return err;
}

static int act_netdev(const struct work *w)
{
	const struct obs_link *l = step_link(w->cfg, *w->st, w->s);
	const char *netns = step_netns(w->cfg, *w->st, w->s);
	_ethtool_ struct ethtool *e = NULL;
	_nl_ struct nl *nl = NULL;
	char text[256];
	int err;

	if (!l->ifindex) {
		step_text(w->cfg, *w->st, w->s, text, sizeof(text));
		return why_set(w->why, -ENODEV, "find the net device to %s", text);
	}
	if (w->s->kind == STEP_TC_OFFLOAD) {
		err = ethtool_open(netns, &e, w->why);
		return err ? err : ethtool_set_feature(e, l->ifindex, ETHTOOL_TC_OFFLOAD, true,
						       w->why);
	}
	err = nl_open(NETLINK_ROUTE, netns, &nl, w->why);
	if (err < 0)
		return err;
	return act_link(w, nl, l->ifindex);
}

int act(const struct work *w, bool *ret_changed)
{
	int err;

	if (w->s->gone)
		return undo_run(w->s->gone, w->why);
	switch (w->s->kind) {
	case STEP_DISPLACE:
		return act_displace(w, ret_changed);
	case STEP_GATE:
	case STEP_GATE_HOLD:
		err = act_gate(w);
		break;
	case STEP_SRIOV:
		err = act_sriov(w);
		break;
	case STEP_VF_UNBIND:
	case STEP_VF_BIND:
		err = act_bind(w);
		break;
	case STEP_LEGACY:
	case STEP_STEERING:
	case STEP_ENCAP:
	case STEP_ESWITCH:
	case STEP_PORT_MAC:
	case STEP_PORT_IPSEC:
	case STEP_PORT_ROCE:
		err = act_devlink(w);
		break;
	case STEP_NETNS:
		err = act_netns(w);
		break;
	case STEP_BLOCK:
	case STEP_PIN:
	case STEP_SA:
	case STEP_POLICY:
		return act_ipsec(w, ret_changed);
	case STEP_OVS_HOLD:
	case STEP_OVS_OFFLOAD:
	case STEP_OVS_BRIDGE:
	case STEP_OVS_PORT:
	case STEP_OVS_VXLAN:
		return act_ovs(w, ret_changed);
	case STEP_TC_FILTER:
		return act_rule(w, ret_changed);
	case STEP_VXLAN:
		err = act_vxlan(w);
		break;
	default:
		err = act_netdev(w);
	}
	*ret_changed = !err;
	return err;
}
