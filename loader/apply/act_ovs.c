/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Steps on Open vSwitch, done and taken back. ovs-vswitchd is never restarted: that would cut the
 * traffic of every bridge of the host.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "apply/priv.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/when.h"

bool is_ovs(enum step_kind kind)
{
	return kind == STEP_OVS_HOLD || kind == STEP_OVS_OFFLOAD || kind == STEP_OVS_BRIDGE || kind == STEP_OVS_PORT ||
	       kind == STEP_OVS_VXLAN;
}

static const char *port_name(const struct work *w)
{
	return w->s->kind == STEP_OVS_VXLAN ? w->cfg->ovs[w->s->item].vxlan.name
					    : step_link(w->cfg, *w->st, w->s)->name;
}

/* What ovs-vswitchd thinks of a new port is in the database, not in ovs-vsctl's exit status. */
static int judge(const struct work *w)
{
	const struct ovs_port *p = NULL;
	char text[256];
	int err = observe_ovs(*w->st, w->why);

	if (err < 0 || step_satisfied(w->cfg, *w->st, w->s))
		return err;
	if (w->s->kind == STEP_OVS_PORT || w->s->kind == STEP_OVS_VXLAN)
		p = ovs_port_find(&(*w->st)->ovs, port_name(w));
	step_text(w->cfg, *w->st, w->s, text, sizeof(text));
	why_remedy(w->why, "ask the log of ovs-vswitchd");
	return why_set(w->why, -EIO, "%s: done, and ovs-vswitchd says: %s", text,
		       p && p->error[0] ? p->error : "it is not so");
}

#define EMPTY_MS 60000 /* it looks at its flows twice a second, and takes longer with many */
#define EMPTY_LOOK_MS 250

/* Its hardware flows are gone when it says so and the kernel shows none. */
static int await_empty(const struct work *w)
{
	bool any = true;
	int err = 0;

	for (unsigned int ms = 0; !err && ms < EMPTY_MS; ms += EMPTY_LOOK_MS) {
		err = ovs_offloaded(&any, w->why);
		if (!err && !any)
			err = observe_again(w->cfg, w->st, OBS_RULES, w->why);
		if (!err && !any && step_satisfied(w->cfg, *w->st, w->s))
			return 0;
		sleep_ms(EMPTY_LOOK_MS);
	}
	why_remedy(w->why, "ovs-appctl dpctl/dump-flows type=offloaded shows what it keeps there; ask "
			   "the log of ovs-vswitchd");
	return err ? err : why_set(w->why, -ETIMEDOUT, "waited %u s in vain for Open vSwitch to take "
				   "its flows out of hardware", EMPTY_MS / 1000);
}

/* From here on it makes all its flows anew. The service need not have it do so once more. */
#define RENEWED JOURNAL_DIR "/flows-renewed"

static void note_renewed(void)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu\n", (unsigned long long)monotonic_ns());
	file_replace(RENEWED, text, strlen(text), 0600);
}

uint64_t apply_flows_renewed(void)
{
	char text[24];
	uint64_t ns;

	return file_read_line(RENEWED, text, sizeof(text)) < 0 || num_u64(text, 0, UINT64_MAX, &ns) < 0 ? 0 : ns;
}

/* A limit of 0 that somebody else set stays. */
static int release(const struct undo *u, const struct ovs *now, struct why *why)
{
	struct ovs_call c;
	int err;

	if (strcmp(now->flow_limit, "0") != 0 || strcmp(u->value, "0") == 0)
		return 0;
	note_renewed();
	ovs_call_flow_limit(&c, u->value);
	err = ovs_run(&c, why);
	return err ? err : ovs_raise_flow_limit(ovs_flow_limit(u->value), why);
}

int act_ovs(const struct work *w, bool *ret_changed)
{
	struct ovs_call c;
	int err;

	if (w->s->kind == STEP_OVS_PORT && !step_link(w->cfg, *w->st, w->s)->ifindex)
		return why_set(w->why, -ENODEV, "find the representor of VF %u",
			       w->cfg->devices[w->s->device].vfs[w->s->vf].index);
	step_ovs(w->cfg, w->s, port_name(w), &c);
	err = ovs_run(&c, w->why);
	/* Out of time: the database has it, only ovs-vswitchd did not say so. */
	*ret_changed = !err || err == -ETIMEDOUT;
	if (err || w->s->kind != STEP_OVS_HOLD)
		return err ? err : judge(w);
	err = observe_ovs(*w->st, w->why);
	return err ? err : await_empty(w);
}

/* Somebody else's of that name, made since, stays; so does a bridge with ports of others. */
static bool is_ours(const struct undo *u, const struct ovs *o)
{
	const struct ovs_bridge *b = ovs_bridge_find(o, u->bridge);
	const struct ovs_port *p = ovs_port_find(o, u->port);

	if (u->kind == STEP_OVS_BRIDGE)
		return b && b->ours && !ovs_bridge_used(o, u->bridge);
	return p && p->ours && strcmp(p->bridge, u->bridge) == 0;
}

int undo_ovs(const struct undo *u, struct why *why)
{
	_cleanup_(ovs_free) struct ovs now = {};
	struct ovs_vxlan before = {u->port, u->src, u->dst, u->spi, u->pref};
	struct ovs_call c;
	int err = ovs_read(&now, why);

	if (err < 0)
		return err;
	if (u->kind == STEP_OVS_HOLD)
		return release(u, &now, why);
	if (u->kind == STEP_OVS_OFFLOAD) {
		if (strcmp(now.hw_offload, u->value) == 0)
			return 0;
		ovs_call_offload(&c, u->value);
	} else if (!is_ours(u, &now)) {
		return 0;
	} else if (u->src.family) {
		ovs_call_vxlan(&c, NULL, &before);
	} else if (u->kind == STEP_OVS_BRIDGE) {
		ovs_call_del_bridge(&c, u->bridge);
	} else {
		ovs_call_del_port(&c, u->bridge, u->port);
	}
	return ovs_run(&c, why);
}
