/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a step was refused: the same reasoning that explains kernel events, on a record made from
 * the step, the kernel's answer, the driver's state as the gate reads it, and the kernel log.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "apply/priv.h"
#include "base/mem.h"
#include "explain/explain.h"
#include "nl/netns.h"

#define NOTES_MAX 16

static void fill_header(const struct work *w, struct ipso_event_hdr *hdr, uint16_t kind,
			uint32_t len)
{
	hdr->version = IPSO_EVENT_VERSION;
	hdr->kind = kind;
	hdr->len = len;
	hdr->result = w->why->err;
	hdr->pid = (uint32_t)getpid();
	strcpy(hdr->comm, "ipso");
	netns_inode(step_netns(w->cfg, *w->st, w->s), &hdr->netns);
}

/* The driver's own counters; unknown when BPF may not be used. */
static void fill_driver(const struct work *w, uint32_t ifindex, struct ipso_driver_state *drv)
{
	struct ipso_gate_probe p;

	if (!step_netns(w->cfg, *w->st, w->s)[0] && gate_probe_here(ifindex, &p) == 0)
		*drv = p.drv;
}

static unsigned int notes(const struct work *w, struct tc_rule_note list[NOTES_MAX])
{
	const struct ipso_state *st = *w->st;
	unsigned int n = 0;

	for (unsigned int i = 0; i < st->filters_count && n < NOTES_MAX; i++) {
		const struct obs_filter *f = &st->filters[i];

		if (!f->in_hw || !observe_filter_on(st, w->s->device, f))
			continue;
		memcpy(list[n].ifname, f->ifname, sizeof(list[n].ifname));
		list[n].prio = f->pref;
		list[n].chain = f->chain;
		list[n].protocol = f->protocol;
		n++;
	}
	return n;
}

static void sa_record(const struct work *w, struct ipso_event_sa *ev)
{
	const struct obs_link *l = step_link(w->cfg, *w->st, w->s);
	struct xfrm_sa sa;

	step_sa(w->cfg, *w->st, w->s, &sa);
	fill_header(w, &ev->hdr, IPSO_EV_SA_ADD, sizeof(*ev));
	memcpy(ev->key.daddr, sa.dst.b, sizeof(ev->key.daddr));
	memcpy(ev->saddr, sa.src.b, sizeof(ev->saddr));
	ev->key.spi = sa.spi;
	ev->key.netns = ev->hdr.netns;
	ev->key.family = sa.dst.family;
	ev->key.proto = IPPROTO_ESP;
	ev->reqid = sa.reqid;
	ev->ifindex = (int)sa.ifindex;
	ev->dir = sa.dir;
	ev->offload = sa.offload;
	ev->mode = sa.mode;
	ev->flags = sa.esn ? 0x80 : 0; /* XFRM_STATE_ESN */
	ev->replay_window = sa.replay_window;
	memcpy(ev->ifname, l->name, sizeof(ev->ifname));
	snprintf(ev->text, sizeof(ev->text), "%.79s", w->why->kernel);
	fill_driver(w, sa.ifindex, &ev->drv);
}

static void policy_record(const struct work *w, struct ipso_event_policy *ev)
{
	const struct obs_link *l = step_link(w->cfg, *w->st, w->s);
	struct xfrm_pol p;

	step_policy(w->cfg, *w->st, w->s, &p);
	fill_header(w, &ev->hdr, IPSO_EV_POLICY_ADD, sizeof(*ev));
	memcpy(ev->saddr, p.sel_src.b, sizeof(ev->saddr));
	memcpy(ev->daddr, p.sel_dst.b, sizeof(ev->daddr));
	ev->family = p.sel_dst.family;
	ev->prefix_s = p.sel_src.prefix;
	ev->prefix_d = p.sel_dst.prefix;
	ev->ifindex = (int)p.ifindex;
	ev->priority = p.priority;
	ev->reqid = p.reqid;
	ev->dir = p.dir;
	ev->offload = p.offload;
	memcpy(ev->ifname, l->name, sizeof(ev->ifname));
	snprintf(ev->text, sizeof(ev->text), "%.79s", w->why->kernel);
	fill_driver(w, p.ifindex, &ev->drv);
}

static void rule_record(const struct work *w, struct ipso_event_tc *ev)
{
	const struct obs_link *l = step_link(w->cfg, *w->st, w->s);
	struct tc_filter f;

	step_filter(w->cfg, *w->st, w->s, &f);
	fill_header(w, &ev->hdr, IPSO_EV_TC_ADD, sizeof(*ev));
	ev->ifindex = (int)f.ifindex;
	ev->prio = f.pref;
	ev->protocol = f.protocol;
	memcpy(ev->ifname, l->name, sizeof(ev->ifname));
	snprintf(ev->text, sizeof(ev->text), "%.79s", w->why->kernel);
	fill_driver(w, f.ifindex, &ev->drv);
}

/* Without the firmware's own words these errnos are the firmware's. */
static void guess_firmware(int err, struct explanation *ex)
{
	const struct catalogue_row *row = catalogue_find("S-10");

	if (strcmp(ex->id, "U-00") != 0 || !row ||
	    (err != -EIO && err != -EAGAIN && err != -EINVAL && err != -EREMOTEIO))
		return;
	snprintf(ex->id, sizeof(ex->id), "%s", row->id);
	snprintf(ex->cause, sizeof(ex->cause), "probably %s", row->cause);
	snprintf(ex->remedy, sizeof(ex->remedy),
		 "dmesg, or `ipso run`, which shows opcode, status and syndrome");
}

/* The row of a step that no event tells of, when the kernel gave no text for it. */
static const char *silent_row(enum step_kind kind, int err)
{
	static const struct {
		enum step_kind kind;
		int err;
		const char *id;
	} rows[] = {
		{STEP_SRIOV, EBUSY, "S-38"},	      {STEP_SRIOV, ERANGE, "S-39"},
		{STEP_SRIOV, ENOENT, "S-40"},	      {STEP_SRIOV, ENOMEM, "S-40"},
		{STEP_SRIOV, EIO, "S-40"},	      {STEP_VF_BIND, ENODEV, "S-41"},
		{STEP_VF_BIND, EBUSY, "S-41"},	      {STEP_VF_UNBIND, ENODEV, "S-41"},
		{STEP_PORT_IPSEC, EBUSY, "S-30"},     {STEP_PORT_IPSEC, EOPNOTSUPP, "S-31"},
		{STEP_ESWITCH, EINVAL, "S-34"},	      {STEP_ESWITCH, EOPNOTSUPP, "S-35"},
		{STEP_LEGACY, EOPNOTSUPP, "S-35"},    {STEP_STEERING, EOPNOTSUPP, "S-37"},
		{STEP_STEERING, EINVAL, "S-37"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].kind == kind && rows[i].err == -err)
			return rows[i].id;
	}
	return err == -EPERM ? "S-14" : "";
}

/* Devlink, SR-IOV, links: the text decides, or the step and its errno. */
static bool explain_step(const struct work *w, const struct ipso_fw_error *fw,
			 struct explanation *ex)
{
	const struct why *why = w->why;
	const struct catalogue_row *row = catalogue_by_text(why->kernel, why->err,
							    CATALOGUE_STEP_DEVLINK);

	if (!row)
		row = catalogue_find(*why->kernel ? "U-00" : silent_row(w->s->kind, why->err));
	if (!row && fw->err)
		row = catalogue_find("S-10");
	if (!row)
		return false;
	snprintf(ex->id, sizeof(ex->id), "%s", row->id);
	snprintf(ex->remedy, sizeof(ex->remedy), "%s", row->remedy);
	snprintf(ex->cause, sizeof(ex->cause), "%s", row->cause);
	if (fw->err) {
		size_t used = strlen(ex->cause);

		snprintf(ex->cause + used, sizeof(ex->cause) - used, "; ");
		describe_fw(fw, ex->cause + used + 2, sizeof(ex->cause) - used - 2);
	}
	return true;
}

static bool explain_work(const struct work *w, struct explanation *ex)
{
	struct tc_rule_note list[NOTES_MAX] = {};
	struct in_hardware hw = {.rules = list};
	union {
		struct ipso_event_hdr hdr;
		struct ipso_event_sa sa;
		struct ipso_event_policy policy;
		struct ipso_event_tc tc;
	} ev = {};
	struct ipso_fw_error fw = {};

	klog_fw_error(w->klog, &fw);
	switch (w->s->kind) {
	case STEP_SA:
		sa_record(w, &ev.sa);
		ev.sa.fw = fw;
		break;
	case STEP_BLOCK:
	case STEP_PIN:
	case STEP_POLICY:
		policy_record(w, &ev.policy);
		ev.policy.fw = fw;
		break;
	case STEP_TC_FILTER:
		rule_record(w, &ev.tc);
		ev.tc.fw = fw;
		break;
	default:
		return explain_step(w, &fw, ex);
	}
	hw.rules_count = notes(w, list);
	explain(&ev.hdr, &hw, ex);
	guess_firmware(w->why->err, ex);
	return true;
}

void tell_cause(const struct work *w)
{
	struct explanation ex = {};
	char what[sizeof(w->why->what)];

	if (!w->why || !explain_work(w, &ex))
		return;
	snprintf(what, sizeof(what), "%s", w->why->what);
	why_set(w->why, w->why->err, "%.160s (%s: %s%s%.120s)", what, ex.id, ex.cause,
		ex.in_the_way[0] ? "; in the way: " : "", ex.in_the_way);
	if (!w->why->remedy[0])
		why_remedy(w->why, "%s", ex.remedy);
}
