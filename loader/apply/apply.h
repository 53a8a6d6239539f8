/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Carry out a plan step by step. Each step is printed, its undo is written to the journal and
 * synced, then it acts and is read back; a failure undoes what was done, in reverse.
 */
#ifndef IPSO_APPLY_H
#define IPSO_APPLY_H

#include "plan/plan.h"

#define JOURNAL_DIR "/run/ipso"
#define JOURNAL_PATH JOURNAL_DIR "/journal" /* tmpfs: gone with the state it describes */

/* The plan for this host: plan_up() with what the journal says that ipso owns. */
int apply_plan(const struct ipso_config *cfg, const struct ipso_state *st,
	       struct ipso_plan **ret_p, struct why *why);

/*
 * Called before each step and after it (done; err <= 0), for the command to print. command is ""
 * for the undoing of a step.
 */
typedef void (*apply_progress_fn)(const char *text, const char *command, bool done, int err,
				  void *arg);

/*
 * *st is what the plan was made from and is read again as the host changes. Steps whose goal is
 * reached when their turn comes are passed over in silence. ret_done (may be NULL): steps done.
 * -EALREADY when another ipso is at work.
 *
 * When a step that adds or changes something fails, all is taken back, and what was taken away
 * before is put back: TC rules, ports of bridges, policies. An SA that was replaced by one with
 * its SPI is not: a key that was in use must not start again at its first nonce. When taking away
 * fails, what was added stays, for the traffic is on it by then; the next up takes away the rest.
 */
int apply_up(const struct ipso_config *cfg, struct ipso_state **st, const struct ipso_plan *p,
	     apply_progress_fn fn, void *arg, unsigned int *ret_done, struct why *why);

/*
 * Undo what the journal says this host's ipso did, newest first; ret_done 0 when there is none.
 * What is gone already counts as undone. What cannot be undone stays in the journal, the rest is
 * undone all the same, and the first failure is returned. Only a bridge of Open vSwitch that cannot
 * be taken away stays with its tunnels and the gate.
 */
int apply_down(apply_progress_fn fn, void *arg, unsigned int *ret_done, struct why *why);

/*
 * Take out of hardware what keeps device's driver from a new SA, hold the gate, and leave it so:
 * ret_done 0 when nothing was in the way. On failure all is as before. -EBUSY: a rule could not be
 * put back as it was; -EALREADY: another ipso is at work.
 */
int apply_window_open(const struct ipso_config *cfg, struct ipso_state **st, unsigned int device,
		      apply_progress_fn fn, void *arg, unsigned int *ret_done, struct why *why);
/* Put it all back. What cannot be put back stays in the journal, and may be tried again. */
int apply_window_close(apply_progress_fn fn, void *arg, struct why *why);

/*
 * What `up` does, when there is anything of ipso's here (`down` takes all of it): ret_done 0 when there
 * is not, or nothing is missing. Keys are loaded. -EALREADY: another ipso is at work.
 */
int apply_restore(const struct ipso_config *cfg, struct ipso_state **st, apply_progress_fn fn,
		  void *arg, unsigned int *ret_done, struct why *why);

/*
 * Have Open vSwitch make its flows anew, which the gate kept out of hardware. 0 as well where it does
 * not run or offloads nothing; -EALREADY: another ipso is at work. After an `up` that opened the gate
 * this is done already.
 */
int apply_offload_again(apply_progress_fn fn, void *arg, struct why *why);
/* When any ipso had it do so last, in CLOCK_MONOTONIC; 0: not since the start of the machine. */
uint64_t apply_flows_renewed(void);

/*
 * Put back what somebody flushed of the pins that the journal says are ipso's; *ret_put: how many. 0
 * as well while another ipso is at work. *ret_lacking: the device that refused one, 0 = none.
 */
int apply_keep_pins(const struct ipso_config *cfg, const struct ipso_state *st,
		    unsigned int *ret_put, uint32_t *ret_lacking, struct why *why);
/*
 * The same of the block policies below those of tunnels (xfrm_policy_below()); needs no
 * configuration. Looks at each: for when some are missing, or may be.
 */
int apply_keep_below(unsigned int *ret_put, struct why *why);

#endif
