/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Taking a step back from its record. What is gone already needs no taking back. */
#include <errno.h>
#include <limits.h>
#include <linux/devlink.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apply/priv.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/num.h"
#include "nl/devlink.h"
#include "nl/ethtool.h"
#include "nl/link.h"
#include "nl/netns.h"

/* The eswitch frees SAs and policies some time after they were deleted (mlx5 work queues). */
#define MODE_TRIES 50
#define MODE_WAIT_MS 200

struct place {
	struct obs_device d;
	const struct obs_vf *vf; /* NULL: the uplink, or a VF that is gone */
	uint32_t ifindex;	 /* 0: gone */
};

static void place_free(struct place *p)
{
	observe_device_free(&p->d);
}

struct vxlan_search {
	uint16_t port;
	uint32_t ifindex;
};

static int find_vxlan(const struct link_info *l, void *arg)
{
	struct vxlan_search *s = arg;

	if (l->vxlan == s->port)
		s->ifindex = l->ifindex;
	return 0;
}

static uint32_t vxlan_of(uint16_t port)
{
	struct vxlan_search s = {.port = port};
	_nl_ struct nl *nl = NULL;

	return nl_open(NETLINK_ROUTE, NULL, &nl, NULL) < 0 || link_dump(nl, find_vxlan, &s, NULL) < 0
		       ? 0 : s.ifindex;
}

static int place_find(const struct undo *u, struct place *ret_p, struct why *why)
{
	struct place p = {};
	int err = observe_device(u->pci, u->netns, &p.d, why);

	if (err < 0)
		return err;
	if (u->vxlan)
		p.ifindex = vxlan_of(u->vxlan);
	else if (u->vf < 0)
		p.ifindex = p.d.uplink.ifindex;
	else if ((uint32_t)u->vf < p.d.vfs_count)
		p.vf = &p.d.vfs[u->vf];
	if (p.vf)
		p.ifindex = u->rep ? p.vf->rep.ifindex : p.vf->link.ifindex;
	if (p.vf && !u->rep && strcmp(p.vf->netns, u->netns) != 0)
		p.ifindex = 0; /* it went elsewhere since, and took nothing of the step along */
	*ret_p = p;
	return 0;
}

static int undo_gate(const struct undo *u, struct why *why)
{
	struct gate_status now;
	unsigned int n = 0;
	uint32_t pci;
	int err;

	err = gate_status(&now, why);
	if (err < 0 || !now.installed || pci_parse(u->pci, &pci) < 0)
		return err;
	for (unsigned int i = 0; i < now.rules_count; i++) {
		if (now.rules[i].pci != pci)
			now.rules[n++] = now.rules[i];
	}
	return n || u->value[0] ? gate_install(now.rules, n, why) : gate_remove(why);
}

/* Held no longer; what it was changed to since stays. */
static int undo_gate_hold(const struct undo *u, struct why *why)
{
	struct gate_status now;
	bool held = false;
	uint32_t pci;
	int err;

	err = gate_status(&now, why);
	if (err < 0 || !now.installed || pci_parse(u->pci, &pci) < 0)
		return err;
	for (unsigned int i = 0; i < now.rules_count; i++) {
		if (now.rules[i].pci != pci || now.rules[i].mode != IPSO_GATE_HOLD)
			continue;
		now.rules[i].mode = IPSO_GATE_ENFORCE;
		held = true;
	}
	return held ? gate_install(now.rules, now.rules_count, why) : 0;
}

static int write_sysfs(const char *path, const char *text, struct why *why)
{
	int err = file_write(path, text);

	return err < 0 ? why_set(why, err, "write %s to %s", text, path) : 0;
}

static int undo_sriov(const struct undo *u, struct why *why)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), SYSFS_PCI "/devices/%s/sriov_numvfs", u->pci);
	return write_sysfs(path, u->value, why);
}

static int undo_bind(const struct undo *u, const struct place *p, struct why *why)
{
	bool bind = u->kind == STEP_VF_UNBIND;

	if (!p->vf || p->vf->bound == bind)
		return 0;
	return write_sysfs(bind ? SYSFS_PCI "/drivers/mlx5_core/bind"
				: SYSFS_PCI "/drivers/mlx5_core/unbind",
			   p->vf->pci, why);
}

static int undo_mode(const struct undo *u, struct why *why)
{
	uint16_t mode = strcmp(u->value, "switchdev") == 0 ? DEVLINK_ESWITCH_MODE_SWITCHDEV
							   : DEVLINK_ESWITCH_MODE_LEGACY;
	_devlink_ struct devlink *dl = NULL;
	int err = devlink_open(&dl, why);

	for (int i = 0; !err && i < MODE_TRIES; i++) {
		err = devlink_eswitch_set(dl, u->pci, mode, why);
		if (err != -EBUSY && err != -EOPNOTSUPP)
			return err;
		if (i + 1 == MODE_TRIES)
			return err;
		sleep_ms(MODE_WAIT_MS);
		err = 0;
	}
	return err;
}

static int undo_steering(const struct undo *u, struct why *why)
{
	_devlink_ struct devlink *dl = NULL;
	int err = devlink_open(&dl, why);

	return err ? err : devlink_param_set(dl, u->pci, DEVLINK_PARAM_STEERING, u->value, why);
}

static int undo_encap(const struct undo *u, struct why *why)
{
	uint8_t mode = strcmp(u->value, "none") == 0 ? DEVLINK_ESWITCH_ENCAP_MODE_NONE
						     : DEVLINK_ESWITCH_ENCAP_MODE_BASIC;
	_devlink_ struct devlink *dl = NULL;
	int err = devlink_open(&dl, why);

	return err ? err : devlink_encap_set(dl, u->pci, mode, why);
}

static int undo_port(const struct undo *u, const struct place *p, struct why *why)
{
	_devlink_ struct devlink *dl = NULL;
	_nl_ struct nl *nl = NULL;
	uint8_t mac[6];
	int err;

	if (!p->vf || !u->value[0])
		return 0; /* a VF without an address of its own gets a new one when it is made */
	if (u->kind == STEP_PORT_MAC && mac_parse(u->value, mac) < 0)
		return why_set(why, -EBADMSG, "read the hardware address in the journal");
	if (u->kind == STEP_PORT_MAC && !p->d.switchdev) {
		err = nl_open(NETLINK_ROUTE, NULL, &nl, why);
		return err ? err : link_vf_mac_set(nl, p->d.uplink.ifindex, (uint32_t)u->vf, mac,
						   why);
	}
	if (!p->vf->has_port)
		return 0;
	err = devlink_open(&dl, why);
	if (err < 0)
		return err;
	if (u->kind == STEP_PORT_MAC)
		return devlink_port_set_mac(dl, u->pci, p->vf->port_index, mac, why);
	return port_set_cap(dl, u->kind, u->pci, p->vf->port_index, strcmp(u->value, "on") == 0, why);
}

static bool is_gone(int err)
{
	return err == -ENOENT || err == -ESRCH || err == -ENODEV || err == -ENXIO ||
	       err == -EADDRNOTAVAIL;
}

static int undo_ipsec(const struct undo *u, struct why *why)
{
	struct xfrm_sa sa = {.src = u->src, .dst = u->dst, .spi = u->spi, .dir = u->dir};
	struct xfrm_pol p = undo_policy(u);
	_nl_ struct nl *nl = NULL;
	int err = nl_open(NETLINK_XFRM, u->netns, &nl, why);

	if (err < 0)
		return err;
	if (u->kind == STEP_SA)
		return xfrm_sa_delete(nl, &sa, why);
	return xfrm_policy_delete(nl, &p, why);
}

static int count_filter(const struct tc_filter *f, void *arg)
{
	(void)f;
	++*(unsigned int *)arg;
	return 0;
}

/* The qdisc takes all its rules along: with somebody else's on it, it stays. */
static int undo_qdisc(struct nl *nl, uint32_t ifindex, struct why *why)
{
	unsigned int others = 0;
	int err = tc_filter_dump(nl, ifindex, count_filter, &others, why);

	if (err < 0 || others)
		return err;
	err = tc_qdisc_delete_ingress(nl, ifindex, why);
	return err == -EINVAL ? 0 : err; /* EINVAL: it has none */
}

/*
 * Deleted SAs leave the driver later, from a work queue (xfrm_state_gc_task()), and the last of them
 * makes the uplink's rules anew (ipsec_esw_tx_ft_policy_set()), outside the lock that closing a port
 * holds. Doing both at once oopsed Linux 6.12 twice, in mlx5_del_flow_rules() below
 * mlx5e_rep_deactivate_channels(); another MTU closes the port, too, and opens it anew. So a port is
 * closed when the IPsec tables are gone and their last
 * user has been counted off, which is what the driver does at the very end of a removal; or when
 * both have stopped changing because someone else has SAs. Where BPF cannot look, it is closed as it
 * is.
 */
#define TABLES_LOOK_MS 20
#define TABLES_STILL 50 /* looks without a change */
#define TABLES_LOOKS 500 /* in all: somebody who keeps changing SAs does not keep down waiting */

static void await_tables(uint32_t ifindex)
{
	uint64_t users = 0, before;
	struct ipso_gate_probe p;
	uint32_t still = 0;

	for (int look = 0; look < TABLES_LOOKS && still < TABLES_STILL; look++) {
		if (gate_probe_here(ifindex, &p) < 0)
			return;
		before = users;
		users = p.drv.rx_tables + p.drv.tx_tables + p.drv.num_ipsec_offloads;
		if (!users)
			return;
		still = users == before ? still + 1 : 0;
		poll(NULL, 0, TABLES_LOOK_MS);
	}
}

static int undo_link(const struct undo *u, struct nl *nl, uint32_t ifindex, struct why *why)
{
	struct tc_filter f = {.ifindex = ifindex, .block = u->block, .pref = u->pref, .protocol = u->protocol,
			      .handle = u->handle, .kind = "flower"};
	uint32_t mtu;

	switch (u->kind) {
	case STEP_MTU:
		if (num_u32(u->value, 1, UINT32_MAX, &mtu) < 0)
			return why_set(why, -EBADMSG, "read the MTU in the journal");
		await_tables(ifindex);
		return link_set_mtu(nl, ifindex, mtu, why);
	case STEP_ADDRESS:
		return link_addr_delete(nl, ifindex, &u->dst, why);
	case STEP_LINK_UP:
		await_tables(ifindex);
		return link_set_up(nl, ifindex, false, why);
	case STEP_TC_QDISC:
		return undo_qdisc(nl, ifindex, why);
	case STEP_VXLAN:
		return link_delete(nl, ifindex, why);
	default:
		return tc_filter_delete(nl, &f, why);
	}
}

/* Home is the namespace of whoever undoes; the socket is opened there, the request sent here. */
static int undo_move(const struct undo *u, uint32_t ifindex, struct why *why)
{
	_nl_ struct nl *nl = NULL;
	int err = nl_open(NETLINK_ROUTE, u->netns, &nl, why);

	return err ? err : link_set_netns(nl, ifindex, NULL, why);
}

static int undo_netdev(const struct undo *u, const struct place *p, struct why *why)
{
	_ethtool_ struct ethtool *e = NULL;
	_nl_ struct nl *nl = NULL;
	int err;

	if (!p->ifindex && !u->block)
		return 0;
	if (u->kind == STEP_MOVE)
		return undo_move(u, p->ifindex, why);
	if (u->kind == STEP_TC_OFFLOAD) {
		err = ethtool_open(u->netns, &e, why);
		return err ? err : ethtool_set_feature(e, p->ifindex, ETHTOOL_TC_OFFLOAD, false,
						       why);
	}
	err = nl_open(NETLINK_ROUTE, u->netns, &nl, why);
	return err ? err : undo_link(u, nl, p->ifindex, why);
}

static int undo_by_kind(const struct undo *u, const struct place *p, struct why *why)
{
	int err;

	switch (u->kind) {
	case STEP_DISPLACE:
		return undo_displace(u, why);
	case STEP_GATE_HOLD:
		return undo_gate_hold(u, why);
	case STEP_GATE:
		return undo_gate(u, why);
	case STEP_SRIOV:
		return undo_sriov(u, why);
	case STEP_VF_UNBIND:
	case STEP_VF_BIND:
		return undo_bind(u, p, why);
	case STEP_LEGACY:
	case STEP_ESWITCH:
		return undo_mode(u, why);
	case STEP_STEERING:
		return undo_steering(u, why);
	case STEP_ENCAP:
		return undo_encap(u, why);
	case STEP_PORT_MAC:
	case STEP_PORT_IPSEC:
	case STEP_PORT_ROCE:
		return undo_port(u, p, why);
	case STEP_NETNS:
		err = netns_remove(u->netns);
		return err < 0 ? why_set(why, err, "remove network namespace %s", u->netns) : 0;
	case STEP_BLOCK:
	case STEP_PIN:
	case STEP_SA:
	case STEP_POLICY:
		return undo_ipsec(u, why);
	case STEP_OVS_HOLD:
	case STEP_OVS_OFFLOAD:
	case STEP_OVS_BRIDGE:
	case STEP_OVS_PORT:
	case STEP_OVS_VXLAN:
		return undo_ovs(u, why);
	default:
		return undo_netdev(u, p, why);
	}
}

int undo_run(const struct undo *u, struct why *why)
{
	bool placeless = u->kind == STEP_SA || is_policy(u->kind) || u->kind == STEP_GATE ||
			 u->kind == STEP_DISPLACE || u->kind == STEP_GATE_HOLD ||
			 u->kind == STEP_NETNS || u->kind == STEP_SRIOV || is_ovs(u->kind);
	_cleanup_(place_free) struct place p = {};
	int err = placeless ? 0 : place_find(u, &p, why);

	if (!err)
		err = undo_by_kind(u, &p, why);
	return is_gone(err) ? 0 : err;
}
