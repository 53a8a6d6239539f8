/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The road of a packet by device: its modes, the IPsec tables, its SAs; and what waits behind it. */
#include <stdio.h>

#include "base/addr.h"
#include "base/mem.h"
#include "export/internal.h"
#include "export/page.h"

/* kind is the colour, said in words too: colour alone says nothing to many. */
static void stage(FILE *out, const char *kind, const char *title, const char *big)
{
	fprintf(out, "<li class=\"stage %s\"><h4>%s</h4><p class=\"big\">", kind, title);
	html_text(out, big);
	fputs("</p>", out);
}

static void stage_end(FILE *out)
{
	fputs("</li>", out);
}

static void put_device(const struct device_sum *d, FILE *out)
{
	char pci[PCI_STRLEN];

	stage(out, "ok", "Device", d->ifname[0] ? d->ifname : "the CPU");
	fputs("<p>", out);
	if (d->probe)
		html_text(out, pci_str(d->probe->pci, pci));
	else
		fputs(d->ifname[0] ? "not an uplink that ipso set up" : "SAs in software", out);
	fputs("</p>", out);
	stage_end(out);
}

static void put_modes(const struct ipso_driver_state *d, FILE *out)
{
	const char *mode = eswitch_mode_label(d), *steering = steering_label(d);

	stage(out, *mode ? "ok" : "idle", "Modes", *mode ? mode : "not readable");
	fputs("<p>", out);
	if (*steering)
		html_f(out, "steering %s", steering);
	fputs("</p>", out);
	stage_end(out);
}

static void put_tables(const struct ipso_driver_state *d, FILE *out)
{
	bool known = d->known & IPSO_DRV_TABLES, both = d->rx_tables && d->tx_tables;
	bool blocked = (d->known & IPSO_DRV_BLOCK) && d->num_block_ipsec && !both;

	stage(out, blocked ? "bad" : !known || !both ? "idle" : "ok", "IPsec tables",
	      !known ? "not readable" : both ? "in hardware" : d->rx_tables || d->tx_tables ?
	      "one of two" : "not there yet");
	if (known)
		fprintf(out, "<p>RX held by %u, TX held by %u</p>", d->rx_tables, d->tx_tables);
	if (blocked)
		fprintf(out, "<p><strong>%llu TC rules of the uplink keep IPsec away</strong></p>",
			(unsigned long long)d->num_block_ipsec);
	stage_end(out);
}

static void put_direction(const struct device_sum *d, unsigned int dir, FILE *out)
{
	fprintf(out, "<p>%s <strong>", dir_label(dir));
	html_bits(out, d->dir[dir].byte_rate);
	fputs("</strong>, ", out);
	html_packets(out, d->dir[dir].packet_rate);
	fputs("</p>", out);
}

static void put_sas(const struct device_sum *d, FILE *out)
{
	bool whole = d->hardware == d->sas && !d->software_packets;
	char big[48];

	if (!d->sas)
		snprintf(big, sizeof(big), "none");
	else if (d->hardware == d->sas)
		snprintf(big, sizeof(big), "%u in hardware", d->sas);
	else
		snprintf(big, sizeof(big), "%u of %u in hardware", d->hardware, d->sas);
	stage(out, !d->sas || !d->ifname[0] ? "idle" : whole ? "ok" : "warn", "SAs", big);
	if (d->sas && d->ifname[0]) {
		fprintf(out, "<p>%u in, %u out</p>", d->dir[IPSO_DIR_IN].sas,
			d->dir[IPSO_DIR_OUT].sas);
		put_direction(d, IPSO_DIR_IN, out);
		put_direction(d, IPSO_DIR_OUT, out);
	}
	if (d->software_packets)
		fprintf(out, "<p><strong>%llu packets took the CPU's path</strong></p>",
			(unsigned long long)d->software_packets);
	stage_end(out);
}

static void put_tc(const struct ipso_gate_probe *p, FILE *out)
{
	bool guarded = p->guarded != IPSO_GATE_OFF;

	stage(out, p->open && p->guarded != IPSO_GATE_HOLD ? "ok" : "idle", "Gate and TC rules",
	      p->guarded == IPSO_GATE_HOLD ? "held closed" : p->open ? "rules may come" :
	      guarded ? "rules must wait" : "not guarded");
	fputs("<p>", out);
	html_f(out, "mode %s", gate_mode_label(p->guarded));
	if (p->drv.known & IPSO_DRV_USERS)
		html_f(out, ", eswitch held by %u", p->drv.esw_users);
	fputs("</p>", out);
	stage_end(out);
}

static void put_road(const struct device_sum *d, FILE *out)
{
	fputs("<li><h3>", out);
	html_text(out, d->ifname[0] ? d->ifname : "in software");
	fputs("</h3><ol class=\"road\">", out);
	put_device(d, out);
	if (d->probe) {
		put_modes(&d->probe->drv, out);
		put_tables(&d->probe->drv, out);
	}
	put_sas(d, out);
	if (d->probe)
		put_tc(d->probe, out);
	fputs("</ol></li>", out);
}

void page_road(const struct export_page_in *in, FILE *out)
{
	struct device_sum devices[DEVICES_MAX];
	unsigned int n = export_devices(in->s, devices), i;

	fputs("<section aria-labelledby=\"h-road\"><h2 id=\"h-road\">The road</h2>"
	      "<ul class=\"roads\">", out);
	for (i = 0; i < n; i++)
		put_road(&devices[i], out);
	if (!n)
		fputs("<li class=\"none\">No device is watched and there is no SA.</li>", out);
	fputs("</ul></section>\n", out);
}
