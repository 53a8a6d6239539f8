/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Steps that take something away, in words and as commands; from the record of what was made. */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/shell.h"
#include "plan/line.h"
#include "plan/names.h"
#include "plan/priv.h"
#include "plan/undo.h"

static const char *dir_word(uint8_t dir)
{
	return dir == IPSO_DIR_IN ? "in" : dir == IPSO_DIR_OUT ? "out" : "fwd";
}

/* "uplink pf0", "representor of VF 0 rep0"; the PCI address where nothing was read. */
static const char *place_words(const struct ipso_state *st, const struct undo *u, bool role,
			       char buf[NAME_LEN])
{
	const struct obs_link *l = gone_link(st, u);
	char words[48] = "";

	if (u->vxlan)
		snprintf(words, sizeof(words), "VXLAN net device");
	else if (u->vf >= 0)
		snprintf(words, sizeof(words), "%sVF %d", u->rep ? "representor of " : "", u->vf);
	else
		snprintf(words, sizeof(words), "uplink");
	if (!l || !l->ifindex)
		snprintf(buf, NAME_LEN, "<%s of %s>", words, u->pci);
	else if (role)
		snprintf(buf, NAME_LEN, "%s %s", words, l->name);
	else
		snprintf(buf, NAME_LEN, "%s", l->name);
	return buf;
}

static const char *dev_word(const struct line *l, const struct ipso_state *st,
			    const struct undo *u, char buf[WORD_LEN])
{
	char name[NAME_LEN];

	if (!l->shell || u->vxlan)
		snprintf(buf, WORD_LEN, "%s", place_words(st, u, false, name));
	else if (u->vf < 0)
		snprintf(buf, WORD_LEN, "\"$(uplink %s)\"", u->pci);
	else
		snprintf(buf, WORD_LEN, "\"$(%s %s %d%s%s)\"", u->rep ? "rep" : "vf", u->pci, u->vf,
			 u->netns[0] && !u->rep ? " " : "", u->rep ? "" : u->netns);
	return buf;
}

struct xfrm_pol undo_policy(const struct undo *u)
{
	const struct xfrm_pol p = {
		.sel_src = u->src,
		.sel_dst = u->dst,
		.proto = (uint8_t)u->protocol,
		.sport = u->sport,
		.dport = u->dport,
		.dir = u->dir,
	};

	if (u->kind != STEP_BLOCK)
		return p;
	/* A tunnel selects TCP or UDP or all: ICMPv6 is what is let pass. */
	return p.proto == IPPROTO_ICMPV6 ? xfrm_policy_pass(&p, (uint8_t)p.sport)
					 : xfrm_policy_below(&p);
}

static void ipsec_text(const struct undo *u, char *buf, size_t size)
{
	const struct xfrm_pol p = undo_policy(u);
	char selector[2 * ADDR_STRLEN + 48], spi[24] = "";

	selector_text(&p, selector, sizeof(selector));
	if (u->kind == STEP_PIN) {
		snprintf(buf, size, "remove the pin %s of PF %s: no tunnel needs it any more",
			 dir_word(u->dir), u->pci);
		return;
	}
	if (u->kind == STEP_BLOCK) {
		snprintf(buf, size, "%s %s %s any more: no tunnel has it", p.block ? "block no" :
			 "let no", dir_word(u->dir), selector);
		return;
	}
	if (u->kind == STEP_SA)
		snprintf(spi, sizeof(spi), " spi 0x%08x", u->spi);
	snprintf(buf, size, "remove %s %s %s%s, which the configuration no longer asks for",
		 u->kind == STEP_SA ? "SA" : "policy", dir_word(u->dir), selector, spi);
}

void gone_text(const struct ipso_state *st, const struct step *s, char *buf, size_t size)
{
	const struct undo *u = s->gone;
	char place[NAME_LEN], a[ADDR_STRLEN];

	place_words(st, u, true, place);
	switch (u->kind) {
	case STEP_GATE_HOLD:
		snprintf(buf, size, "let the gate of PF %s open with its IPsec tables again", u->pci);
		break;
	case STEP_OVS_HOLD:
		snprintf(buf, size, "let Open vSwitch have flows in hardware again (flow limit as it was"
			 ": %s)", u->value[0] ? u->value : "its own");
		break;
	case STEP_DISPLACE:
		snprintf(buf, size, "put TC rule pref %u protocol 0x%04x of %s back", u->rule.pref,
			 u->rule.protocol, u->port);
		break;
	case STEP_BLOCK:
	case STEP_PIN:
	case STEP_SA:
	case STEP_POLICY:
		ipsec_text(u, buf, size);
		break;
	case STEP_TC_FILTER:
		if (u->block)
			snprintf(place, sizeof(place), "block %u", u->block);
		snprintf(buf, size, "remove TC rule pref %u at %s", u->pref, place);
		break;
	case STEP_VXLAN:
		snprintf(buf, size, "remove %s", place);
		break;
	case STEP_TC_QDISC:
		snprintf(buf, size, "remove the ingress qdisc of %s", place);
		break;
	case STEP_ADDRESS:
		snprintf(buf, size, "remove address %s from %s", addr_str(&u->dst, true, a), place);
		break;
	case STEP_MTU:
		snprintf(buf, size, "set MTU of %s back to %s", place, u->value);
		break;
	case STEP_OVS_BRIDGE:
		snprintf(buf, size, "remove bridge %s from Open vSwitch", u->bridge);
		break;
	case STEP_OVS_PORT:
	case STEP_OVS_VXLAN:
		snprintf(buf, size, "remove port %s from bridge %s", u->port, u->bridge);
		break;
	default:
		snprintf(buf, size, "open the gate of %s: no tunnel needs it any more", place);
	}
}

static void put_netns(struct line *l, const struct undo *u)
{
	put(l, "ip ");
	if (u->netns[0])
		put(l, "-n %s ", u->netns);
}

static void put_ipsec(struct line *l, const struct undo *u)
{
	const struct xfrm_pol p = undo_policy(u);
	char dst[ADDR_STRLEN];

	put_netns(l, u);
	if (u->kind == STEP_SA) {
		put(l, "xfrm state delete dst %s proto esp spi 0x%08x",
		    addr_str(&u->dst, false, dst), u->spi);
		return;
	}
	put(l, "xfrm policy delete");
	put_selector(l, &p);
}

static void put_link(struct line *l, const struct ipso_state *st, const struct undo *u)
{
	char dev[WORD_LEN], a[ADDR_STRLEN];

	dev_word(l, st, u, dev);
	switch (u->kind) {
	case STEP_TC_FILTER:
		if (u->block)
			put(l, "tc filter delete block %u", u->block);
		else
			put(l, "tc filter delete dev %s ingress", dev);
		put(l, " pref %u protocol 0x%04x handle 0x%x flower", u->pref, u->protocol, u->handle);
		break;
	case STEP_VXLAN:
		put(l, "ip link delete %s", dev);
		break;
	case STEP_TC_QDISC:
		put(l, "tc qdisc delete dev %s ingress", dev);
		break;
	case STEP_ADDRESS:
		put_netns(l, u);
		put(l, "address delete %s dev %s", addr_str(&u->dst, true, a), dev);
		break;
	default:
		put_netns(l, u);
		put(l, "link set dev %s mtu %s", dev, u->value);
	}
}

static void put_ovs(struct line *l, const struct undo *u)
{
	struct ovs_call c;
	char quoted[SHELL_LEN(32)];

	if (u->kind == STEP_OVS_HOLD)
		ovs_call_flow_limit(&c, u->value);
	else if (u->kind == STEP_OVS_BRIDGE)
		ovs_call_del_bridge(&c, u->bridge);
	else
		ovs_call_del_port(&c, u->bridge, u->port);
	for (unsigned int i = 0; i < c.count; i++)
		put(l, "%s%s", i ? " " : "", shell_quote(c.words[i], quoted, sizeof(quoted)));
	if (u->kind == STEP_OVS_HOLD)
		put(l, "; ovs-appctl upcall/set-flow-limit %s", ovs_flow_limit(u->value));
}

/* `gate on` makes the gate guard what the configuration says, and nothing else. */
static void put_gate(struct line *l, const struct ipso_config *cfg)
{
	char path[SHELL_LEN(PATH_MAX)];
	bool guarded = false;

	for (unsigned int d = 0; d < cfg->devices_count; d++)
		guarded |= uplink_has_tunnel(cfg, d);
	put(l, "%s gate ", l->shell ? "\"${IPSO:-ipso}\"" : "ipso");
	if (guarded && cfg->ordering != IPSO_GATE_OFF)
		put(l, "on -c %s",
		    cfg->path ? shell_quote(cfg->path, path, sizeof(path)) : "FILE");
	else
		put(l, "off");
}

void gone_command(struct line *l, const struct ipso_config *cfg, const struct ipso_state *st,
		  const struct step *s)
{
	switch (s->gone->kind) {
	case STEP_GATE_HOLD:
		put(l, "%s", l->shell ? ": a script does not hold the gate" : "");
		break;
	case STEP_DISPLACE:
		put_saved_add(l, st, s->gone);
		break;
	case STEP_BLOCK:
		put_not_ip(l);
		break;
	case STEP_PIN:
	case STEP_SA:
	case STEP_POLICY:
		put_ipsec(l, s->gone);
		break;
	case STEP_OVS_HOLD:
	case STEP_OVS_BRIDGE:
	case STEP_OVS_PORT:
	case STEP_OVS_VXLAN:
		put_ovs(l, s->gone);
		break;
	case STEP_GATE:
		put_gate(l, cfg);
		break;
	default:
		put_link(l, st, s->gone);
	}
}
