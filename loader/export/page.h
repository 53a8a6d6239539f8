/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the page share: text that HTML takes, numbers that people read. */
#ifndef IPSO_EXPORT_PAGE_H
#define IPSO_EXPORT_PAGE_H

#include "export/export.h"

void html_text(FILE *out, const char *text); /* escaped, for text and attributes */
void html_f(FILE *out, const char *fmt, ...) __attribute__((format(printf, 2, 3))); /* escaped */
void html_link(FILE *out, const struct sa_query *q); /* "?search=...", escaped */

/* <data value="1234567">1 234 567</data>, "1.2 MB", "9.9 Mb/s", "120 pkt/s"; "3 h 12 min" */
void html_count(FILE *out, uint64_t n);
void html_bytes(FILE *out, uint64_t n);
void html_bits(FILE *out, double bytes_per_second);
void html_packets(FILE *out, double packets_per_second);
void html_ago(FILE *out, uint64_t seconds);

void page_road(const struct export_page_in *in, FILE *out);
void page_sas(const struct export_page_in *in, FILE *out);
void page_gate(const struct export_page_in *in, FILE *out);
void page_failures(const struct export_page_in *in, FILE *out);
void page_events(const struct export_page_in *in, FILE *out);

#endif
