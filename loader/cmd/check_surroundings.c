/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands around the cards: IKE daemons, Open vSwitch, security settings. */
#include <string.h>

#include "cmd/check.h"
#include "explain/explain.h"

static void check_daemons(const struct surroundings *s, struct findings *f)
{
	for (unsigned int i = 0; i < s->daemons.count; i++) {
		const struct obs_daemon *d = &s->daemons.list[i];

		if (d->kind == DAEMON_IKE)
			found(f, CHECK_OK, "CK-42", NULL, "%s runs (pid %d%s%s)", d->name, d->pid,
			      d->unit[0] ? ", " : "", d->unit);
		if (d->kind != DAEMON_OVS_IPSEC)
			continue;
		found(f, CHECK_WARN, "CK-44", NULL, "runs (pid %d%s%s)", d->pid,
		      d->unit[0] ? ", " : "", d->unit);
		remedy(f, "tunnels: of ipso's configuration with keying: ike, and ports of Open "
			  "vSwitch without options:psk, remote_cert and remote_name; then stop "
			  "%s", d->unit[0] ? d->unit : "ovs-monitor-ipsec");
	}
}

static void check_ovs(const struct ipso_config *cfg, const struct surroundings *s,
		      struct findings *f)
{
	bool runs = false, offload = strcmp(s->ovs.hw_offload, "true") == 0;

	for (unsigned int i = 0; i < s->daemons.count; i++)
		runs |= s->daemons.list[i].kind == DAEMON_OVS;
	if (!runs)
		return;
	if (s->ovs_why.err) {
		found(f, CHECK_WARN, "CK-41", NULL, "runs, but cannot be asked: %.150s",
		      s->ovs_why.what);
		remedy(f, "%s", s->ovs_why.remedy[0] ? s->ovs_why.remedy : "ovs-vsctl show");
		return;
	}
	found(f, CHECK_OK, "CK-41", NULL, "runs, %u bridges, hw-offload is %s%s",
	      s->ovs.bridges_count, offload ? "on" : "off",
	      offload ? ": its rules come to hardware by themselves, the gate keeps them behind "
			"IPsec"
	      : cfg && cfg->ovs_count ? "; up switches it on"
				      : "");
}

/* Programs that would set modes as their configuration says, not as ipso's does. */
static void check_neighbours(const struct surroundings *s, struct findings *f)
{
	const struct neighbours *n = &s->neighbours;
	unsigned int others = n->count;

	for (unsigned int i = 0; i < s->daemons.count; i++) {
		const struct obs_daemon *d = &s->daemons.list[i];

		if (d->kind != DAEMON_MODES)
			continue;
		others++;
		found(f, CHECK_WARN, "CK-46", "sriov-network-operator", "runs (pid %d%s%s)", d->pid,
		      d->unit[0] ? ", " : "", d->unit);
		remedy(f, "%s", neighbour_remedy("sriov-network-operator"));
	}
	for (unsigned int i = 0; i < n->count; i++) {
		const struct neighbour_line *l = &n->list[i];
		const char *way = neighbour_remedy(l->who);

		found(f, CHECK_WARN, "CK-46", l->who, "%s:%u: %s", l->path, l->line, l->text);
		remedy(f, "%s", *way ? way : catalogue_find("CK-46")->remedy);
	}
	if (n->more || n->unreadable)
		found(f, CHECK_OK, "CK-46", NULL, "%u more lines; %u files cannot be read", n->more,
		      n->unreadable);
	else if (!others)
		found(f, CHECK_OK, "CK-46", NULL, "none is found");
}

void check_surroundings(const struct ipso_config *cfg, const struct surroundings *s,
			struct findings *f)
{
	found(f, CHECK_OK, "CK-15", NULL, "%s; the gate does not need bpf among them",
	      s->lsm[0] ? s->lsm : "not readable");
	found(f, CHECK_OK, "CK-13", NULL, "%s", s->lockdown ? "on" : "off");
	check_ovs(cfg, s, f);
	check_daemons(s, f);
	check_neighbours(s, f);
}
