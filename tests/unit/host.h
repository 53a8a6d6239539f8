/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A host in memory for tests of the plan: one card "pf0" at 0000:01:00.0, 8 possible VFs. */
#ifndef IPSO_TEST_HOST_H
#define IPSO_TEST_HOST_H

#include <errno.h>
#include <linux/devlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "plan/plan.h"

#define HOST_VFS 8
#define HOST_ROOM 64
#define PF_INDEX 5
#define REP_INDEX(vf) (20 + (vf))

static inline struct ipso_config *config_of(const char *text)
{
	struct ipso_config *cfg = NULL;
	struct why why = {};

	if (config_parse("f.yaml", text, strlen(text), &cfg, &why) < 0)
		fail_msg("%s", why.what);
	return cfg;
}

static inline struct ipso_state *host_new(void)
{
	struct ipso_state *st = calloc(1, sizeof(*st));
	struct obs_device *d;

	assert_non_null(st);
	st->kernel = (struct obs_kernel){.btf = true, .xfrm_offload = true,
					 .xfrm_packet = true, .esp_offload = true,
					 .mlx5 = true, .mlx5_ipsec = true, .mlx5_tc = true,
					 .mlx5_ipsec_fdb = true, .ipsec_fdb_tunnel = true,
					 .ipsec_subnets = true,
					 .known_mlx5_ipsec = true, .release = "test"};
	st->sa_dir = true;
	st->devices = calloc(1, sizeof(*st->devices));
	st->devices_count = 1;
	st->sas = calloc(HOST_ROOM, sizeof(*st->sas));
	st->policies = calloc(HOST_ROOM, sizeof(*st->policies));
	st->filters = calloc(HOST_ROOM, sizeof(*st->filters));
	st->ingress = calloc(HOST_ROOM, sizeof(*st->ingress));
	st->netns = calloc(HOST_ROOM, sizeof(*st->netns));
	st->vxlans = calloc(HOST_ROOM, sizeof(*st->vxlans));
	d = st->devices;
	strcpy(d->pci, "0000:01:00.0");
	strcpy(d->steering, "dmfs");
	strcpy(d->eswitch_mode, "legacy");
	strcpy(d->encap_mode, "basic");
	strcpy(d->uplink.name, "pf0");
	d->uplink.ifindex = PF_INDEX;
	d->uplink.mtu = 1500;
	d->uplink.esp_hw_offload = d->uplink.tc_offload = true;
	d->uplink.addresses = calloc(HOST_ROOM, sizeof(*d->uplink.addresses));
	d->vfs_total = HOST_VFS;
	d->vfs = calloc(HOST_VFS, sizeof(*d->vfs));
	return st;
}

static inline void host_vf_netdev(struct obs_vf *vf, unsigned int i, bool is)
{
	static uint32_t next = 100;

	free(vf->link.addresses);
	memset(&vf->link, 0, sizeof(vf->link));
	vf->netns[0] = '\0';
	vf->bound = is;
	if (!is)
		return;
	snprintf(vf->link.name, sizeof(vf->link.name), "vf%u", i);
	vf->link.ifindex = next++;
	vf->link.mtu = 1500;
	vf->link.esp_hw_offload = vf->ipsec_packet;
	vf->link.addresses = calloc(HOST_ROOM, sizeof(*vf->link.addresses));
}

static inline void host_free(struct ipso_state **st)
{
	for (unsigned int i = 0; i < HOST_VFS; i++)
		host_vf_netdev(&(*st)->devices->vfs[i], i, false);
	for (unsigned int i = (*st)->devices->vfs_count; i < HOST_VFS; i++)
		free((*st)->devices->vfs[i].rep.addresses);
	observe_free(st);
}

/* Any offloaded SA or policy on the card: its IPsec tables exist. */
static inline bool host_has_ipsec(const struct ipso_state *st, uint32_t ifindex)
{
	for (unsigned int i = 0; i < st->sas_count; i++) {
		if (st->sas[i].ifindex == ifindex)
			return true;
	}
	for (unsigned int i = 0; i < st->policies_count; i++) {
		if (st->policies[i].packet_offload && st->policies[i].ifindex == ifindex)
			return true;
	}
	return false;
}

static inline bool host_has_rules(const struct ipso_state *st)
{
	return st->filters_count > 0;
}

static inline int host_mode(struct ipso_state *st, bool switchdev)
{
	struct obs_device *d = st->devices;

	if (host_has_ipsec(st, PF_INDEX) || host_has_rules(st))
		return -EBUSY;
	d->switchdev = switchdev;
	strcpy(d->eswitch_mode, switchdev ? "switchdev" : "legacy");
	d->uplink.up = false; /* worse than the driver: everything of the uplink is lost */
	d->uplink.mtu = 1500;
	d->uplink.addresses_count = 0;
	st->ingress_count = 0;
	for (unsigned int i = 0; i < d->vfs_count; i++) {
		struct obs_vf *vf = &d->vfs[i];

		if (vf->bound)
			return -EBUSY;
		memset(&vf->rep, 0, sizeof(vf->rep));
		vf->has_port = vf->has_mac = vf->ipsec_packet_known = vf->roce_known = switchdev;
		if (!switchdev)
			continue;
		vf->port_index = 65537 + i;
		vf->rep.ifindex = REP_INDEX(i);
		vf->rep.mtu = 1500;
		vf->rep.tc_offload = true;
		snprintf(vf->rep.name, sizeof(vf->rep.name), "rep%u", i);
	}
	return 0;
}

static inline int host_sriov(struct ipso_state *st, uint32_t n)
{
	struct obs_device *d = st->devices;

	if (d->vfs_count || n > d->vfs_total)
		return -EBUSY;
	for (unsigned int i = 0; i < n; i++) {
		d->vfs[i].index = i;
		snprintf(d->vfs[i].pci, sizeof(d->vfs[i].pci), "0000:01:00.%u", (i + 1) & 0xff);
		host_vf_netdev(&d->vfs[i], i, true);
	}
	d->vfs_count = n;
	return 0;
}

#endif
