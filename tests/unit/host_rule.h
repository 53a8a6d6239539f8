/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TC rules of a host in memory, and the net device of tunnels. */
#ifndef IPSO_TEST_HOST_RULE_H
#define IPSO_TEST_HOST_RULE_H

#include <errno.h>

#include "host.h"

static inline int host_filter(const struct ipso_config *cfg, struct ipso_state *st,
			      const struct step *s)
{
	struct obs_filter o = {.in_hw = true, .plain = true, .skip_sw = true};
	struct tc_filter w;

	step_filter(cfg, st, s, &w);
	if (w.ifindex == PF_INDEX && host_has_ipsec(st, PF_INDEX))
		return -EBUSY;
	o.ifindex = w.ifindex;
	o.block = w.block;
	o.in_hw_count = block_ports(cfg, s);
	o.skip_sw = w.skip_sw;
	o.pref = w.pref;
	o.protocol = w.protocol;
	o.handle = w.handle;
	o.rule = w.rule;
	strcpy(o.kind, "flower");
	if (w.block) { /* the kernel shows it for each of the devices */
		for (unsigned int i = 0; i < st->ingress_count; i++) {
			o.ifindex = st->ingress[i].ifindex;
			if (st->ingress[i].block == w.block)
				st->filters[st->filters_count++] = o;
		}
		return 0;
	}
	st->filters[st->filters_count++] = o;
	return w.ifindex && w.rule.actions[w.rule.actions_count - 1].ifindex ? 0 : -ENODEV;
}

static inline int host_vxlan(struct ipso_state *st, const struct step *s)
{
	struct obs_vxlan *v = &st->vxlans[st->vxlans_count++];

	*v = (struct obs_vxlan){.port = s->vxlan,
				.link = {.ifindex = 4000u + s->vxlan, .up = true}};
	vxlan_name(s->vxlan, v->link.name);
	return 0;
}

#endif
