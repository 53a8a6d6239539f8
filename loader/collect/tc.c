/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TC rules at the ports of watched eswitches and at VXLAN devices: how many are in hardware, how
 * many stayed in software. The kernel tells that rule by rule, so that it is asked for those who
 * want to know, and rests for a while that grows with how long the answer took.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "collect/internal.h"
#include "nl/link.h"
#include "nl/tc.h"

#define REST 20 /* times as long as a reading took: a twentieth of the service's time */

struct count {
	struct tc_rules *rules;
	const struct snapshot *s;
	struct nl *nl;
	struct tc_row *row;
};

static int count_filter(const struct tc_filter *f, void *arg)
{
	struct tc_row *row = arg;

	if (f->in_hw)
		row->hardware++;
	else if (!f->skip_hw)
		row->software++;
	return 0;
}

static bool is_watched(const struct link_info *l, const struct snapshot *s)
{
	char pci[PCI_STRLEN];

	for (unsigned int i = 0; i < s->eswitches_count; i++) {
		if (strcmp(l->parent, pci_str(s->eswitches[i].probe.pci, pci)) == 0)
			return true;
	}
	return l->vxlan && s->eswitches_count;
}

static int take_port(const struct link_info *l, void *arg)
{
	const struct count *c = arg;
	struct tc_row *rows;

	if (!is_watched(l, c->s))
		return 0;
	rows = reallocarray(c->rules->rows, c->rules->count + 1, sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	c->rules->rows = rows;
	rows[c->rules->count] = (struct tc_row){.ifindex = l->ifindex};
	memcpy(rows[c->rules->count++].ifname, l->name, sizeof(l->name));
	return 0;
}

/* The rules of a shared block are those of each of its devices. */
static int take_qdisc(uint32_t ifindex, uint32_t block, void *arg)
{
	const struct count *c = arg;

	for (unsigned int i = 0; i < c->rules->count; i++) {
		if (c->rules->rows[i].ifindex == ifindex) {
			c->rules->rows[i].ingress = true;
			c->rules->rows[i].block = block;
		}
	}
	return 0;
}

static int read_rules(struct tc_rules *r, const struct snapshot *s)
{
	_nl_ struct nl *nl = NULL;
	struct count c = {.rules = r, .s = s};
	int err = nl_open(NETLINK_ROUTE, NULL, &nl, NULL);

	r->count = 0;
	if (!err)
		err = link_dump(nl, take_port, &c, NULL);
	if (!err)
		err = tc_qdisc_dump(nl, take_qdisc, &c, NULL);
	for (unsigned int i = 0; !err && i < r->count; i++) {
		struct tc_row *row = &r->rows[i];

		if (row->block)
			err = tc_block_dump(nl, row->block, count_filter, row, NULL);
		else if (row->ingress)
			err = tc_filter_dump(nl, row->ifindex, count_filter, row, NULL);
		if (err == -ENODEV) /* gone meanwhile */
			err = 0;
	}
	return err;
}

int collect_rules(struct collect *c, struct snapshot *s)
{
	uint64_t began = monotonic_ns();

	if (began >= c->tc.rest_ns) {
		/* what cannot be read is not shown: a kernel without classifiers has no rules */
		if (read_rules(&c->tc, s) < 0)
			c->tc.count = 0;
		c->tc.rest_ns = monotonic_ns() + REST * (monotonic_ns() - began);
	}
	s->tc = c->tc.rows;
	s->tc_count = c->tc.count;
	return 0;
}
