/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prometheus text format 0.0.4 (docs: "Exposition formats"). Families are rows of a table: name,
 * type, help, and a writer of their series. Every family is written, with its series at 0, before
 * anything has happened; series of SAs and eswitches come and go with them.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "base/mem.h"
#include "export/internal.h"

#define NSEC_PER_SEC 1e9

struct family {
	const char *name, *type, *help;
	void (*write)(const struct family *f, const struct snapshot *s, FILE *out);
	/* used by writers of SA series */
	double (*sa)(const struct sa_row *r, const struct snapshot *s);
	/* used by writers of eswitch series */
	double (*eswitch)(const struct ipso_gate_probe *p);
};

/* A label value: backslash, quote and newline are escaped. */
static void put_value(const char *v, FILE *out)
{
	fputc('"', out);
	for (; *v; v++) {
		if (*v == '\\' || *v == '"')
			fputc('\\', out);
		if (*v == '\n')
			fputs("\\n", out);
		else
			fputc(*v, out);
	}
	fputc('"', out);
}

static void label(FILE *out, char first, const char *name, const char *value)
{
	fputc(first, out);
	fputs(name, out);
	fputc('=', out);
	put_value(value, out);
}

static void plain(const struct family *f, FILE *out, uint64_t value)
{
	fprintf(out, "%s %llu\n", f->name, (unsigned long long)value);
}

/* One series with one label. */
static void single(const struct family *f, FILE *out, const char *name, const char *value,
		   uint64_t n)
{
	fputs(f->name, out);
	label(out, '{', name, value);
	fprintf(out, "} %llu\n", (unsigned long long)n);
}

static void write_build(const struct family *f, const struct snapshot *s, FILE *out)
{
	(void)s;
	single(f, out, "version", IPSO_VERSION, 1);
}

static void put_sas(const struct family *f, FILE *out, const char *dev, unsigned int dir,
		    unsigned int offload, unsigned int n)
{
	fputs(f->name, out);
	label(out, '{', "dev", dev);
	label(out, ',', "direction", dir_label(dir));
	label(out, ',', "offload", offload_label(offload));
	fprintf(out, "} %u\n", n);
}

static bool same_group(const struct sa_row *a, const struct sa_row *b)
{
	return a->dir == b->dir && a->offload == b->offload && strcmp(a->ifname, b->ifname) == 0;
}

/* SAs by device, direction, offload; both directions of every watched device from the start. */
static void write_sas(const struct family *f, const struct snapshot *s, FILE *out)
{
	struct sa_row want = {.offload = IPSO_OFFLOAD_PACKET};
	unsigned int i, j, n, e;

	for (i = 0; i < s->sas_count; i++) {
		for (j = 0; j < i && !same_group(&s->sas[j], &s->sas[i]); j++)
			;
		if (j < i)
			continue;
		for (n = 0; j < s->sas_count; j++)
			n += same_group(&s->sas[j], &s->sas[i]);
		put_sas(f, out, s->sas[i].ifname, s->sas[i].dir, s->sas[i].offload, n);
	}
	for (e = 0; e < s->eswitches_count; e++)
		for (want.dir = IPSO_DIR_IN; want.dir <= IPSO_DIR_OUT; want.dir++) {
			memcpy(want.ifname, s->eswitches[e].ifname, sizeof(want.ifname));
			for (j = 0; j < s->sas_count && !same_group(&s->sas[j], &want); j++)
				;
			if (j == s->sas_count)
				put_sas(f, out, want.ifname, want.dir, want.offload, 0);
		}
}

static void write_overflow(const struct family *f, const struct snapshot *s, FILE *out)
{
	plain(f, out, s->sas_overflow);
}

static void write_sa(const struct family *f, const struct snapshot *s, FILE *out)
{
	char src[ADDR_STRLEN], dst[ADDR_STRLEN], spi[SPI_STRLEN], number[16];
	unsigned int i;

	for (i = 0; i < s->sas_count; i++) {
		const struct sa_row *r = &s->sas[i];

		fputs(f->name, out);
		label(out, '{', "tunnel", r->tunnel);
		label(out, ',', "dev", r->ifname);
		label(out, ',', "direction", dir_label(r->dir));
		label(out, ',', "spi", spi_text(r->key.spi, spi));
		label(out, ',', "src", addr_str(&r->src, false, src));
		label(out, ',', "dst", addr_str(&r->dst, false, dst));
		snprintf(number, sizeof(number), "%u", r->key.netns);
		label(out, ',', "netns", number);
		snprintf(number, sizeof(number), "%u", r->key.mark);
		label(out, ',', "mark", number);
		fprintf(out, "} %.15g\n", f->sa(r, s));
	}
}

static double sa_packets(const struct sa_row *r, const struct snapshot *s)
{
	(void)s;
	return (double)r->now.packets;
}

static double sa_bytes(const struct sa_row *r, const struct snapshot *s)
{
	(void)s;
	return (double)r->now.bytes;
}

static double sa_integrity(const struct sa_row *r, const struct snapshot *s)
{
	(void)s;
	return r->now.integrity;
}

static double sa_replay(const struct sa_row *r, const struct snapshot *s)
{
	(void)s;
	return r->now.replay;
}

static double sa_software(const struct sa_row *r, const struct snapshot *s)
{
	(void)s;
	return (double)r->software;
}

static double sa_last_use(const struct sa_row *r, const struct snapshot *s)
{
	(void)s;
	return (double)r->now.use_time;
}

static double sa_age(const struct sa_row *r, const struct snapshot *s)
{
	uint64_t from = r->sampled_ns ? r->sampled_ns : r->added_ns;

	return s->now_ns > from ? (double)(s->now_ns - from) / NSEC_PER_SEC : 0;
}

static void write_policies(const struct family *f, const struct snapshot *s, FILE *out)
{
	unsigned int d;

	for (d = IPSO_DIR_IN; d <= IPSO_DIR_FWD; d++)
		single(f, out, "direction", dir_label(d), s->policies[d]);
}

static void write_installed(const struct family *f, const struct snapshot *s, FILE *out)
{
	plain(f, out, s->gate.installed);
}

static void write_verdicts(const struct family *f, const struct snapshot *s, FILE *out)
{
	unsigned int v;

	for (v = 0; v < IPSO_VERDICT_MAX; v++)
		single(f, out, "verdict", verdict_label(v), s->gate.verdicts[v]);
}

static void write_eswitch(const struct family *f, const struct snapshot *s, FILE *out)
{
	char pci[PCI_STRLEN];
	unsigned int i;

	for (i = 0; i < s->eswitches_count; i++) {
		fputs(f->name, out);
		label(out, '{', "dev", s->eswitches[i].ifname);
		label(out, ',', "pci", pci_str(s->eswitches[i].probe.pci, pci));
		fprintf(out, "} %.15g\n", f->eswitch(&s->eswitches[i].probe));
	}
}

static double esw_guarded(const struct ipso_gate_probe *p)
{
	return p->guarded;
}

static double esw_open(const struct ipso_gate_probe *p)
{
	return p->open;
}

static double esw_rx(const struct ipso_gate_probe *p)
{
	return p->drv.rx_tables;
}

static double esw_tx(const struct ipso_gate_probe *p)
{
	return p->drv.tx_tables;
}

static double esw_tc(const struct ipso_gate_probe *p)
{
	return (double)p->drv.num_block_ipsec;
}

static double esw_users(const struct ipso_gate_probe *p)
{
	return p->drv.esw_users;
}

/* Those that errno and state lead to from the start; texts as they come. */
static void write_failures(const struct family *f, const struct snapshot *s, FILE *out)
{
	const struct catalogue_row *row;
	unsigned int i, j;
	uint64_t n;

	for (i = 0; (row = catalogue_row(i)); i++) {
		n = 0;
		for (j = 0; j < s->failures_count; j++)
			if (strcmp(s->failures[j].ex.id, row->id) == 0)
				n = s->failures[j].count;
		if (!n && row->kind != CATALOGUE_SILENT)
			continue;
		fputs(f->name, out);
		label(out, '{', "id", row->id);
		label(out, ',', "class", row->class_);
		fprintf(out, "} %llu\n", (unsigned long long)n);
	}
}

static void write_fw(const struct family *f, const struct snapshot *s, FILE *out)
{
	plain(f, out, s->events[IPSO_EV_FW_ERROR]);
}

static void write_events(const struct family *f, const struct snapshot *s, FILE *out)
{
	unsigned int k;

	for (k = IPSO_EV_NONE + 1; k < IPSO_EV_MAX; k++)
		single(f, out, "kind", kind_label(k), s->events[k]);
}

static void write_lost(const struct family *f, const struct snapshot *s, FILE *out)
{
	unsigned int k;

	for (k = IPSO_EV_NONE + 1; k < IPSO_EV_MAX; k++)
		single(f, out, "kind", kind_label(k), s->lost[k]);
}

static void write_unreadable(const struct family *f, const struct snapshot *s, FILE *out)
{
	plain(f, out, s->unreadable);
}

static void write_programs(const struct family *f, const struct snapshot *s, FILE *out)
{
	unsigned int i;

	for (i = 0; i < s->hooks_count; i++) {
		fputs(f->name, out);
		label(out, '{', "program", s->hooks[i].name);
		label(out, ',', "target", s->hooks[i].target);
		fprintf(out, "} %d\n", s->hooks[i].attached);
	}
}

#define SA(name_, type_, help_, value) \
	{.name = name_, .type = type_, .help = help_, .write = write_sa, .sa = value}
#define ESWITCH(name_, help_, value) \
	{.name = name_, .type = "gauge", .help = help_, .write = write_eswitch, .eswitch = value}
#define FAMILY(name_, type_, help_, writer) \
	{.name = name_, .type = type_, .help = help_, .write = writer}

static const struct family families[] = {
	FAMILY("ipso_build_info", "gauge", "Version of ipso, always 1.", write_build),
	FAMILY("ipso_sas", "gauge", "ESP SAs in the kernel, by device, direction and offload.",
	       write_sas),
	FAMILY("ipso_sas_overflow_total", "counter", "SAs that found no place in the table.",
	       write_overflow),
	SA("ipso_sa_packets_total", "counter", "Packets of an SA, as the driver counted them.",
	   sa_packets),
	SA("ipso_sa_bytes_total", "counter", "Bytes of an SA, as the driver counted them.",
	   sa_bytes),
	SA("ipso_sa_integrity_failures_total", "counter", "Packets whose ICV did not match.",
	   sa_integrity),
	SA("ipso_sa_replay_drops_total", "counter",
	   "Packets outside the replay window or seen before.", sa_replay),
	SA("ipso_sa_software_packets_total", "counter",
	   "Packets of a packet-offload SA that the CPU handled.", sa_software),
	SA("ipso_sa_last_use_timestamp_seconds", "gauge", "Last use, 0 for never.", sa_last_use),
	SA("ipso_sa_sample_age_seconds", "gauge", "Age of this SA's counters.", sa_age),
	FAMILY("ipso_policies", "gauge", "Packet-offload policies by direction.", write_policies),
	FAMILY("ipso_gate_installed", "gauge", "1 while the gate is in the kernel.",
	       write_installed),
	FAMILY("ipso_gate_verdicts_total", "counter", "TC messages by what the gate said.",
	       write_verdicts),
	ESWITCH("ipso_eswitch_guarded", "Mode of the gate: 0 off, 1 observe, 2 enforce, 3 hold.",
		esw_guarded),
	ESWITCH("ipso_eswitch_open", "1 while the IPsec tables exist and TC rules may come.",
		esw_open),
	ESWITCH("ipso_eswitch_rx_table_users", "SAs and policies on the RX IPsec tables.", esw_rx),
	ESWITCH("ipso_eswitch_tx_table_users", "SAs and policies on the TX IPsec tables.", esw_tx),
	ESWITCH("ipso_eswitch_uplink_tc_rules", "TC rules that keep IPsec off the uplink.", esw_tc),
	ESWITCH("ipso_eswitch_users", "Holders of the eswitch mode, TC rules among them.",
		esw_users),
	FAMILY("ipso_offload_failures_total", "counter", "Refused offloads by catalogue id.",
	       write_failures),
	FAMILY("ipso_firmware_errors_total", "counter", "Firmware commands that failed.", write_fw),
	FAMILY("ipso_events_total", "counter", "Kernel events read, by kind.", write_events),
	FAMILY("ipso_events_lost_total", "counter", "Kernel events that found no room, by kind.",
	       write_lost),
	FAMILY("ipso_records_unreadable_total", "counter",
	       "Records of another size or version than expected.", write_unreadable),
	FAMILY("ipso_program_attached", "gauge", "1 for a BPF program that is attached.",
	       write_programs),
};

int export_metrics(const struct snapshot *s, FILE *out)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(families); i++) {
		const struct family *f = &families[i];

		fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", f->name, f->help, f->name, f->type);
		f->write(f, s, out);
	}
	return ferror(out) ? -EIO : 0;
}
