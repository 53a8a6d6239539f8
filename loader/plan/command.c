/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Steps as the devlink, ip, tc, ovs-vsctl or shell command that does the same, to be read or to be
 * run. Keys are never in it. Those of TC rules are in rule_text.c, of SAs and policies in
 * tunnel_text.c.
 */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/shell.h"
#include "plan/line.h"
#include "plan/names.h"
#include "plan/priv.h"

void put(struct line *l, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (l->used >= l->size)
		return;
	va_start(ap, fmt);
	n = vsnprintf(l->buf + l->used, l->size - l->used, fmt, ap);
	va_end(ap);
	if (n > 0)
		l->used += (size_t)n;
}

const char *netns_then(const struct ipso_config *cfg, const struct ipso_state *st,
		       const struct step *s)
{
	const char *netns = step_netns(cfg, st, s);

	if (!netns[0] && s->vf != NO_VF && !s->rep && s->kind != STEP_MOVE &&
	    cfg->devices[s->device].vfs[s->vf].netns)
		netns = cfg->devices[s->device].vfs[s->vf].netns;
	return netns;
}

const char *link_word(const struct line *l, const struct ipso_config *cfg,
		      const struct ipso_state *st, const struct step *s, char buf[WORD_LEN])
{
	const char *pci = st->devices[s->device].pci, *netns = netns_then(cfg, st, s);

	if (!l->shell || s->vxlan)
		name_link(cfg, st, s, buf);
	else if (s->vf == NO_VF)
		snprintf(buf, WORD_LEN, "\"$(uplink %s)\"", pci);
	else
		snprintf(buf, WORD_LEN, "\"$(%s %s %u%s%s)\"", s->rep ? "rep" : "vf", pci,
			 cfg->devices[s->device].vfs[s->vf].index, netns[0] ? " " : "", netns);
	return buf;
}

void put_ip(struct line *l, const struct ipso_config *cfg, const struct ipso_state *st,
	    const struct step *s)
{
	const char *netns = netns_then(cfg, st, s);

	put(l, "ip ");
	if (netns[0])
		put(l, "-n %s ", netns);
}

static void put_vf(struct line *l, const struct ipso_config *cfg, const struct ipso_state *st,
		   const struct step *s)
{
	const struct obs_vf *vf = step_vf(cfg, st, s);

	if (vf && vf->pci[0])
		put(l, "%s", vf->pci);
	else if (l->shell)
		put(l, "\"$(vf_pci %s %u)\"", st->devices[s->device].pci,
		    cfg->devices[s->device].vfs[s->vf].index);
	else
		put(l, "$(basename $(readlink /sys/bus/pci/devices/%s/virtfn%u))",
		    st->devices[s->device].pci, cfg->devices[s->device].vfs[s->vf].index);
}

static void put_port(struct line *l, const struct ipso_config *cfg, const struct ipso_state *st,
		     const struct step *s)
{
	const struct cfg_vf *v = &cfg->devices[s->device].vfs[s->vf];
	const struct obs_vf *vf = step_vf(cfg, st, s);
	const char *pci = st->devices[s->device].pci;
	struct step uplink = {.device = s->device, .vf = NO_VF};
	char mac[MAC_STRLEN], dev[WORD_LEN];

	mac_str(v->mac, mac);
	if (s->kind == STEP_PORT_MAC && cfg->devices[s->device].mode == CFG_MODE_LEGACY) {
		put(l, "ip link set dev %s vf %u mac %s", link_word(l, cfg, st, &uplink, dev),
		    v->index, mac);
		return;
	}
	put(l, "devlink port function set ");
	if (l->shell)
		put(l, "\"$(port %s %u)\" ", pci, v->index);
	else if (vf && vf->has_port)
		put(l, "pci/%s/%u ", pci, vf->port_index);
	else
		put(l, "pci/%s/<port of VF %u> ", pci, v->index);
	if (s->kind == STEP_PORT_MAC)
		put(l, "hw_addr %s", mac);
	else
		put(l, "%s %s", s->kind == STEP_PORT_ROCE ? "roce" : "ipsec_packet",
		    s->to ? "enable" : "disable");
}

static void put_netdev(struct line *l, const struct ipso_config *cfg, const struct ipso_state *st,
		       const struct step *s)
{
	char dev[WORD_LEN], a[ADDR_STRLEN];

	link_word(l, cfg, st, s, dev);
	if (s->kind == STEP_TC_OFFLOAD) {
		put(l, "ethtool -K %s hw-tc-offload on", dev);
		return;
	}
	if (s->kind == STEP_TC_QDISC) {
		put(l, "tc qdisc add dev %s ", dev);
		if (s->block)
			put(l, "ingress_block %u ", s->block);
		put(l, "ingress");
		return;
	}
	if (s->kind == STEP_VXLAN) {
		put(l, "ip link add %s up type vxlan dstport %u external nolearning", dev, s->vxlan);
		return;
	}
	put_ip(l, cfg, st, s);
	if (s->kind == STEP_MOVE)
		put(l, "link set dev %s netns %s", dev, cfg->devices[s->device].vfs[s->vf].netns);
	else if (s->kind == STEP_MTU)
		put(l, "link set dev %s mtu %u", dev, s->to);
	else if (s->kind == STEP_ADDRESS)
		put(l, "address add %s dev %s%s", addr_str(step_address(cfg, s), true, a), dev,
		    step_address(cfg, s)->family == AF_INET6 ? " nodad" : "");
	else
		put(l, "link set dev %s up", dev);
}

/* Devices by PCI address: what devlink and sysfs take. */
static void put_device(struct line *l, const struct ipso_config *cfg, const struct ipso_state *st,
		       const struct step *s)
{
	const char *pci = st->devices[s->device].pci;
	char path[SHELL_LEN(PATH_MAX)];

	switch (s->kind) {
	case STEP_GATE:
		put(l, "%s gate on -c %s", l->shell ? "\"${IPSO:-ipso}\"" : "ipso",
		    cfg->path ? shell_quote(cfg->path, path, sizeof(path)) : "FILE");
		break;
	case STEP_SRIOV:
		put(l, "echo %u > /sys/bus/pci/devices/%s/sriov_numvfs", s->to, pci);
		break;
	case STEP_VF_UNBIND:
	case STEP_VF_BIND:
		put(l, "echo ");
		put_vf(l, cfg, st, s);
		put(l, " > /sys/bus/pci/drivers/mlx5_core/%sbind",
		    s->kind == STEP_VF_UNBIND ? "un" : "");
		break;
	case STEP_LEGACY:
		put(l, "devlink dev eswitch set pci/%s mode legacy", pci);
		break;
	case STEP_STEERING:
		put(l, "devlink dev param set pci/%s name flow_steering_mode value %s cmode runtime",
		    pci, name_steering(s->to));
		break;
	case STEP_ENCAP:
		put(l, "devlink dev eswitch set pci/%s encap-mode none", pci);
		break;
	case STEP_ESWITCH:
		put(l, "devlink dev eswitch set pci/%s mode %s", pci, name_eswitch(s->to));
		break;
	default:
		put(l, "ip netns add %s", cfg->devices[s->device].vfs[s->vf].netns);
	}
}

static void put_ovs(struct line *l, const struct ipso_config *cfg, const struct ipso_state *st,
		    const struct step *s)
{
	char dev[WORD_LEN] = "", quoted[SHELL_LEN(WORD_LEN)];
	struct ovs_call c;

	if (s->kind == STEP_OVS_PORT)
		link_word(l, cfg, st, s, dev);
	step_ovs(cfg, s, dev, &c);
	for (unsigned int i = 0; i < c.count; i++)
		put(l, "%s%s", i ? " " : "",
		    c.words[i] == dev ? dev : shell_quote(c.words[i], quoted, sizeof(quoted)));
	if (s->kind == STEP_OVS_HOLD)
		put(l, "; while ovs-appctl dpctl/dump-flows type=offloaded | grep -q 'in_port('; do "
		       "sleep 1; done");
}

static void put_step(struct line *l, const struct ipso_config *cfg, const struct ipso_state *st,
		     const struct step *s)
{
	if (s->gone) {
		gone_command(l, cfg, st, s);
		return;
	}
	switch (s->kind) {
	case STEP_GATE_HOLD:
		put(l, "%s", l->shell ? ": a script does not hold the gate" : "");
		break;
	case STEP_DISPLACE:
		put_saved_delete(l, s->saved);
		break;
	case STEP_PORT_MAC:
	case STEP_PORT_IPSEC:
	case STEP_PORT_ROCE:
		put_port(l, cfg, st, s);
		break;
	case STEP_BLOCK:
	case STEP_PIN:
	case STEP_SA:
	case STEP_POLICY:
		put_tunnel(l, cfg, st, s);
		break;
	case STEP_TC_FILTER:
		put_rule(l, cfg, st, s);
		break;
	case STEP_MOVE:
	case STEP_MTU:
	case STEP_ADDRESS:
	case STEP_LINK_UP:
	case STEP_TC_OFFLOAD:
	case STEP_TC_QDISC:
	case STEP_VXLAN:
		put_netdev(l, cfg, st, s);
		break;
	case STEP_OVS_HOLD:
	case STEP_OVS_OFFLOAD:
	case STEP_OVS_BRIDGE:
	case STEP_OVS_PORT:
	case STEP_OVS_VXLAN:
		put_ovs(l, cfg, st, s);
		break;
	default:
		put_device(l, cfg, st, s);
	}
}

void step_command(const struct ipso_config *cfg, const struct ipso_state *st, const struct step *s,
		  char *buf, size_t size)
{
	struct line l = {.buf = buf, .size = size};

	buf[0] = '\0';
	put_step(&l, cfg, st, s);
}

int step_shell(const struct ipso_config *cfg, const struct ipso_state *st, const struct step *s,
	       char *buf, size_t size)
{
	struct line l = {.buf = buf, .size = size, .shell = true};

	buf[0] = '\0';
	put_step(&l, cfg, st, s);
	return l.used >= size ? -ENAMETOOLONG : l.err;
}
