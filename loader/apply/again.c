/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flows of Open vSwitch that the gate kept out of hardware. It asks the hardware when it makes a flow
 * and not again: with traffic on them they would stay in software for as long. So it makes them anew
 * as soon as the gate is open: its flow limit is 0 for a moment, it takes all its flows out, and the
 * next packet of each makes it again. Not by revalidator/purge, which also takes flows that a thread
 * of it is about to install: when that fails then, ovs-vswitchd ends itself (transition_ukey_at()).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "apply/run.h"
#include "base/log.h"
#include "base/mem.h"

#define EMPTY_MS 60000 /* it looks at its flows twice a second, and takes longer with many */
#define EMPTY_LOOK_MS 100

static const char text[] = "let Open vSwitch make the flows anew that the gate refused";

/* *ret_held false: it does not run, offloads nothing, or somebody holds it. */
static int hold(struct journal *j, bool *ret_held, struct why *why)
{
	_cleanup_(ovs_free) struct ovs now = {};
	struct undo u = {.kind = STEP_OVS_HOLD, .vf = -1};
	struct ovs_call c;
	int err = ovs_read(&now, why);

	*ret_held = false;
	if (err == -ENOTCONN || err == -ENODEV)
		return 0;
	if (err < 0 || strcmp(now.hw_offload, "true") != 0 || strcmp(now.flow_limit, "0") == 0)
		return err;
	memcpy(u.value, now.flow_limit, sizeof(now.flow_limit));
	snprintf(u.text, sizeof(u.text), "hold the flows of Open vSwitch (flow limit 0)");
	err = journal_add(j, &u, why);
	if (err < 0)
		return err;
	*ret_held = true;
	ovs_call_flow_limit(&c, "0");
	return ovs_run(&c, why);
}

static int await_none(struct why *why)
{
	uint64_t n = 1;
	int err = 0;

	for (unsigned int ms = 0; ms < EMPTY_MS; ms += EMPTY_LOOK_MS) {
		err = ovs_flows(&n, why);
		if (err < 0 || !n)
			return err;
		sleep_ms(EMPTY_LOOK_MS);
	}
	return why_set(why, -ETIMEDOUT, "waited %u s in vain for Open vSwitch to take its flows out",
		       EMPTY_MS / 1000);
}

static int renew(struct journal *j, const struct progress *to, struct why *why)
{
	static const enum step_kind kind = STEP_OVS_HOLD;
	bool held = false;
	int err, back;

	err = hold(j, &held, why);
	if (!held)
		return err;
	report(to, text, "ovs-vsctl set Open_vSwitch . other_config:flow-limit=0", false, 0);
	if (!err)
		err = await_none(why);
	report(to, text, "", true, err);
	back = undo_entries(j, 0, &kind, to, NULL, err ? NULL : why);
	return err ? err : back;
}

/* The pin is the first that the gate waits for. */
static bool opened_gate(const struct ipso_plan *p)
{
	bool pins = false, held = false;

	for (unsigned int i = 0; i < p->count; i++) {
		pins |= p->steps[i].kind == STEP_PIN && !p->steps[i].gone;
		held |= p->steps[i].kind == STEP_OVS_HOLD; /* then it has made them anew */
	}
	return pins && !held;
}

static bool has_refused(void)
{
	struct gate_status gate;

	return gate_status(&gate, NULL) == 0 && gate.installed &&
	       gate.verdicts[IPSO_VERDICT_REFUSED] + gate.verdicts[IPSO_VERDICT_HELD];
}

/* Nothing is wrong with IPsec when this fails, and there is nothing to take back. */
void offload_again(const struct run *r)
{
	struct why why = {};
	int err;

	if (!opened_gate(r->plan) || !has_refused())
		return;
	err = renew(r->j, &r->to, &why);
	if (err < 0)
		log_warn("flows of Open vSwitch that the gate refused may stay in software for as long as "
			 "they have traffic: %s: %s", why.what, why.kernel);
}

int apply_offload_again(apply_progress_fn fn, void *arg, struct why *why)
{
	_journal_ struct journal *j = NULL;
	const struct progress to = {fn, arg};
	int err = journal_open(JOURNAL_PATH, &j, why);

	return err < 0 ? err : renew(j, &to, why);
}
