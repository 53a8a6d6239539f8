/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the service puts back when somebody has taken it: the pin, and the block policies of tunnels. */
#include <errno.h>

#include "apply/apply.h"
#include "attach/attach.h"
#include "base/log.h"
#include "daemon/service.h"

#define PINS_REST_NS 30000000000ull
#define BELOW_REST_NS 100000000ull

/* Told when it happens; a failure, as while rules are in hardware, is not tried every second. */
static void keep_pins(struct service *s)
{
	unsigned int put = 0;
	uint32_t lacking = 0;
	struct why why = {};
	int err;

	if (monotonic_ns() < s->pins_rest_ns && !(s->window && s->window->open))
		return;
	err = apply_keep_pins(s->cfg, s->st, &put, &lacking, &why);
	if (s->window)
		s->window->lacking = err == -EBUSY ? lacking : 0;
	if (put)
		log_warn("the pin of the IPsec tables was gone, as after a flush of policies: %u "
			 "polic%s put back", put, put == 1 ? "y" : "ies");
	if (err < 0) {
		s->pins_rest_ns = monotonic_ns() + PINS_REST_NS;
		log_err(err, "the pin of the IPsec tables is gone and cannot be put back: %s: %s%s",
			why.what, why.kernel, lacking ? "; libreswan, when this was its start, was refused its "
			"policies for IKE's own packets as well: restart it behind `ipso window`" : "");
	}
}

static unsigned int below_wanted(const struct ipso_config *cfg)
{
	unsigned int n = 0;

	for (unsigned int t = 0; t < cfg->tunnels_count; t++)
		n += blocks_wanted(&cfg->tunnels[t]);
	return n;
}

/* Until they are back, packets of the tunnels may go in the clear. */
static void keep_below(struct service *s)
{
	unsigned int put = 0;
	struct why why = {};
	int err;

	if (monotonic_ns() < s->below_rest_ns)
		return;
	s->below_rest_ns = monotonic_ns() + BELOW_REST_NS;
	err = apply_keep_below(&put, &why);
	if (put)
		log_warn("block policies of tunnels were gone, as after a flush of policies: %u put "
			 "back; packets may have left in the clear before it", put);
	if (err < 0)
		log_err(err, "block policies of tunnels are gone and cannot be put back: %s: %s",
			why.what, why.kernel);
}

/* bpf/acquire.bpf.c refuses them; what an operator has to know is that no packet starts an IKE exchange. */
static void tell_unsafe(struct service *s)
{
	struct ipso_acquires a = {};
	int err;

	if (s->unsafe_told || !s->hooks || hooks_acquires(s->hooks, &a) < 0 || !a.unsafe_ns)
		return;
	s->unsafe_told = true;
	err = hooks_keep_acquires(s->hooks);
	log_warn("this kernel would oops when a packet of an offloaded policy asks an IKE daemon for an "
		 "SA (xfrm_state_find() gives the driver a state without real_dev): such acquires are "
		 "refused%s; let the daemon begin its SAs itself (strongSwan: start_action = start, "
		 "dpd_action = restart; libreswan: auto=start), or use a kernel with the fix",
		 err < 0 ? " while this service runs, no longer" : "");
}

void service_keep(struct service *s, bool policy_left)
{
	if (!policy_left)
		tell_unsafe(s);
	if (policy_left || collect_below(s->collect) < below_wanted(s->cfg))
		keep_below(s);
	if (!policy_left)
		keep_pins(s);
}
