/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One failed offload, explained. */
#include "explain/explain.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "explain/internal.h"

static void fill_answer(const struct ipso_event_hdr *ev, struct explanation *ex)
{
	const char *text = event_text(ev);
	const char *quote = text[0] ? "\"" : "";

	if (!ev->result) { /* a failure none the less, see collect/record.c */
		snprintf(ex->answer, sizeof(ex->answer), "%s",
			 ev->kind == IPSO_EV_GATE     ? "let through, the gate observes"
			 : ev->kind == IPSO_EV_TC_ADD ? "taken into hardware"
			 : ev->kind == IPSO_EV_FALLBACK ? "the driver was not asked for packet offload"
						      : "done");
		return;
	}
	snprintf(ex->answer, sizeof(ex->answer), "%s%s%s%.*s%s", err_name(ev->result),
		 text[0] ? " " : "", quote, IPSO_TEXT, text, quote);
}

/* A text that the catalogue does not have: what errno and state alone would say goes with it. */
static void unknown_text(const struct ipso_event_hdr *ev, struct explanation *ex)
{
	const struct catalogue_row *row = rule_row(ev);

	if (strcmp(row->id, "U-00") == 0)
		snprintf(ex->cause, sizeof(ex->cause), "this text is not in ipso's catalogue");
	else
		snprintf(ex->cause, sizeof(ex->cause), "this text is not in ipso's catalogue; errno "
			 "and state alone would be %s: %s", row->id, row->cause);
}

/* The firmware's word is a cause of its own, or what stands behind the driver's text. */
static void fill_cause(const struct ipso_event_hdr *ev, const struct catalogue_row *row,
		       const char *text, struct explanation *ex)
{
	const struct ipso_fw_error *fw = event_fw(ev);
	char said[300] = "";

	if (fw && fw->err)
		describe_fw(fw, said, sizeof(said));
	if (*said && row->kind == CATALOGUE_SILENT && strcmp(row->id, "U-00") != 0)
		snprintf(ex->cause, sizeof(ex->cause), "%s", said);
	else if (*said)
		snprintf(ex->cause, sizeof(ex->cause), "%s; %s", row->cause, said);
	else if (*text && strcmp(row->id, "U-00") == 0)
		unknown_text(ev, ex);
	else
		snprintf(ex->cause, sizeof(ex->cause), "%s", row->cause);
}

static void add_rule(const struct tc_rule_note *r, struct explanation *ex)
{
	size_t used = strlen(ex->in_the_way);
	char rule[80], by[48] = "";

	describe_rule(rule, sizeof(rule), r->ifname, r->prio, r->protocol, r->chain);
	if (r->comm[0])
		snprintf(by, sizeof(by), " by %.*s (pid %u)", IPSO_COMM, r->comm, r->pid);
	snprintf(ex->in_the_way + used, sizeof(ex->in_the_way) - used, "%s%s%s", used ? "; " : "",
		 rule, by);
}

static void rules_in_the_way(const struct in_hardware *hw, const struct ipso_driver_state *d,
			     struct explanation *ex)
{
	unsigned int i;

	for (i = 0; i < hw->rules_count; i++)
		add_rule(&hw->rules[i], ex);
	if (!hw->rules_count && d)
		snprintf(ex->in_the_way, sizeof(ex->in_the_way),
			 "%u rule(s) in hardware from before ipso watched: tc filter show",
			 d->esw_users ? d->esw_users : (uint32_t)d->num_block_ipsec);
}

/* The driver counts states and policies together; the first states are named. */
static void sas_in_the_way(const struct in_hardware *hw, const struct ipso_driver_state *d,
			   struct explanation *ex)
{
	size_t used = (size_t)snprintf(ex->in_the_way, sizeof(ex->in_the_way),
				       "%llu packet-offload SAs and policies", d->num_block_tc);

	for (unsigned int i = 0; i < hw->sas_count; i++) {
		const struct sa_note *sa = &hw->sas[i];
		char name[80], of[80] = "";

		describe_sa(&sa->key, name, sizeof(name));
		if (sa->tunnel[0])
			snprintf(of, sizeof(of), " (%s)", sa->tunnel);
		if (used + strlen(name) + strlen(of) + 3 > sizeof(ex->in_the_way))
			return;
		used += (size_t)snprintf(ex->in_the_way + used, sizeof(ex->in_the_way) - used,
					 "%s%s%s", i ? ", " : ": ", name, of);
	}
}

/* S-07 is about the device itself, S-05 and S-06 about its whole eswitch: name what is known. */
static void fill_in_the_way(const struct ipso_event_hdr *ev, const char *id,
			    const struct in_hardware *hw, struct explanation *ex)
{
	const struct ipso_driver_state *d = event_drv(ev);

	if (strcmp(id, "S-05") == 0 || strcmp(id, "S-06") == 0 || strcmp(id, "S-07") == 0 ||
	    strcmp(id, "G-06") == 0) {
		rules_in_the_way(hw, d, ex);
	} else if (strcmp(id, "S-23") == 0 && d) {
		sas_in_the_way(hw, d, ex);
	} else if (strcmp(id, "S-04") == 0 && d) {
		snprintf(ex->in_the_way, sizeof(ex->in_the_way), "%u VF(s) with IPsec enabled",
			 d->vf_ipsec);
	}
}

static enum catalogue_step step_of(const struct ipso_event_hdr *ev)
{
	switch (ev->kind) {
	case IPSO_EV_SA_ADD:
	case IPSO_EV_POLICY_ADD:
	case IPSO_EV_FALLBACK:
		return CATALOGUE_STEP_XFRM;
	case IPSO_EV_TC_ADD:
	case IPSO_EV_GATE:
		return CATALOGUE_STEP_TC;
	case IPSO_EV_MODE:
		return CATALOGUE_STEP_DEVLINK;
	default:
		return CATALOGUE_STEP_ANY;
	}
}

/* A particular text decides; behind none and behind a general one errno and state do. */
static const struct catalogue_row *row_of(const struct ipso_event_hdr *ev, const char *text)
{
	const struct catalogue_row *row = catalogue_by_text(text, ev->result, step_of(ev)), *rule;

	if (row && row->kind != CATALOGUE_GENERAL)
		return row;
	if (*text && !row)
		return catalogue_find("U-00");
	rule = rule_row(ev);
	return row && strcmp(rule->id, "U-00") == 0 ? row : rule;
}

/* Of what somebody changed: who it was, and how that one is kept from it. */
static void fill_author(const struct ipso_event_hdr *ev, struct explanation *ex)
{
	const struct ipso_event_drift *e = (const struct ipso_event_drift *)ev;
	size_t used = strlen(ex->cause);
	char name[IPSO_UNIT], by[240];
	const char *remedy;

	if (ev->kind != IPSO_EV_DRIFT)
		return;
	describe_author(ev, &e->author, by, sizeof(by));
	snprintf(ex->cause + used, sizeof(ex->cause) - used, "; %s", by);
	remedy = neighbour_remedy(author_name(ev, &e->author, name));
	if (*remedy)
		snprintf(ex->remedy, sizeof(ex->remedy), "%s", remedy);
}

void explain(const struct ipso_event_hdr *ev, const struct in_hardware *hw,
	     struct explanation *ret_ex)
{
	static const struct in_hardware nothing_known;
	const struct ipso_driver_state *d = event_drv(ev);
	char text[IPSO_TEXT + 1];
	const struct catalogue_row *row;

	snprintf(text, sizeof(text), "%.*s", IPSO_TEXT, event_text(ev));
	row = row_of(ev, text);
	memset(ret_ex, 0, sizeof(*ret_ex));
	snprintf(ret_ex->id, sizeof(ret_ex->id), "%s", row->id);
	snprintf(ret_ex->class_, sizeof(ret_ex->class_), "%s", row->class_);
	snprintf(ret_ex->remedy, sizeof(ret_ex->remedy), "%s", row->remedy);
	describe_who(ev, ret_ex->who, sizeof(ret_ex->who));
	describe_what(ev, ret_ex->what, sizeof(ret_ex->what));
	fill_answer(ev, ret_ex);
	fill_cause(ev, row, text, ret_ex);
	fill_author(ev, ret_ex);
	if (d)
		describe_driver(d, ret_ex->driver, sizeof(ret_ex->driver));
	fill_in_the_way(ev, row->id, hw ? hw : &nothing_known, ret_ex);
}
