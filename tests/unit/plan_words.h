/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A plan as words, for golden sequences. */
#ifndef IPSO_TEST_PLAN_WORDS_H
#define IPSO_TEST_PLAN_WORDS_H

#include <stdio.h>

#include "plan/plan.h"

/*
 * "gate sriov vf-unbind ..." with the position of the VF, its representor and the direction; "-"
 * in front of what is taken away.
 */
static inline void words(const struct ipso_plan *p, char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = '\0';
	for (unsigned int i = 0; i < p->count && used < size; i++) {
		const struct step *s = &p->steps[i];
		char vf[16] = "";

		if (s->vf != NO_VF)
			snprintf(vf, sizeof(vf), ".%s%u", s->rep ? "rep" : "", s->vf);
		used += (size_t)snprintf(buf + used, size - used, "%s%s%s%s%s", i ? " " : "",
					 s->gone ? "-" : "", step_kind_name(s->kind), vf,
					 s->dir == IPSO_DIR_IN	  ? ".in"
					 : s->dir == IPSO_DIR_OUT ? ".out"
					 : s->dir == IPSO_DIR_FWD ? ".fwd"
								  : "");
	}
}

#endif
