/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Failures that the kernel gives no text for, or only "Device failed to offload this state":
 * decided from errno, the driver's exclusion state and the firmware's answer. Conditions are those
 * of mlx5_eswitch_block_ipsec(), mlx5_eswitch_block_mode() (core/eswitch.c),
 * mlx5e_ipsec_block_tc_offload() (en_accel/ipsec_fs.c) and mlx5e_configure_flower() (core/en_tc.c).
 */
#include <errno.h>
#include <stddef.h>

#include "explain/internal.h"
#include "ipso/gate.h"

#define RX_SA_MAX 2047 /* mapping of 11 bits, 0 is not used */

const struct ipso_driver_state *event_drv(const struct ipso_event_hdr *ev)
{
	switch (ev->kind) {
	case IPSO_EV_SA_ADD:
	case IPSO_EV_SA_DELETE:
	case IPSO_EV_FALLBACK:
		return &((const struct ipso_event_sa *)ev)->drv;
	case IPSO_EV_POLICY_ADD:
	case IPSO_EV_POLICY_DELETE:
		return &((const struct ipso_event_policy *)ev)->drv;
	case IPSO_EV_TC_ADD:
	case IPSO_EV_TC_DELETE:
		return &((const struct ipso_event_tc *)ev)->drv;
	case IPSO_EV_GATE:
		return &((const struct ipso_event_gate *)ev)->drv;
	case IPSO_EV_LINK:
		return &((const struct ipso_event_link *)ev)->drv;
	case IPSO_EV_TABLES:
		return &((const struct ipso_event_tables *)ev)->drv;
	default:
		return NULL;
	}
}

const struct ipso_fw_error *event_fw(const struct ipso_event_hdr *ev)
{
	switch (ev->kind) {
	case IPSO_EV_SA_ADD:
	case IPSO_EV_FALLBACK:
		return &((const struct ipso_event_sa *)ev)->fw;
	case IPSO_EV_POLICY_ADD:
		return &((const struct ipso_event_policy *)ev)->fw;
	case IPSO_EV_TC_ADD:
		return &((const struct ipso_event_tc *)ev)->fw;
	case IPSO_EV_FW_ERROR:
		return &((const struct ipso_event_fw *)ev)->fw;
	default:
		return NULL;
	}
}

const char *event_text(const struct ipso_event_hdr *ev)
{
	switch (ev->kind) {
	case IPSO_EV_SA_ADD:
	case IPSO_EV_FALLBACK:
		return ((const struct ipso_event_sa *)ev)->text;
	case IPSO_EV_POLICY_ADD:
		return ((const struct ipso_event_policy *)ev)->text;
	case IPSO_EV_TC_ADD:
		return ((const struct ipso_event_tc *)ev)->text;
	case IPSO_EV_MODE:
		return ((const struct ipso_event_mode *)ev)->text;
	default:
		return "";
	}
}

/* EBUSY of a state or policy: the first condition that holds, the nearest to the user first. */
static const char *ipsec_busy(const struct ipso_driver_state *d, bool sa, bool in)
{
	bool tables = d->rx_tables && d->tx_tables;

	if ((d->known & IPSO_DRV_ESWITCH) && d->vf_ipsec)
		return "S-04";
	if ((d->known & IPSO_DRV_BLOCK) && d->num_block_ipsec)
		return "S-07";
	if ((d->known & IPSO_DRV_USERS) && d->esw_users)
		return sa && tables ? "S-06" : "S-05";
	if (sa && in && d->eswitch_mode && d->rx_tables >= RX_SA_MAX)
		return "S-09";
	return "S-22"; /* nothing of that: a mode change was under way */
}

static const char *ipsec_rule(const struct ipso_event_hdr *ev, const struct ipso_driver_state *d,
			      const char *ifname, bool in)
{
	bool sa = ev->kind != IPSO_EV_POLICY_ADD;

	switch (-ev->result) {
	case EBUSY:
		return ipsec_busy(d, sa, in);
	case EINVAL:
		if (!ifname[0])
			return sa ? "S-01" : "S-17";
		return d->takes_ipsec ? "S-08" : "S-02";
	case EOPNOTSUPP:
		return "S-03";
	case EEXIST:
		return sa ? "S-11" : "S-19";
	case EPERM:
		return "S-14";
	case ENOMEM:
		return "S-15";
	default:
		return "U-00";
	}
}

/* Why an SA is not in packet offload: it was refused, or nobody asked. */
static const char *fallback_rule(const struct ipso_event_sa *e)
{
	if (e->hdr.result)
		return ipsec_rule(&e->hdr, &e->drv, e->ifname, e->dir == IPSO_DIR_IN);
	return e->offload == IPSO_OFFLOAD_CRYPTO ? "S-45" : "S-44";
}

static const char *tc_rule(const struct ipso_event_tc *e)
{
	switch (-e->hdr.result) {
	case 0: /* told as a failure only when it came past the gate */
		return "G-05";
	case EBUSY:
		return (e->drv.known & IPSO_DRV_BLOCK) && e->drv.num_block_tc ? "S-23" : "S-22";
	case EOPNOTSUPP:
	case EINVAL:
		return "S-25";
	case ENOMEM:
		return "S-15";
	case EPERM:
		return "S-14";
	default:
		return "U-00";
	}
}

static const char *gate_rule(const struct ipso_event_gate *e)
{
	switch (e->verdict) {
	case IPSO_VERDICT_REFUSED:
		return "G-01";
	case IPSO_VERDICT_UNREADABLE:
		return "G-02";
	case IPSO_VERDICT_OBSERVED:
		return "G-03";
	case IPSO_VERDICT_HELD:
		return "G-04";
	default:
		return "U-00";
	}
}

/* A mode that the driver refused without a text. */
static const char *mode_rule(const struct ipso_event_mode *e)
{
	if (e->hdr.result == -EPERM)
		return "S-14";
	switch (e->item) {
	case IPSO_MODE_IPSEC_PACKET:
		return e->hdr.result == -EBUSY ? "S-30" : "S-31";
	case IPSO_MODE_VFS:
		return e->hdr.result == -EBUSY ? "S-38" : "S-40";
	case IPSO_MODE_STEERING:
	case IPSO_MODE_PARAMETER:
		return "S-37";
	default:
		return "U-00";
	}
}

const struct catalogue_row *rule_row(const struct ipso_event_hdr *ev)
{
	const struct ipso_event_sa *sa = (const struct ipso_event_sa *)ev;
	const struct ipso_event_policy *pol = (const struct ipso_event_policy *)ev;
	const struct ipso_fw_error *fw = event_fw(ev);
	const char *id = "U-00";

	if (fw && fw->err)
		return catalogue_find(ev->kind == IPSO_EV_TC_ADD ? "S-28" : "S-10");
	switch (ev->kind) {
	case IPSO_EV_SA_ADD:
		id = ipsec_rule(ev, &sa->drv, sa->ifname, sa->dir == IPSO_DIR_IN);
		break;
	case IPSO_EV_FALLBACK:
		id = fallback_rule(sa);
		break;
	case IPSO_EV_POLICY_ADD:
		id = ipsec_rule(ev, &pol->drv, pol->ifname, pol->dir == IPSO_DIR_IN);
		break;
	case IPSO_EV_TC_ADD:
		id = tc_rule((const struct ipso_event_tc *)ev);
		break;
	case IPSO_EV_GATE:
		id = gate_rule((const struct ipso_event_gate *)ev);
		break;
	case IPSO_EV_MODE:
		id = mode_rule((const struct ipso_event_mode *)ev);
		break;
	case IPSO_EV_LINK:
		id = "S-43";
		break;
	case IPSO_EV_TABLES:
		id = "G-06";
		break;
	case IPSO_EV_DRIFT:
		id = "G-07";
		break;
	}
	return catalogue_find(id);
}
