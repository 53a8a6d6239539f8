/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the plan stage hand to each other. */
#ifndef IPSO_PLAN_PRIV_H
#define IPSO_PLAN_PRIV_H

#include "plan/plan.h"

int plan_add(struct ipso_plan *p, const struct step *s);

/* The pins of a device's uplink, for each version of IP that its tunnels use. */
int want_pins(const struct ipso_config *cfg, struct ipso_plan *p, unsigned int d);

/* Every step the configuration asks for, done or not, in no order. Nothing of the host is used. */
int wanted_steps(const struct ipso_config *cfg, struct ipso_plan *p);

/* Steps that take away what is owned and not among the wanted ones. */
int plan_unwanted(const struct ipso_config *cfg, const struct ipso_state *st,
		  const struct ipso_plan *wanted, const struct owned *owned, struct ipso_plan *p);
/* The device a record is about, as last read; NULL or ifindex 0 when it is not there. */
const struct obs_link *gone_link(const struct ipso_state *st, const struct undo *u);
/* Is the rule one that the plan takes away, for good or until IPsec stands? */
bool rule_goes(const struct ipso_state *st, const struct ipso_plan *p, const struct obs_filter *f);
/* Is the address on the link; the ingress qdisc of a device, NULL for none; as last read. */
bool link_has_address(const struct obs_link *l, const struct addr *a);
const struct obs_ingress *link_ingress(const struct ipso_state *st, uint32_t ifindex);
/* A step that takes something away, in words and as a command. */
struct line;
void gone_text(const struct ipso_state *st, const struct step *s, char *buf, size_t size);
void gone_command(struct line *l, const struct ipso_config *cfg, const struct ipso_state *st,
		  const struct step *s);

/*
 * Does the plan have an SA, policy or pin for device d's uplink that the driver refuses while rules
 * are in hardware? *ret_first (may be NULL): because it is the first of its direction.
 */
bool needs_free_eswitch(const struct ipso_config *cfg, const struct ipso_state *st,
			const struct ipso_plan *p, unsigned int d, bool *ret_first);
/*
 * With on-conflict: displace: steps that take out what is in the way, and put it back. -EBUSY with
 * the name of a rule that could not be put back as it was; p is the plan so far.
 */
int plan_displace(const struct ipso_config *cfg, const struct ipso_state *st, struct ipso_plan *p,
		  struct why *why);
bool displaces(const struct step *s);
bool is_displaced(const struct ipso_plan *p, const struct obs_filter *f);
/* Is a rule of its place, handle and chain there, as last read? */
bool rule_there(const struct ipso_state *st, const struct tc_filter *t);
bool gate_is_held(const struct ipso_state *st, unsigned int d);
/* Does Open vSwitch keep its flows out of hardware because it was told to? */
bool ovs_is_held(const struct ipso_state *st);
bool rule_handle_is_ours(uint32_t handle);

/* Sort by the table of what needs what; equal ranks by device, VF, item and direction: 0, -ENOMEM. */
int plan_order(struct ipso_plan *p);

/* Refuse what the driver would refuse; p is the plan so far. */
int plan_refuse(const struct ipso_config *cfg, const struct ipso_state *st,
		const struct ipso_plan *p, struct why *why);

/* -EKEYEXPIRED for an SA whose time, by the configuration, is over since ipso made it last. */
int plan_ended(const struct ipso_config *cfg, const struct ipso_state *st,
	       const struct owned *owned, const struct ipso_plan *p, struct why *why);

bool plan_has(const struct ipso_plan *p, enum step_kind kind, unsigned int device);

/* The part of step_satisfied() about Open vSwitch. */
bool ovs_is(const struct ipso_config *cfg, const struct ipso_state *st, const struct step *s);

/* Is a port with the name of the step's VXLAN port in its bridge already, with other options? */
bool ovs_replaces(const struct ipso_config *cfg, const struct ipso_state *st,
		  const struct step *s);
/* Does the plan take away the port that is where the step's is to be? */
bool ovs_port_goes(const struct ipso_config *cfg, const struct ipso_state *st,
		   const struct ipso_plan *p, const struct step *s);

/* Position of the VF with SR-IOV index in a device's vfs[], NO_VF when it has none. */
unsigned int vf_position(const struct cfg_device *d, uint32_t index);
/* The uplink, or the representor of a VF, as the place of a step of this kind. */
struct step port_step(const struct ipso_config *cfg, enum step_kind kind, unsigned int device,
		      const struct cfg_port *port);
/* Is the rule in hardware? When not, does one of ipso's own have its place (*ret_other)? */
bool filter_is(const struct ipso_config *cfg, const struct ipso_state *st, const struct step *s,
	       bool *ret_other);
/* Does the configuration want anything of the VF's own net device? */
bool vf_wants_netdev(const struct ipso_config *cfg, unsigned int device, unsigned int vf);
#endif
