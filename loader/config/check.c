/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules across keys of devices and their VFs; nothing of the host is looked at. */
#include "config/check.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

static bool has_pf_tunnel(const struct ipso_config *cfg, unsigned int device)
{
	for (unsigned int i = 0; i < cfg->tunnels_count; i++) {
		if (cfg->tunnels[i].device == device && !cfg->tunnels[i].on_vf)
			return true;
	}
	return false;
}

static int check_addresses(const struct cfg_places *p, const struct addr *list, unsigned int n)
{
	char text[ADDR_STRLEN];

	for (unsigned int i = 0; i < n; i++) {
		for (unsigned int j = 0; j < i; j++) {
			if (addr_equal(&list[i], &list[j], false))
				return place_error(p, place_of(p, &list[i]),
						   "addresses: found %s twice; allowed: once",
						   addr_str(&list[i], false, text));
		}
	}
	return 0;
}

static int check_vf(const struct cfg_places *p, const struct cfg_device *d,
		    const struct cfg_vf *vf, bool pf_tunnel)
{
	static const uint8_t zero[6];

	for (const struct cfg_vf *other = d->vfs; other < vf; other++) {
		if (other->index == vf->index)
			return place_error_of(p, &vf->index, vf->at,
					      "index: VF %u is already on line %u; allowed: once",
					      vf->index, other->at.line);
	}
	if (vf->has_mac && (vf->mac[0] & 1 || memcmp(vf->mac, zero, sizeof(zero)) == 0))
		return place_error_of(p, vf->mac, vf->at,
				      "mac: found a multicast or zero address; allowed: a unicast "
				      "MAC address");
	if (vf->ipsec_packet && d->mode != CFG_MODE_SWITCHDEV)
		return place_error_of(p, &vf->ipsec_packet, vf->at,
				      "ipsec-packet: found true with mode legacy; allowed: true "
				      "only with mode switchdev, where VFs have devlink ports");
	if (vf->has_roce && d->mode != CFG_MODE_SWITCHDEV)
		return place_error_of(p, &vf->roce, vf->at,
				      "roce: found with mode legacy; allowed: with mode switchdev, "
				      "where VFs have devlink ports");
	if (vf->ipsec_packet && pf_tunnel)
		return place_error_of(p, &vf->ipsec_packet, vf->at,
				      "ipsec-packet: found true while a tunnel ends on the uplink "
				      "of this device; allowed: one of the two, the driver "
				      "excludes them");
	return check_addresses(p, vf->addresses, vf->addresses_count);
}

static int check_device(const struct ipso_config *cfg, const struct cfg_places *p,
			unsigned int index)
{
	const struct cfg_device *d = &cfg->devices[index];
	bool pf_tunnel = has_pf_tunnel(cfg, index);
	int err;

	if (!d->pf == !d->pci)
		return place_error(p, d->at, "device: found %s; allowed: exactly one of pf and pci",
				   d->pf ? "both pf and pci" : "neither pf nor pci");
	for (unsigned int i = 0; i < index; i++) {
		if (strcasecmp(config_device_name(cfg, i), config_device_name(cfg, index)) == 0)
			return place_error(p, d->at,
					   "device: %s is already on line %u; allowed: once",
					   config_device_name(cfg, index), cfg->devices[i].at.line);
	}
	if (pf_tunnel && d->mode == CFG_MODE_SWITCHDEV && d->steering != CFG_STEERING_DMFS)
		return place_error_of(p, &d->steering, d->at,
				      "steering: found smfs with mode switchdev and a tunnel on "
				      "the uplink; allowed: dmfs, else the driver has no packet "
				      "offload");
	for (unsigned int i = 0; i < d->vfs_count; i++) {
		err = check_vf(p, d, &d->vfs[i], pf_tunnel);
		if (err < 0)
			return err;
	}
	err = config_check_blocks(cfg, p, index);
	return err ? err : check_addresses(p, d->addresses, d->addresses_count);
}

int config_check(struct ipso_config *cfg, const struct cfg_places *p)
{
	int err;

	for (unsigned int i = 0; i < cfg->devices_count; i++) {
		err = check_device(cfg, p, i);
		if (err < 0)
			return err;
	}
	err = config_check_tunnels(cfg, p);
	if (!err)
		err = config_check_access(cfg, p);
	if (err < 0)
		return err;
	for (unsigned int i = 0; i < cfg->tc_count; i++) {
		err = config_check_tc(cfg, p, i);
		if (err < 0)
			return err;
	}
	return config_check_ovs(cfg, p);
}
