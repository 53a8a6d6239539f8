/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the writers share. */
#ifndef IPSO_EXPORT_INTERNAL_H
#define IPSO_EXPORT_INTERNAL_H

#include "export/export.h"
#include "ipso/gate.h"

/* Labels of include/ipso/names.def and of small enums; "unknown" for a number out of range. */
const char *kind_label(unsigned int kind);
const char *verdict_label(unsigned int verdict);
const char *dir_label(unsigned int dir);	 /* "in", "out", "fwd", "none" */
const char *offload_label(unsigned int offload); /* "none", "crypto", "packet" */
const char *gate_mode_label(unsigned int mode);	 /* "off", "observe", "enforce" */

/* 0 as a number, an error as its name: "EBUSY". New reference. */
json_t *result_json(int result);
json_t *driver_json(const struct ipso_driver_state *d); /* only what was readable */

#define SPI_STRLEN 11
const char *spi_text(uint32_t spi, char buf[SPI_STRLEN]); /* "0xb29ed314" */

#endif
