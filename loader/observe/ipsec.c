/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SAs and policies that concern the configuration: offloaded to one of its devices, or with the
 * identity of one of its tunnels. Keys are compared here and go no further.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "nl/xfrm_policy.h"
#include "nl/xfrm_sa.h"
#include "observe/priv.h"

struct walk {
	const struct ipso_config *cfg;
	struct ipso_state *st;
	const struct netview *net;
};

/* Is it the uplink or a VF of one of our devices, in the namespace being read? */
static bool on_device(const struct walk *w, uint32_t ifindex)
{
	for (unsigned int d = 0; ifindex && d < w->st->devices_count; d++) {
		const struct obs_device *dev = &w->st->devices[d];

		if (!w->net->netns[0] && dev->uplink.ifindex == ifindex)
			return true;
		for (uint32_t i = 0; i < dev->vfs_count; i++) {
			if (dev->vfs[i].link.ifindex == ifindex &&
			    strcmp(dev->vfs[i].netns, w->net->netns) == 0)
				return true;
		}
	}
	return false;
}

/* The configured SA with this destination and SPI. */
static const struct cfg_sa *configured(const struct ipso_config *cfg, const struct xfrm_sa *sa)
{
	for (unsigned int t = 0; cfg && t < cfg->tunnels_count; t++) {
		const struct cfg_tunnel *c = &cfg->tunnels[t];

		if (c->keying == CFG_KEYING_IKE)
			continue;
		if (c->in.spi == sa->spi && addr_equal(&c->local, &sa->dst, false))
			return &c->in;
		if (c->out.spi == sa->spi && addr_equal(&c->remote, &sa->dst, false))
			return &c->out;
	}
	return NULL;
}

/* Every byte is looked at, whatever the first ones say. */
static bool same_key(const struct xfrm_sa *sa, const struct secret *key)
{
	uint8_t differs = 0;

	if (sa->key_len != key->len)
		return false;
	for (size_t i = 0; i < key->len; i++)
		differs |= sa->key[i] ^ key->bytes[i];
	return !differs;
}

/* Under lockdown=confidentiality the kernel hands out zeros (net/xfrm/xfrm_user.c, redact). */
static bool key_shown(const struct xfrm_sa *sa)
{
	uint8_t any = 0;

	for (uint32_t i = 0; sa->key && i < sa->key_len; i++)
		any |= sa->key[i];
	return any;
}

static int take_sa(const struct xfrm_sa *sa, void *arg)
{
	const struct walk *w = arg;
	const struct cfg_sa *cfg = configured(w->cfg, sa);
	struct obs_sa *o;
	int err;

	if (sa->proto != IPPROTO_ESP || (!cfg && !on_device(w, sa->ifindex)))
		return 0;
	err = array_grow(&w->st->sas, w->st->sas_count, sizeof(*w->st->sas));
	if (err < 0)
		return err;
	o = &w->st->sas[w->st->sas_count++];
	*o = (struct obs_sa){
		.src = sa->src,
		.dst = sa->dst,
		.sel_src = sa->sel_src,
		.sel_dst = sa->sel_dst,
		.udp_sport = sa->udp_sport,
		.udp_dport = sa->udp_dport,
		.spi = sa->spi,
		.reqid = sa->reqid,
		.replay_window = sa->replay_window,
		.esn = sa->esn,
		.packet_offload = sa->offload == IPSO_OFFLOAD_PACKET,
		.dir = sa->dir,
		.ifindex = sa->ifindex,
		.mode = sa->mode,
		.soft_packets = sa->soft_packets,
		.hard_packets = sa->hard_packets,
		.soft_bytes = sa->soft_bytes,
		.hard_bytes = sa->hard_bytes,
		.soft_seconds = sa->soft_seconds,
		.hard_seconds = sa->hard_seconds,
		.add_time = sa->add_time,
	};
	memcpy(o->netns, w->net->netns, sizeof(o->netns));
	if (sa->gcm && sa->icv_bits == 128 && sa->key_len > 4)
		o->aead_bits = (sa->key_len - 4) * 8;
	o->key_known = cfg && cfg->key && key_shown(sa);
	o->key_matches = o->key_known && same_key(sa, cfg->key);
	return 0;
}

static bool of_tunnel(const struct ipso_config *cfg, const struct xfrm_pol *p)
{
	bool out = p->dir == IPSO_DIR_OUT;

	for (unsigned int t = 0; cfg && t < cfg->tunnels_count; t++) {
		const struct cfg_selector s = config_selector(&cfg->tunnels[t]);

		if (addr_equal(&s.local, out ? &p->sel_src : &p->sel_dst, true) &&
		    addr_equal(&s.remote, out ? &p->sel_dst : &p->sel_src, true))
			return true;
	}
	return false;
}

static int take_policy(const struct xfrm_pol *p, void *arg)
{
	const struct walk *w = arg;
	struct obs_policy *o;
	int err;

	/* A forward policy is on no device: all are taken, for one may be of a former tunnel. */
	if (p->dir == IPSO_DIR_NONE || (p->dir != IPSO_DIR_FWD && !of_tunnel(w->cfg, p) &&
					!on_device(w, p->ifindex)))
		return 0;
	err = array_grow(&w->st->policies, w->st->policies_count, sizeof(*w->st->policies));
	if (err < 0)
		return err;
	o = &w->st->policies[w->st->policies_count++];
	*o = (struct obs_policy){
		.src = p->sel_src,
		.dst = p->sel_dst,
		.proto = p->proto,
		.sport = p->sport,
		.dport = p->dport,
		.dir = p->dir,
		.tmpl_src = p->tmpl_src,
		.tmpl_dst = p->tmpl_dst,
		.mode = p->mode,
		.priority = p->priority,
		.reqid = p->reqid,
		.packet_offload = p->offload == IPSO_OFFLOAD_PACKET,
		.block = p->block,
		.bypass = !p->block && !p->tmpl_src.family,
		.user = p->user,
		.ifindex = p->ifindex,
	};
	memcpy(o->netns, w->net->netns, sizeof(o->netns));
	return 0;
}

int ipsec_read(const struct ipso_config *cfg, const struct view *v, struct ipso_state *st,
	       struct why *why)
{
	for (unsigned int i = 0; i < v->nets_count; i++) {
		struct walk w = {cfg, st, &v->nets[i]};
		_nl_ struct nl *nl = NULL;
		int err;

		err = nl_open(NETLINK_XFRM, w.net->netns, &nl, why);
		if (err == -EPROTONOSUPPORT)
			return 0; /* no XFRM in this kernel: no SAs; kernel_read() says so */
		if (!err)
			err = xfrm_sa_dump(nl, take_sa, &w, why);
		if (!err)
			err = xfrm_policy_dump(nl, take_policy, &w, why);
		if (err < 0)
			return err;
		if (i == 0)
			st->sa_dir = xfrm_sa_knows_dir(nl);
	}
	return 0;
}
