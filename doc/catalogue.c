/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prints ipso-catalogue(7) from the table that `ipso explain` reads: man(7) macros, sections in
 * the order of the table.
 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "explain/explain.h"
#include "roff.h"

static void put_row(const struct catalogue_row *row)
{
	printf(".TP\n.B %s\n", row->id);
	if (*row->text) {
		fputs("\\(lq", stdout);
		roff_line(row->text);
		fputs("\\(rq\n", stdout);
	}
	fputs(row->class_, stdout);
	for (unsigned int i = 0; i < CATALOGUE_ERRNOS && row->err[i]; i++)
		printf(", %s", err_name(row->err[i]));
	if (strcmp(row->kernel, "both") != 0)
		printf(", Linux %s only", row->kernel);
	if (*row->step)
		printf(", %s", row->step);
	puts("\n.br");
	roff_line(row->cause);
	fputs(".br\nWhat to do: ", stdout);
	roff_line(row->remedy);
}

int main(void)
{
	const struct catalogue_section *at = NULL;
	const struct catalogue_row *row;

	puts(".TH IPSO\\-CATALOGUE 7 \"\" \"ipso " IPSO_VERSION "\"\n"
	     ".SH NAME\nipso\\-catalogue \\- what the kernel's answers to IPsec offload mean\n"
	     ".SH DESCRIPTION\nEvery row can be asked for:\n.B ipso explain ID\n.PP\n"
	     "Classes: CFG wrong configuration; CAP something is missing; ORDER wrong order, or a\n"
	     "holder in the way; BUSY passes by itself; RES a resource is exhausted; REQ malformed\n"
	     "request; INT internal; INFO no failure. A % in a text stands for a value.");
	for (unsigned int i = 0; (row = catalogue_row(i)); i++) {
		if (catalogue_section(row) != at) {
			at = catalogue_section(row);
			fputs(".SH ", stdout);
			roff_line(at->title);
			if (*at->source)
				roff_line(at->source);
		}
		put_row(row);
	}
	return ferror(stdout) ? 1 : 0;
}
