/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A snapshot or an event as text: pure writers, no I/O but the FILE they are given. */
#ifndef IPSO_EXPORT_H
#define IPSO_EXPORT_H

#include <jansson.h>
#include <stdio.h>

#include "collect/collect.h"

/* Prometheus text format 0.0.4; every series exists at 0 from the start. */
int export_metrics(const struct snapshot *s, FILE *out);

/* The same as one JSON object (new reference), and as tables for people. */
json_t *export_status_json(const struct snapshot *s);
void export_status_text(json_t *status, FILE *out);

json_t *export_explanation_json(const struct explanation *ex);

/* One event: one JSON object; one line for people. ex may be NULL. */
json_t *export_event_json(const struct ipso_event_hdr *ev, const struct explanation *ex);
void export_event_text(json_t *event, FILE *out);

#endif
