/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SAs and policies as sentences and as ip-xfrm(8) commands. */
#include <errno.h>
#include <limits.h>
#include <linux/xfrm.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/shell.h"
#include "plan/line.h"
#include "plan/names.h"

static const char *dir_name(uint8_t dir)
{
	return dir == IPSO_DIR_IN ? "in" : dir == IPSO_DIR_OUT ? "out" : "fwd";
}

static const char *mode_name(uint8_t mode)
{
	return mode == XFRM_MODE_TUNNEL ? "tunnel" : "transport";
}

/* The two that a tunnel can select, and what its block policies let pass. */
static const char *proto_name(uint8_t proto)
{
	return proto == IPPROTO_TCP	 ? "tcp"
	       : proto == IPPROTO_UDP	 ? "udp"
	       : proto == IPPROTO_ICMPV6 ? "ipv6-icmp"
					 : "";
}

static bool is_host(const struct addr *a)
{
	return a->prefix == (a->family == AF_INET ? 32 : 128);
}

static void put_limit(struct line *l, const char *name, uint64_t v)
{
	if (v)
		put(l, " limit %s %llu", name, (unsigned long long)v);
}

/* state_add of a script: the key goes from its file to ip(8) through a pipe, not as argument. */
static void put_add(struct line *l, const struct ipso_config *cfg, const struct ipso_state *st,
		    const struct step *s, const struct cfg_sa *c)
{
	const char *netns = netns_then(cfg, st, s);
	char path[PATH_MAX], quoted[SHELL_LEN(PATH_MAX)];

	if (!l->shell) {
		put_ip(l, cfg, st, s);
		put(l, "xfrm state add");
		return;
	}
	if (config_key_path(cfg, c->key_file, path) < 0) {
		l->err = -ENAMETOOLONG;
		return;
	}
	put(l, "state_add %s %s", shell_quote(path, quoted, sizeof(quoted)),
	    netns[0] ? netns : "''");
}

static void put_key(struct line *l, const struct cfg_sa *c)
{
	char fp[SECRET_FPLEN] = "not read";

	if (c->key)
		secret_fingerprint(c->key, fp);
	if (l->shell)
		put(l, "KEY");
	else
		put(l, "<key:%s>", fp);
}

static void put_sa(struct line *l, const struct ipso_config *cfg, const struct ipso_state *st,
		   const struct step *s)
{
	const struct cfg_tunnel *t = &cfg->tunnels[s->item];
	const struct cfg_sa *c = s->dir == IPSO_DIR_IN ? &t->in : &t->out;
	char src[ADDR_STRLEN], dst[ADDR_STRLEN], sel[ADDR_STRLEN], dev[WORD_LEN];
	struct xfrm_sa sa;

	step_sa(cfg, st, s, &sa);
	addr_str(&sa.src, false, src);
	addr_str(&sa.dst, false, dst);
	if (s->from) {
		put_ip(l, cfg, st, s);
		put(l, "xfrm state delete dst %s proto esp spi 0x%08x; ", dst, sa.spi);
	}
	put_add(l, cfg, st, s, c);
	put(l, " src %s dst %s proto esp spi 0x%08x reqid %u mode %s", src, dst, sa.spi,
	    sa.reqid, mode_name(sa.mode));
	if (sa.udp_dport)
		put(l, " encap espinudp %u %u %s", sa.udp_sport, sa.udp_dport,
		    sa.dst.family == AF_INET ? "0.0.0.0" : "::");
	put(l, " replay-window %u%s aead 'rfc4106(gcm(aes))' ", sa.replay_window,
	    sa.esn ? " flag esn" : "");
	put_key(l, c);
	put(l, " 128");
	put_limit(l, "packet-soft", sa.soft_packets);
	put_limit(l, "packet-hard", sa.hard_packets);
	put_limit(l, "byte-soft", sa.soft_bytes);
	put_limit(l, "byte-hard", sa.hard_bytes);
	put_limit(l, "time-soft", sa.soft_seconds);
	put_limit(l, "time-hard", sa.hard_seconds);
	put(l, " offload packet dev %s dir %s", link_word(l, cfg, st, s, dev),
	    s->dir == IPSO_DIR_IN ? "in" : "out");
	put(l, " sel src %s", addr_str(&sa.sel_src, true, sel));
	put(l, " dst %s", addr_str(&sa.sel_dst, true, sel));
}

void put_selector(struct line *l, const struct xfrm_pol *p)
{
	char src[ADDR_STRLEN], dst[ADDR_STRLEN];

	put(l, " src %s dst %s", addr_str(&p->sel_src, !is_host(&p->sel_src), src),
	    addr_str(&p->sel_dst, !is_host(&p->sel_dst), dst));
	if (p->proto)
		put(l, " proto %s", proto_name(p->proto));
	if (p->sport)
		put(l, " sport %u", p->sport);
	if (p->dport)
		put(l, " dport %u", p->dport);
	put(l, " dir %s", dir_name(p->dir));
}

static void put_policy(struct line *l, const struct ipso_config *cfg, const struct ipso_state *st,
		       const struct step *s)
{
	char src[ADDR_STRLEN], dst[ADDR_STRLEN], dev[WORD_LEN];
	struct xfrm_pol p;

	step_policy(cfg, st, s, &p);
	put_ip(l, cfg, st, s);
	put(l, "xfrm policy %s", s->from ? "update" : "add");
	put_selector(l, &p);
	if (p.block)
		put(l, " action block");
	if (p.priority)
		put(l, " priority %u", p.priority);
	if (p.offload)
		put(l, " offload packet dev %s", link_word(l, cfg, st, s, dev));
	if (p.tmpl_src.family)
		put(l, " tmpl src %s dst %s proto esp reqid %u mode %s",
		    addr_str(&p.tmpl_src, false, src), addr_str(&p.tmpl_dst, false, dst), p.reqid,
		    mode_name(p.mode));
}

/* ip(8) sets no `user` of a selector: its policy would be in the place of the tunnel's own. */
void put_not_ip(struct line *l)
{
	put(l, "%s", l->shell ? ": ip has no word for the policy of this step" : "");
}

void put_tunnel(struct line *l, const struct ipso_config *cfg, const struct ipso_state *st,
		const struct step *s)
{
	if (s->kind == STEP_SA)
		put_sa(l, cfg, st, s);
	else if (s->kind == STEP_BLOCK)
		put_not_ip(l);
	else
		put_policy(l, cfg, st, s);
}

/* "192.0.2.1 -> 192.0.2.2" */
static const char *ends_text(const struct cfg_tunnel *t, bool out, char buf[2 * ADDR_STRLEN + 4])
{
	char src[ADDR_STRLEN], dst[ADDR_STRLEN];

	snprintf(buf, 2 * ADDR_STRLEN + 4, "%s -> %s",
		 addr_str(out ? &t->local : &t->remote, false, src),
		 addr_str(out ? &t->remote : &t->local, false, dst));
	return buf;
}

void selector_text(const struct xfrm_pol *p, char *buf, size_t size)
{
	char src[ADDR_STRLEN], dst[ADDR_STRLEN], sport[16] = "", dport[16] = "";

	if (p->sport)
		snprintf(sport, sizeof(sport), " %s %u", p->proto == IPPROTO_ICMPV6 ? "type" : "port",
			 p->sport);
	if (p->dport)
		snprintf(dport, sizeof(dport), " port %u", p->dport);
	snprintf(buf, size, "%s%s%s%s -> %s%s", proto_name(p->proto), p->proto ? " " : "",
		 addr_str(&p->sel_src, !is_host(&p->sel_src), src), sport,
		 addr_str(&p->sel_dst, !is_host(&p->sel_dst), dst), dport);
}

static void sa_text(const struct ipso_config *cfg, const struct ipso_state *st,
		    const struct step *s, char *buf, size_t size)
{
	const struct cfg_tunnel *t = &cfg->tunnels[s->item];
	char dev[NAME_LEN], ends[2 * ADDR_STRLEN + 4], udp[48] = "";
	struct xfrm_sa sa;

	step_sa(cfg, st, s, &sa);
	name_link(cfg, st, s, dev);
	if (sa.udp_dport)
		snprintf(udp, sizeof(udp), ", in UDP port %u -> %u", sa.udp_sport, sa.udp_dport);
	snprintf(buf, size, "%s SA %s of tunnel %s: %s%s spi 0x%08x%s, offload packet on %s%s",
		 s->from ? "replace" : "add", dir_name(s->dir), t->name,
		 ends_text(t, s->dir == IPSO_DIR_OUT, ends),
		 t->mode == CFG_IPSEC_TUNNEL ? " tunnel mode" : "", sa.spi, udp, dev,
		 s->from ? " (packets are lost in between, as its SPI stays; a new SPI on both "
			   "hosts loses none)" : "");
}

static void policy_text(const struct ipso_config *cfg, const struct ipso_state *st,
			const struct step *s, char *buf, size_t size)
{
	const struct cfg_tunnel *t = &cfg->tunnels[s->item];
	char dev[NAME_LEN], sel[2 * ADDR_STRLEN + 48], ends[2 * ADDR_STRLEN + 4], through[128] = "";
	struct xfrm_pol p;

	step_policy(cfg, st, s, &p);
	selector_text(&p, sel, sizeof(sel));
	name_link(cfg, st, s, dev);
	if (t->mode == CFG_IPSEC_TUNNEL)
		snprintf(through, sizeof(through), " through %s",
			 ends_text(t, s->dir == IPSO_DIR_OUT, ends));
	snprintf(buf, size, "%s policy %s of tunnel %s: %s%s, %s%s", s->from ? "replace" : "add",
		 dir_name(s->dir), t->name, sel, through,
		 p.offload ? "offload packet on " : "in the kernel", p.offload ? dev : "");
}

static void pin_text(const struct ipso_config *cfg, const struct ipso_state *st,
		     const struct step *s, char *buf, size_t size)
{
	char dev[NAME_LEN], sel[2 * ADDR_STRLEN + 48];
	struct xfrm_pol p;

	step_policy(cfg, st, s, &p);
	selector_text(&p, sel, sizeof(sel));
	name_link(cfg, st, s, dev);
	snprintf(buf, size, "pin the IPsec tables of %s, %s: policy %s, which no packet has, offload "
		 "packet on %s", dev, dir_name(s->dir), sel, dev);
}

static void block_text(const struct ipso_config *cfg, const struct ipso_state *st,
		       const struct step *s, char *buf, size_t size)
{
	const char *name = cfg->tunnels[s->item].name;
	char sel[2 * ADDR_STRLEN + 48];
	struct xfrm_pol p;

	step_policy(cfg, st, s, &p);
	selector_text(&p, sel, sizeof(sel));
	if (p.block)
		snprintf(buf, size, "block %s %s while tunnel %s does not carry it", dir_name(s->dir),
			 sel, name);
	else
		snprintf(buf, size, "let %s %s pass: neighbours of tunnel %s are found by it",
			 dir_name(s->dir), sel, name);
}

void tunnel_text(const struct ipso_config *cfg, const struct ipso_state *st, const struct step *s,
		 char *buf, size_t size)
{
	if (s->kind == STEP_SA)
		sa_text(cfg, st, s, buf, size);
	else if (s->kind == STEP_BLOCK)
		block_text(cfg, st, s, buf, size);
	else if (s->kind == STEP_PIN)
		pin_text(cfg, st, s, buf, size);
	else
		policy_text(cfg, st, s, buf, size);
}
