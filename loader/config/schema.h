/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a configuration may hold: one row a key, read by the loader, by every error message and by
 * the sample file. Private to config/.
 */
#ifndef IPSO_CONFIG_SCHEMA_H
#define IPSO_CONFIG_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CFG_VF_MAX 1023 /* index of a VF */

struct cfg_field;

/* Text of one scalar into a member. */
struct cfg_type {
	const char *allowed; /* in words; NULL = made from the row's limits or choices */
	bool plain;	     /* a quoted scalar is text, not a number or a boolean */
	/* 0, -EINVAL (not one at all), -ERANGE, -ENOMEM. dst is untouched on failure. */
	int (*parse)(const struct cfg_field *f, const char *text, void *dst);
};

extern const struct cfg_type cfg_bool, cfg_uint, cfg_enum, cfg_name, cfg_hostname, cfg_ifname,
	cfg_netns, cfg_path, cfg_mac, cfg_pci, cfg_host, cfg_network, cfg_subnet, cfg_listen, cfg_uplink,
	cfg_device_ref, cfg_named, cfg_vlan_id, cfg_vf_index, cfg_action_word;

struct cfg_choice {
	const char *text;
	int value;
};

/* The keys of one mapping. */
struct cfg_map {
	const char *name; /* as messages call it: "tunnel" */
	const struct cfg_field *fields;
	unsigned int fields_count;
	size_t size;   /* bytes of one element, for lists */
	size_t at_end; /* offset of its struct cfg_at plus 1; 0 = keeps no place */
};

enum cfg_shape {
	CFG_SCALAR,
	CFG_MAP,
	CFG_LIST_OF_MAPS,
	CFG_LIST_OF_SCALARS,
	CFG_SCALAR_OR_MAP,
	CFG_LIST_OF_EITHER /* of maps, of which one may be written as a word: type */
};

struct cfg_field {
	const char *key, *help;
	enum cfg_shape shape;
	bool required;
	const struct cfg_type *type;
	const struct cfg_map *map;
	size_t offset, size;	/* of the member; of one element of a list of scalars */
	size_t count_offset;	/* lists: unsigned int */
	size_t has_end;		/* offset of a bool set when the key is there, plus 1; 0 = none */
	uint64_t min, max;	/* of numbers, of text in bytes, of lists in elements */
	const struct cfg_choice *choices;
	unsigned int choices_count;
	const char *fallback; /* the default, as text; NULL = the member stays zero */
	const char *sample;   /* shown in the sample file; NULL = shown as a comment */
	const char *note;     /* ends the allowed values in messages: the reason for a limit */
};

extern const struct cfg_map cfg_root;

/* What a row takes, in words, for messages and the sample. Returns buf. */
#define CFG_ALLOWED_LEN 256
const char *cfg_allowed(const struct cfg_field *f, char buf[CFG_ALLOWED_LEN]);

#endif
