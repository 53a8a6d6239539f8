/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Taking a step back: the record of how, made before the step from what is then. */
#include "plan/undo.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "plan/names.h"
#include "plan/priv.h"

static void make_link(const struct ipso_config *cfg, const struct ipso_state *st,
		      const struct step *s, struct undo *u)
{
	snprintf(u->netns, sizeof(u->netns), "%s", step_netns(cfg, st, s));
	if (s->kind == STEP_MTU)
		snprintf(u->value, sizeof(u->value), "%u", step_link(cfg, st, s)->mtu);
	if (s->kind == STEP_MOVE)
		snprintf(u->netns, sizeof(u->netns), "%s", cfg->devices[s->device].vfs[s->vf].netns);
	if (s->kind == STEP_ADDRESS)
		u->dst = *step_address(cfg, s);
}

static void make_ipsec(const struct ipso_config *cfg, const struct ipso_state *st,
		       const struct step *s, struct undo *u)
{
	struct xfrm_pol p;
	struct xfrm_sa sa;

	snprintf(u->netns, sizeof(u->netns), "%s", step_netns(cfg, st, s));
	u->dir = s->dir;
	if (s->kind == STEP_SA) {
		step_sa(cfg, st, s, &sa);
		u->src = sa.src;
		u->dst = sa.dst;
		u->spi = sa.spi;
		snprintf(u->value, sizeof(u->value), "%llu", (unsigned long long)st->now);
		return;
	}
	step_policy(cfg, st, s, &p);
	u->src = p.sel_src;
	u->dst = p.sel_dst;
	u->protocol = p.proto;
	u->sport = p.sport;
	u->dport = p.dport;
}

static void make_port(const struct ipso_config *cfg, const struct ipso_state *st,
		      const struct step *s, struct undo *u)
{
	const struct obs_vf *vf = step_vf(cfg, st, s);
	static const uint8_t none[6];
	char mac[MAC_STRLEN];

	if (s->kind == STEP_PORT_ROCE)
		snprintf(u->value, sizeof(u->value), "%s", vf && vf->roce ? "on" : "off");
	else if (s->kind == STEP_PORT_IPSEC)
		snprintf(u->value, sizeof(u->value), "%s", vf && vf->ipsec_packet ? "on" : "off");
	else if (vf && vf->has_mac && memcmp(vf->port_mac, none, sizeof(none)) != 0)
		snprintf(u->value, sizeof(u->value), "%s", mac_str(vf->port_mac, mac));
}

void undo_keep_options(const struct ovs_port *p, struct undo *u)
{
	uint32_t vni, port = 0;
	struct addr src, dst;

	if (addr_parse(p->local_ip, &src) < 0 || addr_parse(p->remote_ip, &dst) < 0 ||
	    num_u32(p->key, 0, 0xffffff, &vni) < 0 || num_u32(p->dst_port, 1, 65535, &port) < 0)
		return;
	u->src = src;
	u->dst = dst;
	u->spi = vni;
	u->pref = (uint16_t)port;
}

static void make_ovs(const struct ipso_config *cfg, const struct ipso_state *st,
		     const struct step *s, struct undo *u)
{
	const struct cfg_ovs *o = &cfg->ovs[s->item];

	if (s->kind == STEP_OVS_OFFLOAD) {
		snprintf(u->value, sizeof(u->value), "%s", st->ovs.hw_offload);
		return;
	}
	snprintf(u->bridge, sizeof(u->bridge), "%s", o->bridge);
	if (s->kind == STEP_OVS_PORT)
		snprintf(u->port, sizeof(u->port), "%s", step_link(cfg, st, s)->name);
	if (s->kind == STEP_OVS_VXLAN)
		snprintf(u->port, sizeof(u->port), "%s", o->vxlan.name);
	if (s->kind == STEP_OVS_VXLAN && s->from)
		undo_keep_options(ovs_port_find(&st->ovs, u->port), u);
}

static void make_rule(const struct ipso_config *cfg, const struct ipso_state *st,
		      const struct step *s, struct undo *u)
{
	struct tc_filter f;

	step_filter(cfg, st, s, &f);
	u->pref = f.pref;
	u->protocol = f.protocol;
	u->handle = f.handle;
	u->block = f.block;
}

void undo_make(const struct ipso_config *cfg, const struct ipso_state *st, const struct step *s,
	       struct undo *ret_u)
{
	const struct obs_device *d = &st->devices[s->device];
	struct undo u = {.kind = s->kind, .rep = s->rep, .vf = -1, .vxlan = s->vxlan};

	if (displaces(s))
		u = *s->saved;
	step_text(cfg, st, s, u.text, sizeof(u.text));
	memcpy(u.pci, d->pci, sizeof(u.pci));
	if (s->vf != NO_VF)
		u.vf = (int)cfg->devices[s->device].vfs[s->vf].index;
	u.replaced = s->from && (s->kind == STEP_SA || is_policy(s->kind) ||
				 s->kind == STEP_TC_FILTER);
	switch (s->kind) {
	case STEP_GATE_HOLD:
	case STEP_DISPLACE:
	case STEP_OVS_HOLD:
		break;
	case STEP_GATE:
		snprintf(u.value, sizeof(u.value), "%s", st->gate.installed ? "there" : "");
		break;
	case STEP_SRIOV:
		snprintf(u.value, sizeof(u.value), "%u", d->vfs_count);
		break;
	case STEP_STEERING:
		memcpy(u.value, d->steering, sizeof(d->steering));
		break;
	case STEP_ENCAP:
		memcpy(u.value, d->encap_mode, sizeof(d->encap_mode));
		break;
	case STEP_LEGACY:
	case STEP_ESWITCH:
		memcpy(u.value, d->eswitch_mode, sizeof(d->eswitch_mode));
		break;
	case STEP_PORT_MAC:
	case STEP_PORT_IPSEC:
	case STEP_PORT_ROCE:
		make_port(cfg, st, s, &u);
		break;
	case STEP_NETNS:
		snprintf(u.netns, sizeof(u.netns), "%s", cfg->devices[s->device].vfs[s->vf].netns);
		break;
	case STEP_BLOCK:
	case STEP_PIN:
	case STEP_SA:
	case STEP_POLICY:
		make_ipsec(cfg, st, s, &u);
		break;
	case STEP_TC_FILTER:
		make_rule(cfg, st, s, &u);
		break;
	case STEP_OVS_OFFLOAD:
	case STEP_OVS_BRIDGE:
	case STEP_OVS_PORT:
	case STEP_OVS_VXLAN:
		make_ovs(cfg, st, s, &u);
		break;
	case STEP_VXLAN:
		vxlan_name(s->vxlan, u.port);
		break;
	default:
		make_link(cfg, st, s, &u);
	}
	*ret_u = u;
}

static bool same_place(const struct undo *a, const struct undo *b)
{
	return a->vf == b->vf && a->rep == b->rep && a->vxlan == b->vxlan && a->block == b->block &&
	       strcmp(a->pci, b->pci) == 0 &&
	       strcmp(a->netns, b->netns) == 0;
}

bool undo_same(const struct undo *a, const struct undo *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case STEP_SA:
		return a->spi == b->spi && addr_equal(&a->dst, &b->dst, false) &&
		       strcmp(a->netns, b->netns) == 0;
	case STEP_BLOCK:
	case STEP_PIN:
	case STEP_POLICY:
		return a->dir == b->dir && addr_equal(&a->src, &b->src, true) &&
		       addr_equal(&a->dst, &b->dst, true) && a->protocol == b->protocol &&
		       a->sport == b->sport && a->dport == b->dport &&
		       strcmp(a->netns, b->netns) == 0;
	case STEP_ADDRESS:
		return same_place(a, b) && addr_equal(&a->dst, &b->dst, true);
	case STEP_TC_FILTER:
		return same_place(a, b) && a->pref == b->pref && a->protocol == b->protocol &&
		       a->handle == b->handle;
	case STEP_OVS_HOLD:
		return true; /* there is one Open vSwitch */
	case STEP_DISPLACE:
		return a->rule.ifindex == b->rule.ifindex && a->rule.pref == b->rule.pref &&
		       a->rule.protocol == b->rule.protocol && a->rule.handle == b->rule.handle &&
		       a->rule.chain == b->rule.chain;
	case STEP_VXLAN:
		return a->vxlan == b->vxlan; /* whichever device of the card asked for it first */
	case STEP_MTU:
	case STEP_TC_QDISC:
		return same_place(a, b);
	case STEP_GATE:
	case STEP_GATE_HOLD:
		return strcmp(a->pci, b->pci) == 0;
	case STEP_OVS_BRIDGE:
		return strcmp(a->bridge, b->bridge) == 0;
	case STEP_OVS_PORT: /* its name changes with the eswitch mode, its place does not */
		return same_place(a, b) && strcmp(a->bridge, b->bridge) == 0;
	case STEP_OVS_VXLAN:
		return strcmp(a->bridge, b->bridge) == 0 && strcmp(a->port, b->port) == 0;
	default:
		return false;
	}
}

unsigned int undo_squash(struct undo *list, unsigned int n)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < n; i++) {
		unsigned int later = i + 1;

		while (later < n && !undo_same(&list[i], &list[later]))
			later++;
		if (later == n) {
			list[kept++] = list[i];
			continue;
		}
		memcpy(list[i].port, list[later].port, sizeof(list[i].port));
		if (list[i].kind == STEP_SA)
			memcpy(list[i].value, list[later].value, sizeof(list[i].value));
		list[later] = list[i];
	}
	return kept;
}
