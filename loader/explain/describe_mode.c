/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of modes, links and tables as words. */
#include <stdio.h>

#include "base/addr.h"
#include "base/mem.h"
#include "explain/internal.h"

static const char *const items[] = {
#define IPSO_MODE(id, label, help) label,
#include "ipso/names.def"
};

const char *mode_item_label(unsigned int item)
{
	return item < ARRAY_SIZE(items) ? items[item] : "unknown";
}

const char *mode_value(unsigned int item, uint32_t number, char buf[MODE_VALUE])
{
	static const char *const modes[] = {"legacy", "switchdev"};
	static const char *const steerings[] = {"dmfs", "smfs", "hmfs"};

	if (item == IPSO_MODE_ESWITCH && number < ARRAY_SIZE(modes))
		return modes[number];
	if (item == IPSO_MODE_STEERING && number < ARRAY_SIZE(steerings))
		return steerings[number];
	snprintf(buf, MODE_VALUE, "%u", number);
	return buf;
}

const char *mode_asked(const struct ipso_event_mode *e, char buf[MODE_VALUE])
{
	switch (e->item) {
	case IPSO_MODE_STEERING:
		snprintf(buf, MODE_VALUE, "%.*s", (int)sizeof(e->value), e->value);
		return buf;
	case IPSO_MODE_IPSEC_PACKET:
		return e->number ? "enable" : "disable";
	case IPSO_MODE_PARAMETER:
	case IPSO_MODE_RELOAD:
		return "";
	default:
		return mode_value(e->item, e->number, buf);
	}
}

static void what_asked(const struct ipso_event_mode *e, char *buf, size_t size)
{
	char value[MODE_VALUE], pci[PCI_STRLEN];

	pci_str(e->pci, pci);
	if (e->item == IPSO_MODE_RELOAD)
		snprintf(buf, size, "reload of %s", pci);
	else if (e->item == IPSO_MODE_PARAMETER)
		snprintf(buf, size, "parameter %.*s of %s", (int)sizeof(e->name), e->name, pci);
	else
		snprintf(buf, size, "%s of %s to %s", mode_item_label(e->item), pci,
			 mode_asked(e, value));
}

static void what_drift(const struct ipso_event_drift *e, char *buf, size_t size)
{
	char found[MODE_VALUE], wanted[MODE_VALUE], pci[PCI_STRLEN];

	snprintf(buf, size, "%s of %s (%.*s) is %s, configured is %s", mode_item_label(e->item),
		 pci_str(e->pci, pci), IPSO_IFNAM, e->ifname,
		 mode_value(e->item, e->found, found), mode_value(e->item, e->wanted, wanted));
}

void what_device(const struct ipso_event_hdr *ev, char *buf, size_t size)
{
	const struct ipso_event_link *l = (const struct ipso_event_link *)ev;
	const struct ipso_event_tables *t = (const struct ipso_event_tables *)ev;

	if (ev->kind == IPSO_EV_MODE)
		what_asked((const struct ipso_event_mode *)ev, buf, size);
	else if (ev->kind == IPSO_EV_DRIFT)
		what_drift((const struct ipso_event_drift *)ev, buf, size);
	else if (ev->kind == IPSO_EV_LINK)
		snprintf(buf, size, "link %.*s down or away: %u SAs and the policies offloaded to it are gone",
			 IPSO_IFNAM, l->ifname, l->sas);
	else
		snprintf(buf, size, "IPsec tables %s of %.*s are gone, TC rules are in hardware",
			 t->dir == IPSO_DIR_IN ? "in" : "out", IPSO_IFNAM, t->ifname);
}
