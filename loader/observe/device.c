/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One eswitch: the PF in sysfs and devlink, its uplink, VFs and representors. Names of net devices
 * are never guessed: representors come from devlink ports, uplinks and VFs from their PCI parent.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/num.h"
#include "nl/compat.h"
#include "observe/priv.h"

#define PCI_DEVICES "/sys/bus/pci/devices"
#define MLX5_DRIVER "mlx5_core"

static void pci_path(char buf[PATH_MAX], const char *pci, const char *attr)
{
	snprintf(buf, PATH_MAX, PCI_DEVICES "/%s/%s", pci, attr);
}

static uint32_t pci_number(const char *pci, const char *attr)
{
	char path[PATH_MAX], text[32];
	uint32_t v = 0;

	pci_path(path, pci, attr);
	if (file_read_line(path, text, sizeof(text)) < 0 || num_u32(text, 0, UINT32_MAX, &v) < 0)
		return 0;
	return v;
}

/* A driver's name, a VF's PCI address; "" when there is no such link. */
static void pci_link(const char *pci, const char *attr, char *buf, size_t size)
{
	char path[PATH_MAX];

	pci_path(path, pci, attr);
	file_link_name(path, buf, size);
}

void device_driver(const char *pci, char *buf, size_t size)
{
	pci_link(pci, "driver", buf, size);
}

static bool is_vf(const char *pci)
{
	char physfn[PCI_STRLEN];

	pci_link(pci, "physfn", physfn, sizeof(physfn));
	return physfn[0];
}

/* "FILE:LINE:COLUMN: " of the device's row, then what is wrong with it. */
static int unknown(const struct ipso_config *cfg, const struct cfg_device *d, const char *found,
		   struct why *why)
{
	why_set(why, -ENODEV, "%s:%u:%u: %s", cfg->path ? cfg->path : "configuration", d->at.line,
		d->at.column, found);
	why_remedy(why, "give the uplink of a ConnectX or BlueField physical function, by name "
			"(pf) or PCI address (pci); `ipso check` lists those of this host");
	return -ENODEV;
}

int device_resolve(const struct ipso_config *cfg, const struct cfg_device *d, const struct view *v,
		   char ret_pci[PCI_STRLEN], struct why *why)
{
	char driver[32], found[128], pci[PCI_STRLEN] = "";
	const struct link_info *l = NULL;

	if (d->pf) {
		l = view_by_name(&v->nets[0], d->pf);
		if (l)
			memcpy(pci, l->parent, sizeof(pci));
	} else if (strlen(d->pci) < PCI_STRLEN) {
		strcpy(pci, d->pci);
	}
	if (d->pf && !l)
		snprintf(found, sizeof(found), "there is no net device %s", d->pf);
	else if (d->pf && !pci[0])
		snprintf(found, sizeof(found), "net device %s is not on the PCI bus", d->pf);
	else if (device_driver(pci, driver, sizeof(driver)), strcmp(driver, MLX5_DRIVER) != 0)
		snprintf(found, sizeof(found), "PCI device %s %s%s", pci,
			 driver[0] ? "is driven by " : "is not here, or has no driver", driver);
	else if (is_vf(pci))
		snprintf(found, sizeof(found), "%s is a VF; name its PF", pci);
	else if (l && strstr(l->phys_port, "pf"))
		snprintf(found, sizeof(found), "%s is a representor; name the uplink", d->pf);
	else {
		memcpy(ret_pci, pci, sizeof(pci));
		return 0;
	}
	return unknown(cfg, d, found, why);
}

static void read_eswitch(const struct view *v, struct obs_device *d)
{
	static const char *const inlines[] = {"none", "link", "network", "transport"};
	struct devlink_eswitch e;

	if (!v->devlink)
		return;
	if (devlink_eswitch_get(v->devlink, d->pci, &e, NULL) == 0) {
		d->switchdev = e.mode == DEVLINK_ESWITCH_MODE_SWITCHDEV;
		strcpy(d->eswitch_mode, d->switchdev ? "switchdev" : "legacy");
		strcpy(d->encap_mode, e.encap_mode ? "basic" : "none");
		snprintf(d->inline_mode, sizeof(d->inline_mode), "%s", inlines[e.inline_mode & 3]);
	}
	if (devlink_param_get(v->devlink, d->pci, DEVLINK_PARAM_STEERING, d->steering,
			      sizeof(d->steering), NULL) < 0)
		d->steering[0] = '\0';
}

static int read_vfs(const struct view *v, struct obs_device *d)
{
	d->vfs_total = pci_number(d->pci, "sriov_totalvfs");
	d->vfs_count = pci_number(d->pci, "sriov_numvfs");
	if (!d->vfs_count)
		return 0;
	d->vfs = calloc(d->vfs_count, sizeof(*d->vfs));
	if (!d->vfs)
		return -ENOMEM;
	for (uint32_t i = 0; i < d->vfs_count; i++) {
		struct obs_vf *vf = &d->vfs[i];
		const struct link_info *l;
		const struct netview *n;
		char attr[32], driver[32];
		int err;

		snprintf(attr, sizeof(attr), "virtfn%u", i);
		vf->index = i;
		pci_link(d->pci, attr, vf->pci, sizeof(vf->pci));
		device_driver(vf->pci, driver, sizeof(driver));
		vf->bound = strcmp(driver, MLX5_DRIVER) == 0;
		l = vf->pci[0] ? view_by_pci(v, vf->pci, &n) : NULL;
		if (!l)
			continue;
		memcpy(vf->netns, n->netns, sizeof(vf->netns));
		err = view_fill_link(n, l, &vf->link);
		if (err < 0)
			return err;
	}
	return 0;
}

struct port_walk {
	const struct view *v;
	struct obs_device *d;
};

static int take_vf_port(const struct devlink_port *p, const struct netview *n, struct obs_vf *vf)
{
	const struct link_info *l = view_by_index(n, p->ifindex);

	vf->has_port = true;
	vf->port_index = p->index;
	vf->ipsec_packet_known = p->caps_known & NL_DEVLINK_PORT_FN_CAP_IPSEC_PACKET;
	vf->ipsec_packet = p->caps & NL_DEVLINK_PORT_FN_CAP_IPSEC_PACKET;
	vf->roce_known = p->caps_known & NL_DEVLINK_PORT_FN_CAP_ROCE;
	vf->roce = p->caps & NL_DEVLINK_PORT_FN_CAP_ROCE;
	vf->has_mac = p->has_mac;
	memcpy(vf->port_mac, p->mac, sizeof(vf->port_mac));
	return l ? view_fill_link(n, l, &vf->rep) : 0;
}

static int take_port(const struct devlink_port *p, void *arg)
{
	const struct port_walk *w = arg;

	if (p->flavour == DEVLINK_PORT_FLAVOUR_PCI_VF && p->has_vf && p->vf < w->d->vfs_count)
		return take_vf_port(p, &w->v->nets[0], &w->d->vfs[p->vf]);
	return 0;
}

/*
 * The net device of the PF that is not a representor. Its devlink port belongs to an auxiliary
 * device, so the port name tells: "p0", where representors have "pf0vf1" or "c1pf0sf2"
 * (devlink_port_get_phys_port_name); a driver without port names has one net device only.
 */
static int read_uplink(const struct view *v, struct obs_device *d)
{
	const struct netview *n = &v->nets[0];

	for (unsigned int i = 0; i < n->links_count; i++) {
		const struct link_info *l = &n->links[i];

		if (strcmp(l->parent, d->pci) == 0 && !strstr(l->phys_port, "pf"))
			return view_fill_link(n, l, &d->uplink);
	}
	return 0;
}

/* Legacy mode: the PF itself says which address it gave a VF. */
static void read_legacy_macs(struct obs_device *d)
{
	_nl_ struct nl *nl = NULL;

	if (!d->uplink.ifindex || nl_open(NETLINK_ROUTE, NULL, &nl, NULL) < 0)
		return;
	for (uint32_t i = 0; i < d->vfs_count; i++) {
		if (!d->vfs[i].has_port)
			d->vfs[i].has_mac = link_vf_mac_get(nl, d->uplink.ifindex, i,
							    d->vfs[i].port_mac, NULL) == 0;
	}
}

void device_begin(const char *pci, struct obs_device *ret_d)
{
	*ret_d = (struct obs_device){.pci_device = (uint16_t)pci_number(pci, "device")};
	snprintf(ret_d->pci, sizeof(ret_d->pci), "%s", pci);
	device_driver(pci, ret_d->driver, sizeof(ret_d->driver));
}

int device_read(const char *pci, const struct view *v, struct obs_device *ret_d, struct why *why)
{
	_cleanup_(device_free) struct obs_device d = {};
	struct port_walk w = {v, &d};
	struct ethtool_driver drv;
	int err;

	device_begin(pci, &d);
	read_eswitch(v, &d);
	err = read_vfs(v, &d);
	if (err < 0)
		return why_set(why, err, "read the VFs of %s", pci);
	if (v->devlink)
		err = devlink_ports(v->devlink, pci, take_port, &w, why);
	if (err < 0)
		return err;
	err = read_uplink(v, &d);
	if (err < 0)
		return why_set(why, err, "read the net device of %s", pci);
	if (!d.switchdev)
		read_legacy_macs(&d);
	if (d.uplink.ifindex && ethtool_driver(NULL, d.uplink.name, &drv, NULL) == 0)
		memcpy(d.fw, drv.firmware, sizeof(d.fw));
	*ret_d = d;
	d = (struct obs_device){};
	return 0;
}

/* The old one goes when the new one is there; without a device of that index it is empty. */
static int refill(const struct netview *n, const struct link_info *l, struct obs_link *link)
{
	struct obs_link now = {};
	int err = l ? view_fill_link(n, l, &now) : 0;

	if (err < 0)
		return err;
	free(link->addresses);
	*link = now;
	return 0;
}

int device_read_links(const struct view *v, struct obs_device *d)
{
	const struct netview *home = &v->nets[0];
	int err = refill(home, view_by_index(home, d->uplink.ifindex), &d->uplink);

	for (uint32_t i = 0; !err && i < d->vfs_count; i++) {
		struct obs_vf *vf = &d->vfs[i];
		const struct netview *n = home;
		const struct link_info *l = vf->pci[0] ? view_by_pci(v, vf->pci, &n) : NULL;

		err = refill(n, l, &vf->link);
		snprintf(vf->netns, sizeof(vf->netns), "%s", n->netns);
		if (!err)
			err = refill(home, view_by_index(home, vf->rep.ifindex), &vf->rep);
	}
	return err;
}

void device_free(struct obs_device *d)
{
	for (uint32_t i = 0; d->vfs && i < d->vfs_count; i++) {
		free(d->vfs[i].link.addresses);
		free(d->vfs[i].rep.addresses);
	}
	free(d->vfs);
	free(d->uplink.addresses);
	*d = (struct obs_device){};
}

/* Vendor 0x15b3 (Mellanox), class 02 (network), not a VF. */
static bool is_nic(const char *pci)
{
	return pci_number(pci, "vendor") == 0x15b3 && pci_number(pci, "class") >> 16 == 2 &&
	       !is_vf(pci);
}

static void close_dir(DIR **d)
{
	if (*d)
		closedir(*d);
}

int device_list(char (**ret_pcis)[PCI_STRLEN], unsigned int *ret_n)
{
	_cleanup_(close_dir) DIR *dir = opendir(PCI_DEVICES);
	char(*pcis)[PCI_STRLEN] = NULL;
	const struct dirent *e;
	unsigned int n = 0;

	if (!dir && errno != ENOENT)
		return -errno;
	while (dir && (e = readdir(dir))) {
		uint32_t word;

		if (pci_parse(e->d_name, &word) < 0 || !is_nic(e->d_name))
			continue;
		if (array_grow(&pcis, n, sizeof(*pcis)) < 0) {
			free(pcis);
			return -ENOMEM;
		}
		strcpy(pcis[n++], e->d_name);
	}
	*ret_pcis = pcis;
	*ret_n = n;
	return 0;
}
