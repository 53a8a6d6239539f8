/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration of the other host, from this one's. */
#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/config.h"

static bool ends_on(const struct cfg_tunnel *t, unsigned int device, const struct cfg_vf *vf)
{
	return t->device == device && t->on_vf == (vf != NULL) && (!vf || t->vf == vf->index);
}

static bool holds(const struct addr *list, unsigned int count, const struct addr *a)
{
	for (unsigned int i = 0; i < count; i++) {
		if (addr_equal(&list[i], a, false))
			return true;
	}
	return false;
}

/* What the other host's function is called, for each address of ours that a tunnel ends on. */
static int mirror_addresses(const struct ipso_config *cfg, unsigned int device,
			    const struct cfg_vf *vf, struct addr **list, unsigned int *count)
{
	struct addr *other = calloc(cfg->tunnels_count + 1, sizeof(*other));
	unsigned int n = 0;

	if (!other)
		return -ENOMEM;
	for (unsigned int i = 0; i < cfg->tunnels_count; i++) {
		const struct cfg_tunnel *t = &cfg->tunnels[i];

		if (!ends_on(t, device, vf) || holds(other, n, &t->remote))
			continue;
		for (unsigned int a = 0; a < *count; a++) {
			if (!addr_equal(&(*list)[a], &t->local, false))
				continue;
			other[n] = t->remote;
			other[n++].prefix = (*list)[a].prefix;
			break;
		}
	}
	free(*list);
	*list = other;
	*count = n;
	return 0;
}

static int mirror_device(struct ipso_config *cfg, unsigned int device)
{
	struct cfg_device *d = &cfg->devices[device];
	int err = mirror_addresses(cfg, device, NULL, &d->addresses, &d->addresses_count);

	for (unsigned int i = 0; !err && i < d->vfs_count; i++) {
		struct cfg_vf *vf = &d->vfs[i];

		vf->has_mac = false;
		err = mirror_addresses(cfg, device, vf, &vf->addresses, &vf->addresses_count);
	}
	return err;
}

static struct cfg_sa *sa_number(struct ipso_config *cfg, unsigned int i)
{
	return i % 2 ? &cfg->tunnels[i / 2].in : &cfg->tunnels[i / 2].out;
}

static int check_names(struct ipso_config *cfg, char *const *names, struct why *why)
{
	for (unsigned int i = 0; i < 2 * cfg->tunnels_count; i++) {
		const struct cfg_sa *sa = sa_number(cfg, i);

		for (unsigned int j = 0; j < i; j++) {
			if (names[i] && names[j] && strcmp(names[i], names[j]) == 0)
				return why_set(why, -EINVAL,
					       "%s:%u:%u: key-file: found a second file named %s "
					       "(line %u); allowed for the other side: names of "
					       "their own, there they are in one folder",
					       cfg->path, sa->key_at.line, sa->key_at.column,
					       names[i], sa_number(cfg, j)->key_at.line);
		}
	}
	return 0;
}

/* Key files stand beside the configuration on the other host. */
static int mirror_key_files(struct ipso_config *cfg, struct why *why)
{
	unsigned int count = 2 * cfg->tunnels_count;
	char **names = calloc(count + 1, sizeof(*names));
	int err = names ? 0 : -ENOMEM;

	for (unsigned int i = 0; !err && i < count; i++) {
		const char *file = sa_number(cfg, i)->key_file, *slash;

		if (!file)
			continue; /* of IKE */
		slash = strrchr(file, '/');
		names[i] = strdup(slash ? slash + 1 : file);
		if (!names[i])
			err = -ENOMEM;
	}
	if (!err)
		err = check_names(cfg, names, why);
	for (unsigned int i = 0; names && i < count; i++) {
		struct cfg_sa *sa = sa_number(cfg, i);

		if (err < 0) {
			free(names[i]);
			continue;
		}
		free(sa->key_file);
		sa->key_file = names[i];
	}
	free(names);
	return err;
}

#define SWAP(a, b)                          \
	do {                                \
		__typeof__(a) _swap = (a);  \
		(a) = (b);                  \
		(b) = _swap;                \
	} while (0)

static void mirror_tunnel(struct cfg_tunnel *t)
{
	SWAP(t->local, t->remote);
	SWAP(t->selector.local, t->selector.remote);
	SWAP(t->selector.local_port, t->selector.remote_port);
	SWAP(t->udp_local, t->udp_remote);
	SWAP(t->out, t->in);
	/* A reqid is a host's own affair; those of its outbound SAs must differ. */
	SWAP(t->out.reqid, t->in.reqid);
}

/* The ports keep their parts; what goes out there has the addresses of what comes in here. */
static void mirror_rule(struct cfg_tc *tc)
{
	SWAP(tc->has_src_mac, tc->has_dst_mac);
	for (unsigned int i = 0; i < sizeof(tc->src_mac); i++)
		SWAP(tc->src_mac[i], tc->dst_mac[i]);
	SWAP(tc->src, tc->dst);
	SWAP(tc->tunnel.local, tc->tunnel.remote);
	for (unsigned int i = 0; i < tc->actions_count; i++)
		SWAP(tc->actions[i].tunnel.local, tc->actions[i].tunnel.remote);
}

int config_mirror(struct ipso_config *cfg, struct why *why)
{
	int err = mirror_key_files(cfg, why);

	for (unsigned int d = 0; !err && d < cfg->devices_count; d++)
		err = mirror_device(cfg, d);
	if (err == -ENOMEM)
		return why_set(why, err, "%s: out of memory", cfg->path);
	if (err < 0)
		return err;
	for (unsigned int i = 0; i < cfg->tunnels_count; i++)
		mirror_tunnel(&cfg->tunnels[i]);
	for (unsigned int i = 0; i < cfg->tc_count; i++)
		mirror_rule(&cfg->tc[i]);
	for (unsigned int i = 0; i < cfg->ovs_count; i++)
		SWAP(cfg->ovs[i].vxlan.local, cfg->ovs[i].vxlan.remote);
	return 0;
}
