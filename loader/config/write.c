/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A configuration as a file, from the same rows that load it. Keys that have their default are left
 * out, except those that the sample shows live.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "config/config.h"
#include "config/schema.h"

#define INDENT 2

struct write {
	const struct ipso_config *cfg;
	FILE *out;
	int err;
};

static uint64_t number(const struct cfg_field *f, const void *src)
{
	switch (f->size) {
	case sizeof(uint16_t):
		return *(const uint16_t *)src;
	case sizeof(uint32_t):
		return *(const uint32_t *)src;
	default:
		return *(const uint64_t *)src;
	}
}

/* Text in double quotes where YAML would take it for something else. */
static void put_text(FILE *out, const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-";

	if (*s && *s != '-' && *s != '.' && s[strspn(s, plain)] == '\0') {
		fputs(s, out);
		return;
	}
	fputc('"', out);
	for (; *s; s++) {
		if ((unsigned char)*s < ' ')
			fprintf(out, "\\x%02x", (unsigned char)*s);
		else
			fprintf(out, "%s%c", *s == '"' || *s == '\\' ? "\\" : "", *s);
	}
	fputc('"', out);
}

static void put_enum(struct write *w, const struct cfg_field *f, const void *src)
{
	int v = f->size == sizeof(uint16_t) ? *(const uint16_t *)src : *(const int *)src;

	for (unsigned int i = 0; i < f->choices_count; i++) {
		if (f->choices[i].value == v) {
			fputs(f->choices[i].text, w->out);
			return;
		}
	}
	w->err = -ENOTSUP;
}

/* A choice by its name, any other number as such. */
static void put_named(struct write *w, const struct cfg_field *f, const void *src)
{
	unsigned long long v = number(f, src);

	for (unsigned int i = 0; i < f->choices_count; i++) {
		if ((unsigned int)f->choices[i].value == v) {
			fputs(f->choices[i].text, w->out);
			return;
		}
	}
	fprintf(w->out, f->max > 255 ? "0x%04llx" : "%llu", v);
}

static bool is_host(const struct addr *a)
{
	return a->prefix == (a->family == AF_INET ? 32 : 128);
}

static void put_listen(FILE *out, const struct cfg_metrics *m)
{
	if (config_on_socket(m))
		return put_text(out, m->address);
	fprintf(out, strchr(m->address, ':') ? "\"[%s]:%u\"" : "\"%s:%u\"", m->address, m->port);
}

static void put_scalar(struct write *w, const struct cfg_field *f, const void *src)
{
	char buf[ADDR_STRLEN];

	if (f->type == &cfg_bool)
		fputs(*(const bool *)src ? "true" : "false", w->out);
	else if (f->type == &cfg_uint)
		fprintf(w->out, f->sample && strncmp(f->sample, "0x", 2) == 0 ? "0x%llx" : "%llu",
			(unsigned long long)number(f, src));
	else if (f->type == &cfg_enum)
		put_enum(w, f, src);
	else if (f->type == &cfg_name || f->type == &cfg_hostname || f->type == &cfg_ifname ||
		 f->type == &cfg_netns || f->type == &cfg_path || f->type == &cfg_pci)
		put_text(w->out, *(char *const *)src);
	else if (f->type == &cfg_mac)
		put_text(w->out, mac_str(src, buf));
	else if (f->type == &cfg_host || f->type == &cfg_network)
		put_text(w->out, addr_str(src, f->type == &cfg_network, buf));
	else if (f->type == &cfg_subnet)
		put_text(w->out, addr_str(src, !is_host(src), buf));
	else if (f->type == &cfg_listen)
		put_listen(w->out, src);
	else if (f->type == &cfg_named)
		put_named(w, f, src);
	else if (f->type == &cfg_vlan_id)
		fprintf(w->out, "%u", *(const uint16_t *)src);
	else if (f->type == &cfg_vf_index)
		fprintf(w->out, "%u", *(const uint32_t *)src);
	else if (f->type == &cfg_device_ref)
		put_text(w->out, config_device_name(w->cfg, *(const unsigned int *)src));
	else
		w->err = -ENOTSUP;
}

/* Was the key written, or need it not be? */
static bool is_absent(const struct cfg_field *f, const char *parent)
{
	const char *src = parent + f->offset;
	uint64_t fallback[2] = {}; /* room and alignment for every scalar */

	if (f->has_end)
		return !*(const bool *)(parent + f->has_end - 1);
	if (f->shape != CFG_SCALAR)
		return f->count_offset && !*(const unsigned int *)(parent + f->count_offset);
	if (f->type == &cfg_listen || f->type == &cfg_device_ref || f->required)
		return false;
	if (f->type == &cfg_subnet)
		return !((const struct addr *)src)->family;
	if (f->type != &cfg_bool && f->type != &cfg_uint && f->type != &cfg_enum &&
	    f->type != &cfg_named)
		return f->size == sizeof(char *) && !*(char *const *)src;
	if (f->fallback && (f->sample || f->type->parse(f, f->fallback, fallback) < 0))
		return false;
	return memcmp(src, fallback, f->size) == 0;
}

static void write_map(struct write *w, const struct cfg_map *map, const char *src,
		      unsigned int depth, bool list);

static void write_item(struct write *w, const struct cfg_field *f, const char *src,
		       unsigned int depth)
{
	const struct cfg_action *a = (const struct cfg_action *)src;

	if (f->type == &cfg_action_word && (a->vlan_pop || a->tunnel_unset))
		fprintf(w->out, "%*s- %s\n", (int)depth, "",
			a->vlan_pop ? "vlan-pop" : "tunnel-unset");
	else
		write_map(w, f->map, src, depth + INDENT, true);
}

static void write_list(struct write *w, const struct cfg_field *f, const char *parent,
		       unsigned int depth)
{
	unsigned int count = *(const unsigned int *)(parent + f->count_offset);
	const char *list = *(char *const *)(parent + f->offset);

	if (f->map) {
		fputc('\n', w->out);
		for (unsigned int i = 0; i < count; i++)
			write_item(w, f, list + i * f->map->size, depth + INDENT);
		return;
	}
	fputs(" [", w->out);
	for (unsigned int i = 0; i < count; i++) {
		fputs(i ? ", " : "", w->out);
		put_scalar(w, f, list + i * f->size);
	}
	fputs("]\n", w->out);
}

static void put_port(FILE *out, const struct cfg_port *p)
{
	if (p->is_vf)
		fprintf(out, " { vf: %u }\n", p->vf);
	else if (p->is_block)
		fprintf(out, " { block: %u }\n", p->block);
	else if (p->is_vxlan)
		fprintf(out, " { vxlan: %u }\n", p->vxlan);
	else
		fputs(" uplink\n", out);
}

static bool is_empty(const struct cfg_map *map, const char *src);

static void write_field(struct write *w, const struct cfg_field *f, const char *parent,
			unsigned int depth)
{
	const char *src = parent + f->offset;

	fprintf(w->out, "%s:", f->key);
	switch (f->shape) {
	case CFG_MAP:
		fputs(is_empty(f->map, src) ? " {}\n" : "\n", w->out);
		write_map(w, f->map, src, depth + INDENT, false);
		return;
	case CFG_LIST_OF_MAPS:
	case CFG_LIST_OF_SCALARS:
	case CFG_LIST_OF_EITHER:
		write_list(w, f, parent, depth);
		return;
	case CFG_SCALAR_OR_MAP:
		if (f->type != &cfg_uplink)
			w->err = -ENOTSUP;
		else
			put_port(w->out, (const struct cfg_port *)src);
		return;
	default:
		fputc(' ', w->out);
		put_scalar(w, f, src);
		fputc('\n', w->out);
	}
}

/* A mapping whose presence was not noted is absent when every key of it is. */
static bool is_left_out(const struct cfg_field *f, const char *parent)
{
	if (f->shape == CFG_MAP && !f->has_end)
		return is_empty(f->map, parent + f->offset);
	return is_absent(f, parent);
}

static bool is_empty(const struct cfg_map *map, const char *src)
{
	for (unsigned int i = 0; i < map->fields_count; i++) {
		if (!is_left_out(&map->fields[i], src))
			return false;
	}
	return true;
}

static void write_map(struct write *w, const struct cfg_map *map, const char *src,
		      unsigned int depth, bool list)
{
	bool first = list;

	for (unsigned int i = 0; i < map->fields_count; i++) {
		const struct cfg_field *f = &map->fields[i];

		if (is_left_out(f, src))
			continue;
		/* The dash of a list element goes before its first key. */
		fprintf(w->out, "%*s%s", (int)(first ? depth - INDENT : depth), "",
			first ? "- " : "");
		first = false;
		write_field(w, f, src, depth);
	}
}

int config_write(const struct ipso_config *cfg, FILE *out)
{
	struct write w = {cfg, out, 0};

	write_map(&w, &cfg_root, (const char *)cfg, 0, false);
	if (w.err < 0)
		return w.err;
	return ferror(out) ? -EIO : 0;
}
