/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text that HTML takes, numbers that people read. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "export/page.h"

void html_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		case '\'':
			fputs("&#39;", out);
			break;
		default:
			fputc(*text, out);
		}
	}
}

void html_f(FILE *out, const char *fmt, ...)
{
	_free_ char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	html_text(out, text ? text : "");
}

static void put_encoded(FILE *out, const char *text)
{
	for (; *text; text++) {
		if ((*text >= '0' && *text <= '9') || (*text >= 'a' && *text <= 'z') ||
		    (*text >= 'A' && *text <= 'Z') || strchr("-._:", *text))
			fputc(*text, out);
		else
			fprintf(out, "%%%02x", (unsigned char)*text);
	}
}

void html_link(FILE *out, const struct sa_query *q)
{
	fprintf(out, "?sort=%s&amp;order=%s", export_order_key(q->order),
		q->descending ? "desc" : "asc");
	if (q->search && *q->search) {
		fputs("&amp;search=", out);
		put_encoded(out, q->search);
	}
	if (q->offset)
		fprintf(out, "&amp;page=%u", q->offset / EXPORT_PAGE_ROWS + 1);
}

void html_count(FILE *out, uint64_t n)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);

	fprintf(out, "<data value=\"%s\">", digits);
	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			fputs("&#8239;", out); /* a narrow space that does not break */
		fputc(digits[i], out);
	}
	fputs("</data>", out);
}

/* Spaces that do not break. */
static void put_fixed(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == ' ')
			fputs("&nbsp;", out);
		else
			fputc(*text, out);
	}
}

static void put_scaled(FILE *out, double v, const char *unit)
{
	char buf[EXPORT_NUMBER];

	put_fixed(out, export_scaled(v, unit, buf));
}

void html_bytes(FILE *out, uint64_t n)
{
	fprintf(out, "<data value=\"%llu\">", (unsigned long long)n);
	put_scaled(out, (double)n, "B");
	fputs("</data>", out);
}

void html_bits(FILE *out, double bytes_per_second)
{
	put_scaled(out, bytes_per_second * 8, "b/s");
}

void html_packets(FILE *out, double packets_per_second)
{
	put_scaled(out, packets_per_second, "pkt/s");
}

void html_ago(FILE *out, uint64_t s)
{
	char buf[EXPORT_NUMBER];

	put_fixed(out, export_ago(s, buf));
}
