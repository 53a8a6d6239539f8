/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The device's half of `ipso check`. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/num.h"
#include "cmd/check.h"
#include "plan/plan.h"

/* PCI ids of drivers/net/ethernet/mellanox/mlx5/core/main.c, and which have no packet offload. */
static const struct {
	uint16_t id;
	const char *name;
	bool no_ipsec;
} cards[] = {
	{0x1013, "ConnectX-4", true},
	{0x1015, "ConnectX-4 Lx", true},
	{0x1017, "ConnectX-5", true},
	{0x1019, "ConnectX-5 Ex", true},
	{0x101b, "ConnectX-6", true},
	{0x101d, "ConnectX-6 Dx", false},
	{0x101f, "ConnectX-6 Lx", false},
	{0x1021, "ConnectX-7", false},
	{0x1023, "ConnectX-8", false},
	{0x1025, "ConnectX-9", false},
	{0xa2d2, "BlueField", true},
	{0xa2d6, "BlueField-2", false},
	{0xa2dc, "BlueField-3", false},
	{0xa2df, "BlueField-4", false},
};

#define FAST_MBPS 100000 /* from here on the document names some cards as slow */

const char *device_label(const struct obs_device *d, const char *what, char buf[40])
{
	const char *name = d->uplink.name[0] ? d->uplink.name : d->pci;

	snprintf(buf, 40, "%.20s %.18s", name, what);
	return buf;
}

/* Link speed in Mb/s as the driver reports it, 0 = unknown or no carrier. */
static unsigned int speed_of(const struct obs_device *d)
{
	char path[64], text[16];
	uint32_t mbps;

	snprintf(path, sizeof(path), "/sys/class/net/%s/speed", d->uplink.name);
	if (!d->uplink.name[0] || file_read_line(path, text, sizeof(text)) < 0 ||
	    num_u32(text, 0, UINT32_MAX, &mbps) < 0)
		return 0;
	return mbps;
}

static void check_notes(const struct obs_device *d, const char *name, struct findings *f)
{
	bool cx6dx = d->pci_device == 0x101d, bf2 = d->pci_device == 0xa2d6;
	unsigned int mbps = speed_of(d);
	char what[40];

	if (cx6dx)
		found(f, CHECK_OK, "CK-23", device_label(d, "control", what),
		      "%s: only with the hypervisor in control, which is where ipso runs", name);
	if (!cx6dx && !bf2)
		return;
	if (mbps >= FAST_MBPS) {
		found(f, CHECK_WARN, "CK-22", device_label(d, "bandwidth", what),
		      "%s at %u Gb/s: IPsec may not reach line rate at 100 Gb/s and above", name,
		      mbps / 1000);
		remedy(f, "measure it; ConnectX-7 or BlueField-3 where the rate matters");
	} else {
		found(f, CHECK_OK, "CK-22", device_label(d, "bandwidth", what),
		      "%s: may not reach line rate with IPsec at 100 Gb/s and above; here %u Gb/s",
		      name, mbps / 1000);
	}
}

void check_no_card(struct findings *f)
{
	found(f, CHECK_FAIL, "CK-20", NULL, "this host has no ConnectX or BlueField card");
	remedy(f, "nothing can be offloaded here; a BlueField's own cores or the host that holds "
		  "the card is the place");
}

void check_card(const struct obs_device *d, struct findings *f)
{
	const char *name = "a card ipso does not know";
	bool no_ipsec = false;
	char what[40];

	for (size_t i = 0; i < ARRAY_SIZE(cards); i++) {
		if (cards[i].id != d->pci_device)
			continue;
		name = cards[i].name;
		no_ipsec = cards[i].no_ipsec;
	}
	found(f, no_ipsec ? CHECK_FAIL : CHECK_OK, "CK-21", device_label(d, "card", what),
	      "%s (15b3:%04x) at %s, firmware %s", name, d->pci_device, d->pci,
	      d->fw[0] ? d->fw : "unknown");
	if (no_ipsec)
		remedy(f, "IPsec packet offload needs a crypto-enabled ConnectX-6 Dx, "
			  "ConnectX-6 Lx, ConnectX-7 or BlueField-2 or newer");
	check_notes(d, name, f);
}

static void check_features(const struct ipso_config *cfg, const struct obs_device *d,
			   unsigned int i, struct findings *f)
{
	bool rules = d->switchdev || (cfg && cfg->devices[i].mode == CFG_MODE_SWITCHDEV);
	char what[40];

	found(f, d->uplink.esp_hw_offload ? CHECK_OK : CHECK_FAIL, "CK-28",
	      device_label(d, "ESP", what), "esp-hw-offload is %s",
	      d->uplink.esp_hw_offload ? "on" : "off");
	if (!d->uplink.esp_hw_offload)
		remedy(f, "the card's crypto, its firmware or the driver (CONFIG_MLX5_EN_IPSEC) "
			  "lacks it: compare the part number, update the firmware");
	if (!rules)
		return;
	found(f, CHECK_OK, "CK-38", device_label(d, "TC offload", what), "hw-tc-offload is %s",
	      d->uplink.tc_offload ? "on" : "off; ipso up switches it on where rules need it");
}

/* Packet offload exists in legacy with any steering, in switchdev with dmfs only. */
static void check_modes(const struct ipso_config *cfg, const struct obs_device *d, unsigned int i,
			struct findings *f)
{
	bool want_switchdev = cfg ? cfg->devices[i].mode == CFG_MODE_SWITCHDEV : d->switchdev;
	bool dmfs = !d->steering[0] || strcmp(d->steering, "dmfs") == 0;
	char what[40];

	found(f, CHECK_OK, "CK-30", device_label(d, "eswitch", what), "mode %s, encap-mode %s",
	      d->eswitch_mode[0] ? d->eswitch_mode : "unknown",
	      d->encap_mode[0] ? d->encap_mode : "unknown");
	if (want_switchdev && strcmp(d->encap_mode, "basic") == 0)
		found(f, CHECK_OK, "CK-32", device_label(d, "encap-mode", what),
		      "basic: VXLAN can be offloaded, tunnel mode on the uplink cannot");
	if (!dmfs && want_switchdev && !cfg) {
		found(f, CHECK_FAIL, "CK-31", device_label(d, "steering", what),
		      "%s in switchdev: packet offload is not supported", d->steering);
		remedy(f, "devlink dev eswitch set pci/%s mode legacy; devlink dev param set "
			  "pci/%s name flow_steering_mode value dmfs cmode runtime; then "
			  "switchdev; `ipso up` with steering: dmfs does this", d->pci, d->pci);
		return;
	}
	found(f, CHECK_OK, "CK-31", device_label(d, "steering", what), "%s%s",
	      d->steering[0] ? d->steering : "no choice",
	      dmfs || !want_switchdev ? "" : "; up will set dmfs before switchdev");
}

unsigned int vfs_with_ipsec(const struct obs_device *d)
{
	unsigned int n = 0;

	for (uint32_t i = 0; i < d->vfs_count; i++)
		n += d->vfs[i].ipsec_packet;
	return n;
}

bool uplink_wanted(const struct ipso_config *cfg, const struct ipso_state *st, unsigned int d)
{
	return cfg ? uplink_has_tunnel(cfg, d) : !vfs_with_ipsec(&st->devices[d]);
}

static void check_vfs(const struct obs_device *d, bool uplink, struct findings *f)
{
	unsigned int ipsec = vfs_with_ipsec(d);
	char what[40];

	found(f, ipsec && uplink ? CHECK_WARN : CHECK_OK, "CK-33", device_label(d, "VFs", what),
	      "%u of %u, %u with ipsec_packet", d->vfs_count, d->vfs_total, ipsec);
	if (ipsec && uplink)
		remedy(f, "while a VF has IPsec the uplink cannot: tunnels go on the VFs, or "
			  "devlink port function set pci/%s/PORT ipsec_packet disable", d->pci);
}

void check_device(const struct ipso_config *cfg, const struct ipso_state *st, unsigned int d,
		  struct findings *f)
{
	const struct obs_device *dev = &st->devices[d];
	char what[40];

	check_card(dev, f);
	if (strcmp(dev->driver, "mlx5_core") != 0) {
		found(f, CHECK_FAIL, "CK-24", device_label(dev, "driver", what), "%s",
		      dev->driver[0] ? dev->driver : "none");
		remedy(f, "echo %s > /sys/bus/pci/drivers/mlx5_core/bind", dev->pci);
		return;
	}
	if (!dev->uplink.ifindex) {
		found(f, CHECK_FAIL, "CK-25", device_label(dev, "uplink", what),
		      "no net device in this namespace");
		remedy(f, "see dmesg for why the driver made none, or run ipso where it is");
		return;
	}
	found(f, CHECK_OK, "CK-26", device_label(dev, "link", what), "%s, carrier %s, MTU %u",
	      dev->uplink.up ? "up" : "down", dev->uplink.carrier ? "on" : "off", dev->uplink.mtu);
	check_features(cfg, dev, d, f);
	check_modes(cfg, dev, d, f);
	check_vfs(dev, uplink_wanted(cfg, st, d), f);
}
