/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The scalar types of the configuration: text to value, strictly. */
#include "config/schema.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "base/mem.h"
#include "base/num.h"
#include "config/config.h"

static int parse_bool(const struct cfg_field *f, const char *text, void *dst)
{
	bool v = strcmp(text, "true") == 0;

	(void)f;
	if (!v && strcmp(text, "false") != 0)
		return -EINVAL;
	*(bool *)dst = v;
	return 0;
}

static int parse_uint(const struct cfg_field *f, const char *text, void *dst)
{
	uint64_t v;
	int err = num_u64(text, f->min, f->max, &v);

	if (err < 0)
		return err;
	switch (f->size) {
	case sizeof(uint16_t):
		*(uint16_t *)dst = (uint16_t)v;
		return 0;
	case sizeof(uint32_t):
		*(uint32_t *)dst = (uint32_t)v;
		return 0;
	case sizeof(uint64_t):
		*(uint64_t *)dst = v;
		return 0;
	default:
		return -EINVAL;
	}
}

static int parse_enum(const struct cfg_field *f, const char *text, void *dst)
{
	for (unsigned int i = 0; i < f->choices_count; i++) {
		if (strcmp(text, f->choices[i].text) != 0)
			continue;
		if (f->size == sizeof(uint16_t))
			*(uint16_t *)dst = (uint16_t)f->choices[i].value;
		else
			*(int *)dst = f->choices[i].value;
		return 0;
	}
	return -EINVAL;
}

/* One of the names, or a number within the limits. */
static int parse_named(const struct cfg_field *f, const char *text, void *dst)
{
	return parse_enum(f, text, dst) == 0 ? 0 : parse_uint(f, text, dst);
}

/* IEEE 802.1Q reserves 0 (priority tag only) and 4095. */
static int parse_vlan_id(const struct cfg_field *f, const char *text, void *dst)
{
	uint32_t v;
	int err = num_u32(text, 1, 4094, &v);

	(void)f;
	if (!err)
		*(uint16_t *)dst = (uint16_t)v;
	return err;
}

static int parse_vf_index(const struct cfg_field *f, const char *text, void *dst)
{
	(void)f;
	return num_u32(text, 0, CFG_VF_MAX, dst);
}

static int parse_action_word(const struct cfg_field *f, const char *text, void *dst)
{
	struct cfg_action *a = dst;

	(void)f;
	if (strcmp(text, "vlan-pop") == 0)
		a->vlan_pop = true;
	else if (strcmp(text, "tunnel-unset") == 0)
		a->tunnel_unset = true;
	else
		return -EINVAL;
	return 0;
}

static int keep_text(const struct cfg_field *f, const char *text, void *dst)
{
	size_t len = strlen(text);
	char *copy;

	if (len < f->min || len > f->max)
		return -ERANGE;
	copy = strdup(text);
	if (!copy)
		return -ENOMEM;
	free(*(char **)dst);
	*(char **)dst = copy;
	return 0;
}

/* Names that appear in logs, metrics labels and file names. */
static int parse_name(const struct cfg_field *f, const char *text, void *dst)
{
	for (const char *c = text; *c; c++) {
		if (!isalnum((unsigned char)*c) && !strchr("._-", *c))
			return -EINVAL;
	}
	if (text[0] == '.' || text[0] == '-')
		return -EINVAL;
	return keep_text(f, text, dst);
}

/* In lists, whose rows have limits of their number, not of their elements. */
static int parse_hostname(const struct cfg_field *f, const char *text, void *dst)
{
	struct cfg_field whole = *f;

	whole.min = 1;
	whole.max = 253; /* RFC 1035 section 2.3.4 */
	return parse_name(&whole, text, dst);
}

/* net/core/dev.c, dev_valid_name(). */
static int parse_ifname(const struct cfg_field *f, const char *text, void *dst)
{
	if (!*text || strcmp(text, ".") == 0 || strcmp(text, "..") == 0)
		return -EINVAL;
	for (const char *c = text; *c; c++) {
		if (!isgraph((unsigned char)*c) || *c == '/' || *c == ':')
			return -EINVAL;
	}
	return keep_text(f, text, dst);
}

static int parse_mac(const struct cfg_field *f, const char *text, void *dst)
{
	(void)f;
	return mac_parse(text, dst);
}

static int parse_pci(const struct cfg_field *f, const char *text, void *dst)
{
	char canonical[PCI_STRLEN];
	uint32_t pci;

	if (pci_parse(text, &pci) < 0)
		return -EINVAL;
	return keep_text(f, pci_str(pci, canonical), dst);
}

static int parse_host(const struct cfg_field *f, const char *text, void *dst)
{
	(void)f;
	return strchr(text, '/') ? -EINVAL : addr_parse(text, dst);
}

static int parse_network(const struct cfg_field *f, const char *text, void *dst)
{
	(void)f;
	return strchr(text, '/') ? addr_parse(text, dst) : -EINVAL;
}

static int parse_subnet(const struct cfg_field *f, const char *text, void *dst)
{
	(void)f;
	return addr_parse(text, dst);
}

/* The path of a unix socket. */
static int parse_socket(const char *text, struct cfg_metrics *m)
{
	char *copy;

	if (strlen(text) >= sizeof(((struct sockaddr_un *)0)->sun_path))
		return -ERANGE;
	copy = strdup(text);
	if (!copy)
		return -ENOMEM;
	free(m->address);
	m->address = copy;
	m->port = 0;
	return 0;
}

/* "127.0.0.1:9417", "[::1]:9417" or "/run/ipso/http" into struct cfg_metrics. */
static int parse_listen(const struct cfg_field *f, const char *text, void *dst)
{
	const char *colon = strrchr(text, ':');
	struct cfg_metrics *m = dst;
	_free_ char *host = NULL;
	char canonical[ADDR_STRLEN];
	struct addr a;
	uint32_t port;
	size_t len;

	(void)f;
	if (*text == '/')
		return parse_socket(text, m);
	if (!colon || num_u32(colon + 1, 1, 65535, &port) < 0)
		return -EINVAL;
	len = (size_t)(colon - text);
	if (len >= 2 && text[0] == '[' && text[len - 1] == ']')
		host = strndup(text + 1, len - 2);
	else
		host = strndup(text, len);
	if (!host)
		return -ENOMEM;
	if (strchr(host, '/') || addr_parse(host, &a) < 0 ||
	    (strchr(host, ':') != NULL) != (text[0] == '['))
		return -EINVAL;
	free(TAKE_PTR(host));
	host = strdup(addr_str(&a, false, canonical));
	if (!host)
		return -ENOMEM;
	free(m->address);
	m->address = TAKE_PTR(host);
	m->port = (uint16_t)port;
	return 0;
}

static int parse_uplink(const struct cfg_field *f, const char *text, void *dst)
{
	(void)f;
	if (strcmp(text, "uplink") != 0)
		return -EINVAL;
	((struct cfg_port *)dst)->said_uplink = true;
	return 0;
}

/* Resolved when all devices are known: load.c, resolve_devices(). */
static int parse_device_ref(const struct cfg_field *f, const char *text, void *dst)
{
	(void)f;
	(void)dst;
	return *text ? 0 : -EINVAL;
}

const struct cfg_type cfg_bool = {"true or false", true, parse_bool};
const struct cfg_type cfg_uint = {NULL, true, parse_uint};
const struct cfg_type cfg_enum = {NULL, false, parse_enum};
const struct cfg_type cfg_name = {"a name of letters, digits, '.', '_' and '-', at most 63", false,
				  parse_name};
const struct cfg_type cfg_hostname = {"a host name without a port, as ipso.example.org", false,
				      parse_hostname};
const struct cfg_type cfg_ifname = {"the name of a network interface, at most 15 characters", false,
				    parse_ifname};
const struct cfg_type cfg_netns = {"the name of a network namespace, at most 63 characters", false,
				   parse_name};
const struct cfg_type cfg_path = {"the path of a file", false, keep_text};
const struct cfg_type cfg_mac = {"a MAC address as 02:00:00:00:00:01", false, parse_mac};
const struct cfg_type cfg_pci = {"a PCI address as 0000:08:00.0", false, parse_pci};
const struct cfg_type cfg_host = {"an IPv4 or IPv6 address without a prefix", false, parse_host};
const struct cfg_type cfg_network = {
	"an address with its prefix, as 192.0.2.1/24 or 2001:db8::1/64", false, parse_network};
const struct cfg_type cfg_subnet = {
	"an IPv4 or IPv6 address, with or without a prefix, as 192.0.2.0/24", false, parse_subnet};
const struct cfg_type cfg_listen = {
	"an address and a port, as 127.0.0.1:9417 or [::1]:9417, or the path of a unix socket", false,
	parse_listen};
const struct cfg_type cfg_uplink = {
	"uplink, { vf: NUMBER }, { vxlan: PORT } or, in from, { block: NUMBER }", false,
	parse_uplink};
const struct cfg_type cfg_named = {NULL, false, parse_named};
const struct cfg_type cfg_vlan_id = {"a VLAN id from 1 to 4094", true, parse_vlan_id};
const struct cfg_type cfg_vf_index = {"the number of a VF from 0 to 1023", true, parse_vf_index};
const struct cfg_type cfg_action_word = {
	"vlan-pop, tunnel-unset, or a mapping with one of vlan-push, tunnel-set, redirect and mirror",
	false, parse_action_word};
const struct cfg_type cfg_device_ref = {"the pf or pci of one of devices", false, parse_device_ref};

static void allowed_choices(const struct cfg_field *f, char *buf)
{
	size_t used = 0;

	buf[0] = '\0';
	for (unsigned int i = 0; i < f->choices_count; i++) {
		int n = snprintf(buf + used, CFG_ALLOWED_LEN - used, "%s%s",
				 !i ? "" : i + 1 < f->choices_count ? ", " : " or ",
				 f->choices[i].text);

		if (n < 0 || used + (size_t)n >= CFG_ALLOWED_LEN)
			return;
		used += (size_t)n;
	}
}

const char *cfg_allowed(const struct cfg_field *f, char buf[CFG_ALLOWED_LEN])
{
	size_t used;

	switch (f->shape) {
	case CFG_MAP:
		snprintf(buf, CFG_ALLOWED_LEN, "a mapping of keys to values");
		break;
	case CFG_LIST_OF_MAPS:
		snprintf(buf, CFG_ALLOWED_LEN, "a list of %lu to %lu mappings",
			 (unsigned long)f->min, (unsigned long)f->max);
		break;
	case CFG_LIST_OF_SCALARS:
	case CFG_LIST_OF_EITHER:
		snprintf(buf, CFG_ALLOWED_LEN, "a list of %lu to %lu, each %s",
			 (unsigned long)f->min, (unsigned long)f->max, f->type->allowed);
		break;
	default:
		if (f->type == &cfg_enum || f->type == &cfg_named)
			allowed_choices(f, buf);
		else if (f->type == &cfg_uint)
			snprintf(buf, CFG_ALLOWED_LEN, "a whole number from %lu to %lu",
				 (unsigned long)f->min, (unsigned long)f->max);
		else
			snprintf(buf, CFG_ALLOWED_LEN, "%s", f->type->allowed);
	}
	used = strlen(buf);
	if (f->type == &cfg_named)
		used += (size_t)snprintf(buf + used, CFG_ALLOWED_LEN - used,
					 ", or a number from %lu to %lu", (unsigned long)f->min,
					 (unsigned long)f->max);
	if (f->note)
		snprintf(buf + used, CFG_ALLOWED_LEN - used, " (%s)", f->note);
	return buf;
}
