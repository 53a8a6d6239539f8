/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys whose time is over are not used again. An SA that is made anew begins again with sequence
 * number 1, which is its IV in hardware: the same key with the same IV gives away what AES-GCM
 * encrypts and lets packets be forged (RFC 4106 section 2, NIST SP 800-38D appendix A). The end of
 * an SA by hard-seconds is the operator's own bound, and no repetition of `ipso up`, nor a restart of
 * the service, may lift it.
 */
#include <errno.h>

#include "base/num.h"
#include "plan/priv.h"
#include "plan/undo.h"

/* When an SA of this name was made last, 0 = not by ipso since the boot, or taken back by it. */
static uint64_t made_at(const struct owned *owned, const struct undo *sa)
{
	uint64_t last = 0, made;

	for (unsigned int i = 0; owned && i < owned->count; i++) {
		const struct undo *u = &owned->list[i];

		if (undo_same(u, sa) && num_u64(u->value, 1, UINT64_MAX, &made) == 0 && made > last)
			last = made;
	}
	return last;
}

static int refuse(const struct cfg_tunnel *t, uint64_t ago, struct why *why)
{
	why_set(why, -EKEYEXPIRED, "the keys of tunnel %s ended %llu h %llu min ago (lifetime: "
		"hard-seconds): to install them again would repeat nonces", t->name,
		(unsigned long long)ago / 3600, (unsigned long long)ago % 3600 / 60);
	why_remedy(why, "on both sides: new SPIs in out and in, new key files (ipso keygen), then "
			"this again; to try and test, `ipso down` forgets that they were in use");
	return -EKEYEXPIRED;
}

int plan_ended(const struct ipso_config *cfg, const struct ipso_state *st,
	       const struct owned *owned, const struct ipso_plan *p, struct why *why)
{
	for (unsigned int i = 0; i < p->count; i++) {
		const struct step *s = &p->steps[i];
		const struct cfg_tunnel *t;
		const struct secret *key;
		struct undo sa;
		uint64_t made;

		if (s->kind != STEP_SA || s->gone || s->from)
			continue;
		t = &cfg->tunnels[s->item];
		key = s->dir == IPSO_DIR_IN ? t->in.key : t->out.key;
		undo_make(cfg, st, s, &sa);
		made = made_at(owned, &sa);
		/* A file that was written since has another key: two may have one SPI after another. */
		if (!made || !t->hard_seconds || (key && key->written > made) ||
		    made + t->hard_seconds > st->now)
			continue;
		return refuse(t, st->now - made - t->hard_seconds, why);
	}
	return 0;
}
