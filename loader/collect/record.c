/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One record of the ring: checked, taken into the tables, explained when it is a failure. */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "collect/internal.h"

#define ESN_FLAG 0x80 /* XFRM_STATE_ESN, include/uapi/linux/xfrm.h */

static size_t size_of(unsigned int kind)
{
	switch (kind) {
	case IPSO_EV_SA_ADD:
	case IPSO_EV_SA_DELETE:
	case IPSO_EV_SA_EXPIRE:
	case IPSO_EV_SA_SOFTWARE:
	case IPSO_EV_FALLBACK:
		return sizeof(struct ipso_event_sa);
	case IPSO_EV_SA_SAMPLE:
		return sizeof(struct ipso_event_sample);
	case IPSO_EV_POLICY_ADD:
	case IPSO_EV_POLICY_DELETE:
		return sizeof(struct ipso_event_policy);
	case IPSO_EV_TC_ADD:
	case IPSO_EV_TC_DELETE:
		return sizeof(struct ipso_event_tc);
	case IPSO_EV_GATE:
		return sizeof(struct ipso_event_gate);
	case IPSO_EV_FW_ERROR:
		return sizeof(struct ipso_event_fw);
	case IPSO_EV_GATE_MODE:
		return sizeof(struct ipso_event_gate_mode);
	case IPSO_EV_MODULE:
		return sizeof(struct ipso_event_module);
	case IPSO_EV_MODE:
		return sizeof(struct ipso_event_mode);
	case IPSO_EV_LINK:
		return sizeof(struct ipso_event_link);
	case IPSO_EV_TABLES:
		return sizeof(struct ipso_event_tables);
	case IPSO_EV_DRIFT:
		return sizeof(struct ipso_event_drift);
	default:
		return 0;
	}
}

static void sa_added(struct collect *c, const struct ipso_event_sa *e)
{
	struct sa_node *n = table_get(&c->table, &e->key);
	struct sa_row *r;
	bool is_new;

	if (!n)
		return;
	r = &n->row;
	is_new = !r->added_ns; /* else a dump was faster */
	row_begin(r, &e->key);
	memcpy(r->src, e->saddr, sizeof(r->src));
	r->reqid = e->reqid;
	r->ifindex = e->offload == IPSO_OFFLOAD_NONE ? 0 : (uint32_t)e->ifindex;
	r->replay_window = e->replay_window;
	r->dir = e->dir;
	r->offload = e->offload;
	r->mode = e->mode;
	r->esn = e->flags & ESN_FLAG;
	r->added_ns = e->hdr.ktime;
	if (r->ifindex)
		r->ifname = names_device(&c->names, e->ifname);
	n->round = c->round;
	names_tunnel(&c->names, n);
	tunnel_joined(n, is_new);
}

static void sampled(struct collect *c, const struct ipso_event_sample *e)
{
	struct sa_node *n = table_find(&c->table, &e->key);

	if (!n) /* from before we watched: the next dump brings it, with its counters */
		return;
	sa_read(n, &e->now);
	n->row.sampled_ns = e->hdr.ktime;
}

static const char *ifname_of(const struct ipso_event_hdr *ev)
{
	switch (ev->kind) {
	case IPSO_EV_SA_ADD:
		return ((const struct ipso_event_sa *)ev)->ifname;
	case IPSO_EV_POLICY_ADD:
		return ((const struct ipso_event_policy *)ev)->ifname;
	case IPSO_EV_TABLES:
		return ((const struct ipso_event_tables *)ev)->ifname;
	default:
		return "";
	}
}

static bool is_failure(const struct ipso_event_hdr *ev)
{
	switch (ev->kind) {
	case IPSO_EV_SA_ADD:
	case IPSO_EV_POLICY_ADD:
	case IPSO_EV_TC_ADD:
	case IPSO_EV_MODE:
		return ev->result < 0;
	case IPSO_EV_LINK:
	case IPSO_EV_TABLES:
	case IPSO_EV_DRIFT:
	case IPSO_EV_FALLBACK:
	case IPSO_EV_GATE:
		return true;
	default:
		return false;
	}
}

/*
 * A rule is in the hardware of an eswitch that the gate guards, and the tables do not exist: it
 * came on a way that the gate does not see (docs/gate.md lists them).
 */
static bool is_bypass(const struct ipso_event_hdr *ev)
{
	const struct ipso_event_tc *e = (const struct ipso_event_tc *)ev;

	return ev->kind == IPSO_EV_TC_ADD && !ev->result && e->way < IPSO_WAY_MAX &&
	       (e->drv.known & IPSO_DRV_TABLES) && !(e->drv.rx_tables && e->drv.tx_tables) &&
	       gate_mode(e->pci) >= IPSO_GATE_ENFORCE;
}

static void count_failure(struct collect *c, const struct ipso_event_hdr *ev,
			  const struct explanation *ex)
{
	struct failure_row *rows;
	unsigned int i;

	for (i = 0; i < c->failures_count; i++)
		if (strcmp(c->failures[i].ex.id, ex->id) == 0)
			break;
	if (i == c->failures_count) {
		rows = reallocarray(c->failures, i + 1, sizeof(*rows));
		if (!rows)
			return;
		c->failures = rows;
		c->failures_count++;
		rows[i].count = 0;
	}
	if (ev->kind == IPSO_EV_SA_ADD) {
		c->refused = *(const struct ipso_event_sa *)ev;
		c->refused_row = i;
	}
	c->failures[i].hdr = *ev;
	c->failures[i].ex = *ex;
	c->failures[i].count++;
}

/*
 * The same SA refused as before, by the same process: charon repeats what is answered with EBUSY as
 * fast as it can. Once a second it is explained and told, the others are counted with it.
 */
#define REPEAT_NS 1000000000ull

static bool is_repeat(struct collect *c, const struct ipso_event_hdr *ev)
{
	const struct ipso_event_sa *e = (const struct ipso_event_sa *)ev, *last = &c->refused;

	if (ev->kind != IPSO_EV_SA_ADD || ev->result >= 0 || c->refused_row >= c->failures_count ||
	    ev->result != last->hdr.result || ev->pid != last->hdr.pid ||
	    ev->ktime - last->hdr.ktime >= REPEAT_NS ||
	    memcmp(&e->key, &last->key, sizeof(e->key)) != 0 ||
	    memcmp(e->text, last->text, sizeof(e->text)) != 0)
		return false;
	c->failures[c->refused_row].count++;
	return true;
}

static void explain_failure(struct collect *c, const struct ipso_event_hdr *ev,
			    struct explanation *ret_ex)
{
	const struct ipso_event_tc *rule = (const struct ipso_event_tc *)ev;
	_free_ struct tc_rule_note *rules = NULL;
	struct sa_note sas[SAS_NAMED];
	struct in_hardware hw = {.sas = sas};

	if (notes_on(&c->notes, ifname_of(ev), &rules, &hw.rules_count) < 0)
		hw.rules_count = 0;
	hw.rules = rules;
	if (ev->kind == IPSO_EV_TC_ADD && rule->drv.num_block_tc)
		hw.sas_count = table_offloaded(&c->table, rule, sas);
	explain(ev, &hw, ret_ex);
	/* what the driver does outweighs what its BTF let expect */
	if (strcmp(ret_ex->id, "S-06") == 0)
		c->sa_needs_free_eswitch = true;
	/* observed by the gate: explained, but nothing failed; a fallback was counted when it was refused */
	if (ev->result < 0 && ev->kind != IPSO_EV_FALLBACK)
		count_failure(c, ev, ret_ex);
}

static void take(struct collect *c, const struct ipso_event_hdr *ev)
{
	switch (ev->kind) {
	case IPSO_EV_SA_ADD:
		if (!ev->result)
			sa_added(c, (const struct ipso_event_sa *)ev);
		else
			fallback_refused(&c->refusals, (const struct ipso_event_sa *)ev);
		break;
	case IPSO_EV_SA_DELETE:
		table_remove(&c->table, &((const struct ipso_event_sa *)ev)->key);
		drift_left(c, ev, ((const struct ipso_event_sa *)ev)->ifname);
		break;
	case IPSO_EV_POLICY_DELETE:
		drift_left(c, ev, ((const struct ipso_event_policy *)ev)->ifname);
		break;
	case IPSO_EV_MODE:
		drift_asked(c, (const struct ipso_event_mode *)ev);
		break;
	case IPSO_EV_SA_SAMPLE:
		sampled(c, (const struct ipso_event_sample *)ev);
		break;
	case IPSO_EV_TC_ADD:
		if (!ev->result)
			notes_add(&c->notes, (const struct ipso_event_tc *)ev);
		break;
	case IPSO_EV_TC_DELETE:
		notes_remove(&c->notes, (const struct ipso_event_tc *)ev);
		break;
	}
}

/* The name that the table has for the SA of an event, otherwise "". */
static const char *tunnel_of(const struct collect *c, const struct ipso_event_hdr *ev)
{
	const struct sa_node *n;

	switch (ev->kind) {
	case IPSO_EV_SA_ADD:
	case IPSO_EV_SA_DELETE:
	case IPSO_EV_SA_EXPIRE:
	case IPSO_EV_SA_SOFTWARE:
	case IPSO_EV_FALLBACK:
		n = table_find(&c->table, &((const struct ipso_event_sa *)ev)->key);
		return n ? n->row.tunnel : "";
	default:
		return "";
	}
}

void collect_record(struct collect *c, const void *data, size_t len)
{
	const struct ipso_event_hdr *ev = data;
	struct ipso_event_link link;
	const char *tunnel;
	struct explanation ex;
	bool failed;

	/* the ring rounds sizes up to 8, a record says its own */
	if (len < sizeof(*ev) || ev->version != IPSO_EVENT_VERSION || !size_of(ev->kind) ||
	    ev->len != size_of(ev->kind) || len < ev->len) {
		c->unreadable++;
		return;
	}
	names_settle(&c->names, &c->table, c->refreshed_ns);
	if (ev->kind == IPSO_EV_LINK) {
		link = *(const struct ipso_event_link *)data;
		link.sas = table_on_device(&c->table, link.ifname);
		ev = &link.hdr;
	}
	c->events[ev->kind]++;
	if (is_repeat(c, ev))
		return;
	tunnel = tunnel_of(c, ev); /* before it leaves the table */
	failed = is_failure(ev);
	if (is_bypass(ev)) {
		c->bypasses[((const struct ipso_event_tc *)ev)->way]++;
		failed = true;
	}
	if (failed)
		explain_failure(c, ev, &ex);
	take(c, ev);
	if (ev->kind == IPSO_EV_SA_ADD)
		tunnel = tunnel_of(c, ev);
	if (c->fn && ev->kind != IPSO_EV_SA_SAMPLE)
		c->fn(ev, failed ? &ex : NULL, tunnel, c->arg);
}
