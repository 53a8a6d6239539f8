/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a device is to be against what it is: modes that somebody changed, and IPsec tables that went
 * while TC rules were in hardware. Looked at with every refresh; who did it was heard before.
 */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/num.h"
#include "collect/internal.h"
#include "nl/netns.h"

#define SYSFS_VFS "/sys/bus/pci/devices/%s/sriov_numvfs"

int collect_want(struct collect *c, const struct mode_want *want)
{
	struct drift *more = reallocarray(c->drifts, c->drifts_count + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	c->drifts = more;
	more[c->drifts_count++] = (struct drift){.want = *want};
	return 0;
}

static struct drift *drift_of(struct collect *c, uint32_t pci)
{
	for (unsigned int i = 0; i < c->drifts_count; i++) {
		if (c->drifts[i].want.pci == pci)
			return &c->drifts[i];
	}
	return NULL;
}

void drift_asked(struct collect *c, const struct ipso_event_mode *e)
{
	struct drift *d = drift_of(c, e->pci);

	if (!d || e->hdr.result || e->item >= IPSO_MODE_MAX)
		return;
	d->by[e->item] = (struct asker){e->hdr, e->author};
	if (e->item == IPSO_MODE_RELOAD) /* which makes everything anew */
		for (unsigned int i = 0; i < IPSO_MODE_MAX; i++)
			d->by[i] = d->by[IPSO_MODE_RELOAD];
}

void drift_left(struct collect *c, const struct ipso_event_hdr *ev, const char *ifname)
{
	for (unsigned int i = 0; i < c->drifts_count; i++) {
		if (strcmp(c->drifts[i].ifname, ifname) == 0)
			c->drifts[i].left = *ev;
	}
}

/* A record as if the kernel had sent it: in the name of who did it. */
static struct ipso_event_hdr header(const struct collect *c, const struct ipso_event_hdr *by,
				    uint32_t kind, uint32_t len)
{
	struct ipso_event_hdr h = *by;

	h.version = IPSO_EVENT_VERSION;
	h.kind = (uint16_t)kind;
	h.len = len;
	h.result = 0;
	h.ktime = c->refreshed_ns;
	return h;
}

static void tell_drift(struct collect *c, struct drift *d, uint32_t item, uint32_t found)
{
	struct ipso_event_drift e = {
		.hdr = header(c, &d->by[item].hdr, IPSO_EV_DRIFT, sizeof(e)),
		.pci = d->want.pci,
		.item = item,
		.found = found,
		.wanted = (uint32_t)d->want.wanted[item],
		.author = d->by[item].author,
	};

	memcpy(e.ifname, d->ifname, sizeof(e.ifname));
	collect_record(c, &e, sizeof(e));
}

/* What ipso itself sets up passes through other modes: told is what two refreshes have seen. */
static void compare(struct collect *c, struct drift *d, uint32_t item, uint32_t found)
{
	uint32_t bit = 1u << item;
	bool differs = d->want.wanted[item] >= 0 && (uint32_t)d->want.wanted[item] != found;

	if (!differs) {
		d->seen &= ~bit;
		d->told &= ~bit;
		return;
	}
	if (d->seen & bit && !(d->told & bit)) {
		d->told |= bit;
		tell_drift(c, d, item, found);
	}
	d->seen |= bit;
}

static void compare_vfs(struct collect *c, struct drift *d)
{
	char pci[PCI_STRLEN], path[80], line[16];
	uint32_t n;

	snprintf(path, sizeof(path), SYSFS_VFS, pci_str(d->want.pci, pci));
	if (file_read_line(path, line, sizeof(line)) < 0 || num_u32(line, 0, UINT32_MAX, &n) < 0)
		return;
	/* more than are wanted disturb nobody */
	compare(c, d, IPSO_MODE_VFS,
		(int32_t)n > d->want.wanted[IPSO_MODE_VFS] && d->want.wanted[IPSO_MODE_VFS] >= 0
			? (uint32_t)d->want.wanted[IPSO_MODE_VFS]
			: n);
}

static void tables_gone(struct collect *c, struct drift *d, uint8_t dir,
			const struct ipso_driver_state *now)
{
	struct ipso_event_tables e = {
		.hdr = header(c, &d->left, IPSO_EV_TABLES, sizeof(e)),
		.pci = d->want.pci,
		.dir = dir,
		.drv = *now,
	};
	_free_ struct tc_rule_note *rules = NULL;
	unsigned int n = 0;

	if (notes_on(&c->notes, d->ifname, &rules, &n) < 0 || (!n && !now->num_block_ipsec))
		return;
	memcpy(e.ifname, d->ifname, sizeof(e.ifname));
	collect_record(c, &e, sizeof(e));
}

static void compare_tables(struct collect *c, struct drift *d, const struct ipso_driver_state *now)
{
	if (!(now->known & IPSO_DRV_TABLES))
		return;
	if (d->rx_tables && !now->rx_tables)
		tables_gone(c, d, IPSO_DIR_IN, now);
	if (d->tx_tables && !now->tx_tables)
		tables_gone(c, d, IPSO_DIR_OUT, now);
	d->rx_tables = now->rx_tables;
	d->tx_tables = now->tx_tables;
}

static bool probe_device(const struct collect *c, struct drift *d, struct ipso_gate_probe *p)
{
	uint32_t netns;

	if (netns_inode(NULL, &netns) < 0)
		return false;
	for (unsigned int i = 0; i < c->watch_count; i++) {
		if (gate_probe(netns, c->watch[i], p, NULL) == 0 && p->pci == d->want.pci &&
		    if_indextoname(c->watch[i], d->ifname))
			return true;
	}
	return false;
}

void drift_look(struct collect *c, struct drift *d, const struct ipso_driver_state *now)
{
	if (now->known & IPSO_DRV_ESWITCH) {
		compare(c, d, IPSO_MODE_ESWITCH, now->eswitch_mode);
		compare(c, d, IPSO_MODE_IPSEC_PACKET, now->vf_ipsec);
	}
	if (now->known & IPSO_DRV_STEERING)
		compare(c, d, IPSO_MODE_STEERING, now->steering_mode);
	compare_tables(c, d, now);
}

int collect_drift(struct collect *c)
{
	int missing = 0;

	for (unsigned int i = 0; i < c->drifts_count; i++) {
		struct drift *d = &c->drifts[i];
		struct ipso_gate_probe p = {};

		compare_vfs(c, d);
		if (!c->hooks || !probe_device(c, d, &p)) {
			missing++;
			continue;
		}
		drift_look(c, d, &p.drv);
	}
	return missing;
}

bool collect_drifted(const struct collect *c)
{
	for (unsigned int i = 0; i < c->drifts_count; i++) {
		if (c->drifts[i].told)
			return true;
	}
	return false;
}

uint32_t drift_told(const struct collect *c, uint32_t pci)
{
	for (unsigned int i = 0; i < c->drifts_count; i++) {
		if (c->drifts[i].want.pci == pci)
			return c->drifts[i].told;
	}
	return 0;
}
