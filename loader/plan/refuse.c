/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the driver would refuse half-way, or take and not do, is refused before anything is
 * changed. Each reason rests on a row of mlx5_core's own rules, named at its function.
 */
#include <errno.h>
#include <linux/devlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "plan/priv.h"

struct ask {
	const struct ipso_config *cfg;
	const struct ipso_state *st;
	const struct ipso_plan *plan;
	unsigned int d;
	struct why *why;
};

static const char *name_of(const struct ask *a)
{
	const char *name = a->st->devices[a->d].uplink.name;

	return name[0] ? name : a->st->devices[a->d].pci;
}

static bool vf_ipsec_wanted(const struct ask *a)
{
	const struct cfg_device *d = &a->cfg->devices[a->d];

	for (unsigned int i = 0; i < d->vfs_count; i++) {
		if (d->vfs[i].ipsec_packet)
			return true;
	}
	return false;
}

static bool wants_ipsec(const struct ask *a)
{
	return uplink_has_tunnel(a->cfg, a->d) || vf_ipsec_wanted(a);
}

/* A kernel without these takes the requests and does something else, or has no one to take them. */
static int kernel_lacks(const struct ask *a)
{
	bool fdb = uplink_has_tunnel(a->cfg, a->d) &&
		   a->cfg->devices[a->d].mode == CFG_MODE_SWITCHDEV;
	const struct obs_kernel *k = &a->st->kernel;
	const char *option = NULL;

	if (wants_ipsec(a) && !k->xfrm_offload)
		option = "CONFIG_XFRM_OFFLOAD: it would encrypt in software and not say so";
	else if (wants_ipsec(a) && !k->xfrm_packet)
		option = "packet offload in XFRM, which is newer than it (6.2)";
	else if (wants_ipsec(a) && !k->esp_offload)
		option = "CONFIG_INET_ESP_OFFLOAD (esp4_offload)";
	else if (wants_ipsec(a) && k->known_mlx5_ipsec && !k->mlx5_ipsec)
		option = "CONFIG_MLX5_EN_IPSEC";
	else if (a->cfg->tc_count && k->known_mlx5_ipsec && !k->mlx5_tc)
		option = "CONFIG_MLX5_CLS_ACT (which needs CONFIG_NET_TC_SKB_EXT)";
	else if (fdb && k->known_mlx5_ipsec && !k->mlx5_tc)
		/* mlx5_ipsec_rx_status_create() follows the ERR_PTR of a chains stub */
		option = "CONFIG_MLX5_CLS_ACT: the first inbound SA on a switchdev uplink would "
			 "crash its driver";
	else if (fdb && k->known_mlx5_ipsec && !k->mlx5_ipsec_fdb)
		option = "IPsec on a switchdev uplink, which is newer than its driver (6.6)";
	if (!option)
		return 0;
	why_set(a->why, -EOPNOTSUPP, "kernel %s was built without %s", k->release, option);
	why_remedy(a->why, "boot a kernel that has the option; `ipso check` lists all of them");
	return -EOPNOTSUPP;
}

static int no_netdev(const struct ask *a)
{
	const struct obs_device *d = &a->st->devices[a->d];

	if (d->uplink.ifindex)
		return 0;
	why_set(a->why, -ENODEV, "PF %s has no net device in this network namespace", d->pci);
	why_remedy(a->why, "the driver's probe failed (dmesg says why), or the net device is in "
			   "another namespace: run ipso there");
	return -ENODEV;
}

/* mlx5_ipsec_device_caps(): without crypto the feature is not there. */
static int card_lacks(const struct ask *a)
{
	const struct obs_device *d = &a->st->devices[a->d];

	if (!uplink_has_tunnel(a->cfg, a->d) || d->uplink.esp_hw_offload)
		return 0;
	why_set(a->why, -EOPNOTSUPP, "%s does not offer ESP offload (esp-hw-offload is off)",
		name_of(a));
	why_remedy(a->why, "use a crypto-enabled ConnectX-6 Dx, ConnectX-7 or BlueField; "
			   "ConnectX-6 has none; check part number and firmware");
	return -EOPNOTSUPP;
}

/* sriov_numvfs: only from 0, and not above what firmware was set up for. */
static int sriov_cannot(const struct ask *a)
{
	const struct obs_device *d = &a->st->devices[a->d];
	uint32_t want = 0;

	for (unsigned int i = 0; i < a->plan->count; i++) {
		if (a->plan->steps[i].kind == STEP_SRIOV && a->plan->steps[i].device == a->d)
			want = a->plan->steps[i].to;
	}
	if (want > d->vfs_total) {
		why_set(a->why, -EOPNOTSUPP, "%s can have %u VFs, the configuration needs %u",
			name_of(a), d->vfs_total, want);
		why_remedy(a->why, "raise NUM_OF_VFS in the card's firmware configuration");
		return -EOPNOTSUPP;
	}
	if (want && d->vfs_count) {
		why_set(a->why, -EBUSY, "%s has %u VFs, the configuration needs %u, and their "
			"number cannot be changed while there are any", name_of(a), d->vfs_count,
			want);
		why_remedy(a->why, "`ipso down` if ipso made them; else echo 0 > /sys/bus/pci/"
				   "devices/%s/sriov_numvfs when nobody uses them", d->pci);
		return -EBUSY;
	}
	return 0;
}

/* mlx5_eswitch_block_ipsec(), and esw_ipsec_vf_offload: PF or VFs, never both. */
static int both_pf_and_vf(const struct ask *a)
{
	const struct obs_device *d = &a->st->devices[a->d];
	uint32_t vf = 0;
	bool on = false;

	if (!uplink_has_tunnel(a->cfg, a->d))
		return 0;
	for (uint32_t i = 0; i < d->vfs_count; i++) {
		if (d->vfs[i].ipsec_packet &&
		    vf_position(&a->cfg->devices[a->d], i) == NO_VF) {
			on = true;
			vf = i;
		}
	}
	if (!on && !vf_ipsec_wanted(a))
		return 0;
	if (on)
		why_set(a->why, -EBUSY, "VF %u of %s has ipsec_packet on, and a tunnel is "
			"configured on the uplink: the card does one or the other", vf, name_of(a));
	else
		why_set(a->why, -EINVAL, "%s has a tunnel on the uplink and a VF with "
			"ipsec-packet: the card does one or the other", name_of(a));
	why_remedy(a->why, "put all tunnels of one card on its uplink, or all on its VFs");
	return on ? -EBUSY : -EINVAL;
}

/* Switchdev only: devlink ports stand for VFs there, and steering decides about packet mode. */
static int mode_cannot(const struct ask *a)
{
	const struct cfg_device *d = &a->cfg->devices[a->d];
	bool legacy = d->mode == CFG_MODE_LEGACY;
	const char *what = NULL;

	for (unsigned int t = 0; t < a->cfg->tunnels_count; t++) {
		const struct cfg_tunnel *c = &a->cfg->tunnels[t];
		unsigned int vf = c->on_vf ? vf_position(d, c->vf) : NO_VF;

		if (c->device == a->d && c->on_vf && (vf == NO_VF || !d->vfs[vf].ipsec_packet))
			what = "a tunnel sits on a VF that is not configured with ipsec-packet";
	}
	for (unsigned int r = 0; r < a->cfg->tc_count; r++) {
		if (a->cfg->tc[r].device == a->d && legacy)
			what = "TC rules between ports need mode switchdev";
	}
	if (legacy && vf_ipsec_wanted(a))
		what = "ipsec-packet on a VF needs mode switchdev";
	if (!legacy && d->steering == CFG_STEERING_SMFS && wants_ipsec(a))
		what = "packet offload in switchdev needs steering dmfs";
	if (!what)
		return 0;
	why_set(a->why, -EINVAL, "%s: %s", name_of(a), what);
	return -EINVAL;
}

static int tunnel_refused(const struct ask *a, const struct cfg_tunnel *t, const char *what,
			  const char *remedy)
{
	why_set(a->why, -EOPNOTSUPP, "tunnel %s on %s: %s", t->name, name_of(a), what);
	why_remedy(a->why, "%s", remedy);
	return -EOPNOTSUPP;
}

/* A network wider than one address; any address needs no prefix in hardware. */
static bool is_subnet(const struct addr *a)
{
	return a->prefix && a->prefix != (a->family == AF_INET ? 32 : 128);
}

/*
 * What this kernel's driver would refuse (mlx5_eswitch_block_encap()), or take and do otherwise
 * (mlx5e_ipsec_build_accel_pol_attrs() without prefixes). What the card cannot (tunnel mode, policy
 * priority) is in no attribute that can be read: its driver refuses the SA or policy and says so.
 */
static int driver_lacks(const struct ask *a)
{
	const struct obs_kernel *k = &a->st->kernel;
	bool fdb = a->cfg->devices[a->d].mode == CFG_MODE_SWITCHDEV;

	for (unsigned int i = 0; i < a->cfg->tunnels_count; i++) {
		const struct cfg_tunnel *t = &a->cfg->tunnels[i];
		struct cfg_selector s = config_selector(t);

		if (t->device != a->d)
			continue;
		if (t->mode == CFG_IPSEC_TUNNEL && fdb && !t->on_vf && !k->ipsec_fdb_tunnel)
			return tunnel_refused(a, t, "this kernel's mlx5 takes no tunnel mode on the "
					      "uplink of an eswitch in switchdev (its tables are in "
					      "the FDB)",
					      "mode: transport, with VXLAN around what it carries; or "
					      "mode: legacy for the device; or the tunnel on a VF");
		if ((is_subnet(&s.local) || is_subnet(&s.remote)) && !k->ipsec_subnets)
			return tunnel_refused(a, t, "this kernel's mlx5 matches only the first "
					      "address of a selector's network; the others would "
					      "leave in the clear",
					      "a selector of single addresses, or of any address "
					      "(0.0.0.0/0) on one side; or a newer kernel, whose "
					      "struct mlx5e_ipsec_addr has masks (6.15)");
		if (t->priority && k->known_mlx5_ipsec && !k->mlx5_tc)
			return tunnel_refused(a, t, "mlx5 of this kernel has no policy priorities, "
					      "which need CONFIG_MLX5_CLS_ACT",
					      "leave priority out, or boot a kernel with the option");
	}
	return 0;
}

/* is_flow_rule_on_uplink / mlx5e_tc_block_ipsec_offload(): num_block_tc counts the PF's SAs. */
static int uplink_rule(const struct ask *a)
{
	if (!uplink_has_tunnel(a->cfg, a->d))
		return 0;
	for (unsigned int r = 0; r < a->cfg->tc_count; r++) {
		const struct cfg_tc *c = &a->cfg->tc[r];

		if (c->device != a->d || !config_is_uplink(&c->from))
			continue;
		why_set(a->why, -EOPNOTSUPP, "TC rule pref %u starts at the uplink %s, which also "
			"carries a tunnel: the driver takes no rule there while it has SAs",
			c->pref, name_of(a));
		why_remedy(a->why, "start the rule at a representor, or put the tunnel on a VF");
		return -EOPNOTSUPP;
	}
	return 0;
}

/* tcf_block_get_ext() binds when the qdisc is made; to replace it binds nothing else (seen on 6.12). */
static int other_block(const struct ask *a)
{
	for (unsigned int i = 0; i < a->plan->count; i++) {
		const struct step *s = &a->plan->steps[i];
		const struct obs_link *l = step_link(a->cfg, a->st, s);
		const struct obs_ingress *q = link_ingress(a->st, l->ifindex);

		if (s->kind != STEP_TC_QDISC || s->gone || s->device != a->d || !q ||
		    q->block == s->block || plan_has(a->plan, STEP_ESWITCH, a->d))
			continue;
		why_set(a->why, -EBUSY, "net device %s has an ingress or clsact qdisc with %s, where "
			"the configuration wants %s", l->name,
			q->block ? "another shared block" : "rules of its own",
			s->block ? "a shared block" : "rules of its own");
		why_remedy(a->why, "delete it with its rules (tc qdisc del dev %s ingress; for clsact: "
				   "tc qdisc del dev %s clsact), then run this again", l->name, l->name);
		return -EBUSY;
	}
	return 0;
}

/* Names of the rules in hardware that will stay there, as many as fit. */
static unsigned int list_rules(const struct ask *a, char *buf, size_t size)
{
	unsigned int n = 0;
	size_t used = 0;

	buf[0] = '\0';
	for (unsigned int i = 0; i < a->st->filters_count; i++) {
		const struct obs_filter *f = &a->st->filters[i];
		int len;

		if (!f->in_hw || !observe_filter_on(a->st, a->d, f) || rule_goes(a->st, a->plan, f))
			continue;
		n++;
		len = snprintf(buf + used, size - used, "%s%s pref %u protocol 0x%04x %s%s",
			       n > 1 ? ", " : "", f->ifname, f->pref, f->protocol, f->kind,
			       rule_owner(f));
		if (len > 0 && used + (size_t)len < size)
			used += (size_t)len;
		else
			buf[used] = '\0';
	}
	return n;
}

static bool offloaded_on_uplink(const struct ask *a, uint8_t dir)
{
	uint32_t ifindex = a->st->devices[a->d].uplink.ifindex;

	for (unsigned int i = 0; i < a->st->sas_count; i++) {
		const struct obs_sa *o = &a->st->sas[i];

		if (o->packet_offload && o->ifindex == ifindex && !o->netns[0] &&
		    (!dir || o->dir == dir))
			return true;
	}
	for (unsigned int i = 0; i < a->st->policies_count; i++) {
		const struct obs_policy *o = &a->st->policies[i];

		if (o->packet_offload && o->ifindex == ifindex && !o->netns[0] &&
		    (!dir || o->dir == dir))
			return true;
	}
	return false;
}

/* Policies by which an IKE daemon's own packets pass, in packet offload on the uplink. */
static unsigned int bypass_on_uplink(const struct ask *a)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < a->st->policies_count; i++) {
		const struct obs_policy *o = &a->st->policies[i];

		n += o->packet_offload && o->bypass && !o->netns[0] &&
		     o->ifindex == a->st->devices[a->d].uplink.ifindex;
	}
	return n;
}

/* Such a daemon is stopped by who runs it: what else hangs on its tunnels is not known here. */
static int daemon_holds(const struct ask *a, const char *what)
{
	char names[128] = "", units[96] = "";
	size_t n = 0, u = 0;

	for (unsigned int i = 0; i < a->st->daemons.count; i++) {
		const struct obs_daemon *d = &a->st->daemons.list[i];

		if (d->kind != DAEMON_IKE)
			continue;
		if (n < sizeof(names))
			n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s (pid %d)",
					      n ? ", " : "", d->name, d->pid);
		if (d->unit[0] && u < sizeof(units))
			u += (size_t)snprintf(units + u, sizeof(units) - u, " %s", d->unit);
	}
	why_set(a->why, -EBUSY, "%s of %s must change, and policies by which %s passes are in "
		"hardware (%u): the driver allows no change beside them", what, name_of(a),
		n ? names : "an IKE daemon", bypass_on_uplink(a));
	if (u)
		why_remedy(a->why, "systemctl stop%s; run this again; systemctl start%s", units,
			   units);
	else
		why_remedy(a->why, "stop the IKE daemon, run this again, start the daemon (one that "
				   "was killed left them: ip xfrm policy flush)");
	return -EBUSY;
}

/* mlx5_devlink_eswitch_mode_set(): refused while there is IPsec or an offloaded rule. */
static int mode_busy(const struct ask *a)
{
	bool mode = plan_has(a->plan, STEP_ESWITCH, a->d) || plan_has(a->plan, STEP_LEGACY, a->d);
	char rules[256];

	/* mlx5_devlink_port_fn_ipsec_packet_set(): the first VF needs a PF without. */
	if ((mode || plan_has(a->plan, STEP_PORT_IPSEC, a->d)) && bypass_on_uplink(a))
		return daemon_holds(a, mode ? "the eswitch mode" : "ipsec_packet of VFs");
	if (!mode)
		return 0;
	if (offloaded_on_uplink(a, IPSO_DIR_NONE)) {
		why_set(a->why, -EBUSY, "the eswitch mode of %s must change, and there are "
			"offloaded SAs or policies on it", name_of(a));
		why_remedy(a->why, "`ipso down` if they are ipso's; else stop the IKE daemon that "
				   "has them (ip xfrm state; ip xfrm policy)");
		return -EBUSY;
	}
	if (!list_rules(a, rules, sizeof(rules)))
		return 0;
	why_set(a->why, -EBUSY, "the eswitch mode of %s must change, and TC rules are in "
		"hardware: %s", name_of(a), rules);
	why_remedy(a->why, "delete these rules (tc filter del dev DEV ingress pref N), or switch "
			   "hw-offload of Open vSwitch off, then run this again; on-conflict: "
			   "displace does not do it, a new mode makes their ports anew");
	return -EBUSY;
}

/*
 * mlx5_eswitch_block_mode(): the first SA or policy of a direction needs an eswitch without
 * offloaded rules; where sa_needs_free_eswitch, every SA does.
 */
bool needs_free_eswitch(const struct ipso_config *cfg, const struct ipso_state *st,
			const struct ipso_plan *p, unsigned int d, bool *ret_first)
{
	const struct ask a = {.cfg = cfg, .st = st, .plan = p, .d = d};

	for (unsigned int i = 0; i < p->count; i++) {
		const struct step *s = &p->steps[i];
		bool first = !offloaded_on_uplink(&a, s->dir);

		if ((s->kind != STEP_SA && !is_policy(s->kind)) || s->kind == STEP_BLOCK ||
		    s->device != d || s->vf != NO_VF || s->gone || s->dir == IPSO_DIR_FWD)
			continue;
		if (!first && !(s->kind == STEP_SA && st->kernel.sa_needs_free_eswitch))
			continue;
		if (ret_first)
			*ret_first = first;
		return true;
	}
	return false;
}

static int rules_first(const struct ask *a)
{
	char rules[256];
	bool first;

	if (plan_has(a->plan, STEP_ESWITCH, a->d) || !list_rules(a, rules, sizeof(rules)) ||
	    !needs_free_eswitch(a->cfg, a->st, a->plan, a->d, &first))
		return 0;
	why_set(a->why, -EBUSY, "TC rules are in hardware on the eswitch of %s%s, and this driver "
		"refuses %s SA then: %s", name_of(a),
		first ? " before its IPsec tables exist" : "", first ? "the first" : "every new",
		rules);
	why_remedy(a->why, "on-conflict: displace takes them out and puts them back; or delete them "
			   "(tc filter del dev DEV ingress pref N), run this again (it adds those of "
			   "the configuration itself), then add the others; on-conflict is refuse");
	return -EBUSY;
}

/* Open vSwitch has to be there, and what is there under the names we want has to be ours. */
static int bridges_cannot(const struct ipso_config *cfg, const struct ipso_state *st,
			  const struct ipso_plan *p, struct why *why)
{
	int err = 0;

	if (cfg->ovs_count && st->ovs_why.err) {
		if (why)
			*why = st->ovs_why;
		return st->ovs_why.err;
	}
	for (unsigned int i = 0; !err && i < p->count; i++) {
		if (!p->steps[i].gone && !ovs_port_goes(cfg, st, p, &p->steps[i]))
			err = step_ovs_taken(cfg, st, &p->steps[i], why);
	}
	return err;
}

int plan_refuse(const struct ipso_config *cfg, const struct ipso_state *st,
		const struct ipso_plan *p, struct why *why)
{
	static int (*const reasons[])(const struct ask *a) = {
		no_netdev,    mode_cannot, both_pf_and_vf, uplink_rule, kernel_lacks,
		driver_lacks, card_lacks,  sriov_cannot,   mode_busy,	rules_first,
		other_block,
	};
	struct ask a = {.cfg = cfg, .st = st, .plan = p, .why = why};

	for (a.d = 0; a.d < cfg->devices_count; a.d++) {
		for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
			int err = reasons[i](&a);

			if (err < 0)
				return err;
		}
	}
	return bridges_cannot(cfg, st, p, why);
}
