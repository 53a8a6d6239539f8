/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the apply stage hand to each other. */
#ifndef IPSO_APPLY_PRIV_H
#define IPSO_APPLY_PRIV_H

#include "apply/apply.h"
#include "apply/journal.h"

#define WAIT_LIMIT_MS 60000 /* for something to appear after a step; a card takes seconds a VF */

/* One step at work. */
struct work {
	const struct ipso_config *cfg;
	struct ipso_state **st;
	const struct step *s;
	struct why *why;
	int klog; /* klog_open(); -1 = not readable */
};

struct devlink;
/* The capability of a port's function that STEP_PORT_IPSEC or STEP_PORT_ROCE is about. */
int port_set_cap(struct devlink *dl, enum step_kind kind, const char *pci, uint32_t port, bool on,
		 struct why *why);

/* Take it back. 0 also when there is nothing left of it. */
int undo_run(const struct undo *u, struct why *why);

/* What a step is about to replace or take away, kept to be put back when a later one fails. */
struct redo {
	const struct step *s;
	enum step_kind kind;
	char text[320];
	char netns[64]; /* of the policy */
	struct tc_filter filter;
	struct xfrm_pol policy;
	struct undo ovs; /* a port or bridge, with the options of a VXLAN port */
};
/* False when nothing of it can be put back, or need be. */
bool redo_make(const struct work *w, struct redo *ret_r);
int redo_run(const struct redo *r, struct why *why);

/*
 * Do it. *ret_changed tells whether anything was changed, and so has to be undone, also when it
 * failed half-way.
 */
int act(const struct work *w, bool *ret_changed);
int act_ipsec(const struct work *w, bool *ret_changed); /* SA and policy, read back */
int act_rule(const struct work *w, bool *ret_changed);	/* TC rule, read back */

/* A rule out of the way, and back: 0 also when it is back already. */
int act_displace(const struct work *w, bool *ret_changed);
int undo_displace(const struct undo *u, struct why *why);

/* Steps on Open vSwitch, read back. */
bool is_ovs(enum step_kind kind);
int act_ovs(const struct work *w, bool *ret_changed);
int undo_ovs(const struct undo *u, struct why *why);

/* What the kernel shows of an SA or policy. */
struct granted {
	bool found, packet;
	uint32_t ifindex;
};
/*
 * -EOPNOTSUPP when it is not what the step asked for: packet offload to the device ifindex, or with
 * ifindex 0 nothing but to be there.
 */
int judge_granted(const struct work *w, const struct granted *g, uint32_t ifindex);

/* mlx5_esw_try_lock() loses a race against any reader of the mode and answers -EINVAL. */
bool lost_race(int err, const struct why *why);
#define LOCK_WAIT_MS 10

/* Steps of one kind that are done before they are read back, each with its own outcome. */
#define GROUP_MAX 64
struct outcome {
	int err;
	bool changed; /* it is there, or may be: has to be undone */
	bool again;   /* met another's lock */
};
bool is_ipsec(const struct step *s); /* an SA or a policy */
/* May the step be in a group? May b be in the group of a? */
bool groupable(const struct work *w);
bool same_group(const struct work *a, const struct work *b);
/*
 * Do n new SAs or policies of one group; all are tried, whichever fails. The first failure is
 * returned and told in its why; o[0..n-1], zeroed by the caller, says what became of each.
 */
int act_group(const struct work *w, unsigned int n, struct outcome *o);

/* Read the host again until the goals of n steps of one kind are reached; says what it waited for. */
int settle(const struct work *w, unsigned int n);

/*
 * Cause, and remedy where there is none yet, of a step that the kernel refused, by the catalogue;
 * with the rules that are in the way and what the firmware said.
 */
void tell_cause(const struct work *w);

/* The kernel log from now on; -1 when it may not be read. */
int klog_open(void);
/* The last firmware command of this thread that the log says was refused; *ret_fw stays otherwise. */
void klog_fw_error(int fd, struct ipso_fw_error *ret_fw);
/* The same from the text of one record; false when it is none. */
bool klog_parse(const char *record, long pid, struct ipso_fw_error *ret_fw);

void sleep_ms(unsigned int ms);
#define SYSFS_PCI "/sys/bus/pci"

#endif
