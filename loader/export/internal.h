/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the writers share. */
#ifndef IPSO_EXPORT_INTERNAL_H
#define IPSO_EXPORT_INTERNAL_H

#include "export/export.h"
#include "ipso/gate.h"

/* Labels of include/ipso/names.def and of small enums; "unknown" for a number out of range. */
const char *verdict_label(unsigned int verdict);
const char *way_label(unsigned int way); /* how a TC rule came: "rule", "replay", ... */
const char *dir_label(unsigned int dir);	 /* "in", "out", "fwd", "none" */
const char *offload_label(unsigned int offload); /* "none", "crypto", "packet" */

/* 0 as a number, an error as its name: "EBUSY". New reference. */
json_t *result_json(int result);
json_t *driver_json(const struct ipso_driver_state *d); /* only what was readable */

json_t *sa_row_json(const struct sa_row *r, const struct snapshot *s);

/* ---- by device ---- */
#define DEVICES_MAX 192 /* uplinks, and what VFs' SAs are on; SAs of more are in no sum */
struct device_sum {
	const char *ifname; /* of the snapshot; "" = in software */
	const struct ipso_gate_probe *probe; /* NULL = not watched */
	struct {
		unsigned int sas;
		double packet_rate, byte_rate;
	} dir[4]; /* by enum ipso_dir */
	unsigned int sas, hardware;
	uint64_t software_packets, integrity, replay;
};
unsigned int export_devices(const struct snapshot *s, struct device_sum list[DEVICES_MAX]);

#define SPI_STRLEN 11
const char *spi_text(uint32_t spi, char buf[SPI_STRLEN]); /* "0xb29ed314" */
const char *sa_src_text(const struct sa_row *r, char buf[ADDR_STRLEN]);
const char *sa_dst_text(const struct sa_row *r, char buf[ADDR_STRLEN]);

#endif
