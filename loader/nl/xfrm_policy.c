/* SPDX-License-Identifier: GPL-2.0-or-later */
/* XFRM policies: bytes out, bytes in, and the exchanges around them. */
#include "nl/xfrm_policy.h"

#include <errno.h>
#include <linux/xfrm.h>
#include <netinet/in.h>
#include <string.h>

#include "nl/xfrm_wire.h"

static uint8_t wire_dir(uint8_t dir)
{
	return dir == IPSO_DIR_IN    ? XFRM_POLICY_IN
	       : dir == IPSO_DIR_OUT ? XFRM_POLICY_OUT
				     : XFRM_POLICY_FWD;
}

static uint8_t take_dir(uint8_t dir)
{
	static const uint8_t dirs[] = {[XFRM_POLICY_IN] = IPSO_DIR_IN,
				       [XFRM_POLICY_OUT] = IPSO_DIR_OUT,
				       [XFRM_POLICY_FWD] = IPSO_DIR_FWD};

	return dir < sizeof(dirs) ? dirs[dir] : IPSO_DIR_NONE;
}

/* Both structures have padding, which goes to the kernel, too: cleared as a whole. */
static void put_template(struct nl_msg *m, const struct xfrm_pol *p)
{
	struct xfrm_user_tmpl t;

	if (!p->tmpl_dst.family)
		return;
	memset(&t, 0, sizeof(t));
	t.id.proto = IPPROTO_ESP;
	t.family = p->tmpl_dst.family;
	t.reqid = p->reqid;
	t.mode = p->mode;
	t.aalgos = t.ealgos = t.calgos = ~0u;
	xfrm_wire_addr(&t.id.daddr, &p->tmpl_dst);
	xfrm_wire_addr(&t.saddr, &p->tmpl_src);
	mnl_attr_put(&m->h, XFRMA_TMPL, sizeof(t), &t);
}

static void put_offload(struct nl_msg *m, const struct xfrm_pol *p)
{
	struct xfrm_user_offload o;

	if (p->offload != IPSO_OFFLOAD_PACKET)
		return;
	memset(&o, 0, sizeof(o));
	o.ifindex = (int)p->ifindex;
	o.flags = XFRM_OFFLOAD_PACKET;
	mnl_attr_put(&m->h, XFRMA_OFFLOAD_DEV, sizeof(o), &o);
}

static void put_selector(struct xfrm_selector *to, const struct xfrm_pol *p)
{
	xfrm_wire_selector(to, &p->sel_src, &p->sel_dst);
	to->proto = p->proto;
	to->sport = htons(p->sport);
	to->sport_mask = p->sport ? 0xffff : 0;
	to->dport = htons(p->dport);
	to->dport_mask = p->dport ? 0xffff : 0;
	to->user = p->user;
}

struct xfrm_pol xfrm_policy_below(const struct xfrm_pol *p)
{
	return (struct xfrm_pol){
		.sel_src = p->sel_src,
		.sel_dst = p->sel_dst,
		.proto = p->proto,
		.sport = p->sport,
		.dport = p->dport,
		.dir = p->dir,
		.priority = UINT32_MAX,
		.block = true,
		.user = XFRM_USER_BELOW,
	};
}

/* For ICMP a selector's source port is the type (xfrm_flowi_sport()). */
struct xfrm_pol xfrm_policy_pass(const struct xfrm_pol *p, uint8_t type)
{
	struct xfrm_pol pass = xfrm_policy_below(p);

	pass.proto = IPPROTO_ICMPV6;
	pass.sport = type;
	pass.dport = 0;
	pass.priority--;
	pass.block = false;
	return pass;
}

static int put_policy(struct nl_msg *m, uint16_t type, const struct xfrm_pol *p)
{
	struct xfrm_userpolicy_info *info;

	if (p->sel_src.family != p->sel_dst.family || p->tmpl_src.family != p->tmpl_dst.family)
		return -EINVAL;
	info = nl_msg_start(m, type, NLM_F_CREATE | NLM_F_EXCL, sizeof(*info));
	put_selector(&info->sel, p);
	info->lft.soft_byte_limit = XFRM_INF;
	info->lft.hard_byte_limit = XFRM_INF;
	info->lft.soft_packet_limit = XFRM_INF;
	info->lft.hard_packet_limit = XFRM_INF;
	info->priority = p->priority;
	info->dir = wire_dir(p->dir);
	info->action = p->block ? XFRM_POLICY_BLOCK : XFRM_POLICY_ALLOW;
	info->share = XFRM_SHARE_ANY;
	put_template(m, p);
	put_offload(m, p);
	return 0;
}

int xfrm_policy_put_add(struct nl_msg *m, const struct xfrm_pol *p)
{
	return put_policy(m, XFRM_MSG_NEWPOLICY, p);
}

int xfrm_policy_put_update(struct nl_msg *m, const struct xfrm_pol *p)
{
	return put_policy(m, XFRM_MSG_UPDPOLICY, p);
}

static int put_id(struct nl_msg *m, uint16_t type, const struct xfrm_pol *p)
{
	struct xfrm_userpolicy_id *id = nl_msg_start(m, type, 0, sizeof(*id));

	if (p->sel_src.family != p->sel_dst.family)
		return -EINVAL;
	put_selector(&id->sel, p);
	id->dir = wire_dir(p->dir);
	return 0;
}

int xfrm_policy_put_delete(struct nl_msg *m, const struct xfrm_pol *p)
{
	return put_id(m, XFRM_MSG_DELPOLICY, p);
}

int xfrm_policy_put_get(struct nl_msg *m, const struct xfrm_pol *p)
{
	return put_id(m, XFRM_MSG_GETPOLICY, p);
}

void xfrm_policy_put_dump(struct nl_msg *m)
{
	nl_msg_start(m, XFRM_MSG_GETPOLICY, NLM_F_DUMP, 0); /* without header, as states */
}

static void parse_attrs(const struct nlattr *const *a, struct xfrm_pol *p)
{
	const struct nlattr *t = a[XFRMA_TMPL], *o = a[XFRMA_OFFLOAD_DEV];

	if (t && mnl_attr_get_payload_len(t) >= sizeof(struct xfrm_user_tmpl)) {
		const struct xfrm_user_tmpl *x = mnl_attr_get_payload(t);

		xfrm_wire_take_addr(&p->tmpl_dst, &x->id.daddr, x->family);
		xfrm_wire_take_addr(&p->tmpl_src, &x->saddr, x->family);
		p->reqid = x->reqid;
		p->mode = x->mode;
	}
	if (o && mnl_attr_get_payload_len(o) >= sizeof(struct xfrm_user_offload)) {
		const struct xfrm_user_offload *x = mnl_attr_get_payload(o);

		p->ifindex = (uint32_t)x->ifindex;
		p->offload = x->flags & XFRM_OFFLOAD_PACKET ? IPSO_OFFLOAD_PACKET
							    : IPSO_OFFLOAD_CRYPTO;
	}
}

int xfrm_policy_parse(const struct nlmsghdr *nlh, struct xfrm_pol *ret_p)
{
	const struct xfrm_userpolicy_info *info = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *a[XFRMA_OFFLOAD_DEV + 1];
	struct xfrm_pol p = {};

	if (nlh->nlmsg_type != XFRM_MSG_NEWPOLICY ||
	    mnl_nlmsg_get_payload_len(nlh) < sizeof(*info))
		return -EBADMSG;
	xfrm_wire_take_selector(&info->sel, &p.sel_src, &p.sel_dst);
	p.proto = info->sel.proto;
	p.sport = ntohs(info->sel.sport);
	p.dport = ntohs(info->sel.dport);
	p.user = info->sel.user;
	p.dir = take_dir(info->dir);
	p.priority = info->priority;
	p.index = info->index;
	p.block = info->action == XFRM_POLICY_BLOCK;
	nl_attrs(nlh, sizeof(*info), a, XFRMA_OFFLOAD_DEV);
	parse_attrs(a, &p);
	*ret_p = p;
	return 0;
}

static const char *policy_name(const struct xfrm_pol *p, char *buf, size_t size)
{
	static const char *const dirs[] = {"", "in", "out", "fwd"};
	char src[ADDR_STRLEN], dst[ADDR_STRLEN];

	snprintf(buf, size, "policy %s %s -> %s", dirs[p->dir & 3], addr_str(&p->sel_src, true, src),
		 addr_str(&p->sel_dst, true, dst));
	return buf;
}

static int exchange(struct nl *nl, struct nl_msg *m, int err, const char *verb,
		    const struct xfrm_pol *p, struct why *why)
{
	char name[160];

	if (!err)
		err = nl_request(nl, m, NULL, NULL, why);
	if (err < 0)
		why_set(why, err, "%s %s", verb, policy_name(p, name, sizeof(name)));
	return err;
}

int xfrm_policy_add(struct nl *nl, const struct xfrm_pol *p, struct why *why)
{
	struct nl_msg m;

	return exchange(nl, &m, xfrm_policy_put_add(&m, p), "add", p, why);
}

int xfrm_policy_update(struct nl *nl, const struct xfrm_pol *p, struct why *why)
{
	struct nl_msg m;

	return exchange(nl, &m, xfrm_policy_put_update(&m, p), "update", p, why);
}

int xfrm_policy_delete(struct nl *nl, const struct xfrm_pol *p, struct why *why)
{
	struct nl_msg m;

	return exchange(nl, &m, xfrm_policy_put_delete(&m, p), "delete", p, why);
}

struct policy_call {
	xfrm_policy_fn fn;
	void *arg;
};

static int take_policy(const struct nlmsghdr *nlh, void *arg)
{
	const struct policy_call *c = arg;
	struct xfrm_pol p;
	int err = xfrm_policy_parse(nlh, &p);

	return err < 0 ? err : c->fn(&p, c->arg);
}

int xfrm_policy_get(struct nl *nl, const struct xfrm_pol *p, xfrm_policy_fn fn, void *arg,
		    struct why *why)
{
	struct policy_call c = {fn, arg};
	struct nl_msg m;
	char name[160];
	int err = xfrm_policy_put_get(&m, p);

	if (!err)
		err = nl_request(nl, &m, take_policy, &c, why);
	if (err < 0)
		why_set(why, err, "read %s", policy_name(p, name, sizeof(name)));
	return err;
}

int xfrm_policy_dump(struct nl *nl, xfrm_policy_fn fn, void *arg, struct why *why)
{
	struct policy_call c = {fn, arg};
	struct nl_msg m;
	int err;

	xfrm_policy_put_dump(&m);
	err = nl_dump(nl, &m, take_policy, &c, why);
	return err < 0 ? why_set(why, err, "read the policies of the kernel") : 0;
}
