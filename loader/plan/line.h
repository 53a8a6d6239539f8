/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands and sentences that grow word by word; private to plan/. */
#ifndef IPSO_PLAN_LINE_H
#define IPSO_PLAN_LINE_H

#include "plan/plan.h"

/* Stops at the end of its room: then used >= size. */
struct line {
	char *buf;
	size_t size, used;
	bool shell; /* to be run: devices are looked up, keys are read from their files */
	int err;
};

void put(struct line *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The step's net device: its name, or in a script what finds it when its turn has come. */
#define WORD_LEN 192
const char *link_word(const struct line *l, const struct ipso_config *cfg,
		      const struct ipso_state *st, const struct step *s, char buf[WORD_LEN]);

/* Where the device will be once the steps before this one are done; "" = the caller's. */
const char *netns_then(const struct ipso_config *cfg, const struct ipso_state *st,
		       const struct step *s);
/* "ip ", or "ip -n NETNS ". */
void put_ip(struct line *l, const struct ipso_config *cfg, const struct ipso_state *st,
	    const struct step *s);

/* The ip-xfrm(8) command that adds the SA or policy of a step, and the sentence of it. */
void put_tunnel(struct line *l, const struct ipso_config *cfg, const struct ipso_state *st,
	       const struct step *s);
void tunnel_text(const struct ipso_config *cfg, const struct ipso_state *st, const struct step *s,
		char *buf, size_t size);

/* What names a policy, as ip-xfrm(8) takes it and in words. */
void put_selector(struct line *l, const struct xfrm_pol *p);
/* The command of a step that no command does: a block policy has a `user`. */
void put_not_ip(struct line *l);
void selector_text(const struct xfrm_pol *p, char *buf, size_t size);

/* The tc(8) command that adds the rule of a step. */
void put_rule(struct line *l, const struct ipso_config *cfg, const struct ipso_state *st,
	      const struct step *s);
/* The same for a rule that is displaced, and to take it out. */
void put_saved_add(struct line *l, const struct ipso_state *st, const struct undo *u);
void put_saved_delete(struct line *l, const struct undo *u);
/* What a rule matches and does, "vlan 10 5, protocol all: vlan-pop, vlan-pop, redirect to VF 0". */
void rule_text(const struct cfg_tc *c, char *buf, size_t size);

#endif
