/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The metrics. Every family is written, with its series at 0, before anything has happened; series
 * of SAs and eswitches come and go with them.
 */
#include <string.h>

#include "base/addr.h"
#include "base/mem.h"
#include "export/internal.h"
#include "export/metric.h"

/* A sample with the one label of its row. */
static void single(const struct metric *m, const struct scrape *to, const char *value, uint64_t n)
{
	metric_sample(m, to, &value, (double)n);
}

static void write_plain(const struct metric *m, const struct scrape *to)
{
	metric_sample(m, to, NULL, (double)m->value.plain(to));
}

static void write_real(const struct metric *m, const struct scrape *to)
{
	metric_sample(m, to, NULL, m->value.real(to));
}

static void write_build(const struct metric *m, const struct scrape *to)
{
	single(m, to, IPSO_VERSION, 1);
}

static uint64_t started(const struct scrape *to)
{
	return to->self->started_s;
}

static uint64_t healthy(const struct scrape *to)
{
	return to->self->healthy;
}

static double refresh_age(const struct scrape *to)
{
	return to->self->refresh_age_seconds;
}

static double cpu(const struct scrape *to)
{
	return to->self->cpu_seconds;
}

static uint64_t resident(const struct scrape *to)
{
	return to->self->resident_bytes;
}

static uint64_t streams(const struct scrape *to)
{
	return to->self->streams;
}

static void write_streams_dropped(const struct metric *m, const struct scrape *to)
{
	single(m, to, "slow", to->self->streams_slow);
	single(m, to, "limit", to->self->streams_refused);
}

static uint64_t window_open(const struct scrape *to)
{
	return to->self->window_open;
}

static double window_seconds(const struct scrape *to)
{
	return to->self->windows_seconds;
}

static void write_windows(const struct metric *m, const struct scrape *to)
{
	single(m, to, "done", to->self->windows_done);
	single(m, to, "in-vain", to->self->windows_in_vain);
	single(m, to, "failed", to->self->windows_failed);
}

static uint64_t acquires_refused(const struct scrape *to)
{
	return to->self->acquires_refused;
}

static void write_restores(const struct metric *m, const struct scrape *to)
{
	single(m, to, "done", to->self->restores_done);
	single(m, to, "failed", to->self->restores_failed);
	single(m, to, "given-up", to->self->restores_given_up);
}

static uint64_t overflow(const struct scrape *to)
{
	return to->s->sas_overflow;
}

static uint64_t capacity(const struct scrape *to)
{
	(void)to;
	return COLLECT_SAS_MAX;
}

static void write_policies(const struct metric *m, const struct scrape *to)
{
	unsigned int d;

	for (d = IPSO_DIR_IN; d <= IPSO_DIR_FWD; d++)
		single(m, to, dir_label(d), to->s->policies[d]);
}

static uint64_t installed(const struct scrape *to)
{
	return to->s->gate.installed;
}

static void write_verdicts(const struct metric *m, const struct scrape *to)
{
	unsigned int v;

	for (v = 0; v < IPSO_VERDICT_MAX; v++)
		single(m, to, verdict_label(v), to->s->gate.verdicts[v]);
}

static void write_bypasses(const struct metric *m, const struct scrape *to)
{
	unsigned int way;

	for (way = 0; way < IPSO_WAY_MAX; way++)
		single(m, to, way_label(way), to->s->bypasses[way]);
}

static void write_eswitch(const struct metric *m, const struct scrape *to)
{
	char pci[PCI_STRLEN];
	unsigned int i;

	for (i = 0; i < to->s->eswitches_count; i++) {
		const struct ipso_gate_probe *p = &to->s->eswitches[i].probe;
		const char *const values[] = {to->s->eswitches[i].ifname, pci_str(p->pci, pci)};

		metric_sample(m, to, values, (double)m->value.eswitch(p));
	}
}

/*
 * SAs with a limit whose successor this driver would refuse now: TC rules in hardware hold the eswitch
 * mode, which mlx5_eswitch_block_mode() asks for with every SA (since commit 22239eb258bc).
 */
static void write_rekeys(const struct metric *m, const struct scrape *to)
{
	const struct snapshot *s = to->s;
	char pci[PCI_STRLEN];
	unsigned int i, j, n;

	for (i = 0; i < s->eswitches_count; i++) {
		const struct ipso_gate_probe *p = &s->eswitches[i].probe;
		const char *const values[] = {s->eswitches[i].ifname, pci_str(p->pci, pci)};

		n = 0;
		for (j = 0; s->sa_needs_free_eswitch && p->drv.esw_users && j < s->sas_count; j++) {
			const struct sa_row *r = s->sas[j];

			n += r->offload == IPSO_OFFLOAD_PACKET &&
			     (r->hard_packets || r->hard_bytes || r->hard_seconds) &&
			     strcmp(r->ifname, s->eswitches[i].ifname) == 0;
		}
		metric_sample(m, to, values, n);
	}
}

/* mlx5_esw_ipsec_rx_setup_modify_header() numbers them in 11 bits of the metadata of a packet. */
#define ESWITCH_INBOUND_SAS 2047

static void write_inbound_capacity(const struct metric *m, const struct scrape *to)
{
	char pci[PCI_STRLEN];

	for (unsigned int i = 0; i < to->s->eswitches_count; i++) {
		const struct ipso_gate_probe *p = &to->s->eswitches[i].probe;
		const char *const values[] = {to->s->eswitches[i].ifname, pci_str(p->pci, pci)};

		if ((p->drv.known & IPSO_DRV_ESWITCH) && p->drv.eswitch_mode == 1)
			metric_sample(m, to, values, ESWITCH_INBOUND_SAS);
	}
}

static void write_eswitch_info(const struct metric *m, const struct scrape *to)
{
	char pci[PCI_STRLEN];
	unsigned int i;

	for (i = 0; i < to->s->eswitches_count; i++) {
		const struct ipso_gate_probe *p = &to->s->eswitches[i].probe;
		const char *const values[] = {to->s->eswitches[i].ifname, pci_str(p->pci, pci),
					      eswitch_mode_label(&p->drv),
					      steering_label(&p->drv)};

		metric_sample(m, to, values, 1);
	}
}

static void write_drift(const struct metric *m, const struct scrape *to)
{
	static const unsigned int items[] = {IPSO_MODE_ESWITCH, IPSO_MODE_STEERING, IPSO_MODE_VFS,
					     IPSO_MODE_IPSEC_PACKET};
	char pci[PCI_STRLEN];

	for (unsigned int i = 0; i < to->s->eswitches_count; i++) {
		for (unsigned int k = 0; k < ARRAY_SIZE(items); k++) {
			const char *const values[] = {
				to->s->eswitches[i].ifname,
				pci_str(to->s->eswitches[i].probe.pci, pci),
				mode_item_label(items[k])};

			metric_sample(m, to, values, to->s->eswitches[i].drift >> items[k] & 1);
		}
	}
}

static uint64_t esw_guarded(const struct ipso_gate_probe *p)
{
	return p->guarded;
}

static uint64_t esw_open(const struct ipso_gate_probe *p)
{
	return p->open;
}

static uint64_t esw_rx(const struct ipso_gate_probe *p)
{
	return p->drv.rx_tables;
}

static uint64_t esw_tx(const struct ipso_gate_probe *p)
{
	return p->drv.tx_tables;
}

static uint64_t esw_tc(const struct ipso_gate_probe *p)
{
	return p->drv.num_block_ipsec;
}

static uint64_t esw_users(const struct ipso_gate_probe *p)
{
	return p->drv.esw_users;
}

static void write_hardware(const struct metric *m, const struct scrape *to)
{
	unsigned int i;

	for (i = 0; i < to->s->hardware_count; i++) {
		const struct hardware_row *r = &to->s->hardware[i];
		const char *const values[] = {r->ifname, r->counter};

		metric_sample(m, to, values, (double)r->value);
	}
}

/* Those that errno and state lead to from the start; texts as they come. */
static void write_failures(const struct metric *m, const struct scrape *to)
{
	const struct catalogue_row *row;
	unsigned int i, j;
	uint64_t n;

	for (i = 0; (row = catalogue_row(i)); i++) {
		const char *const values[] = {row->id, row->class_};

		n = 0;
		for (j = 0; j < to->s->failures_count; j++)
			if (strcmp(to->s->failures[j].ex.id, row->id) == 0)
				n = to->s->failures[j].count;
		if (n || row->kind == CATALOGUE_SILENT)
			metric_sample(m, to, values, (double)n);
	}
}

static uint64_t firmware(const struct scrape *to)
{
	return to->s->events[IPSO_EV_FW_ERROR];
}

static void write_events(const struct metric *m, const struct scrape *to)
{
	unsigned int k;

	for (k = IPSO_EV_NONE + 1; k < IPSO_EV_MAX; k++)
		single(m, to, kind_label(k), to->s->events[k]);
}

static void write_lost(const struct metric *m, const struct scrape *to)
{
	unsigned int k;

	for (k = IPSO_EV_NONE + 1; k < IPSO_EV_MAX; k++)
		single(m, to, kind_label(k), to->s->lost[k]);
}

static uint64_t unreadable(const struct scrape *to)
{
	return to->s->unreadable;
}

static void write_programs(const struct metric *m, const struct scrape *to)
{
	unsigned int i;

	for (i = 0; i < to->s->hooks_count; i++) {
		const char *const values[] = {to->s->hooks[i].name, to->s->hooks[i].target};

		metric_sample(m, to, values, to->s->hooks[i].attached);
	}
}

#define ROW(group_, type_, name_, unit_, writer, help_) \
	.group = METRIC_##group_, .type = METRIC_##type_, .name = name_, .unit = unit_, \
	.write = writer, .help = help_
#define PLAIN(group, type, name, unit, from, help) \
	{ROW(group, type, name, unit, write_plain, help), .value.plain = from}
#define REAL(group, type, name, unit, from, help) \
	{ROW(group, type, name, unit, write_real, help), .value.real = from}
#define LIST(group, type, name, writer, help, ...) \
	{ROW(group, type, name, NULL, writer, help), .labels = {__VA_ARGS__}}
#define SA(type, name, unit, from, help) \
	{ROW(SA, type, name, unit, metric_write_sa, help), .value.sa = from, .labels = {METRIC_SA_KEY}}
#define TUNNEL(name, unit, from, help) \
	{ROW(SA, COUNTER, name, unit, metric_write_tunnel, help), .value.tunnel = from, \
	 .labels = {"tunnel", "direction"}}
#define ESWITCH(name, from, help) \
	{ROW(ESWITCH, GAUGE, name, NULL, write_eswitch, help), .value.eswitch = from, \
	 .labels = {"dev", "pci"}}

const struct metric metrics[] = {
	LIST(SELF, INFO, "ipso_build", write_build, "Version of ipso.", "version"),
	PLAIN(SELF, GAUGE, "ipso_healthy", NULL, healthy,
	      "1 while SAs can be read and the gate guards as configured, as /healthz says."),
	PLAIN(SELF, GAUGE, "ipso_start_time_seconds", "seconds", started,
	      "When the service began to serve, since the epoch."),
	REAL(SELF, GAUGE, "ipso_refresh_age_seconds", "seconds", refresh_age,
	     "Since SAs and policies were last read from the kernel."),
	REAL(SELF, COUNTER, "ipso_cpu_seconds", "seconds", cpu,
	     "Processor time of the service, user and system."),
	PLAIN(SELF, GAUGE, "ipso_resident_memory_bytes", "bytes", resident,
	      "Memory of the service that is in RAM."),
	PLAIN(SELF, GAUGE, "ipso_event_streams", NULL, streams,
	      "Readers that follow /api/v1/events."),
	LIST(SELF, COUNTER, "ipso_event_streams_dropped", write_streams_dropped,
	     "Readers of /api/v1/events sent away: too slow, or more than there is room for.",
	     "reason"),
	LIST(ESWITCH, COUNTER, "ipso_rekey_windows", write_windows,
	     "Rekey windows: rules were taken out of hardware for an IKE daemon's new SAs, and a pair of them came (done) or did not (in-vain); or a window could not be opened or closed (failed).",
	     "result"),
	REAL(ESWITCH, COUNTER, "ipso_rekey_windows_open_seconds", "seconds", window_seconds,
	     "That rekey windows were open, and traffic on the slow path."),
	PLAIN(ESWITCH, GAUGE, "ipso_rekey_window_open", NULL, window_open,
	      "1 while a rekey window is open."),
	PLAIN(KERNEL, COUNTER, "ipso_acquires_refused", NULL, acquires_refused,
	      "Packets for an offloaded policy without SA that did not ask the IKE daemon for one: this kernel would have ended in an oops."),
	LIST(ESWITCH, COUNTER, "ipso_drift_restores", write_restores,
	     "Times that modes which somebody changed were put right (on-drift: restore), could not be (failed), or came back too often (given-up).",
	     "result"),
	LIST(KERNEL, GAUGE, "ipso_program_attached", write_programs,
	     "1 for a BPF program that is attached.", "program", "target"),
	LIST(KERNEL, COUNTER, "ipso_events", write_events, "Kernel events read, by kind.", "kind"),
	LIST(KERNEL, COUNTER, "ipso_events_lost", write_lost,
	     "Kernel events that found no room, by kind.", "kind"),
	PLAIN(KERNEL, COUNTER, "ipso_records_unreadable", NULL, unreadable,
	      "Records of another size or version than expected."),
	LIST(SA, GAUGE, "ipso_sas", metric_write_sas,
	     "ESP SAs in the kernel, by device, direction and offload.", "dev", "direction",
	     "offload"),
	PLAIN(SA, GAUGE, "ipso_sas_capacity", NULL, capacity,
	      "SAs that the table of ipso has room for; the card tells of its own room by refusing (class RES of ipso_offload_failures_total)."),
	PLAIN(SA, COUNTER, "ipso_sas_overflow", NULL, overflow,
	      "SAs that found no place in the table."),
	PLAIN(SA, GAUGE, "ipso_sas_without_series", NULL, metric_sas_omitted,
	      "SAs in the table that have no series of their own, as they are too many."),
	LIST(SA, INFO, "ipso_sa", metric_write_sa_info, "What an SA is.", METRIC_SA_KEY, "src", "dev",
	     "offload", "mode"),
	SA(COUNTER, "ipso_sa_packets", "packets", metric_sa_packets,
	   "Packets of an SA, as the driver counted them."),
	SA(COUNTER, "ipso_sa_bytes", "bytes", metric_sa_bytes,
	   "Bytes of an SA, as the driver counted them."),
	SA(COUNTER, "ipso_sa_integrity_failures", NULL, metric_sa_integrity,
	   "Packets whose ICV did not match."),
	SA(COUNTER, "ipso_sa_replay_drops", NULL, metric_sa_replay,
	   "Packets outside the replay window or seen before."),
	SA(COUNTER, "ipso_sa_software_packets", "packets", metric_sa_software,
	   "Packets of a packet-offload SA that the CPU handled."),
	SA(GAUGE, "ipso_sa_last_use_timestamp_seconds", "seconds", metric_sa_last_use,
	   "Last use, since the epoch; 0 for never."),
	SA(GAUGE, "ipso_sa_sample_age_seconds", "seconds", metric_sa_age,
	   "Age of this SA's counters."),
	SA(GAUGE, "ipso_sa_lifetime_used_ratio", "ratio", metric_sa_used,
	   "Share of its nearest hard limit (packets, bytes, time; sequence numbers without ESN) that an SA has used."),
	TUNNEL("ipso_tunnel_packets", "packets", metric_tunnel_packets,
	       "Packets of a tunnel's SAs together, through all rekeys; what an SA carried after its last reading is not in it."),
	TUNNEL("ipso_tunnel_bytes", "bytes", metric_tunnel_bytes,
	       "Bytes of a tunnel's SAs together, through all rekeys; what an SA carried after its last reading is not in it."),
	TUNNEL("ipso_tunnel_rekeys", NULL, metric_tunnel_rekeys,
	       "SAs of a tunnel that came after another one."),
	PLAIN(SA, GAUGE, "ipso_tunnels_without_series", NULL, metric_tunnels_omitted,
	      "Tunnels that have no series of their own, as they are too many."),
	LIST(SA, GAUGE, "ipso_policies", write_policies, "Packet-offload policies by direction.",
	     "direction"),
	PLAIN(ESWITCH, GAUGE, "ipso_gate_installed", NULL, installed,
	      "1 while the gate is in the kernel."),
	LIST(ESWITCH, COUNTER, "ipso_gate_verdicts", write_verdicts,
	     "TC messages by what the gate said.", "verdict"),
	LIST(ESWITCH, COUNTER, "ipso_gate_bypasses", write_bypasses,
	     "TC rules that got into hardware past the gate while the tables did not exist.", "way"),
	LIST(ESWITCH, INFO, "ipso_eswitch", write_eswitch_info, "Modes of a guarded eswitch.", "dev",
	     "pci", "mode", "steering"),
	LIST(ESWITCH, GAUGE, "ipso_eswitch_drift", write_drift,
	     "1 while a mode of the device is not as configured (ipso explain G-07).", "dev", "pci",
	     "item"),
	ESWITCH("ipso_eswitch_guarded", esw_guarded,
		"Mode of the gate: 0 off, 1 observe, 2 enforce, 3 hold."),
	ESWITCH("ipso_eswitch_open", esw_open,
		"1 while the IPsec tables exist and TC rules may come."),
	ESWITCH("ipso_eswitch_rx_table_users", esw_rx, "SAs and policies on the RX IPsec tables."),
	ESWITCH("ipso_eswitch_tx_table_users", esw_tx, "SAs and policies on the TX IPsec tables."),
	ESWITCH("ipso_eswitch_uplink_tc_rules", esw_tc, "TC rules that keep IPsec off the uplink."),
	ESWITCH("ipso_eswitch_users", esw_users,
		"Holders of the eswitch mode, TC rules among them."),
	LIST(ESWITCH, GAUGE, "ipso_eswitch_inbound_sas_capacity", write_inbound_capacity,
	     "Inbound SAs that the driver has numbers for, in switchdev mode; in legacy mode the card's room alone is the limit, which it tells by refusing.",
	     "dev", "pci"),
	LIST(ESWITCH, GAUGE, "ipso_eswitch_rekeys_at_risk", write_rekeys,
	     "SAs with a limit whose successor this driver refuses while TC rules are in hardware (ipso explain S-06).",
	     "dev", "pci"),
	LIST(ESWITCH, GAUGE, "ipso_tc_rules", metric_write_tc_rules,
	     "TC rules at the ingress of the ports of guarded eswitches and of VXLAN devices, by where they are; a rule of a shared block is one of each of its devices.",
	     "dev", "place"),
	LIST(ESWITCH, COUNTER, "ipso_hardware_ipsec", write_hardware,
	     "Sums of the card and its driver by reason, the ipsec_* of ethtool -S.", "dev",
	     "counter"),
	LIST(FAILURE, COUNTER, "ipso_offload_failures", write_failures,
	     "Refused offloads by catalogue id.", "id", "class"),
	PLAIN(FAILURE, COUNTER, "ipso_firmware_errors", NULL, firmware,
	      "Firmware commands that failed."),
};
const unsigned int metrics_count = ARRAY_SIZE(metrics);
