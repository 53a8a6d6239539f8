/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Open vSwitch through ovs-vsctl(8), which is its interface (ovs-appctl(8) for what is in no
 * database): what its database holds, and the words that change it. What ipso adds carries the mark external_ids:ipso=added in the database, so that
 * nothing else is ever taken away.
 */
#ifndef IPSO_NL_OVS_H
#define IPSO_NL_OVS_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"

struct ovs_port {
	char name[IF_NAMESIZE];
	char bridge[IF_NAMESIZE];
	bool ours;	 /* carries the mark */
	char type[16];	 /* "" = a net device, "vxlan", "internal" */
	char error[128]; /* what ovs-vswitchd says of it, "" = it works */
	char local_ip[ADDR_STRLEN], remote_ip[ADDR_STRLEN], key[32], dst_port[8];
};

struct ovs_bridge {
	char name[IF_NAMESIZE];
	bool ours;
};

/* As of one reading. Bridges with longer names, as other datapaths allow, are left out. */
struct ovs {
	char hw_offload[16]; /* other_config:hw-offload, "" = absent */
	char flow_limit[16]; /* other_config:flow-limit, alike */
	struct ovs_bridge *bridges;
	unsigned int bridges_count;
	struct ovs_port *ports;
	unsigned int ports_count;
};

/*
 * With a remedy: -ENOTCONN when one of its daemons does not run (its database is on disk all the
 * same), -ENODEV when it is not installed, -ETIMEDOUT. -EREMOTEIO with ovs-vsctl's own words,
 * -EBADMSG, -ENOMEM. Free with ovs_free() what was filled.
 */
int ovs_read(struct ovs *ret_o, struct why *why);
/* From what ovs-vsctl printed for ovs_read(): 0, -EBADMSG or -ENOMEM. */
int ovs_parse(const char *text, struct ovs *ret_o);
void ovs_free(struct ovs *o);

const struct ovs_bridge *ovs_bridge_find(const struct ovs *o, const char *name);
const struct ovs_port *ovs_port_find(const struct ovs *o, const char *name);
/* Does the bridge have a port besides its own, of the bridge's name? */
bool ovs_bridge_used(const struct ovs *o, const char *name);

/* A VXLAN port as it is to be. */
struct ovs_vxlan {
	const char *name;
	struct addr local, remote;
	uint32_t vni;
	uint16_t port;
};

/* Arguments of one call: ovs-vsctl first, NULL last. Words point into text or at what was given. */
#define OVS_WORDS 24
struct ovs_call {
	const char *words[OVS_WORDS];
	unsigned int count;
	char text[4][96];
};

void ovs_call_offload(struct ovs_call *c, const char *value); /* "" removes the key */
/* How many flows it may have in its datapath, hardware included; "" removes the key. */
void ovs_call_flow_limit(struct ovs_call *c, const char *value);
void ovs_call_bridge(struct ovs_call *c, const char *bridge);
void ovs_call_port(struct ovs_call *c, const char *bridge, const char *port);
/* New in bridge; bridge NULL: a port that is there gets these options. */
void ovs_call_vxlan(struct ovs_call *c, const char *bridge, const struct ovs_vxlan *v);
void ovs_call_del_bridge(struct ovs_call *c, const char *bridge);
void ovs_call_del_port(struct ovs_call *c, const char *bridge, const char *port);

/* Are flows of its datapath in hardware? */
int ovs_offloaded(bool *ret_any, struct why *why);
/* How many flows its datapaths have, wherever they are. */
int ovs_flows(uint64_t *ret_n, struct why *why);
/* From what `ovs-appctl upcall/show` printed. */
uint64_t ovs_flows_parse(const char *text);
/*
 * What ovs-vswitchd has the limit at from now on. It lowers it by itself, to the key's value, and
 * raises it to 1000 when the key allows it; above that only as long as it has more than 2000 flows
 * (udpif_revalidator()).
 */
const char *ovs_flow_limit(const char *key); /* with a key of this value, or "" */
int ovs_raise_flow_limit(const char *value, struct why *why);

/* Run it; ovs-vswitchd has done it when this returns. Its own words are in why on failure. */
int ovs_run(const struct ovs_call *c, struct why *why);

#endif
