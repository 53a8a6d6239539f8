/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the database of Open vSwitch holds (ovs-vswitchd.conf.db(5)), from the JSON of ovs-vsctl
 * (RFC 7047 section 5.1): tables of rows in which a set of one is its element.
 */
#include "nl/ovs.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "nl/ovs_priv.h"

/* The columns of the tables below, in this order. */
enum table { ROOT, BRIDGE, PORT, INTERFACE, TABLES };
enum { ROOT_CONFIG };
enum { BRIDGE_NAME, BRIDGE_PORTS, BRIDGE_IDS };
enum { PORT_UUID, PORT_NAME, PORT_IDS, PORT_INTERFACES };
enum { INTERFACE_UUID, INTERFACE_TYPE, INTERFACE_OPTIONS, INTERFACE_ERROR };

static const char *const question[] = {
	"ovs-vsctl", "--format=json",
	"--columns=other_config", "list", "Open_vSwitch", ".", "--",
	"--columns=name,ports,external_ids", "list", "Bridge", "--",
	"--columns=_uuid,name,external_ids,interfaces", "list", "Port", "--",
	"--columns=_uuid,type,options,error", "list", "Interface", NULL};

static void free_json(json_t **j)
{
	json_decref(*j);
}

/* What follows the tag in ["uuid", ...], ["set", [...]] or ["map", [...]]; else NULL. */
static const json_t *tagged(const json_t *v, const char *tag)
{
	const char *found = json_string_value(json_array_get(v, 0));

	return found && strcmp(found, tag) == 0 ? json_array_get(v, 1) : NULL;
}

/* Text of a column that may be empty. */
static const char *text_of(const json_t *v)
{
	return json_is_string(v) ? json_string_value(v) : "";
}

static const char *in_map(const json_t *v, const char *key)
{
	const json_t *pairs = tagged(v, "map"), *pair;
	size_t i;

	json_array_foreach(pairs, i, pair) {
		const char *k = json_string_value(json_array_get(pair, 0));

		if (k && strcmp(k, key) == 0)
			return text_of(json_array_get(pair, 1));
	}
	return "";
}

static bool is_uuid(const json_t *v, const char *uuid)
{
	const char *found = json_string_value(tagged(v, "uuid"));

	return found && strcmp(found, uuid) == 0;
}

/* Is the reference among those of a column, which is one or a set of them? */
static bool refers(const json_t *v, const char *uuid)
{
	const json_t *set = tagged(v, "set"), *one;
	size_t i;

	json_array_foreach(set, i, one) {
		if (is_uuid(one, uuid))
			return true;
	}
	return is_uuid(v, uuid);
}

/* The row that `from`, a column, refers to. */
static const json_t *row_of(const json_t *rows, unsigned int uuid_column, const json_t *from)
{
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row) {
		const char *uuid = json_string_value(tagged(json_array_get(row, uuid_column),
							    "uuid"));

		if (uuid && refers(from, uuid))
			return row;
	}
	return NULL;
}

/* false: it does not fit, and so is none of ours. */
static bool copy(char *to, size_t size, const char *from)
{
	return snprintf(to, size, "%s", from) < (int)size;
}

static bool marked(const json_t *ids)
{
	return strcmp(in_map(ids, "ipso"), "added") == 0;
}

static int take_port(struct ovs *o, const char *bridge, const json_t *row,
		     const json_t *interfaces)
{
	const json_t *i = row_of(interfaces, INTERFACE_UUID, json_array_get(row, PORT_INTERFACES));
	const json_t *options = json_array_get(i, INTERFACE_OPTIONS);
	struct ovs_port p = {.ours = marked(json_array_get(row, PORT_IDS))}, *more;

	if (!copy(p.name, sizeof(p.name), text_of(json_array_get(row, PORT_NAME))))
		return 0;
	strcpy(p.bridge, bridge);
	copy(p.type, sizeof(p.type), text_of(json_array_get(i, INTERFACE_TYPE)));
	copy(p.error, sizeof(p.error), text_of(json_array_get(i, INTERFACE_ERROR)));
	copy(p.local_ip, sizeof(p.local_ip), in_map(options, "local_ip"));
	copy(p.remote_ip, sizeof(p.remote_ip), in_map(options, "remote_ip"));
	copy(p.key, sizeof(p.key), in_map(options, "key"));
	copy(p.dst_port, sizeof(p.dst_port), in_map(options, "dst_port"));
	more = reallocarray(o->ports, o->ports_count + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	o->ports = more;
	o->ports[o->ports_count++] = p;
	return 0;
}

static int take_bridge(struct ovs *o, const json_t *row, const json_t *ports,
		       const json_t *interfaces)
{
	struct ovs_bridge b = {.ours = marked(json_array_get(row, BRIDGE_IDS))}, *more;
	const json_t *port;
	size_t i;
	int err = 0;

	if (!copy(b.name, sizeof(b.name), text_of(json_array_get(row, BRIDGE_NAME))))
		return 0;
	more = reallocarray(o->bridges, o->bridges_count + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	o->bridges = more;
	o->bridges[o->bridges_count++] = b;
	json_array_foreach(ports, i, port) {
		const char *uuid = json_string_value(tagged(json_array_get(port, PORT_UUID),
							    "uuid"));

		if (!err && uuid && refers(json_array_get(row, BRIDGE_PORTS), uuid))
			err = take_port(o, b.name, port, interfaces);
	}
	return err;
}

static int take_tables(struct ovs *o, json_t *const data[TABLES])
{
	const json_t *row;
	size_t i;
	int err = 0;

	copy(o->hw_offload, sizeof(o->hw_offload),
	     in_map(json_array_get(json_array_get(data[ROOT], 0), ROOT_CONFIG), "hw-offload"));
	copy(o->flow_limit, sizeof(o->flow_limit),
	     in_map(json_array_get(json_array_get(data[ROOT], 0), ROOT_CONFIG), "flow-limit"));
	json_array_foreach(data[BRIDGE], i, row) {
		if (!err)
			err = take_bridge(o, row, data[PORT], data[INTERFACE]);
	}
	return err;
}

int ovs_parse(const char *text, struct ovs *ret_o)
{
	_cleanup_(free_json) json_t *all = json_array();
	_cleanup_(ovs_free) struct ovs o = {};
	json_t *data[TABLES];
	int err;

	if (!all)
		return -ENOMEM;
	for (unsigned int t = 0; t < TABLES; t++) {
		json_error_t e;
		json_t *table = json_loads(text, JSON_DISABLE_EOF_CHECK, &e);

		if (json_array_append_new(all, table) < 0)
			return -EBADMSG;
		data[t] = json_object_get(table, "data");
		if (!json_is_array(data[t]))
			return -EBADMSG;
		text += e.position;
	}
	err = take_tables(&o, data);
	if (err < 0)
		return err;
	*ret_o = o;
	o = (struct ovs){};
	return 0;
}

int ovs_read(struct ovs *ret_o, struct why *why)
{
	_free_ char *text = NULL;
	int err = ovs_there(why);

	if (!err)
		err = ovs_exec(question, &text, why);
	if (err < 0)
		return err;
	err = ovs_parse(text, ret_o);
	return err < 0 ? why_set(why, err, "read what ovs-vsctl lists") : 0;
}

void ovs_free(struct ovs *o)
{
	free(o->bridges);
	free(o->ports);
	*o = (struct ovs){};
}

const struct ovs_bridge *ovs_bridge_find(const struct ovs *o, const char *name)
{
	for (unsigned int i = 0; i < o->bridges_count; i++) {
		if (strcmp(o->bridges[i].name, name) == 0)
			return &o->bridges[i];
	}
	return NULL;
}

const struct ovs_port *ovs_port_find(const struct ovs *o, const char *name)
{
	for (unsigned int i = 0; i < o->ports_count; i++) {
		if (strcmp(o->ports[i].name, name) == 0)
			return &o->ports[i];
	}
	return NULL;
}

bool ovs_bridge_used(const struct ovs *o, const char *name)
{
	for (unsigned int i = 0; i < o->ports_count; i++) {
		if (strcmp(o->ports[i].bridge, name) == 0 && strcmp(o->ports[i].name, name) != 0)
			return true;
	}
	return false;
}
