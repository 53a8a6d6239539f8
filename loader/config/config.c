/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loaded configuration: names, keys, release. */
#include "config/config.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

const char *config_device_name(const struct ipso_config *cfg, unsigned int device)
{
	const struct cfg_device *d = &cfg->devices[device];

	return d->pf ? d->pf : d->pci;
}

const struct cfg_vf *config_vf(const struct ipso_config *cfg, unsigned int device, uint32_t vf)
{
	const struct cfg_device *d = &cfg->devices[device];

	for (unsigned int i = 0; i < d->vfs_count; i++) {
		if (d->vfs[i].index == vf)
			return &d->vfs[i];
	}
	return NULL;
}

const struct cfg_block *config_block(const struct ipso_config *cfg, unsigned int device,
				     uint32_t number)
{
	const struct cfg_device *d = &cfg->devices[device];

	for (unsigned int i = 0; i < d->blocks_count; i++) {
		if (d->blocks[i].number == number)
			return &d->blocks[i];
	}
	return NULL;
}

bool config_is_uplink(const struct cfg_port *port)
{
	return !port->is_vf && !port->is_block && !port->is_vxlan;
}

const struct cfg_tunnel *config_tunnel_mode(const struct ipso_config *cfg, unsigned int device)
{
	for (unsigned int i = 0; i < cfg->tunnels_count; i++) {
		const struct cfg_tunnel *t = &cfg->tunnels[i];

		if (t->device == device && !t->on_vf && t->mode == CFG_IPSEC_TUNNEL)
			return t;
	}
	return NULL;
}

bool config_wants_forward(const struct cfg_tunnel *t)
{
	return t->mode == CFG_IPSEC_TUNNEL || t->on_vf;
}

struct cfg_selector config_selector(const struct cfg_tunnel *t)
{
	struct cfg_selector s = t->selector;

	if (!s.local.family)
		s.local = t->local;
	if (!s.remote.family)
		s.remote = t->remote;
	return s;
}

uint16_t config_tc_protocol(const struct cfg_tc *tc)
{
	return tc->vlan_count ? tc->vlan_protocol : tc->protocol;
}

int config_key_path(const struct ipso_config *cfg, const char *file, char buf[PATH_MAX])
{
	char copy[PATH_MAX];
	int n;

	if (file[0] == '/') {
		n = snprintf(buf, PATH_MAX, "%s", file);
	} else {
		if (strlen(cfg->path) >= sizeof(copy))
			return -ENAMETOOLONG;
		strcpy(copy, cfg->path);
		n = snprintf(buf, PATH_MAX, "%s/%s", dirname(copy), file);
	}
	return n >= 0 && n < PATH_MAX ? 0 : -ENAMETOOLONG;
}

size_t config_key_len(const struct cfg_tunnel *t)
{
	return t->aead == CFG_AES_GCM_128 ? 16 + 4 : 32 + 4; /* RFC 4106 section 8.1 */
}

static int load_key(struct ipso_config *cfg, const struct cfg_tunnel *t, struct cfg_sa *sa,
		    struct why *why)
{
	size_t want = config_key_len(t);
	char path[PATH_MAX];
	struct why reason = {};
	int err = config_key_path(cfg, sa->key_file, path);

	if (!err)
		err = secret_load(path, want, &sa->key, &reason);
	else
		why_set(&reason, err, "key file: the path is too long");
	if (err < 0) {
		why_set(why, err, "%s:%u:%u: %s", cfg->path, sa->key_at.line, sa->key_at.column,
			reason.what);
		if (*reason.remedy)
			why_remedy(why, "%s", reason.remedy);
	}
	return err;
}

/* AES-GCM with one key and salt in two SAs repeats nonces and so loses both: RFC 4106 section 4. */
static int check_reuse(const struct ipso_config *cfg, const struct cfg_sa *sa, unsigned int index,
		       struct why *why)
{
	for (unsigned int i = 0; i < 2 * index; i++) {
		const struct cfg_tunnel *t = &cfg->tunnels[i / 2];
		const struct cfg_sa *other = i % 2 ? &t->in : &t->out;

		if (other == sa)
			return 0;
		if (!other->key)
			continue; /* of IKE */
		if (!secret_equal(other->key, sa->key))
			continue;
		why_remedy(why, "make a key of its own for each SA: "
				"openssl rand -hex %zu > FILE; chmod 600 FILE", sa->key->len);
		return why_set(why, -EINVAL,
			       "%s:%u:%u: key-file: found the key and salt that the SA on line %u "
			       "has; allowed: each SA its own, else nonces repeat (RFC 4106 "
			       "section 4)",
			       cfg->path, sa->key_at.line, sa->key_at.column, other->key_at.line);
	}
	return 0;
}

int config_load_keys(struct ipso_config *cfg, struct why *why)
{
	for (unsigned int i = 0; i < cfg->tunnels_count; i++) {
		struct cfg_tunnel *t = &cfg->tunnels[i];
		int err;

		if (t->keying == CFG_KEYING_IKE)
			continue;
		err = load_key(cfg, t, &t->out, why);
		if (!err)
			err = load_key(cfg, t, &t->in, why);
		if (!err)
			err = check_reuse(cfg, &t->out, i + 1, why);
		if (!err)
			err = check_reuse(cfg, &t->in, i + 1, why);
		if (err < 0) {
			config_wipe_keys(cfg);
			return err;
		}
	}
	return 0;
}

void config_wipe_keys(struct ipso_config *cfg)
{
	for (unsigned int i = 0; i < cfg->tunnels_count; i++) {
		secret_free(&cfg->tunnels[i].out.key);
		secret_free(&cfg->tunnels[i].in.key);
	}
}

static void device_free(struct cfg_device *d)
{
	for (unsigned int i = 0; i < d->vfs_count; i++) {
		free(d->vfs[i].netns);
		free(d->vfs[i].addresses);
	}
	for (unsigned int i = 0; i < d->blocks_count; i++)
		free(d->blocks[i].vfs);
	free(d->blocks);
	free(d->vfs);
	free(d->addresses);
	free(d->pf);
	free(d->pci);
}

void config_free(struct ipso_config **cfg)
{
	struct ipso_config *c = *cfg;

	if (!c)
		return;
	config_wipe_keys(c);
	for (unsigned int i = 0; i < c->devices_count; i++)
		device_free(&c->devices[i]);
	for (unsigned int i = 0; i < c->tunnels_count; i++) {
		free(c->tunnels[i].name);
		free(c->tunnels[i].out.key_file);
		free(c->tunnels[i].in.key_file);
	}
	for (unsigned int i = 0; i < c->ovs_count; i++) {
		free(c->ovs[i].bridge);
		free(c->ovs[i].ports);
		free(c->ovs[i].vxlan.name);
	}
	free(c->ovs);
	for (unsigned int i = 0; i < c->tc_count; i++) {
		free(c->tc[i].vlan);
		free(c->tc[i].actions);
	}
	free(c->devices);
	free(c->tunnels);
	free(c->tc);
	free(c->metrics.address);
	for (unsigned int i = 0; i < c->metrics.hosts_count; i++)
		free(c->metrics.hosts[i]);
	free(c->metrics.hosts);
	free(c->metrics.token_file);
	free(c->metrics.tls.certificate);
	free(c->metrics.tls.key_file);
	free(c->metrics.tls.client_ca);
	free(c->readers_group);
	free(c->path);
	free(c);
	*cfg = NULL;
}

bool config_on_socket(const struct cfg_metrics *m)
{
	return m->address[0] == '/';
}
