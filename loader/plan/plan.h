/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plan is a value: what must be done to get from what is to what is wanted, in the order the
 * driver needs. Pure: no I/O, no kernel, no clock.
 */
#ifndef IPSO_PLAN_H
#define IPSO_PLAN_H

#include "config/config.h"
#include "nl/ovs.h"
#include "nl/tc.h"
#include "nl/xfrm_policy.h"
#include "nl/xfrm_sa.h"
#include "observe/observe.h"

enum step_kind {
	STEP_GATE,	  /* install the gate, or let it guard one device more */
	STEP_SRIOV,	  /* sriov_numvfs */
	STEP_VF_UNBIND,
	STEP_LEGACY,	  /* leave switchdev, because steering or encap-mode cannot be set in it */
	STEP_STEERING,	  /* devlink param flow_steering_mode */
	STEP_ENCAP,	  /* devlink eswitch encap-mode none, for tunnel mode in the FDB */
	STEP_ESWITCH,	  /* devlink eswitch mode */
	STEP_PORT_MAC,	  /* devlink port function hw_addr; in legacy the PF's VF list */
	STEP_PORT_IPSEC,  /* devlink port function ipsec_packet */
	STEP_PORT_ROCE,	  /* devlink port function roce */
	STEP_VF_BIND,
	STEP_NETNS,	  /* create a named network namespace */
	STEP_MOVE,	  /* net device into a namespace */
	STEP_BLOCK,	  /* a policy in software behind all others: no packet of the tunnel without ESP */
	STEP_MTU,
	STEP_ADDRESS,
	STEP_LINK_UP,
	STEP_GATE_HOLD,	  /* the gate refuses rules for a time, tables or not; taken back: as before */
	STEP_DISPLACE,	  /* a TC rule out of the way of IPsec; taken back: the rule is put back */
	STEP_OVS_HOLD,	  /* Open vSwitch takes its flows out; taken back: it may have them again */
	STEP_PIN,	  /* a policy that no packet matches, so that the IPsec tables stay */
	STEP_SA,
	STEP_POLICY,
	STEP_VXLAN,	  /* the net device of all VXLAN tunnels of a UDP port, up */
	STEP_TC_OFFLOAD,  /* ethtool hw-tc-offload on */
	STEP_TC_QDISC,	  /* ingress qdisc, of the device's own or of a shared block */
	STEP_TC_FILTER,
	STEP_OVS_OFFLOAD, /* other_config:hw-offload of Open vSwitch */
	STEP_OVS_BRIDGE,
	STEP_OVS_PORT,	  /* the representor of vf becomes a port */
	STEP_OVS_VXLAN,
	STEP_KINDS
};

struct undo;

/* One step. Indexes point into the configuration; only the fields of its kind are used. */
struct step {
	enum step_kind kind;
	unsigned int device; /* cfg->devices */
	unsigned int vf;     /* position in that device's vfs[]; NO_VF = the uplink */
	unsigned int item;   /* address, tunnel, tc rule or bridge index; pin: 4 or 6, of IP */
	bool rep;	     /* the representor of vf, not the VF itself */
	uint16_t vxlan;	     /* not 0: the net device of the VXLAN tunnels of this UDP port */
	uint32_t block;	     /* not 0: qdisc: the shared block that it binds to; rule: that it is of */
	uint8_t dir;	     /* enum ipso_dir for SA and policies */
	uint32_t from, to;   /* numbers as they are and as wanted: VF count, MTU, modes; SA,
			      * policy, rule, VXLAN port: from 1 = one of the same identity is
			      * replaced; leaving switchdev: to 1 = for encap-mode; block: to =
			      * ICMPv6 type that is let pass, 0 = what is blocked */
	const struct undo *gone; /* not NULL: what this record says is taken away (and device is
				  * NO_DEVICE when the configuration has none of that address) */
	const struct undo *saved;  /* of what is put back behind IPsec: a rule, a limit */
};
#define NO_VF (~0u)
#define NO_DEVICE (~0u)

/* Puts back what was out of the way of IPsec for a time: nothing is lost by it. */
static inline bool puts_back(const struct step *s)
{
	return s->gone && (s->kind == STEP_GATE_HOLD || s->kind == STEP_DISPLACE ||
			   s->kind == STEP_OVS_HOLD);
}

static inline bool is_policy(enum step_kind kind)
{
	return kind == STEP_POLICY || kind == STEP_PIN || kind == STEP_BLOCK;
}

struct ipso_plan {
	struct step *steps;
	unsigned int count;
	struct undo *gone;  /* what the steps' gone point at */
	struct undo *saved; /* rules that the plan displaces, and puts back */
};

/* What ipso made on this host: the records of its journal, see plan/undo.h. */
struct owned {
	const struct undo *list;
	unsigned int count;
};

/*
 * Steps to reach cfg from st, ordered; what is owned and no longer asked for is taken away (owned
 * NULL = nothing). What the driver would refuse is refused here, with reason and remedy: -EBUSY
 * (something is in the way), -EOPNOTSUPP, -ENODEV (cannot work here), -EINVAL (the configuration
 * contradicts itself), -EKEYEXPIRED (keys whose time is over).
 */
int plan_up(const struct ipso_config *cfg, const struct ipso_state *st, const struct owned *owned,
	    struct ipso_plan **ret_p, struct why *why);
void plan_free(struct ipso_plan **p);

/*
 * Steps that take what is in hardware on the eswitch of device d out of the way of a new SA, and keep
 * it out, for somebody else to add the SA; nothing of it puts back. Empty when nothing is in the way.
 * -EBUSY with the name of a rule that could not be put back as it was.
 */
int plan_window(const struct ipso_config *cfg, const struct ipso_state *st, unsigned int d,
		struct ipso_plan **ret_p, struct why *why);

/*
 * Where to stop, so that two hosts can change the keys of a tunnel together without losing a
 * packet: first both receive with the new SAs, then both send with them, then the old ones go.
 */
enum plan_stage {
	STAGE_INBOUND,	/* before the first new outbound SA */
	STAGE_OUTBOUND, /* before the first inbound SA that is taken away */
	STAGE_DONE,
};
void plan_until(struct ipso_plan *p, enum plan_stage stage);

/* Does a tunnel sit on the device's uplink? Then its VFs cannot have IPsec, and the gate guards it. */
bool uplink_has_tunnel(const struct ipso_config *cfg, unsigned int device);

/* Is the step's goal reached in st? What plan_up() leaves out, and what apply skips. */
bool step_satisfied(const struct ipso_config *cfg, const struct ipso_state *st,
		    const struct step *s);

/*
 * Is there an SA, policy or VXLAN port of the same identity, or a rule of ipso's with the same
 * match, that has other parameters? It is replaced.
 */
bool step_replaces(const struct ipso_config *cfg, const struct ipso_state *st,
		   const struct step *s);

/*
 * The pin of the uplink at a PCI address: version 4 or 6 of IP, one direction. Each device has its
 * own; it is wanted for the versions that its tunnels use.
 */
bool pin_wanted(const struct ipso_config *cfg, unsigned int device, unsigned int version);
struct xfrm_pol pin_policy(const char *pci, unsigned int version, uint8_t dir, uint32_t ifindex);

/* How many block policies keep a tunnel's packets from going in the clear (STEP_BLOCK). */
unsigned int blocks_wanted(const struct cfg_tunnel *t);

/* The policy that the kernel names as p, as last read in a namespace; NULL when there is none. */
const struct obs_policy *policy_named(const struct ipso_state *st, const struct xfrm_pol *p,
				      const char *netns);

/* Was a flow of Open vSwitch in hardware, as last read? */
bool ovs_in_hardware(const struct ipso_state *st);

/* " of Open vSwitch", " of ipso", or "" when nothing of the rule tells. */
const char *rule_owner(const struct obs_filter *f);

/* The net device a step works on; ifindex 0 while it does not exist, and for a rule of a block. */
const struct obs_link *step_link(const struct ipso_config *cfg, const struct ipso_state *st,
				 const struct step *s);
/* Name of the namespace that device is in, "" = the caller's. */
const char *step_netns(const struct ipso_config *cfg, const struct ipso_state *st,
		       const struct step *s);
/* "vxlan4789": what ipso calls the net device that it makes. */
#define VXLAN_NAME_LEN 16
const char *vxlan_name(uint16_t port, char buf[VXLAN_NAME_LEN]);
/* The VF of a step, NULL when it does not exist (yet). */
const struct obs_vf *step_vf(const struct ipso_config *cfg, const struct ipso_state *st,
			     const struct step *s);

/* The SA, policy (or pin, or block) or rule a step installs; keys are borrowed from cfg. Device index 0 = unknown. */
void step_sa(const struct ipso_config *cfg, const struct ipso_state *st, const struct step *s,
	     struct xfrm_sa *ret_sa);
void step_policy(const struct ipso_config *cfg, const struct ipso_state *st, const struct step *s,
		 struct xfrm_pol *ret_p);
void step_filter(const struct ipso_config *cfg, const struct ipso_state *st, const struct step *s,
		 struct tc_filter *ret_f);
/* In how many devices the rule of a step has to be in hardware. */
unsigned int block_ports(const struct ipso_config *cfg, const struct step *s);

/*
 * The call of a step on Open vSwitch, valid while cfg and st are. What stands for the port of
 * STEP_OVS_PORT in its words is the pointer port.
 */
void step_ovs(const struct ipso_config *cfg, const struct step *s, const char *port,
	      struct ovs_call *ret_c);
/* -EBUSY when somebody else's bridge or port is where the step's is to be. */
int step_ovs_taken(const struct ipso_config *cfg, const struct ipso_state *st,
		   const struct step *s, struct why *why);

/* The step as a sentence, and as the devlink/ip/tc command that does the same (keys masked). */
void step_text(const struct ipso_config *cfg, const struct ipso_state *st, const struct step *s,
	       char *buf, size_t size);
void step_command(const struct ipso_config *cfg, const struct ipso_state *st, const struct step *s,
		  char *buf, size_t size);
/*
 * The same to be run: words of a shell script, which calls the functions of render/script.h that
 * find net devices when their turn has come and read keys from their files. 0 or -ENAMETOOLONG.
 */
int step_shell(const struct ipso_config *cfg, const struct ipso_state *st, const struct step *s,
	       char *buf, size_t size);
/* Short name of a kind, "eswitch", for JSON and the journal. */
const char *step_kind_name(enum step_kind kind);

#endif
