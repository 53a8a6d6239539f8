/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/restore.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "daemon/service.h"

static bool is_spent(const struct restore *r, uint64_t now)
{
	uint64_t oldest = r->began_ns[r->next];

	return oldest && now - oldest < RESTORE_SPAN_NS;
}

static void give_up(struct restore *r)
{
	r->given_up = true;
	r->gave_up++;
	log_err(0, "modes differ again after %u tries in %llu minutes to put them right: somebody sets them "
		   "back (ipso events --kind drift names who). They stay as they are until `ipso reload`",
		RESTORE_TRIES, RESTORE_SPAN_NS / 60000000000ull);
}

/* Another ipso at work, an `up` or `down` by hand, is no try of ours. */
static void forget_try(struct restore *r)
{
	r->next = (r->next + RESTORE_TRIES - 1) % RESTORE_TRIES;
	r->began_ns[r->next] = 0;
}

void restore_tend(struct restore *r, struct service *s, bool drifted, uint64_t now)
{
	unsigned int done = 0;
	struct why why = {};
	int err;

	if (!drifted || s->cfg->on_drift != CFG_DRIFT_RESTORE || r->given_up || now < r->rest_ns)
		return;
	if (is_spent(r, now)) {
		give_up(r);
		return;
	}
	r->began_ns[r->next] = now;
	r->next = (r->next + 1) % RESTORE_TRIES;
	service_patience(true);
	err = r->run(s, r->arg, &done, &why);
	service_patience(false);
	if (err == -EALREADY || (!err && !done)) {
		forget_try(r);
	} else if (err < 0) {
		r->failed++;
		r->rest_ns = monotonic_ns() + RESTORE_REST_NS;
		log_err(err, "modes that somebody changed cannot be put right: %s%s%s%s%s", why.what,
			*why.kernel ? ": " : "", why.kernel, *why.remedy ? "; " : "", why.remedy);
	} else {
		r->done++;
		log_warn("modes that somebody changed are put right, in %u steps", done);
	}
}

void restore_reset(struct restore *r)
{
	memset(r->began_ns, 0, sizeof(r->began_ns));
	r->rest_ns = 0;
	r->given_up = false;
}
