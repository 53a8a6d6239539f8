/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints ipso.yaml(5) from the schema that the loader reads: man(7) macros, a section a mapping. */
#include <stdio.h>

#include "cmd/cmd.h"
#include "config/config.h"
#include "config/schema.h"
#include "roff.h"

static void put_field(const struct cfg_field *f)
{
	char allowed[CFG_ALLOWED_LEN];

	fputs(".TP\n.B ", stdout);
	roff_line(f->key);
	roff_line(f->help);
	puts(".br");
	fputs(f->required ? "Required: " : "Takes ", stdout);
	roff_words(cfg_allowed(f, allowed));
	if (f->shape == CFG_SCALAR_OR_MAP)
		fputs(", or a mapping", stdout);
	if (f->fallback) {
		fputs("; default ", stdout);
		roff_words(f->fallback);
	}
	puts(".");
	if (f->map)
		printf(".br\nIts keys: see\n.I %s\nbelow.\n", f->map->name);
}

/* A mapping that several keys hold is described once, before it is named again. */
static void put_map(const struct cfg_map *map, const struct cfg_map *seen[], unsigned int *count,
		    unsigned int room)
{
	for (unsigned int i = 0; i < *count; i++) {
		if (seen[i] == map)
			return;
	}
	if (*count == room)
		return;
	seen[(*count)++] = map;
	fputs(".SH ", stdout);
	for (const char *c = map->name; *c; c++)
		putchar(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
	putchar('\n');
	for (unsigned int i = 0; i < map->fields_count; i++)
		put_field(&map->fields[i]);
	for (unsigned int i = 0; i < map->fields_count; i++) {
		if (map->fields[i].map)
			put_map(map->fields[i].map, seen, count, room);
	}
}

int main(void)
{
	const struct cfg_map *seen[64];
	unsigned int count = 0;

	puts(".TH IPSO.YAML 5 \"\" \"ipso " IPSO_VERSION "\"\n"
	     ".SH NAME\nipso.yaml \\- configuration of ipso\n"
	     ".SH SYNOPSIS\n.I " DEFAULT_CONFIG "\n"
	     ".SH DESCRIPTION\n"
	     "A YAML file. Unknown keys are errors, named with file, line and column. Numbers are decimal\n"
	     "or hexadecimal (0x). Keys of SAs are never in it: it names files with mode 0600, which\n"
	     ".B ipso keygen\nmakes. A file with every key explained, to begin with:\n"
	     ".RS\n.B ipso sample > ipso.yaml\n.RE");
	put_map(&cfg_root, seen, &count, sizeof(seen) / sizeof(seen[0]));
	puts(".SH SEE ALSO\n.BR ipso (8)");
	return ferror(stdout) ? 1 : 0;
}
