/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TC rules that the driver took while we watched, and who asked for them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "collect/internal.h"

/* The PCI function behind a net device of our namespace, "" when it cannot be told. */
static void pci_behind(const char *ifname, char pci[PCI_STRLEN])
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/class/net/%s/device", ifname);
	file_link_name(path, pci, PCI_STRLEN);
}

void notes_add(struct notes *n, const struct ipso_event_tc *e)
{
	struct note_row *rows, *row;

	if (n->count >= NOTES_MAX)
		return;
	rows = reallocarray(n->rows, n->count + 1, sizeof(*rows));
	if (!rows)
		return;
	n->rows = rows;
	row = &rows[n->count++];
	memset(row, 0, sizeof(*row));
	row->cookie = e->cookie;
	row->ifindex = e->ifindex;
	snprintf(row->note.ifname, sizeof(row->note.ifname), "%s", e->ifname);
	snprintf(row->note.comm, sizeof(row->note.comm), "%s", e->hdr.comm);
	row->note.pid = e->hdr.pid;
	row->note.prio = e->prio;
	row->note.chain = e->chain;
	row->note.protocol = e->protocol;
	pci_behind(row->note.ifname, row->pci);
}

void notes_remove(struct notes *n, const struct ipso_event_tc *e)
{
	unsigned int i;

	for (i = 0; i < n->count; i++)
		if (n->rows[i].cookie == e->cookie && n->rows[i].ifindex == (uint32_t)e->ifindex) {
			n->rows[i] = n->rows[--n->count];
			return;
		}
}

int notes_on(const struct notes *n, const char *ifname, struct tc_rule_note **ret_rules,
	     unsigned int *ret_count)
{
	_free_ struct tc_rule_note *rules = calloc(n->count + 1, sizeof(*rules));
	char pci[PCI_STRLEN];
	unsigned int i, count = 0;

	if (!rules)
		return -ENOMEM;
	pci_behind(ifname, pci);
	for (i = 0; i < n->count; i++)
		if (!pci[0] || !n->rows[i].pci[0] || strcmp(pci, n->rows[i].pci) == 0)
			rules[count++] = n->rows[i].note;
	*ret_rules = TAKE_PTR(rules);
	*ret_count = count;
	return 0;
}
