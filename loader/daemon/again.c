/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/again.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "daemon/service.h"

#define REST_NS 30000000000ull

/* By the names of its threads: its process may have a number of its own in a container. */
static bool is_ovs_thread(const char *comm)
{
	static const char *const names[] = {"handler", "revalidator", "ovs-vswitchd"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strncmp(comm, names[i], strlen(names[i])) == 0)
			return true;
	}
	return false;
}

void again_event(struct again *a, const struct ipso_event_hdr *ev)
{
	const struct ipso_event_gate *e = (const struct ipso_event_gate *)ev;
	unsigned int i = 0;

	if (ev->kind != IPSO_EV_GATE || !ev->result || !is_ovs_thread(ev->comm))
		return;
	while (i < a->count && a->list[i].pci != e->pci)
		i++;
	if (i == IPSO_GATE_MAX)
		return;
	a->count += i == a->count;
	a->list[i].pci = e->pci;
	a->list[i].ktime = ev->ktime;
}

static bool is_open(const struct service *s, uint32_t pci)
{
	struct ipso_gate_probe p;
	uint32_t here;

	for (unsigned int d = 0; d < s->st->devices_count; d++) {
		if (pci_parse(s->st->devices[d].pci, &here) < 0 || here != pci)
			continue;
		return gate_probe_here(s->st->devices[d].uplink.ifindex, &p) == 0 && p.open &&
		       p.guarded != IPSO_GATE_HOLD;
	}
	return false;
}

/* What was refused before its flows were made anew the last time, by whomever, is no more to be done. */
static void forget(struct again *a, uint64_t renewed_ns)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < a->count; i++) {
		if (a->list[i].ktime >= renewed_ns)
			a->list[kept++] = a->list[i];
	}
	a->count = kept;
}

static bool any_open(const struct again *a, const struct service *s)
{
	for (unsigned int i = 0; i < a->count; i++) {
		if (is_open(s, a->list[i].pci))
			return true;
	}
	return false;
}

void again_tend(struct again *a, const struct service *s)
{
	uint64_t now = monotonic_ns();
	struct why why = {};
	int err;

	if (!a->count || now < a->rest_ns || (s->window && s->window->open))
		return;
	forget(a, apply_flows_renewed());
	if (!any_open(a, s))
		return;
	service_patience(true);
	err = apply_offload_again(a->fn, a->arg, &why);
	service_patience(false);
	if (err == -EALREADY)
		return; /* another ipso is at work: after it */
	if (!err) {
		forget(a, now);
		return;
	}
	a->rest_ns = monotonic_ns() + REST_NS;
	log_err(err, "flows of Open vSwitch that the gate refused stay in software: %s: %s", why.what,
		why.kernel);
}
