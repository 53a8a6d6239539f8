/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host as it stands: kernel, devices, IPsec, TC rules, gate. Reads only. */
#include "observe/observe.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "nl/netns.h"
#include "observe/priv.h"

/* The first namespace of a view is the caller's, which needs no making. */
static int read_netns(const struct view *v, struct ipso_state *st)
{
	st->netns = calloc(v->nets_count, sizeof(*st->netns));
	if (!st->netns)
		return -ENOMEM;
	for (unsigned int i = 1; i < v->nets_count; i++)
		memcpy(st->netns[st->netns_count++], v->nets[i].netns, sizeof(*st->netns));
	return 0;
}

int vxlans_read(const struct view *v, struct ipso_state *st)
{
	const struct netview *here = &v->nets[0];

	free(st->vxlans);
	st->vxlans = NULL;
	st->vxlans_count = 0;
	for (unsigned int i = 0; i < here->links_count; i++) {
		const struct link_info *l = &here->links[i];
		struct obs_vxlan *o;

		if (!l->vxlan)
			continue;
		if (array_grow(&st->vxlans, st->vxlans_count, sizeof(*st->vxlans)) < 0)
			return -ENOMEM;
		o = &st->vxlans[st->vxlans_count++];
		*o = (struct obs_vxlan){.port = l->vxlan};
		o->link.ifindex = l->ifindex;
		o->link.mtu = l->mtu;
		o->link.up = l->flags & IFF_UP;
		memcpy(o->link.name, l->name, sizeof(o->link.name));
	}
	return 0;
}

/* In packet offload: those of IKE daemons, ipso makes none. */
static bool has_bypass(const struct ipso_state *st)
{
	bool has = false;

	for (unsigned int i = 0; i < st->policies_count; i++)
		has |= st->policies[i].packet_offload && st->policies[i].bypass;
	return has;
}

/* Everything behind the devices, which are in st already. */
static int read_rest(const struct ipso_config *cfg, const struct view *v, struct ipso_state *st,
		     struct why *why)
{
	int err;

	err = read_netns(v, st);
	if (!err)
		err = vxlans_read(v, st);
	if (err < 0)
		return why_set(why, err, "read the network namespaces");
	err = ipsec_read(cfg, v, st, why);
	if (!err)
		err = rules_read(st, why);
	if (!err && has_bypass(st) && (err = daemons_read(&st->daemons)) < 0)
		return why_set(why, err, "read the processes in /proc");
	/* Without the right to look at BPF objects the gate counts as absent, and up installs it. */
	if (!err && gate_status(&st->gate, NULL) < 0)
		memset(&st->gate, 0, sizeof(st->gate));
	return err;
}

static int read_devices(const struct ipso_config *cfg, const struct ipso_state *old,
			const struct view *v, struct ipso_state *st, struct why *why)
{
	st->devices = calloc(cfg->devices_count ? cfg->devices_count : 1, sizeof(*st->devices));
	if (!st->devices)
		return why_set(why, -ENOMEM, "read the devices");
	for (unsigned int d = 0; d < cfg->devices_count; d++) {
		char pci[PCI_STRLEN];
		int err = 0;

		if (old)
			memcpy(pci, old->devices[d].pci, sizeof(pci));
		else
			err = device_resolve(cfg, &cfg->devices[d], v, pci, why);
		if (!err)
			err = device_read(pci, v, &st->devices[d], why);
		if (err < 0)
			return err;
		st->devices_count = d + 1;
	}
	return 0;
}

static bool ovs_matters(const struct ipso_config *cfg, const struct ipso_state *st)
{
	bool matters = cfg->ovs_count;

	for (unsigned int i = 0; i < st->filters_count; i++)
		matters |= st->filters[i].ovs && cfg->on_conflict == CFG_CONFLICT_DISPLACE;
	return matters;
}

static int observe_with(const struct ipso_config *cfg, const struct ipso_state *old,
			struct ipso_state **ret_st, struct why *why)
{
	_cleanup_(observe_free) struct ipso_state *st = calloc(1, sizeof(*st));
	_cleanup_(view_close) struct view v = {};
	int err;

	if (!st)
		return why_set(why, -ENOMEM, "read the host");
	st->now = (uint64_t)time(NULL);
	err = view_open(cfg, &v, why);
	if (err < 0)
		return err;
	if (old)
		st->kernel = old->kernel;
	else if ((err = kernel_read(&st->kernel)) < 0)
		return why_set(why, err, "read the kernel's features");
	err = read_devices(cfg, old, &v, st, why);
	if (!err)
		err = read_rest(cfg, &v, st, why);
	if (err < 0)
		return err;
	/* Not to be there is a finding, for the plan to refuse with. */
	if (!old && ovs_matters(cfg, st) && ovs_read(&st->ovs, &st->ovs_why) == -ENOMEM)
		return why_set(why, -ENOMEM, "read Open vSwitch");
	*ret_st = TAKE_PTR(st);
	return 0;
}

int observe(const struct ipso_config *cfg, struct ipso_state **ret_st, struct why *why)
{
	return observe_with(cfg, NULL, ret_st, why);
}

static int observe_all_again(const struct ipso_config *cfg, struct ipso_state **st,
			     struct why *why)
{
	struct ipso_state *now;
	int err;

	err = observe_with(cfg, *st, &now, why);
	if (err < 0)
		return err;
	now->ovs = (*st)->ovs;
	now->ovs_why = (*st)->ovs_why;
	(*st)->ovs = (struct ovs){};
	observe_free(st);
	*st = now;
	return 0;
}

static int read_devices_again(const struct view *v, struct ipso_state *st, struct why *why)
{
	for (unsigned int d = 0; d < st->devices_count; d++) {
		struct obs_device now;
		int err = device_read(st->devices[d].pci, v, &now, why);

		if (err < 0)
			return err;
		device_free(&st->devices[d]);
		st->devices[d] = now;
	}
	return 0;
}

static int read_links_again(const struct view *v, struct ipso_state *st, struct why *why)
{
	int err = 0;

	free(st->netns);
	st->netns = NULL;
	st->netns_count = 0;
	err = read_netns(v, st);
	if (!err)
		err = vxlans_read(v, st);
	for (unsigned int d = 0; !err && d < st->devices_count; d++)
		err = device_read_links(v, &st->devices[d]);
	return err < 0 ? why_set(why, err, "read the net devices") : 0;
}

static int read_rules_again(struct ipso_state *st, struct why *why)
{
	free(st->filters);
	free(st->ingress);
	st->filters = NULL;
	st->ingress = NULL;
	st->filters_count = st->ingress_count = 0;
	return rules_read(st, why);
}

int observe_again(const struct ipso_config *cfg, struct ipso_state **st, unsigned int parts,
		  struct why *why)
{
	_cleanup_(view_close) struct view v = {};
	int err = 0;

	if (parts == (unsigned int)OBS_ALL)
		return observe_all_again(cfg, st, why);
	if (parts & (OBS_LINKS | OBS_DEVICES))
		err = view_open(cfg, &v, why);
	if (!err && parts & OBS_DEVICES)
		err = read_devices_again(&v, *st, why);
	else if (!err && parts & OBS_LINKS)
		err = read_links_again(&v, *st, why);
	if (!err && parts & OBS_RULES)
		err = read_rules_again(*st, why);
	if (!err && parts & OBS_GATE)
		err = gate_status(&(*st)->gate, why);
	return err;
}

int observe_ovs(struct ipso_state *st, struct why *why)
{
	struct ovs now = {};
	int err = ovs_read(&now, why);

	if (err < 0)
		return err;
	ovs_free(&st->ovs);
	st->ovs = now;
	st->ovs_why = (struct why){};
	return 0;
}

int observe_seen(struct ipso_state **ret_st, struct why *why)
{
	_cleanup_(observe_free) struct ipso_state *st = calloc(1, sizeof(*st));
	_free_ char(*pcis)[PCI_STRLEN] = NULL;
	unsigned int n = 0;
	int err;

	if (!st)
		return why_set(why, -ENOMEM, "read the host");
	err = kernel_read(&st->kernel);
	if (!err)
		err = device_list(&pcis, &n);
	if (err < 0)
		return why_set(why, err, "read the kernel and the PCI bus");
	st->devices = calloc(n ? n : 1, sizeof(*st->devices));
	if (!st->devices)
		return why_set(why, -ENOMEM, "read the devices");
	for (; st->devices_count < n; st->devices_count++)
		device_begin(pcis[st->devices_count], &st->devices[st->devices_count]);
	*ret_st = TAKE_PTR(st);
	return 0;
}

int observe_host(struct ipso_state **ret_st, struct why *why)
{
	_cleanup_(observe_free) struct ipso_state *st = NULL;
	_cleanup_(view_close) struct view v = {};
	int err = observe_seen(&st, why);

	if (!err)
		err = view_open(NULL, &v, why);
	for (unsigned int d = 0; !err && d < st->devices_count; d++) {
		struct obs_device *o = &st->devices[d];

		err = device_read(o->pci, &v, o, why);
	}
	if (!err)
		err = read_rest(NULL, &v, st, why);
	if (err < 0)
		return err;
	*ret_st = TAKE_PTR(st);
	return 0;
}

int observe_device(const char *pci, const char *netns, struct obs_device *ret_d, struct why *why)
{
	_cleanup_(view_close) struct view v = {};
	int err;

	err = view_open(NULL, &v, why);
	if (!err && netns[0] && netns_exists(netns))
		err = view_add(&v, netns, why);
	return err < 0 ? err : device_read(pci, &v, ret_d, why);
}

void observe_device_free(struct obs_device *d)
{
	device_free(d);
}

void observe_free(struct ipso_state **st)
{
	struct ipso_state *s = *st;

	if (!s)
		return;
	for (unsigned int d = 0; d < s->devices_count; d++)
		device_free(&s->devices[d]);
	free(s->devices);
	free(s->sas);
	free(s->policies);
	free(s->filters);
	free(s->ingress);
	free(s->vxlans);
	free(s->netns);
	ovs_free(&s->ovs);
	free(s);
	*st = NULL;
}

void observe_shed(struct ipso_state *s)
{
	free(s->sas);
	free(s->policies);
	free(s->filters);
	s->sas = NULL;
	s->policies = NULL;
	s->filters = NULL;
	s->sas_count = s->policies_count = s->filters_count = 0;
	malloc_trim(0); /* they were read between what stays */
}

const struct obs_vf *observe_vf(const struct ipso_state *st, unsigned int d, uint32_t index)
{
	if (index >= st->devices[d].vfs_count)
		return NULL;
	return &st->devices[d].vfs[index];
}
