/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules across keys of shared blocks: who is in which, and what may be on them. */
#include "config/check.h"

const struct cfg_block *config_shares(const struct ipso_config *cfg, unsigned int device,
				      uint32_t vf)
{
	const struct cfg_device *d = &cfg->devices[device];

	for (unsigned int i = 0; i < d->blocks_count; i++) {
		for (unsigned int k = 0; k < d->blocks[i].vfs_count; k++) {
			if (d->blocks[i].vfs[k] == vf)
				return &d->blocks[i];
		}
	}
	return NULL;
}

bool config_feeds(const struct ipso_config *cfg, const struct cfg_tc *tc, uint32_t vf)
{
	const struct cfg_block *b = config_shares(cfg, tc->device, vf);

	return tc->from.is_vf ? tc->from.vf == vf
			      : tc->from.is_block && b && b->number == tc->from.block;
}

/* A block has one number on the host, whatever the device. */
static const struct cfg_block *twin(const struct ipso_config *cfg, const struct cfg_block *b)
{
	for (unsigned int d = 0; d < cfg->devices_count; d++) {
		const struct cfg_device *dev = &cfg->devices[d];

		for (unsigned int i = 0; i < dev->blocks_count; i++) {
			if (&dev->blocks[i] == b)
				return NULL;
			if (dev->blocks[i].number == b->number)
				return &dev->blocks[i];
		}
	}
	return NULL;
}

static int check_member(const struct ipso_config *cfg, const struct cfg_places *p,
			unsigned int device, const struct cfg_block *b, unsigned int k)
{
	const struct cfg_block *other = config_shares(cfg, device, b->vfs[k]);

	if (!config_vf(cfg, device, b->vfs[k]))
		return place_error_of(p, &b->vfs[k], b->at,
				      "vfs: found VF %u, which %s does not list; allowed: an index "
				      "of its vfs", b->vfs[k], config_device_name(cfg, device));
	for (unsigned int i = 0; i < k; i++) {
		if (b->vfs[i] == b->vfs[k])
			return place_error_of(p, &b->vfs[k], b->at,
					      "vfs: found VF %u twice; allowed: once", b->vfs[k]);
	}
	if (other != b)
		return place_error_of(p, &b->vfs[k], b->at,
				      "vfs: found VF %u, which is in block %u on line %u; allowed: "
				      "one block a representor", b->vfs[k], other->number,
				      other->at.line);
	return 0;
}

int config_check_blocks(const struct ipso_config *cfg, const struct cfg_places *p,
			unsigned int device)
{
	const struct cfg_device *d = &cfg->devices[device];
	int err = 0;

	for (unsigned int i = 0; !err && i < d->blocks_count; i++) {
		const struct cfg_block *b = &d->blocks[i], *other = twin(cfg, b);

		if (d->mode != CFG_MODE_SWITCHDEV)
			return place_error(p, b->at,
					   "blocks: found with mode legacy; allowed: mode switchdev, "
					   "which has representors");
		if (other)
			return place_error_of(p, &b->number, b->at,
					      "number: block %u is already on line %u; allowed: once",
					      b->number, other->at.line);
		for (unsigned int k = 0; !err && k < b->vfs_count; k++)
			err = check_member(cfg, p, device, b, k);
	}
	return err;
}
