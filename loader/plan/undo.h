/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How steps are taken back. The journal keeps one such record a step, and so says what ipso owns on
 * this host; the plan reads them to find what the configuration no longer asks for.
 */
#ifndef IPSO_PLAN_UNDO_H
#define IPSO_PLAN_UNDO_H

#include "plan/plan.h"

/* How to take one step back; refers to nothing but the host, for it outlives the configuration. */
struct undo {
	enum step_kind kind; /* the step that is taken back */
	char text[256];	     /* the step as it was printed */
	char pci[PCI_STRLEN]; /* the PF */
	int vf;		     /* SR-IOV index; -1 = the uplink */
	bool rep;	     /* the VF's representor */
	bool replaced;	     /* SA, policy, pin, rule: one of the same identity made place for it */
	char netns[64];	     /* where the net device is, or the namespace that was made */
	char value[64];	     /* what it was before: number, mode, hardware address,
			      * hw-offload or flow-limit of Open vSwitch; SA: when it was made,
			      * in seconds since the epoch */
	char bridge[16];     /* of Open vSwitch, that was made or got a port */
	char port[16];	     /* that it got */
	struct addr src, dst; /* SA, policy, pin; address: dst; ends of a VXLAN port that was changed */
	uint32_t spi;	     /* its VNI */
	uint8_t dir; /* enum ipso_dir */
	uint16_t pref, protocol; /* pref: its UDP port; protocol: of a policy's selector, too */
	uint16_t sport, dport;	 /* of that selector */
	uint32_t handle; /* of a TC rule */
	uint32_t block;	 /* of a TC rule: the shared block that it is of, 0 = none */
	uint16_t vxlan;	 /* made, or a qdisc or TC rule is on it: the device of this UDP port; 0 = none */
	struct tc_filter rule; /* displaced, on net device port: the whole of it */
};

/* The record of a step, from what is now. */
void undo_make(const struct ipso_config *cfg, const struct ipso_state *st, const struct step *s,
	       struct undo *ret_u);
/* The options of a VXLAN port, where they are such as ipso sets, for a port to get them back. */
void undo_keep_options(const struct ovs_port *p, struct undo *u);

/* What names the policy that a record is about; of a block, the whole of it. */
struct xfrm_pol undo_policy(const struct undo *u);

/* The TC rule that a record is about, as last read; NULL when it is not there. */
const struct obs_filter *undo_rule(const struct ipso_state *st, const struct undo *u);

/*
 * Do both speak of one thing? Only kinds that a changed configuration takes away one by one have
 * an identity: SR-IOV, modes, bindings and namespaces are what others build on, and stay until
 * `ipso down`.
 */
bool undo_same(const struct undo *a, const struct undo *b);
/*
 * Of records that speak of one thing the oldest stays, for it knows what was there before ipso, in
 * the place of the newest, because what came between may have to be taken back after it. Returns
 * how many are left.
 */
unsigned int undo_squash(struct undo *list, unsigned int n);
/*
 * Put records into the order of their steps, by the table of what needs what, whenever they were
 * made: an SA that was flushed and added again is younger than the bridge whose frames it protects.
 * Those of one kind keep their order.
 */
void undo_order(struct undo *list, unsigned int n);

#endif
