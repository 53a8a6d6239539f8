/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A snapshot as one JSON object, and that object as tables for people. */
#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "base/mem.h"
#include "export/internal.h"

#define NSEC_PER_SEC 1e9

static void put_int(json_t *j, const char *key, uint64_t v)
{
	json_object_set_new(j, key, json_integer((json_int_t)v));
}

json_t *sa_row_json(const struct sa_row *r, const struct snapshot *s)
{
	char spi[SPI_STRLEN], src[ADDR_STRLEN], dst[ADDR_STRLEN];
	json_t *j = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b}", "tunnel", r->tunnel,
			      "direction", dir_label(r->dir), "source",
			      sa_src_text(r, src), "destination",
			      sa_dst_text(r, dst), "spi", spi_text(r->key.spi, spi),
			      "device", r->ifname, "offload", offload_label(r->offload), "mode",
			      r->mode ? "tunnel" : "transport", "esn", r->esn);

	put_int(j, "reqid", r->reqid);
	put_int(j, "netns", r->key.netns);
	put_int(j, "mark", r->key.mark);
	put_int(j, "replay_window", r->replay_window);
	put_int(j, "packets", r->now.packets);
	put_int(j, "bytes", r->now.bytes);
	put_int(j, "integrity_failed", r->now.integrity);
	put_int(j, "replay_drops", r->now.replay);
	put_int(j, "software_packets", r->software);
	json_object_set_new(j, "packets_per_second", json_real(r->packet_rate));
	json_object_set_new(j, "bytes_per_second", json_real(r->byte_rate));
	json_object_set_new(j, "lifetime_used", json_real(export_sa_used(r, s->now_s)));
	put_int(j, "last_use", r->now.use_time);
	put_int(j, "sequence", (uint64_t)r->now.seq_hi << 32 | r->now.seq_lo);
	put_int(j, "soft_packets", r->soft_packets);
	put_int(j, "hard_packets", r->hard_packets);
	put_int(j, "soft_bytes", r->soft_bytes);
	put_int(j, "hard_bytes", r->hard_bytes);
	put_int(j, "soft_seconds", r->soft_seconds);
	put_int(j, "hard_seconds", r->hard_seconds);
	put_int(j, "add_time", r->add_time);
	if (r->sampled_ns)
		json_object_set_new(j, "sample_age_seconds",
				    json_real((double)(s->now_ns - r->sampled_ns) / NSEC_PER_SEC));
	return j;
}

static json_t *sas_json(const struct snapshot *s)
{
	json_t *list = json_array();
	unsigned int i;

	for (i = 0; i < s->sas_count; i++)
		json_array_append_new(list, sa_row_json(s->sas[i], s));
	return list;
}

static json_t *eswitches_json(const struct snapshot *s)
{
	json_t *list = json_array();
	char pci[PCI_STRLEN];
	unsigned int i;

	for (i = 0; i < s->eswitches_count; i++) {
		const struct ipso_gate_probe *p = &s->eswitches[i].probe;

		json_array_append_new(
			list, json_pack("{s:s, s:s, s:s, s:b, s:s, s:o}", "device",
					s->eswitches[i].ifname, "pci", pci_str(p->pci, pci),
					"guarded", gate_mode_label(p->guarded), "open",
					(int)p->open, "roce", roce_label(p->roce), "driver",
					driver_json(&p->drv)));
	}
	return list;
}

static json_t *gate_json(const struct snapshot *s)
{
	const struct gate_status *g = &s->gate;
	json_t *j = json_pack("{s:b, s:b}", "installed", g->installed, "foreign", g->foreign);
	json_t *rules = json_array(), *verdicts = json_object(), *bypasses = json_object();
	char pci[PCI_STRLEN];
	unsigned int i;

	for (i = 0; i < g->rules_count; i++)
		json_array_append_new(rules, json_pack("{s:s, s:s}", "pci",
						       pci_str(g->rules[i].pci, pci), "mode",
						       gate_mode_label(g->rules[i].mode)));
	for (i = 0; i < IPSO_VERDICT_MAX; i++)
		put_int(verdicts, verdict_label(i), g->verdicts[i]);
	json_object_set_new(j, "rules", rules);
	for (i = 0; i < IPSO_WAY_MAX; i++)
		put_int(bypasses, way_label(i), s->bypasses[i]);
	json_object_set_new(j, "verdicts", verdicts);
	json_object_set_new(j, "bypasses", bypasses);
	return j;
}

static json_t *failures_json(const struct snapshot *s)
{
	json_t *list = json_array(), *j;
	unsigned int i;

	for (i = 0; i < s->failures_count; i++) {
		j = export_explanation_json(&s->failures[i].ex);
		put_int(j, "count", s->failures[i].count);
		json_array_append_new(list, j);
	}
	return list;
}

static json_t *events_json(const struct snapshot *s)
{
	json_t *j = json_object(), *seen = json_object(), *lost = json_object();
	unsigned int k;

	for (k = IPSO_EV_NONE + 1; k < IPSO_EV_MAX; k++) {
		put_int(seen, kind_label(k), s->events[k]);
		put_int(lost, kind_label(k), s->lost[k]);
	}
	json_object_set_new(j, "seen", seen);
	json_object_set_new(j, "lost", lost);
	put_int(j, "unreadable", s->unreadable);
	return j;
}

static json_t *programs_json(const struct snapshot *s)
{
	json_t *list = json_array();
	unsigned int i;

	for (i = 0; i < s->hooks_count; i++) {
		const struct hook_info *h = &s->hooks[i];

		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:b, s:s}", "name", h->name,
						      "target", h->target, "shows", h->shows,
						      "attached", h->attached, "reason",
						      h->reason));
	}
	return list;
}

json_t *export_gate_json(const struct snapshot *s)
{
	json_t *j = gate_json(s);

	json_object_set_new(j, "eswitches", eswitches_json(s));
	return j;
}

json_t *export_status_json(const struct snapshot *s)
{
	json_t *j = json_object(), *policies = json_object();

	put_int(policies, "in", s->policies[IPSO_DIR_IN]);
	put_int(policies, "out", s->policies[IPSO_DIR_OUT]);
	put_int(policies, "fwd", s->policies[IPSO_DIR_FWD]);
	json_object_set_new(j, "sas", sas_json(s));
	put_int(j, "sas_overflow", s->sas_overflow);
	json_object_set_new(j, "policies", policies);
	json_object_set_new(j, "eswitches", eswitches_json(s));
	json_object_set_new(j, "gate", gate_json(s));
	json_object_set_new(j, "failures", failures_json(s));
	json_object_set_new(j, "events", events_json(s));
	json_object_set_new(j, "programs", programs_json(s));
	return j;
}
