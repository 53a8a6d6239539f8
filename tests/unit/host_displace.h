/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is out of the way of IPsec for a time, on the host in memory; and back. */
#ifndef IPSO_TEST_HOST_DISPLACE_H
#define IPSO_TEST_HOST_DISPLACE_H

#include "host.h"
#include "plan/undo.h"

static inline int host_displace(struct ipso_state *st, const struct step *s)
{
	if (s->kind == STEP_GATE_HOLD) {
		st->gate.rules[0].mode = IPSO_GATE_HOLD;
		return st->gate.rules_count == 1 ? 0 : -EINVAL;
	}
	for (unsigned int i = 0; i < st->filters_count; i++) {
		if (st->filters[i].handle != s->saved->rule.handle)
			continue;
		st->filters[i] = st->filters[--st->filters_count];
		return 0;
	}
	return -ENOENT;
}

/* As the driver does: only where the IPsec tables exist, and not at the uplink. */
static inline void host_put_back(struct ipso_state *st, const struct tc_filter *f)
{
	struct obs_filter o = {.in_hw = true, .plain = true, .alone = true};

	for (unsigned int i = 0; i < st->filters_count; i++) {
		if (st->filters[i].handle == f->handle)
			return;
	}
	assert_true(host_has_ipsec(st, PF_INDEX));
	assert_int_not_equal(f->ifindex, PF_INDEX);
	o.ifindex = f->ifindex;
	o.pref = f->pref;
	o.protocol = f->protocol;
	o.handle = f->handle;
	o.chain = f->chain;
	o.skip_sw = f->skip_sw;
	o.rule = f->rule;
	strcpy(o.kind, "flower");
	st->filters[st->filters_count++] = o;
}

#endif
