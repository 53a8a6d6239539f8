/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Open vSwitch in memory: it refuses a port without its bridge and names that are taken. */
#ifndef IPSO_TEST_HOST_OVS_H
#define IPSO_TEST_HOST_OVS_H

#include "host.h"

static inline int host_ovs(const struct ipso_config *cfg, struct ipso_state *st,
			   const struct step *s)
{
	const struct cfg_ovs *c = &cfg->ovs[s->item];
	struct ovs *o = &st->ovs;
	struct ovs_port p = {.ours = true};
	char a[ADDR_STRLEN];

	if (s->kind == STEP_OVS_OFFLOAD) {
		strcpy(o->hw_offload, "true");
		return 0;
	}
	if (s->kind == STEP_OVS_BRIDGE) {
		o->bridges = reallocarray(o->bridges, o->bridges_count + 1, sizeof(*o->bridges));
		o->bridges[o->bridges_count] = (struct ovs_bridge){.ours = true};
		strcpy(o->bridges[o->bridges_count++].name, c->bridge);
		return 0;
	}
	strcpy(p.bridge, c->bridge);
	strcpy(p.name, step_link(cfg, st, s)->name);
	if (s->kind == STEP_OVS_VXLAN) {
		strcpy(p.name, c->vxlan.name);
		strcpy(p.type, "vxlan");
		strcpy(p.local_ip, addr_str(&c->vxlan.local, false, a));
		strcpy(p.remote_ip, addr_str(&c->vxlan.remote, false, a));
		snprintf(p.key, sizeof(p.key), "%u", c->vxlan.vni);
		snprintf(p.dst_port, sizeof(p.dst_port), "%u", c->vxlan.port);
	}
	if (s->from) {
		*(struct ovs_port *)ovs_port_find(o, p.name) = p;
		return 0;
	}
	if (!ovs_bridge_find(o, p.bridge) || !p.name[0] || ovs_port_find(o, p.name))
		return -EEXIST;
	o->ports = reallocarray(o->ports, o->ports_count + 1, sizeof(*o->ports));
	o->ports[o->ports_count++] = p;
	return 0;
}

#endif
