/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pin, and the block policies below those of tunnels, put back. libreswan's pluto flushes all
 * policies when it starts, and setting the link down takes the pin: with the last offloaded policy and
 * no SA yet the IPsec tables are gone, and a TC rule may come before they are there again. Without a
 * block policy packets of a tunnel would go in the clear.
 */
#include <errno.h>
#include <net/if.h>

#include "apply/priv.h"
#include "attach/attach.h"
#include "nl/link.h"

#define PINS_MAX 64 /* looked at in one call; there are four a device at most */

struct pin {
	struct xfrm_pol p;
	unsigned int device; /* in the configuration */
};

static int seen(const struct xfrm_pol *p, void *arg)
{
	(void)p;
	(void)arg;
	return 0;
}

/*
 * Somebody changed the mode: a pin would only keep `ipso up` from changing it back, for the driver
 * changes no mode with an offloaded policy there. Where BPF cannot look, it is put back.
 */
static bool has_drifted(const struct ipso_config *cfg, unsigned int d, uint32_t ifindex)
{
	struct ipso_gate_probe p;

	return gate_probe_here(ifindex, &p) == 0 && (p.drv.known & IPSO_DRV_ESWITCH) &&
	       (p.drv.eswitch_mode != 0) != (cfg->devices[d].mode == CFG_MODE_SWITCHDEV);
}

/* What the kernel lacks of the pins that the configuration wants. */
static int missing(const struct ipso_config *cfg, const struct ipso_state *st, struct nl *nl,
		   struct pin ret_list[PINS_MAX], unsigned int *ret_n, struct why *why)
{
	*ret_n = 0;
	for (unsigned int i = 0; i < 4 * cfg->devices_count && *ret_n < PINS_MAX; i++) {
		const struct obs_device *d = &st->devices[i / 4];
		unsigned int version = i % 4 / 2 ? 6 : 4;
		struct xfrm_pol p;
		int err;

		if (!pin_wanted(cfg, i / 4, version) || !d->uplink.ifindex)
			continue;
		p = pin_policy(d->pci, version, i % 2 ? IPSO_DIR_OUT : IPSO_DIR_IN,
			       d->uplink.ifindex);
		err = xfrm_policy_get(nl, &p, seen, NULL, why);
		if (err == -ENOENT && !has_drifted(cfg, i / 4, d->uplink.ifindex))
			ret_list[(*ret_n)++] = (struct pin){p, i / 4};
		else if (err < 0 && err != -ENOENT)
			return err;
	}
	return 0;
}

/*
 * The first offloaded policy of an uplink in switchdev takes down rules of its channels
 * (tx_get(), mlx5e_rep_deactivate_channels()), which a link that is down has not got: 7.3 oopsed in
 * mlx5_del_flow_rules() when the pin came back between link down and link up.
 */
static bool is_up(uint32_t ifindex)
{
	_nl_ struct nl *nl = NULL;
	struct link_info l;

	return nl_open(NETLINK_ROUTE, NULL, &nl, NULL) == 0 &&
	       link_get(nl, ifindex, &l, NULL) == 0 && (l.flags & IFF_UP);
}

/* `ipso down` takes the record, and then it is not for the service to have the policy back. */
static bool is_owned(const struct journal *j, const struct xfrm_pol *p)
{
	const struct undo *list;
	unsigned int n = journal_entries(j, &list);

	for (unsigned int i = 0; i < n; i++) {
		if (list[i].kind == STEP_PIN && list[i].dir == p->dir &&
		    addr_equal(&list[i].src, &p->sel_src, true) &&
		    addr_equal(&list[i].dst, &p->sel_dst, true))
			return true;
	}
	return false;
}

int apply_keep_pins(const struct ipso_config *cfg, const struct ipso_state *st,
		    unsigned int *ret_put, uint32_t *ret_lacking, struct why *why)
{
	_journal_ struct journal *j = NULL;
	struct pin gone[PINS_MAX];
	_nl_ struct nl *nl = NULL;
	unsigned int n = 0;
	int err;

	*ret_put = 0;
	*ret_lacking = 0;
	err = nl_open(NETLINK_XFRM, NULL, &nl, why);
	if (!err)
		err = missing(cfg, st, nl, gone, &n, why);
	if (err < 0 || !n)
		return err;
	err = journal_open(JOURNAL_PATH, &j, why);
	if (err < 0)
		return err == -EALREADY ? 0 : err;
	for (unsigned int i = 0; !err && i < n; i++) {
		const struct xfrm_pol *p = &gone[i].p;

		if (!is_owned(j, p) || !is_up(p->ifindex))
			continue;
		err = xfrm_policy_add(nl, p, why);
		/* A change of the mode that was on its way went first; from now on the policy refuses it. */
		if (!err && has_drifted(cfg, gone[i].device, p->ifindex))
			return xfrm_policy_delete(nl, p, why);
		*ret_put += !err;
		*ret_lacking = err ? p->ifindex : 0;
	}
	return err;
}

static int keep_below(const struct undo *u, unsigned int *put, struct why *why)
{
	struct xfrm_pol p = undo_policy(u);
	_nl_ struct nl *nl = NULL;
	int err;

	err = nl_open(NETLINK_XFRM, u->netns, &nl, why);
	if (!err)
		err = xfrm_policy_get(nl, &p, seen, NULL, why);
	if (err != -ENOENT)
		return err;
	err = xfrm_policy_add(nl, &p, why);
	*put += !err;
	return err;
}

int apply_keep_below(unsigned int *ret_put, struct why *why)
{
	_journal_ struct journal *j = NULL;
	const struct undo *list;
	int err, first = 0;
	unsigned int n;

	*ret_put = 0;
	err = journal_open(JOURNAL_PATH, &j, why);
	if (err < 0)
		return err == -EALREADY ? 0 : err;
	n = journal_entries(j, &list);
	for (unsigned int i = 0; i < n; i++) {
		if (list[i].kind != STEP_BLOCK)
			continue;
		err = keep_below(&list[i], ret_put, first ? NULL : why);
		first = first ? first : err;
	}
	return first;
}
