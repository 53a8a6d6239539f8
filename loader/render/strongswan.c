/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tunnels as connections of swanctl.conf(5). */
#include <errno.h>
#include <string.h>

#include "render/render.h"
#include "render/words.h"

/* Of the policies with which charon's kernel-netlink lets IKE pass; a lower number wins. */
#define BYPASS_PRIORITY 32

static const char about[] =
	"# The tunnels of an ipso configuration for strongSwan, 5.9.11 or newer; made by "
	"ipso render.\n"
	"# To /etc/swanctl/conf.d/; then `swanctl --load-all` on both hosts.\n"
	"#\n"
	"# The static keys, SPIs and reqids are not carried over: IKE makes its own, and "
	"fresh keys with\n"
	"# every rekey. What IKE needs instead, a secret or certificates to tell the "
	"hosts apart, is for\n"
	"# you to supply: see `secrets` at the end. Without it the connections load and "
	"do not come up.\n"
	"#\n"
	"# charon offloads policies that let IKE itself pass as soon as it starts, and "
	"with them nobody\n"
	"# can change the eswitch mode: set that before, and add TC rules to hardware after.\n";

static const char secrets_begin[] =
	"\n# One secret a pair of hosts, the same on both (`openssl rand -base64 32`), "
	"in a file that\n"
	"# only root can read, for example /etc/swanctl/conf.d/secrets.conf of mode 0600:\n"
	"#\n"
	"# secrets {\n";

static const char secret[] =
	"#\tike-%s {\n"
	"#\t\tid-local = %s\n"
	"#\t\tid-remote = %s\n"
	"#\t\tsecret = \"...\"\n"
	"#\t}\n";

/* A dot in the name of a section would be read as the way to a section in it. */
static const char *section(const struct cfg_tunnel *t, char buf[64])
{
	snprintf(buf, 64, "%s", t->name);
	for (char *c = buf; (c = strchr(c, '.'));)
		*c = '_';
	return buf;
}

static void put_limit(FILE *out, const char *key, uint64_t v)
{
	if (v)
		fprintf(out, "\t\t\t\t%s = %llu\n", key, (unsigned long long)v);
}

/* dynamic: the address of the end itself. */
static void put_ts(FILE *out, const char *side, const struct addr *net, uint16_t protocol,
		   uint16_t port)
{
	char text[ADDR_STRLEN];

	fprintf(out, "\t\t\t\t%s_ts = %s", side,
		net->family ? addr_str(net, true, text) : "dynamic");
	if (protocol)
		fprintf(out, "[%s", protocol_word(protocol));
	if (port)
		fprintf(out, "/%u", port);
	fputs(protocol ? "]\n" : "\n", out);
}

static void put_selector(FILE *out, const struct cfg_selector *s)
{
	if (s->local.family || s->protocol)
		put_ts(out, "local", &s->local, s->protocol, s->local_port);
	if (s->remote.family || s->protocol)
		put_ts(out, "remote", &s->remote, s->protocol, s->remote_port);
}

static void put_child(FILE *out, const struct cfg_tunnel *t, const char *name)
{
	fprintf(out, "\t\t\t%s {\n\t\t\t\tmode = %s\n", name,
		mode_word(t));
	put_selector(out, &t->selector);
	fprintf(out, "\t\t\t\tesp_proposals = %s-%s\n",
		t->aead == CFG_AES_GCM_128 ? "aes128gcm16" : "aes256gcm16",
		t->esn ? "esn" : "noesn");
	fputs("\t\t\t\thw_offload = packet\n", out);
	fprintf(out, "\t\t\t\treplay_window = %u\n", t->replay_window);
	if (t->priority > BYPASS_PRIORITY)
		fprintf(out, "\t\t\t\tpriority = %u\n", t->priority);
	else if (t->priority)
		fprintf(out, "\t\t\t\t# priority %u is not carried over: charon lets IKE pass with "
			"%u, which must win\n", t->priority, BYPASS_PRIORITY);
	put_limit(out, "rekey_packets", t->soft_packets);
	put_limit(out, "life_packets", t->hard_packets);
	put_limit(out, "rekey_bytes", t->soft_bytes);
	put_limit(out, "life_bytes", t->hard_bytes);
	/* The bound that static keys have unwritten is for them: charon renews its keys sooner. */
	if (t->has_soft_seconds || t->has_hard_seconds) {
		put_limit(out, "rekey_time", t->soft_seconds);
		put_limit(out, "life_time", t->hard_seconds);
	}
	fputs("\t\t\t\t# start: up when this is loaded, on some kernels no packet may bring it up;\n"
	      "\t\t\t\t# trap: until then none leaves in clear text\n"
	      "\t\t\t\tstart_action = trap|start\n"
	      "\t\t\t\tdpd_action = restart\n"
	      "\t\t\t}\n", out);
}

static void put_connection(FILE *out, const struct ipso_config *cfg, const struct cfg_tunnel *t)
{
	const struct cfg_vf *vf = t->on_vf ? config_vf(cfg, t->device, t->vf) : NULL;
	char local[ADDR_STRLEN], remote[ADDR_STRLEN], name[64];

	addr_str(&t->local, false, local);
	addr_str(&t->remote, false, remote);
	section(t, name);
	if (vf && vf->netns)
		fprintf(out, "\t# on a VF: needs a charon of its own in the namespace %s\n",
			vf->netns);
	fprintf(out, "\t%s {\n\t\tversion = 2\n", name);
	fprintf(out, "\t\tlocal_addrs = %s\n\t\tremote_addrs = %s\n", local, remote);
	/* The driver takes no SA whose addresses change. */
	fputs("\t\tmobike = no\n", out);
	/*
	 * Both hosts begin, because a host that does not know the connection yet answers
	 * NO_PROPOSAL_CHOSEN, after which charon does not ask again: whoever is last to load it brings the
	 * tunnel up. An attempt of the other that was still waiting then makes a second IKE SA, and replace
	 * ends the first.
	 */
	fputs("\t\t# both hosts begin: until the other answers, and of two tunnels the older ends\n"
	      "\t\tkeyingtries = 0\n\t\tunique = replace\n", out);
	if (t->has_udp)
		fputs("\t\tencap = yes\n", out);
	fprintf(out, "\t\tlocal {\n\t\t\tauth = psk\n\t\t\tid = %s\n\t\t}\n", local);
	fprintf(out, "\t\tremote {\n\t\t\tauth = psk\n\t\t\tid = %s\n\t\t}\n", remote);
	fputs("\t\tchildren {\n", out);
	put_child(out, t, name);
	fputs("\t\t}\n\t}\n", out);
}

int render_strongswan(const struct ipso_config *cfg, FILE *out)
{
	fputs(about, out);
	fputs("connections {\n", out);
	for (unsigned int i = 0; i < cfg->tunnels_count; i++)
		put_connection(out, cfg, &cfg->tunnels[i]);
	fputs("}\n", out);
	fputs(secrets_begin, out);
	for (unsigned int i = 0; i < cfg->tunnels_count; i++) {
		const struct cfg_tunnel *t = &cfg->tunnels[i];
		char local[ADDR_STRLEN], remote[ADDR_STRLEN], name[64];

		fprintf(out, secret, section(t, name), addr_str(&t->local, false, local),
			addr_str(&t->remote, false, remote));
	}
	fputs("# }\n", out);
	return ferror(out) ? -EIO : 0;
}
