/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The snapshot by device: the watched ones first, then those that SAs are on; "" = in software. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/mem.h"
#include "export/internal.h"

static struct device_sum *device_of(struct device_sum *list, unsigned int *n, unsigned int room,
				    const char *ifname)
{
	for (unsigned int i = 0; i < *n; i++) {
		if (strcmp(list[i].ifname, ifname) == 0)
			return &list[i];
	}
	if (*n == room)
		return NULL;
	list[*n] = (struct device_sum){.ifname = ifname};
	return &list[(*n)++];
}

static void add_sa(struct device_sum *d, const struct sa_row *r)
{
	unsigned int dir = r->dir < ARRAY_SIZE(d->dir) ? r->dir : IPSO_DIR_NONE;

	d->dir[dir].sas++;
	d->dir[dir].packet_rate += r->packet_rate;
	d->dir[dir].byte_rate += r->byte_rate;
	d->sas++;
	d->hardware += r->offload == IPSO_OFFLOAD_PACKET;
	d->software_packets += r->software;
	d->integrity += r->now.integrity;
	d->replay += r->now.replay;
}

unsigned int export_devices(const struct snapshot *s, struct device_sum list[DEVICES_MAX])
{
	struct device_sum *d;
	unsigned int n = 0, i;

	for (i = 0; i < s->eswitches_count; i++) {
		d = device_of(list, &n, DEVICES_MAX, s->eswitches[i].ifname);
		d->probe = &s->eswitches[i].probe;
	}
	for (i = 0; i < s->sas_count; i++) {
		d = device_of(list, &n, DEVICES_MAX, s->sas[i]->ifname);
		if (d)
			add_sa(d, s->sas[i]);
	}
	return n;
}

static json_t *direction_json(const struct device_sum *d, unsigned int dir)
{
	return json_pack("{s:i, s:f, s:f}", "sas", (int)d->dir[dir].sas, "packets_per_second",
			 d->dir[dir].packet_rate, "bytes_per_second", d->dir[dir].byte_rate);
}

static json_t *device_json(const struct device_sum *d)
{
	char pci[PCI_STRLEN];
	json_t *j = json_pack("{s:s, s:i, s:i, s:I, s:I, s:I, s:o, s:o}", "device", d->ifname,
			      "sas", (int)d->sas, "sas_in_hardware", (int)d->hardware,
			      "software_packets", (json_int_t)d->software_packets,
			      "integrity_failed", (json_int_t)d->integrity, "replay_drops",
			      (json_int_t)d->replay, "in", direction_json(d, IPSO_DIR_IN), "out",
			      direction_json(d, IPSO_DIR_OUT));

	if (d->probe)
		json_object_set_new(j, "eswitch",
				    json_pack("{s:s, s:s, s:b, s:o}", "pci",
					      pci_str(d->probe->pci, pci), "guarded",
					      gate_mode_label(d->probe->guarded), "open",
					      (int)d->probe->open, "driver",
					      driver_json(&d->probe->drv)));
	return j;
}

json_t *export_devices_json(const struct snapshot *s)
{
	struct device_sum devices[DEVICES_MAX];
	unsigned int n = export_devices(s, devices), i;
	json_t *list = json_array();

	for (i = 0; i < n; i++)
		json_array_append_new(list, device_json(&devices[i]));
	return json_pack("{s:o}", "devices", list);
}

json_t *export_sas_json(const struct snapshot *s, const struct sa_selection *sel)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < sel->count; i++)
		json_array_append_new(list, sa_row_json(sel->rows[i], s));
	return json_pack("{s:I, s:I, s:I, s:I, s:o}", "total", (json_int_t)s->sas_count, "matching",
			 (json_int_t)sel->matching, "offset", (json_int_t)sel->offset, "overflow",
			 (json_int_t)s->sas_overflow, "sas", list);
}
