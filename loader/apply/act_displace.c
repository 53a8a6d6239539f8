/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A TC rule taken out of the way of IPsec, and put back: as it was, under its own handle, and in
 * hardware again.
 */
#include <errno.h>
#include <net/if.h>

#include "apply/priv.h"
#include "base/mem.h"

#define BACK_TRIES 50 /* the driver counts its SAs and policies off from a work queue */
#define BACK_WAIT_MS 200

int act_displace(const struct work *w, bool *ret_changed)
{
	_nl_ struct nl *nl = NULL;
	int err = nl_open(NETLINK_ROUTE, NULL, &nl, w->why);

	if (!err)
		err = tc_filter_delete(nl, &w->s->saved->rule, w->why);
	*ret_changed = !err;
	return err;
}

struct seen {
	const struct tc_filter *want;
	bool found, same, in_hw;
};

static int see(const struct tc_filter *f, void *arg)
{
	const struct tc_filter *want;
	struct seen *s = arg;

	want = s->want;
	if (f->pref != want->pref || f->protocol != want->protocol || f->chain != want->chain ||
	    f->handle != want->handle)
		return 0;
	s->found = true;
	s->in_hw = f->in_hw;
	s->same = f->plain && tc_rule_equal(&f->rule, &want->rule);
	return 0;
}

/* The gate refuses it when what it guards for is gone; it came before the gate, or by its leave. */
static int past_gate(struct nl *nl, const struct undo *u, struct why *why)
{
	struct gate_status now;
	uint32_t pci, mode = IPSO_GATE_OFF;
	unsigned int at = 0;
	int err;

	if (pci_parse(u->pci, &pci) < 0 || gate_status(&now, NULL) < 0 || !now.installed)
		return -EBUSY;
	while (at < now.rules_count && now.rules[at].pci != pci)
		at++;
	if (at < now.rules_count)
		mode = now.rules[at].mode;
	if (mode < IPSO_GATE_ENFORCE)
		return -EBUSY;
	now.rules[at].mode = IPSO_GATE_OFF;
	err = gate_install(now.rules, now.rules_count, why);
	if (err < 0)
		return err;
	err = tc_filter_add(nl, &u->rule, why);
	now.rules[at].mode = mode;
	return gate_install(now.rules, now.rules_count, err ? NULL : why) < 0 && !err ? -EIO : err;
}

static int put_back(struct nl *nl, const struct undo *u, struct why *why)
{
	int err = -EBUSY;

	for (unsigned int i = 0; i < BACK_TRIES && err == -EBUSY; i++) {
		if (i)
			sleep_ms(BACK_WAIT_MS);
		err = tc_filter_add(nl, &u->rule, why);
		if (err == -EBUSY)
			err = past_gate(nl, u, why);
	}
	return err;
}

int undo_displace(const struct undo *u, struct why *why)
{
	struct seen s = {.want = &u->rule};
	_nl_ struct nl *nl = NULL;
	char name[IF_NAMESIZE];
	int err;

	if (!if_indextoname(u->rule.ifindex, name))
		return 0; /* it went with its net device */
	err = nl_open(NETLINK_ROUTE, NULL, &nl, why);
	if (!err)
		err = tc_filter_dump(nl, u->rule.ifindex, see, &s, why);
	if (!err && !s.found) {
		err = put_back(nl, u, why);
		if (!err)
			err = tc_filter_dump(nl, u->rule.ifindex, see, &s, why);
	}
	if (err < 0 || (s.found && s.same && s.in_hw))
		return err;
	why_remedy(why, "dmesg for the driver's reason; tc filter show dev %s ingress", name);
	return why_set(why, -EOPNOTSUPP, "put TC rule pref %u of %s back: the kernel shows %s",
		       u->rule.pref, name,
		       !s.found ? "nothing of it"
		       : !s.same ? "another rule in its place"
				 : "it outside the hardware (not_in_hw)");
}
