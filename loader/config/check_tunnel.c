/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules across keys of the tunnels. They repeat what the kernel and the driver refuse
 * (mlx5 en_accel/ipsec.c, mlx5e_xfrm_validate_state(); net/xfrm) so that a mistake is named with
 * its line before anything is changed, and what they would accept and do wrong.
 */
#include "config/check.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <string.h>

static bool is_multicast(const struct addr *a)
{
	return a->family == AF_INET ? (a->b[0] & 0xf0) == 0xe0 : a->b[0] == 0xff;
}

static bool is_unspecified(const struct addr *a)
{
	static const uint8_t zero[16];

	return memcmp(a->b, zero, sizeof(zero)) == 0;
}

static int check_host(const struct cfg_places *p, const struct cfg_tunnel *t, const struct addr *a,
		      const char *key)
{
	char text[ADDR_STRLEN];

	if (is_multicast(a) || is_unspecified(a))
		return place_error_of(p, a, t->at, "%s: found %s; allowed: a unicast address", key,
				      addr_str(a, false, text));
	return 0;
}

static int check_ends(const struct cfg_places *p, const struct cfg_tunnel *t)
{
	char local[ADDR_STRLEN], remote[ADDR_STRLEN];
	int err = check_host(p, t, &t->local, "local");

	if (!err)
		err = check_host(p, t, &t->remote, "remote");
	if (err < 0)
		return err;
	if (t->local.family != t->remote.family)
		return place_error_of(p, &t->remote, t->at,
				      "remote: found %s while local is %s; allowed: an address of "
				      "the same family",
				      addr_str(&t->remote, false, remote),
				      addr_str(&t->local, false, local));
	if (addr_equal(&t->local, &t->remote, false))
		return place_error_of(p, &t->remote, t->at,
				      "remote: found the address of local; allowed: another one");
	return 0;
}

static int check_vf(const struct ipso_config *cfg, const struct cfg_places *p,
		    const struct cfg_tunnel *t)
{
	const struct cfg_vf *vf;

	if (!t->on_vf)
		return 0;
	vf = config_vf(cfg, t->device, t->vf);
	if (!vf)
		return place_error_of(p, &t->vf, t->at,
				      "vf: found VF %u, which %s does not list; allowed: an index "
				      "of its vfs",
				      t->vf, config_device_name(cfg, t->device));
	if (!vf->ipsec_packet)
		return place_error_of(p, &t->vf, t->at,
				      "vf: found VF %u, which has ipsec-packet: false (line %u); "
				      "allowed: a VF with ipsec-packet: true",
				      t->vf, vf->at.line);
	return 0;
}

/*
 * The driver arms the replay check only with ESN (mlx5e_ipsec_build_accel_xfrm_attrs()): without
 * it a window would be accepted and not enforced.
 */
static int check_window(const struct cfg_places *p, struct cfg_tunnel *t)
{
	uint32_t w = t->replay_window;

	if (!place_of(p, &t->replay_window).line)
		t->replay_window = t->esn ? 64 : 0;
	else if (t->esn && w != 32 && w != 64 && w != 128 && w != 256)
		return place_error_of(p, &t->replay_window, t->at,
				      "replay-window: found %u; allowed: 32, 64, 128 or 256, what "
				      "the driver can do with esn",
				      w);
	else if (!t->esn && w)
		return place_error_of(p, &t->replay_window, t->at,
				      "replay-window: found %u with esn: false; allowed: 0, the "
				      "hardware checks replay only with esn",
				      w);
	return 0;
}

/* A key pasted where its file belongs would be printed by every message about that file. */
static int check_key_file(const struct cfg_places *p, struct cfg_sa *sa)
{
	const char *text = sa->key_file;
	size_t digits;

	sa->key_at = place_of(p, &sa->key_file);
	if (strncasecmp(text, "0x", 2) == 0)
		text += 2;
	for (digits = 0; isxdigit((unsigned char)text[digits]);)
		digits++;
	if (digits >= 32 && !text[digits])
		return place_error(p, sa->key_at,
				   "key-file: found what looks like a key; allowed: the path of a "
				   "file that holds it");
	return 0;
}

/* Static SAs are written here, those of IKE nowhere. */
static int check_keying(const struct cfg_places *p, struct cfg_tunnel *t)
{
	bool ike = t->keying == CFG_KEYING_IKE;
	const struct cfg_sa *sa = t->has_out ? &t->out : &t->in;
	int err;

	if (ike && (t->has_out || t->has_in))
		return place_error(p, sa->at,
				   "%s: found with keying: ike; allowed: only with keying: static, "
				   "an IKE daemon makes its own SAs", t->has_out ? "out" : "in");
	if (!ike && !(t->has_out && t->has_in))
		return place_error(p, t->at,
				   "tunnel: key \"%s\" is missing; allowed: out and in, or keying: "
				   "ike", t->has_out ? "in" : "out");
	if (ike)
		return 0;
	err = check_key_file(p, &t->out);
	return err ? err : check_key_file(p, &t->in);
}

static const char *tunnel_netns(const struct ipso_config *cfg, const struct cfg_tunnel *t)
{
	const struct cfg_vf *vf = t->on_vf ? config_vf(cfg, t->device, t->vf) : NULL;

	return vf && vf->netns ? vf->netns : "";
}

static bool same_netns(const struct ipso_config *cfg, const struct cfg_tunnel *a,
		       const struct cfg_tunnel *b)
{
	return strcmp(tunnel_netns(cfg, a), tunnel_netns(cfg, b)) == 0;
}

/* The kernel names a state by destination, SPI and protocol. */
static int check_spi(const struct cfg_places *p, const struct cfg_sa *sa, const struct addr *dst,
		     const struct cfg_sa *other, const struct addr *other_dst)
{
	char text[ADDR_STRLEN];

	if (sa->spi != other->spi || !addr_equal(dst, other_dst, false))
		return 0;
	return place_error_of(p, &sa->spi, sa->at,
			      "spi: found 0x%x, which the SA to %s on line %u has; allowed: an SPI "
			      "that is unique for its destination",
			      sa->spi, addr_str(dst, false, text), other->at.line);
}

/*
 * The driver's TX rule of a packet-offload SA matches nothing but the policy's reqid
 * (en_accel/ipsec_fs.c, tx_add_rule()): two with one reqid would send with each other's key.
 */
static int check_reqid(const struct cfg_places *p, const struct cfg_tunnel *t,
		       const struct cfg_tunnel *other)
{
	if (t->device != other->device || t->on_vf != other->on_vf ||
	    (t->on_vf && t->vf != other->vf) || t->out.reqid != other->out.reqid)
		return 0;
	return place_error_of(p, &t->out.reqid, t->out.at,
			      "reqid: found 0x%x, which the outbound SA of tunnel %s has on the "
			      "same device; allowed: another one, the hardware chooses the SA by it",
			      t->out.reqid, other->name);
}

/* An IKE daemon sees to its own SPIs and reqids. */
static int check_sas(const struct ipso_config *cfg, const struct cfg_places *p,
		     const struct cfg_tunnel *t, const struct cfg_tunnel *other)
{
	int err;

	if (t->keying == CFG_KEYING_IKE || other->keying == CFG_KEYING_IKE)
		return 0;
	err = check_reqid(p, t, other);
	if (err < 0 || !same_netns(cfg, t, other))
		return err;
	err = check_spi(p, &t->out, &t->remote, &other->out, &other->remote);
	if (!err)
		err = check_spi(p, &t->out, &t->remote, &other->in, &other->local);
	if (!err)
		err = check_spi(p, &t->in, &t->local, &other->in, &other->local);
	if (!err)
		err = check_spi(p, &t->in, &t->local, &other->out, &other->remote);
	return err;
}

static int check_pair(const struct ipso_config *cfg, const struct cfg_places *p,
		      const struct cfg_tunnel *t, const struct cfg_tunnel *other)
{
	int err;

	if (strcmp(t->name, other->name) == 0)
		return place_error_of(p, &t->name, t->at,
				      "name: found \"%s\", which the tunnel on line %u has; "
				      "allowed: a unique name",
				      t->name, other->at.line);
	err = check_sas(cfg, p, t, other);
	if (err < 0 || !same_netns(cfg, t, other))
		return err;
	return config_check_overlap(p, t, other);
}

static int check_tunnel(const struct ipso_config *cfg, const struct cfg_places *p,
			struct cfg_tunnel *t)
{
	int err = check_ends(p, t);

	if (!err)
		err = check_vf(cfg, p, t);
	if (!err)
		err = check_window(p, t);
	if (!err)
		err = config_check_selector(cfg, p, t);
	if (!err)
		err = config_check_limits(p, t);
	if (!err)
		err = check_keying(p, t);
	return err;
}

int config_check_tunnels(struct ipso_config *cfg, const struct cfg_places *p)
{
	for (unsigned int i = 0; i < cfg->tunnels_count; i++) {
		int err = check_tunnel(cfg, p, &cfg->tunnels[i]);

		for (unsigned int j = 0; !err && j < i; j++)
			err = check_pair(cfg, p, &cfg->tunnels[i], &cfg->tunnels[j]);
		if (err < 0)
			return err;
	}
	return 0;
}
