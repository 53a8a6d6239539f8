/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of this stage share. */
#ifndef IPSO_EXPLAIN_INTERNAL_H
#define IPSO_EXPLAIN_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "explain/explain.h"

/* The row that errno, driver state and firmware error lead to; never NULL ("U-00"). */
const struct catalogue_row *rule_row(const struct ipso_event_hdr *ev);

/* Firmware error of a record that carries one, else NULL. */
const struct ipso_fw_error *event_fw(const struct ipso_event_hdr *ev);
/* Driver state of a record that carries one, else NULL. */
const struct ipso_driver_state *event_drv(const struct ipso_event_hdr *ev);
/* extack text of a record that carries one, else "". */
const char *event_text(const struct ipso_event_hdr *ev);

/* "switchdev, dmfs; kept away: IPsec by 1 TC rule(s), ..", "" when nothing was readable. */
void describe_driver(const struct ipso_driver_state *d, char *buf, size_t size);

/* MODE, DRIFT, LINK, TABLES */
void what_device(const struct ipso_event_hdr *ev, char *buf, size_t size);

/* "pref 1 protocol ip chain 0 on eth0" */
void describe_rule(char *buf, size_t size, const char *ifname, uint32_t prio, uint16_t protocol,
		   uint32_t chain);

#endif
