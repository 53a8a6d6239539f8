/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text to struct ipso_config: walks libyaml's document with the schema in hand. The nodes carry
 * their marks, so that every message names the exact line and column.
 */
#include "config/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/file.h"
#include "base/mem.h"
#include "config/check.h"
#include "config/place.h"
#include "config/schema.h"

#define FILE_LIMIT (1024 * 1024)
#define SHOWN_MAX 40 /* of a bad value: enough to find it, too little to show a pasted key */

/* A device named before all devices are known. */
struct ref {
	unsigned int *target;
	const char *name; /* owned by the document */
	struct cfg_at at;
};

struct load {
	yaml_document_t *doc;
	struct cfg_places *places;
	struct ref *refs;
	unsigned int refs_count, refs_room;
};

static int load_map(struct load *l, const yaml_node_t *node, const struct cfg_map *map, char *dst);

static struct cfg_at node_at(const yaml_node_t *node)
{
	return (struct cfg_at){(uint32_t)node->start_mark.line + 1,
			       (uint32_t)node->start_mark.column + 1};
}

/* What stands there, in words. */
static const char *found(const yaml_node_t *node, char buf[SHOWN_MAX + 16])
{
	const char *text;
	size_t n = 0;

	if (node->type == YAML_MAPPING_NODE)
		return "a mapping";
	if (node->type == YAML_SEQUENCE_NODE)
		return "a list";
	text = (const char *)node->data.scalar.value;
	if (!*text)
		return "nothing";
	buf[n++] = '"';
	for (; *text && n <= SHOWN_MAX; text++)
		buf[n++] = (unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text;
	buf[n++] = '"';
	strcpy(buf + n, *text ? "..." : "");
	return buf;
}

static int wrong(struct load *l, const yaml_node_t *node, const struct cfg_field *f)
{
	char shown[SHOWN_MAX + 16], allowed[CFG_ALLOWED_LEN];

	return place_error(l->places, node_at(node), "%s: found %s; allowed: %s", f->key,
			   found(node, shown), cfg_allowed(f, allowed));
}

static int load_scalar(struct load *l, const yaml_node_t *node, const struct cfg_field *f,
		       void *dst)
{
	const char *text;
	int err;

	if (node->type != YAML_SCALAR_NODE)
		return wrong(l, node, f);
	text = (const char *)node->data.scalar.value;
	if (strlen(text) != node->data.scalar.length)
		return wrong(l, node, f); /* an escaped NUL */
	if (f->type->plain && node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return wrong(l, node, f);
	err = f->type->parse(f, text, dst);
	if (err == -ENOMEM)
		return why_set(l->places->why, err, "%s: out of memory", l->places->path);
	return err < 0 ? wrong(l, node, f) : 0;
}

static int note_device(struct load *l, const yaml_node_t *node, unsigned int *target)
{
	if (l->refs_count == l->refs_room) {
		unsigned int room = l->refs_room ? 2 * l->refs_room : 16;
		struct ref *refs = reallocarray(l->refs, room, sizeof(*refs));

		if (!refs)
			return -ENOMEM;
		l->refs = refs;
		l->refs_room = room;
	}
	l->refs[l->refs_count++] = (struct ref){target, (const char *)node->data.scalar.value,
						node_at(node)};
	return 0;
}

static int load_list(struct load *l, const yaml_node_t *node, const struct cfg_field *f,
		     char *parent)
{
	size_t size = f->map ? f->map->size : f->size;
	unsigned int count, *ret_count = (unsigned int *)(parent + f->count_offset);
	char *list;

	if (node->type != YAML_SEQUENCE_NODE)
		return wrong(l, node, f);
	count = (unsigned int)(node->data.sequence.items.top - node->data.sequence.items.start);
	if (count < f->min || count > f->max)
		return place_error(l->places, node_at(node),
				   "%s: found %u entries; allowed: %lu to %lu", f->key, count,
				   (unsigned long)f->min, (unsigned long)f->max);
	list = calloc(count ? count : 1, size);
	if (!list)
		return -ENOMEM;
	*(char **)(parent + f->offset) = list;
	*ret_count = count;
	for (unsigned int i = 0; i < count; i++) {
		const yaml_node_t *item =
			yaml_document_get_node(l->doc, node->data.sequence.items.start[i]);
		int err;

		if (f->shape == CFG_LIST_OF_MAPS ||
		    (f->map && item->type == YAML_MAPPING_NODE))
			err = load_map(l, item, f->map, list + i * size);
		else
			err = load_scalar(l, item, f, list + i * size);
		if (!err)
			err = place_add(l->places, list + i * size, node_at(item));
		if (err < 0)
			return err;
	}
	return 0;
}

static int load_field(struct load *l, const yaml_node_t *node, const struct cfg_field *f,
		      char *parent)
{
	char *dst = parent + f->offset;
	int err;

	switch (f->shape) {
	case CFG_MAP:
		err = node->type == YAML_MAPPING_NODE ? load_map(l, node, f->map, dst)
						      : wrong(l, node, f);
		break;
	case CFG_LIST_OF_MAPS:
	case CFG_LIST_OF_SCALARS:
	case CFG_LIST_OF_EITHER:
		err = load_list(l, node, f, parent);
		break;
	case CFG_SCALAR_OR_MAP:
		err = node->type == YAML_MAPPING_NODE ? load_map(l, node, f->map, dst)
						      : load_scalar(l, node, f, dst);
		break;
	default:
		err = load_scalar(l, node, f, dst);
	}
	if (!err && f->type == &cfg_device_ref)
		err = note_device(l, node, (unsigned int *)dst);
	if (err < 0)
		return err;
	if (f->has_end)
		*(bool *)(parent + f->has_end - 1) = true;
	if (f->shape != CFG_MAP)
		return place_add(l->places, dst, node_at(node));
	/* A mapping has no member of its own but what notes its presence. */
	return f->has_end ? place_add(l->places, parent + f->has_end - 1, node_at(node)) : 0;
}

/*
 * The defaults of keys that were not written; required ones are errors. A mapping whose presence
 * is noted has no defaults when it is absent.
 */
static int load_absent(struct load *l, const struct cfg_map *map, const bool *seen,
		       struct cfg_at at, char *dst)
{
	static const bool none[32];

	for (unsigned int i = 0; i < map->fields_count; i++) {
		const struct cfg_field *f = &map->fields[i];
		char allowed[CFG_ALLOWED_LEN];
		int err = 0;

		if (seen[i])
			continue;
		if (f->required)
			return place_error(l->places, at, "%s: key \"%s\" is missing; allowed: %s",
					   map->name, f->key, cfg_allowed(f, allowed));
		if (f->shape == CFG_MAP && !f->has_end)
			err = load_absent(l, f->map, none, at, dst + f->offset);
		else if (f->fallback)
			err = f->type->parse(f, f->fallback, dst + f->offset);
		if (err < 0)
			return err;
	}
	return 0;
}

static int unknown_key(struct load *l, const yaml_node_t *key, const struct cfg_map *map)
{
	char shown[SHOWN_MAX + 16], keys[CFG_ALLOWED_LEN] = "";
	size_t used = 0;

	for (unsigned int i = 0; i < map->fields_count && used < sizeof(keys); i++)
		used += (size_t)snprintf(keys + used, sizeof(keys) - used, "%s%s", i ? ", " : "",
					 map->fields[i].key);
	return place_error(l->places, node_at(key), "unknown key %s in %s; allowed: %s",
			   found(key, shown), map->name, keys);
}

static int find_key(struct load *l, const yaml_node_t *key, const struct cfg_map *map,
		    const bool *seen, unsigned int *ret_i)
{
	for (unsigned int i = 0; key->type == YAML_SCALAR_NODE && i < map->fields_count; i++) {
		if (strcmp((const char *)key->data.scalar.value, map->fields[i].key) != 0)
			continue;
		if (seen[i])
			return place_error(l->places, node_at(key),
					   "key \"%s\" stands twice in this %s; allowed: once",
					   map->fields[i].key, map->name);
		*ret_i = i;
		return 0;
	}
	return unknown_key(l, key, map);
}

static int load_map(struct load *l, const yaml_node_t *node, const struct cfg_map *map, char *dst)
{
	bool seen[32] = {};
	yaml_node_pair_t *pair;
	char shown[SHOWN_MAX + 16];

	if (node->type != YAML_MAPPING_NODE)
		return place_error(l->places, node_at(node),
				   "found %s; allowed: a mapping with the keys of a %s",
				   found(node, shown), map->name);
	if (map->at_end)
		*(struct cfg_at *)(dst + map->at_end - 1) = node_at(node);
	for (pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++) {
		const yaml_node_t *key = yaml_document_get_node(l->doc, pair->key);
		unsigned int i = 0;
		int err = find_key(l, key, map, seen, &i);

		if (err < 0)
			return err;
		seen[i] = true;
		err = load_field(l, yaml_document_get_node(l->doc, pair->value), &map->fields[i],
				 dst);
		if (err < 0)
			return err;
	}
	return load_absent(l, map, seen, node_at(node), dst);
}

static int resolve_devices(struct load *l, const struct ipso_config *cfg)
{
	for (unsigned int i = 0; i < l->refs_count; i++) {
		const struct ref *r = &l->refs[i];
		char list[256] = "";
		size_t used = 0;
		unsigned int d;

		for (d = 0; d < cfg->devices_count; d++) {
			const char *name = config_device_name(cfg, d);

			if (name && strcasecmp(name, r->name) == 0)
				break;
			if (used < sizeof(list))
				used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
							 d ? ", " : "", name ? name : "?");
		}
		if (d == cfg->devices_count)
			return place_error(l->places, r->at,
					   "device: found \"%.*s\", which is not in devices; "
					   "allowed: %s",
					   SHOWN_MAX, r->name, list);
		*r->target = d;
	}
	return 0;
}

/* libyaml's own complaint, at its own mark. A reader error (encoding) has only a byte offset. */
static int yaml_problem(const struct cfg_places *p, const yaml_parser_t *parser, const char *text)
{
	struct cfg_at at = {(uint32_t)parser->problem_mark.line + 1,
			    (uint32_t)parser->problem_mark.column + 1};

	if (parser->error == YAML_READER_ERROR) {
		at = (struct cfg_at){1, 1};
		for (size_t i = 0; i < parser->problem_offset && text[i]; i++) {
			at.column++;
			if (text[i] == '\n')
				at = (struct cfg_at){at.line + 1, 1};
		}
	}
	return place_error(p, at, "not YAML: %s%s%s; allowed: YAML 1.1",
			   parser->context ? parser->context : "", parser->context ? ", " : "",
			   parser->problem ? parser->problem : "out of memory");
}

static int load_document(yaml_parser_t *parser, const char *text, struct cfg_places *places,
			 struct ipso_config *cfg)
{
	_cleanup_(yaml_document_delete) yaml_document_t doc = {}, rest = {};
	struct load l = {.doc = &doc, .places = places};
	yaml_node_t *root;
	int err;

	if (!yaml_parser_load(parser, &doc))
		return yaml_problem(places, parser, text);
	root = yaml_document_get_root_node(&doc);
	if (!root)
		return place_error(places, (struct cfg_at){1, 1},
				   "the file is empty; `ipso sample` prints one to start from");
	if (!yaml_parser_load(parser, &rest))
		return yaml_problem(places, parser, text);
	if (yaml_document_get_root_node(&rest))
		return place_error(places, node_at(yaml_document_get_root_node(&rest)),
				   "a second document begins here; allowed: one");
	err = load_map(&l, root, &cfg_root, (char *)cfg);
	if (!err)
		err = resolve_devices(&l, cfg);
	free(l.refs);
	if (err == -ENOMEM)
		return why_set(places->why, err, "%s: out of memory", places->path);
	return err;
}

/* text is NUL-terminated; path is for messages and for the folder of key files. */
int config_parse(const char *path, const char *text, size_t len, struct ipso_config **ret_cfg,
		 struct why *why)
{
	_cleanup_(config_free) struct ipso_config *cfg = calloc(1, sizeof(*cfg));
	_cleanup_(place_free) struct cfg_places places = {.path = path, .why = why};
	_cleanup_(yaml_parser_delete) yaml_parser_t parser = {};
	int err;

	if (!cfg || !(cfg->path = strdup(path)) || !yaml_parser_initialize(&parser))
		return why_set(why, -ENOMEM, "%s: out of memory", path);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	err = load_document(&parser, text, &places, cfg);
	if (err < 0)
		return err;
	place_sort(&places);
	err = config_check(cfg, &places);
	if (err < 0)
		return err;
	*ret_cfg = TAKE_PTR(cfg);
	return 0;
}

int config_load(const char *path, struct ipso_config **ret_cfg, struct why *why)
{
	_free_ char *text = NULL;
	size_t len = 0;
	int err = file_read(path, FILE_LIMIT, &text, &len);

	if (err < 0) {
		why_remedy(why, "name the configuration with -c FILE; `ipso sample` prints one to "
				"start from");
		return why_set(why, err, "%s: the configuration cannot be read", path);
	}
	return config_parse(path, text, len, ret_cfg, why);
}
