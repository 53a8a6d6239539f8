/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sample file: every key of the schema with its help, allowed values and default. Keys without
 * a sample value stand as comments, so that the file loads as it is.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "config/config.h"
#include "config/schema.h"

#define INDENT 2

static void comment(FILE *out, unsigned int depth, const struct cfg_field *f)
{
	char allowed[CFG_ALLOWED_LEN];

	fprintf(out, "%*s# %s\n", (int)depth, "", f->help);
	if (f->shape == CFG_SCALAR || f->shape == CFG_LIST_OF_SCALARS ||
	    f->shape == CFG_LIST_OF_EITHER) {
		fprintf(out, "%*s#   %s%s", (int)depth, "", cfg_allowed(f, allowed),
			f->required ? "; required" : "");
		if (f->fallback)
			fprintf(out, "; default %s", f->fallback);
		fputc('\n', out);
	}
}

/* live: false inside a part that is wholly commented out. */
static void write_map(FILE *out, const struct cfg_map *map, unsigned int depth, bool live,
		      bool list)
{
	bool first = list;

	for (unsigned int i = 0; i < map->fields_count; i++) {
		const struct cfg_field *f = &map->fields[i];
		bool shown = live && f->sample;
		bool nested = f->map && f->shape != CFG_SCALAR_OR_MAP;
		bool inner_list = f->shape == CFG_LIST_OF_MAPS || f->shape == CFG_LIST_OF_EITHER;
		const char *value = f->sample ? f->sample : f->fallback;

		comment(out, depth, f);
		/* The dash of a list element goes before its first live key. */
		fprintf(out, "%*s%s%s%s:", (int)(shown && first ? depth - INDENT : depth), "",
			shown ? "" : "# ", shown && first ? "- " : "", f->key);
		if (shown)
			first = false;
		fprintf(out, "%s%s\n", nested || !value || !*value ? "" : " ",
			nested || !value ? "" : value);
		if (nested)
			write_map(out, f->map, depth + INDENT + (inner_list ? INDENT : 0), shown,
				  inner_list);
	}
}

int config_write_sample(FILE *out)
{
	fputs("# Configuration of ipso. `ipso plan -c FILE` shows what it would do.\n"
	      "# Unknown keys are errors. Numbers are decimal or 0x hexadecimal.\n",
	      out);
	write_map(out, &cfg_root, 0, true, false);
	return ferror(out) ? -EIO : 0;
}
