/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about VXLAN tunnels, of bridges and of TC rules alike: who protects them, and their room. */
#include <netinet/in.h>
#include <sys/socket.h>

#include "config/check.h"
#include "config/room.h"

/* What is sent has any source port and the VXLAN port as destination (RFC 7348 section 5). */
static bool covers(const struct cfg_tunnel *t, const struct cfg_vxlan *v)
{
	const struct cfg_selector *s = &t->selector;

	return (!s->protocol || s->protocol == IPPROTO_UDP) && !s->local_port &&
	       (!s->remote_port || s->remote_port == v->port);
}

static const struct cfg_tunnel *protector(const struct ipso_config *cfg,
					  const struct cfg_vxlan *v)
{
	for (unsigned int i = 0; i < cfg->tunnels_count; i++) {
		const struct cfg_tunnel *t = &cfg->tunnels[i];

		if (!t->on_vf && t->mode == CFG_IPSEC_TRANSPORT &&
		    addr_equal(&t->local, &v->local, false) &&
		    addr_equal(&t->remote, &v->remote, false) && covers(t, v))
			return t;
	}
	return NULL;
}

static unsigned int room_of(const struct cfg_vxlan *v, const struct cfg_tunnel *t)
{
	return VXLAN_ROOM + ESP_ROOM + (v->local.family == AF_INET ? IP4_HEADER : IP6_HEADER) +
	       (t->has_udp ? UDP_HEADER : 0);
}

static void most_of(const struct ipso_config *cfg, const struct cfg_vxlan *v, unsigned int device,
		    unsigned int *most)
{
	const struct cfg_tunnel *t = protector(cfg, v);

	if (t && t->device == device && room_of(v, t) > *most)
		*most = room_of(v, t);
}

unsigned int config_vxlan_room(const struct ipso_config *cfg, unsigned int device)
{
	unsigned int most = 0;

	for (unsigned int i = 0; i < cfg->ovs_count; i++) {
		if (cfg->ovs[i].has_vxlan)
			most_of(cfg, &cfg->ovs[i].vxlan, device, &most);
	}
	for (unsigned int i = 0; i < cfg->tc_count; i++) {
		for (unsigned int k = 0; k < cfg->tc[i].actions_count; k++) {
			if (cfg->tc[i].actions[k].tunnel_set)
				most_of(cfg, &cfg->tc[i].actions[k].tunnel, device, &most);
		}
	}
	return most;
}

int config_check_room(const struct ipso_config *cfg, const struct cfg_places *p,
		      const struct cfg_vxlan *v, const struct cfg_tunnel *t, unsigned int device,
		      uint32_t vf)
{
	const struct cfg_vf *c = config_vf(cfg, device, vf);
	const struct cfg_device *d = &cfg->devices[t->device];
	unsigned int room = room_of(v, t);

	if (!d->has_mtu || !c->has_mtu || c->mtu + room <= d->mtu)
		return 0;
	return place_error_of(p, &c->mtu, c->at,
			      "mtu: found %u with mtu %u of the uplink; allowed: at least %u less "
			      "than that, VXLAN and ESP need them",
			      c->mtu, d->mtu, room);
}

int config_check_vxlan(const struct ipso_config *cfg, const struct cfg_places *p,
		       const struct cfg_vxlan *v, struct cfg_at at, const char *key,
		       const struct cfg_tunnel **ret_t)
{
	const struct cfg_tunnel *t = protector(cfg, v), *other;
	char local[ADDR_STRLEN], remote[ADDR_STRLEN];

	if (!t)
		return place_error_of(p, &v->remote, at,
				      "%s: no tunnel in transport mode on an uplink protects %s "
				      "to %s UDP port %u; allowed: local and remote of one of "
				      "tunnels, else its frames leave in the clear",
				      key, addr_str(&v->local, false, local),
				      addr_str(&v->remote, false, remote), v->port);
	other = config_tunnel_mode(cfg, t->device);
	if (other)
		return place_error_of(p, &v->remote, at,
				      "%s: found with tunnel %s in tunnel mode on the same uplink "
				      "(line %u); allowed: one of the two, the eswitch cannot "
				      "encapsulate while it has tunnel mode",
				      key, other->name, other->at.line);
	*ret_t = t;
	return 0;
}
