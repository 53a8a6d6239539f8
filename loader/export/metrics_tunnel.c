/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Series of tunnels, which outlive the SAs, and of TC rules. Bounded as those of SAs are. */
#include "export/internal.h"
#include "export/metric.h"

static unsigned int shown(const struct scrape *to)
{
	unsigned int n = to->s->tunnels_count;

	return n < METRIC_TUNNELS_MAX ? n : METRIC_TUNNELS_MAX;
}

uint64_t metric_tunnels_omitted(const struct scrape *to)
{
	return to->s->tunnels_count - shown(to);
}

/* In and out from the start; what is in software has no direction, and a series when there is any. */
void metric_write_tunnel(const struct metric *m, const struct scrape *to)
{
	static const unsigned int dirs[] = {IPSO_DIR_IN, IPSO_DIR_OUT, IPSO_DIR_NONE};

	for (unsigned int i = 0; i < shown(to); i++) {
		const struct tunnel_row *t = to->s->tunnels[i];

		for (unsigned int d = 0; d < 3; d++) {
			const char *const values[] = {t->name, dir_label(dirs[d])};

			if (dirs[d] != IPSO_DIR_NONE || t->dir[dirs[d]].had_sa)
				metric_sample(m, to, values,
					      (double)m->value.tunnel(t, dirs[d]));
		}
	}
}

uint64_t metric_tunnel_packets(const struct tunnel_row *t, unsigned int dir)
{
	return t->dir[dir].packets;
}

uint64_t metric_tunnel_bytes(const struct tunnel_row *t, unsigned int dir)
{
	return t->dir[dir].bytes;
}

uint64_t metric_tunnel_rekeys(const struct tunnel_row *t, unsigned int dir)
{
	return t->dir[dir].rekeys;
}

void metric_write_tc_rules(const struct metric *m, const struct scrape *to)
{
	for (unsigned int i = 0; i < to->s->tc_count; i++) {
		const struct tc_row *r = &to->s->tc[i];
		const char *const hardware[] = {r->ifname, "hardware"};
		const char *const software[] = {r->ifname, "software"};

		metric_sample(m, to, hardware, r->hardware);
		metric_sample(m, to, software, r->software);
	}
}
