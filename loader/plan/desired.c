/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a step works on and what it installs, resolved against the host as last read. */
#include <linux/xfrm.h>
#include <stdio.h>

#include "plan/priv.h"

/* A kernel without XFRMA_SA_DIR wants a window with ESN in both directions; 32 is the least. */
#define OUT_WINDOW_WITHOUT_DIR 32

const struct obs_vf *step_vf(const struct ipso_config *cfg, const struct ipso_state *st,
			     const struct step *s)
{
	if (s->vf == NO_VF)
		return NULL;
	return observe_vf(st, s->device, cfg->devices[s->device].vfs[s->vf].index);
}

const char *vxlan_name(uint16_t port, char buf[VXLAN_NAME_LEN])
{
	snprintf(buf, VXLAN_NAME_LEN, "vxlan%u", port);
	return buf;
}

const struct obs_link *step_link(const struct ipso_config *cfg, const struct ipso_state *st,
				 const struct step *s)
{
	static const struct obs_link none;
	const struct obs_vf *vf;

	if (s->vxlan) {
		for (unsigned int i = 0; i < st->vxlans_count; i++) {
			if (st->vxlans[i].port == s->vxlan)
				return &st->vxlans[i].link;
		}
		return &none;
	}
	if (s->vf == NO_VF)
		return s->block ? &none : &st->devices[s->device].uplink;
	vf = step_vf(cfg, st, s);
	if (!vf)
		return &none;
	return s->rep ? &vf->rep : &vf->link;
}

const char *step_netns(const struct ipso_config *cfg, const struct ipso_state *st,
		       const struct step *s)
{
	const struct obs_vf *vf = step_vf(cfg, st, s);

	return vf && !s->rep ? vf->netns : "";
}

static struct addr host(const struct addr *a)
{
	struct addr h = *a;

	h.prefix = h.family == AF_INET ? 32 : 128;
	return h;
}

static uint8_t xfrm_mode(const struct cfg_tunnel *t)
{
	return t->mode == CFG_IPSEC_TUNNEL ? XFRM_MODE_TUNNEL : XFRM_MODE_TRANSPORT;
}

/*
 * The state's selector has no protocol and no ports: 6.12 matches those of an inbound one on the
 * packet before it is decrypted (en_accel/ipsec_fs.c, rx_add_rule()), where they never are. The
 * policies have them.
 */
void step_sa(const struct ipso_config *cfg, const struct ipso_state *st, const struct step *s,
	     struct xfrm_sa *ret_sa)
{
	const struct cfg_tunnel *t = &cfg->tunnels[s->item];
	const struct cfg_selector sel = config_selector(t);
	bool in = s->dir == IPSO_DIR_IN;
	const struct cfg_sa *c = in ? &t->in : &t->out;
	struct xfrm_sa sa = {
		.src = host(in ? &t->remote : &t->local),
		.dst = host(in ? &t->local : &t->remote),
		.sel_src = in ? sel.remote : sel.local,
		.sel_dst = in ? sel.local : sel.remote,
		.spi = c->spi,
		.reqid = c->reqid,
		.mode = xfrm_mode(t),
		.esn = t->esn,
		.soft_packets = t->soft_packets,
		.hard_packets = t->hard_packets,
		.soft_bytes = t->soft_bytes,
		.hard_bytes = t->hard_bytes,
		.soft_seconds = t->soft_seconds,
		.hard_seconds = t->hard_seconds,
		.dir = s->dir,
		.offload = IPSO_OFFLOAD_PACKET,
		.ifindex = step_link(cfg, st, s)->ifindex,
		.say_dir = st->sa_dir,
		.key = c->key ? c->key->bytes : NULL,
		.key_len = c->key ? (uint32_t)c->key->len : 0,
	};

	if (t->has_udp) {
		sa.udp_sport = in ? t->udp_remote : t->udp_local;
		sa.udp_dport = in ? t->udp_local : t->udp_remote;
	}
	if (in)
		sa.replay_window = t->replay_window;
	else if (t->esn && !st->sa_dir)
		sa.replay_window = OUT_WINDOW_WITHOUT_DIR;
	*ret_sa = sa;
}

/* The driver takes no forward policy ("Cannot offload forward policy"): the kernel applies it. */
static void tunnel_policy(const struct ipso_config *cfg, const struct ipso_state *st,
			  const struct step *s, struct xfrm_pol *ret_p)
{
	const struct cfg_tunnel *t = &cfg->tunnels[s->item];
	const struct cfg_selector sel = config_selector(t);
	bool out = s->dir == IPSO_DIR_OUT;
	struct xfrm_pol p = {
		.sel_src = out ? sel.local : sel.remote,
		.sel_dst = out ? sel.remote : sel.local,
		.proto = (uint8_t)sel.protocol,
		.sport = out ? sel.local_port : sel.remote_port,
		.dport = out ? sel.remote_port : sel.local_port,
		.dir = s->dir,
		.priority = t->priority,
		.tmpl_src = host(out ? &t->local : &t->remote),
		.tmpl_dst = host(out ? &t->remote : &t->local),
		.reqid = out ? t->out.reqid : t->in.reqid,
		.mode = xfrm_mode(t),
	};

	if (s->dir != IPSO_DIR_FWD) {
		p.offload = IPSO_OFFLOAD_PACKET;
		p.ifindex = step_link(cfg, st, s)->ifindex;
	}
	*ret_p = p;
}

void step_policy(const struct ipso_config *cfg, const struct ipso_state *st, const struct step *s,
		 struct xfrm_pol *ret_p)
{
	struct xfrm_pol p;

	if (s->kind == STEP_PIN) {
		*ret_p = pin_policy(st->devices[s->device].pci, s->item, s->dir,
				    step_link(cfg, st, s)->ifindex);
		return;
	}
	tunnel_policy(cfg, st, s, &p);
	if (s->kind == STEP_BLOCK)
		p = s->to ? xfrm_policy_pass(&p, (uint8_t)s->to) : xfrm_policy_below(&p);
	*ret_p = p;
}
