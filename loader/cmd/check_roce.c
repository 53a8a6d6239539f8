/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RDMA over Ethernet, in `ipso check`: does it go through the IPsec tables of its port? */
#include <stdio.h>

#include "cmd/check.h"

void check_roce_of(const char *label, const char *pci, unsigned int roce, struct findings *f)
{
	switch (roce) {
	case IPSO_ROCE_OFF:
		found(f, CHECK_OK, "CK-45", label, "off: nothing goes past the policies that way");
		break;
	case IPSO_ROCE_COVERED:
		found(f, CHECK_OK, "CK-45", label,
		      "on, and goes through the IPsec tables: tunnels in packet offload cover it");
		break;
	case IPSO_ROCE_PASSES:
		found(f, CHECK_WARN, "CK-45", label,
		      "on, and goes past the IPsec tables: RDMA leaves in the clear, between the ends "
		      "of tunnels too");
		remedy(f, "a kernel and firmware that encrypt it, or RoCE off: devlink dev param set "
			  "pci/%s name enable_roce value false cmode driverinit; devlink dev reload "
			  "pci/%s", pci, pci);
		break;
	default:
		found(f, CHECK_WARN, "CK-45", label, "cannot be read in this kernel's driver");
		remedy(f, "run ipso check as root; else look for RDMA devices: rdma link, and send "
			  "nothing by them that must not be read");
	}
}

static void check_port(const struct obs_device *d, const char *port, const char *pci,
		       const struct obs_link *link, struct findings *f)
{
	struct ipso_gate_probe probe;
	char what[40];

	if (gate_probe_here(link->ifindex, &probe) < 0)
		probe.roce = IPSO_ROCE_UNKNOWN;
	check_roce_of(device_label(d, port, what), pci, probe.roce, f);
}

void check_roce(const struct ipso_state *st, unsigned int d, struct findings *f)
{
	const struct obs_device *dev = &st->devices[d];
	char port[24], what[40];

	if (!dev->uplink.ifindex)
		return;
	check_port(dev, "RoCE", dev->pci, &dev->uplink, f);
	for (uint32_t i = 0; i < dev->vfs_count; i++) {
		const struct obs_vf *vf = &dev->vfs[i];

		if (!vf->ipsec_packet || !vf->link.ifindex)
			continue;
		snprintf(port, sizeof(port), "RoCE, VF %u", vf->index);
		if (!vf->netns[0])
			check_port(dev, port, vf->pci, &vf->link, f);
		else
			found(f, CHECK_OK, "CK-45", device_label(dev, port, what),
			      "in namespace %s: ipso check there tells", vf->netns);
	}
}
