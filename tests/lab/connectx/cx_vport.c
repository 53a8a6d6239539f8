/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Eswitch ports as the driver configures them: NIC vport context (MAC address, address lists,
 * promiscuity, MTU, change events), eswitch vport context (which metadata registers reach the NIC),
 * vport state and link, vport counters. Leaves out: VST (cvlan/svlan insertion and
 * stripping), spoof check inside the firmware, InfiniBand contexts.
 */
#include "cx.h"

enum {
	DEFAULT_MTU = 1522,	/* 1500 and Ethernet header, VLAN, FCS, as the driver counts */
	LIST_UNICAST = 0,	/* allowed_list_type */
	LIST_MULTICAST = 1,
	LIST_VLAN = 2,
	LIST_ENTRY = 8,		/* mac_address_layout, vlan_layout */
	STATE_UPLINK = 2,	/* op_mod: MLX5_VPORT_STATE_OP_MOD_UPLINK of the driver's vport.h */
	ADMIN_DOWN = 0,
	ADMIN_UP = 1,
	ADMIN_AUTO = 2,
	PORT_DOWN = 1,		/* subtypes of PORT_STATE_CHANGE */
	PORT_ACTIVE = 4,
	EVENT_NIC_VPORT_CHANGE = 0xd,
};

struct cx_vport *cx_vport(struct cx_dev *dev, uint16_t number)
{
	if (number == CX_VPORT_UPLINK)
		return &dev->uplink;
	return number <= CX_MAX_VF ? &dev->vport[number] : NULL;
}

static void vport_init(struct cx_dev *dev, struct cx_vport *vport, uint16_t number)
{
	/* A made-up OUI-48 GUID; serial and vport make it unique on a host. */
	uint64_t guid = 0x0200c00000000000ull | (uint64_t)dev->serial << 8;

	vport->number = number;
	vport->admin_state = ADMIN_AUTO;
	vport->link = number == 0 && cx_vport_link_up(dev, 0);
	CX_SET(nic_vport_context, vport->nic_context, mtu, DEFAULT_MTU);
	CX_SET(nic_vport_context, vport->nic_context, system_image_guid, guid);
	CX_SET(nic_vport_context, vport->nic_context, node_guid, guid + (uint8_t)number);
	if (number == 0)
		memcpy(CX_PTR(nic_vport_context, vport->nic_context, permanent_address) + 2,
		       dev->mac, sizeof(dev->mac));
}

void cx_vports_init(struct cx_dev *dev)
{
	for (unsigned int i = 0; i <= CX_MAX_VF; i++)
		vport_init(dev, &dev->vport[i], i);
	vport_init(dev, &dev->uplink, CX_VPORT_UPLINK);
}

uint8_t cx_vport_reg_c_ids(struct cx_dev *dev, uint16_t number)
{
	struct cx_vport *vport = cx_vport(dev, number);

	return vport ? CX_GET(esw_vport_context, vport->esw_context, fdb_to_vport_reg_c_id) : 0;
}

bool cx_vport_link_up(struct cx_dev *dev, uint16_t number)
{
	bool port = dev->port.carrier && dev->port.admin_up && !dev->port.fault_down;
	struct cx_vport *vport = cx_vport(dev, number);

	if (number == CX_VPORT_UPLINK || number == 0)
		return port;
	return vport && (vport->admin_state == ADMIN_UP ||
			 (vport->admin_state == ADMIN_AUTO && port));
}

void cx_vports_link_changed(struct cx_dev *dev)
{
	for (unsigned int i = 0; i <= CX_MAX_VF; i++) {
		struct cx_vport *vport = &dev->vport[i];
		bool up = cx_vport_link_up(dev, i);
		uint8_t data[28] = { 0 };	/* struct mlx5_eqe_port_state */

		if (!dev->fn[i] || vport->link == up)
			continue;
		vport->link = up;
		data[8] = 1 << 4;
		cx_log(dev->fn[i], CX_LOG_COMMAND, "link %s", up ? "up" : "down");
		cx_async_event(dev->fn[i], MLX5_EVENT_TYPE_CODING_PORT_STATE_CHANGE,
			       up ? PORT_ACTIVE : PORT_DOWN, data);
	}
}

/*
 * The eswitch manager hears that a vport changed, once for each time it asked to. The driver reads
 * what is new and arms afterwards (esw_vport_change_handle_locked()), so what changed in between is
 * kept and told at the arming: forgotten, it would leave a VF without its broadcast rule for good.
 */
static void changed(struct cx_dev *dev, struct cx_vport *vport)
{
	uint8_t data[28] = { 0 };	/* struct mlx5_eqe_vport_change */

	vport->untold = !CX_GET(nic_vport_context, vport->nic_context, arm_change_event);
	if (vport->untold)
		return;
	CX_SET(nic_vport_context, vport->nic_context, arm_change_event, 0);
	cx_put_be16(data + 2, vport->number);
	cx_async_event(dev->fn[0], EVENT_NIC_VPORT_CHANGE, 0, data);
}

/* The function was reset: what it set itself is gone, what the PF set for it stays. */
void cx_vport_reset(struct cx_dev *dev, uint16_t number)
{
	struct cx_vport *vport = cx_vport(dev, number);
	uint8_t *nic = vport->nic_context;
	bool had = vport->unicast.count || vport->multicast.count ||
		   CX_GET(nic_vport_context, nic, promisc_all);

	vport->unicast.count = 0;
	vport->multicast.count = 0;
	vport->vlan_count = 0;
	CX_SET(nic_vport_context, nic, roce_en, 0);
	CX_SET(nic_vport_context, nic, promisc_uc, 0);
	CX_SET(nic_vport_context, nic, promisc_mc, 0);
	CX_SET(nic_vport_context, nic, promisc_all, 0);
	if (number == 0) {
		for (unsigned int i = 0; i <= CX_MAX_VF; i++) {
			struct cx_vport *other = &dev->vport[i];

			CX_SET(nic_vport_context, other->nic_context, arm_change_event, 0);
			memset(other->esw_context, 0, sizeof(other->esw_context));
			other->admin_state = ADMIN_AUTO;
		}
		memset(dev->uplink.esw_context, 0, sizeof(dev->uplink.esw_context));
		dev->uplink.admin_state = ADMIN_AUTO;
	} else if (had) {
		changed(dev, vport);
	}
}

bool cx_vport_roce(struct cx_dev *dev, uint16_t number)
{
	struct cx_vport *vport = cx_vport(dev, number);

	return vport && CX_GET(nic_vport_context, vport->nic_context, roce_en);
}

/* The vport a command is about; other_vport and vport_number lie alike in all of them. */
static struct cx_vport *cmd_vport(struct cx_cmd *cmd)
{
	bool other = CX_GET(query_nic_vport_context_in, cmd->in, other_vport);
	uint16_t number = CX_GET(query_nic_vport_context_in, cmd->in, vport_number);
	struct cx_vport *vport;

	if (!other)
		return cx_vport(cmd->dev, cmd->fn->vport);
	if (!cx_is_pf(cmd->fn)) {
		cx_refuse(cmd, CX_BAD_PARAM, "other_vport", "a VF has no rights over vport %u",
			  number);
		return NULL;
	}
	vport = cx_vport(cmd->dev, number);
	if (!vport)
		cx_refuse(cmd, CX_BAD_PARAM, "vport_number", "no vport 0x%x", number);
	return vport;
}

void cx_cmd_query_nic_vport(struct cx_cmd *cmd)
{
	unsigned int type = CX_GET(query_nic_vport_context_in, cmd->in, allowed_list_type);
	uint8_t *out = CX_PTR(query_nic_vport_context_out, cmd->out, nic_vport_context);
	uint8_t *entry = out + CX_SIZE(nic_vport_context);
	struct cx_vport *vport = cmd_vport(cmd);
	const struct cx_mac_list *macs;
	unsigned int count;

	if (!vport)
		return;
	if (type > LIST_VLAN) {
		cx_refuse(cmd, CX_BAD_PARAM, "allowed_list_type", "%u is unknown", type);
		return;
	}
	macs = type == LIST_UNICAST ? &vport->unicast : &vport->multicast;
	count = type == LIST_VLAN ? vport->vlan_count : macs->count;
	memcpy(out, vport->nic_context, sizeof(vport->nic_context));
	CX_SET(nic_vport_context, out, allowed_list_type, type);
	CX_SET(nic_vport_context, out, allowed_list_size, count);
	for (unsigned int i = 0; i < count; i++, entry += LIST_ENTRY) {
		if (entry + LIST_ENTRY > cmd->out + cmd->out_len)
			break;
		if (type == LIST_VLAN)
			CX_SET(vlan_layout, entry, vlan, vport->vlan[i]);
		else
			memcpy(entry + 2, macs->mac[i], 6);
	}
}

/* Takes the list of a modify command; false after a refusal. Steering filters, not the lists. */
static bool take_list(struct cx_cmd *cmd, struct cx_vport *vport, const uint8_t *in)
{
	unsigned int type = CX_GET(nic_vport_context, in, allowed_list_type);
	unsigned int count = CX_GET(nic_vport_context, in, allowed_list_size);
	const uint8_t *entry = in + CX_SIZE(nic_vport_context);
	unsigned int limit = type == LIST_VLAN ? CX_MAX_VLAN_LIST : CX_MAX_MAC_LIST;
	struct cx_mac_list *macs;

	if (type > LIST_VLAN) {
		cx_refuse(cmd, CX_BAD_PARAM, "allowed_list_type", "%u is unknown", type);
		return false;
	}
	if (count > limit) {
		cx_refuse(cmd, CX_LIM_ERR, "allowed_list_size", "%u of %u", count, limit);
		return false;
	}
	if (!cx_cmd_has(cmd, entry - cmd->in, count * LIST_ENTRY, "current_uc_mac_address"))
		return false;
	if (type == LIST_VLAN) {
		vport->vlan_count = count;
		for (unsigned int i = 0; i < count; i++, entry += LIST_ENTRY)
			vport->vlan[i] = CX_GET(vlan_layout, entry, vlan);
		return true;
	}
	macs = type == LIST_UNICAST ? &vport->unicast : &vport->multicast;
	macs->count = count;
	for (unsigned int i = 0; i < count; i++, entry += LIST_ENTRY)
		memcpy(macs->mac[i], entry + 2, 6);
	return true;
}

#define COPY(to, from, field)                                                                      \
	CX_SET(nic_vport_context, to, field, CX_GET(nic_vport_context, from, field))

static void copy_arming(uint8_t *nic, const uint8_t *in)
{
	COPY(nic, in, arm_change_event);
	COPY(nic, in, event_on_mtu);
	COPY(nic, in, event_on_promisc_change);
	COPY(nic, in, event_on_vlan_change);
	COPY(nic, in, event_on_mc_address_change);
	COPY(nic, in, event_on_uc_address_change);
}

void cx_cmd_modify_nic_vport(struct cx_cmd *cmd)
{
	const uint8_t *select = CX_PTR(modify_nic_vport_context_in, cmd->in, field_select);
	const uint8_t *in = CX_PTR(modify_nic_vport_context_in, cmd->in, nic_vport_context);
	struct cx_vport *vport = cmd_vport(cmd);
	uint8_t *nic;

#define SELECTED(field) CX_GET(modify_nic_vport_field_select, select, field)
	if (!vport)
		return;
	nic = vport->nic_context;
	if (SELECTED(affiliation) || SELECTED(port_guid)) {
		cx_refuse(cmd, CX_BAD_PARAM, "field_select.affiliation/port_guid", "not modelled");
		return;
	}
	if (SELECTED(roce_en) && CX_GET(nic_vport_context, in, roce_en) &&
	    !CX_GET(cmd_hca_cap, cmd->fn->cap_cur[0], roce)) {
		cx_refuse(cmd, CX_BAD_PARAM, "field_select.roce_en", "the card has no RoCE");
		return;
	}
	if (SELECTED(roce_en))
		COPY(nic, in, roce_en);
	if (SELECTED(addresses_list) && !take_list(cmd, vport, in))
		return;
	if (SELECTED(mtu))
		COPY(nic, in, mtu);
	if (SELECTED(min_inline))
		COPY(nic, in, min_wqe_inline_mode);
	if (SELECTED(disable_uc_local_lb))
		COPY(nic, in, disable_uc_local_lb);
	if (SELECTED(disable_mc_local_lb))
		COPY(nic, in, disable_mc_local_lb);
	if (SELECTED(node_guid))
		COPY(nic, in, node_guid);
	if (SELECTED(permanent_address))
		memcpy(CX_PTR(nic_vport_context, nic, permanent_address),
		       CX_PTR(nic_vport_context, in, permanent_address), 8);
	if (SELECTED(promisc)) {
		COPY(nic, in, promisc_uc);
		COPY(nic, in, promisc_mc);
		COPY(nic, in, promisc_all);
	}
	if (SELECTED(change_event)) {
		copy_arming(nic, in);
		if (vport->untold && CX_GET(nic_vport_context, nic, arm_change_event)) {
			cx_cmd_log(cmd, "vport 0x%x changed before it was armed", vport->number);
			changed(cmd->dev, vport);
		}
	}
	/* The manager's own changes are no news to it. */
	if (vport->number == cmd->fn->vport &&
	    (SELECTED(addresses_list) || SELECTED(promisc) || SELECTED(mtu)))
		changed(cmd->dev, vport);
#undef SELECTED
}

void cx_cmd_query_esw_vport(struct cx_cmd *cmd)
{
	struct cx_vport *vport = cmd_vport(cmd);

	if (vport)
		memcpy(CX_PTR(query_esw_vport_context_out, cmd->out, esw_vport_context),
		       vport->esw_context, sizeof(vport->esw_context));
}

void cx_cmd_modify_esw_vport(struct cx_cmd *cmd)
{
	const uint8_t *in = CX_PTR(modify_esw_vport_context_in, cmd->in, esw_vport_context);
	const uint8_t *select = CX_PTR(modify_esw_vport_context_in, cmd->in, field_select);
	struct cx_vport *vport = cmd_vport(cmd);

	if (!vport)
		return;
	/* Both the bits and what they would switch on: clearing what is clear is allowed. */
	if (CX_GET(esw_vport_context, in, vport_svlan_strip) ||
	    CX_GET(esw_vport_context, in, vport_cvlan_strip) ||
	    CX_GET(esw_vport_context, in, vport_svlan_insert) ||
	    CX_GET(esw_vport_context, in, vport_cvlan_insert)) {
		cx_refuse(cmd, CX_BAD_PARAM, "vport_*vlan_*", "VST is not modelled");
		return;
	}
	if (CX_GET(esw_vport_context_fields_select, select, fdb_to_vport_reg_c_id))
		CX_SET(esw_vport_context, vport->esw_context, fdb_to_vport_reg_c_id,
		       CX_GET(esw_vport_context, in, fdb_to_vport_reg_c_id));
	cx_cmd_log(cmd, "vport 0x%x: reg_c ids 0x%x", vport->number,
		   cx_vport_reg_c_ids(cmd->dev, vport->number));
}

void cx_cmd_query_vport_state(struct cx_cmd *cmd)
{
	struct cx_vport *vport = cmd->op_mod == STATE_UPLINK ? &cmd->dev->uplink : cmd_vport(cmd);

	if (!vport)
		return;
	CX_SET(query_vport_state_out, cmd->out, state, cx_vport_link_up(cmd->dev, vport->number));
	CX_SET(query_vport_state_out, cmd->out, admin_state, vport->admin_state);
}

void cx_cmd_modify_vport_state(struct cx_cmd *cmd)
{
	struct cx_vport *vport = cmd->op_mod == STATE_UPLINK ? &cmd->dev->uplink : cmd_vport(cmd);
	unsigned int state = CX_GET(modify_vport_state_in, cmd->in, admin_state);

	if (!vport)
		return;
	if (state > ADMIN_AUTO) {
		cx_refuse(cmd, CX_BAD_PARAM, "admin_state", "%u is unknown", state);
		return;
	}
	vport->admin_state = state;
	cx_cmd_log(cmd, "vport 0x%x: admin state %u", vport->number, state);
	cx_vports_link_changed(cmd->dev);
}

#define COUNT(out, field, count, size)                                                             \
	do {                                                                                       \
		CX_SET(query_vport_counter_out, out, field.packets, count);                        \
		CX_SET(query_vport_counter_out, out, field.octets, size);                          \
	} while (0)

void cx_cmd_query_vport_counter(struct cx_cmd *cmd)
{
	struct cx_vport *vport = cmd_vport(cmd);
	struct cx_traffic *t;

	if (!vport)
		return;
	t = &vport->traffic;
	COUNT(cmd->out, received_eth_unicast, t->rx_packets[CX_UNICAST], t->rx_bytes[CX_UNICAST]);
	COUNT(cmd->out, received_eth_multicast, t->rx_packets[CX_MULTICAST],
	      t->rx_bytes[CX_MULTICAST]);
	COUNT(cmd->out, received_eth_broadcast, t->rx_packets[CX_BROADCAST],
	      t->rx_bytes[CX_BROADCAST]);
	COUNT(cmd->out, transmitted_eth_unicast, t->tx_packets[CX_UNICAST],
	      t->tx_bytes[CX_UNICAST]);
	COUNT(cmd->out, transmitted_eth_multicast, t->tx_packets[CX_MULTICAST],
	      t->tx_bytes[CX_MULTICAST]);
	COUNT(cmd->out, transmitted_eth_broadcast, t->tx_packets[CX_BROADCAST],
	      t->tx_bytes[CX_BROADCAST]);
	if (CX_GET(query_vport_counter_in, cmd->in, clear))
		memset(t, 0, sizeof(*t));
}
