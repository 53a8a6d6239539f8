/* SPDX-License-Identifier: GPL-2.0-or-later */
/* States and policies of the tunnels as a script of ip xfrm commands: ip-xfrm(8). */
#include <errno.h>
#include <string.h>

#include "base/shell.h"
#include "ipso/event.h"
#include "render/render.h"
#include "render/script.h"
#include "render/words.h"

static const char about[] =
	"# The tunnels of an ipso configuration as ip xfrm commands; made by ipso render.\n"
	"# iproute2 6.10 or newer: it tells the kernel the direction of a state from "
	"`offload ... dir`,\n"
	"# and a kernel that knows it wants replay window 0 for an outbound state.\n"
	"# Only states and policies: set the eswitch mode, addresses and links up before "
	"(`ipso plan\n"
	"# --shell` does all of it), and add TC rules after, because the driver refuses "
	"the first state\n"
	"# of an eswitch that has TC rules in hardware.\n"
	"# The keys are static: no forward secrecy, and running this again after a flush "
	"or a reboot\n"
	"# repeats nonces under the same keys, which breaks AES-GCM. Make new keys each time.\n";

static const char *tunnel_netns(const struct ipso_config *cfg, const struct cfg_tunnel *t)
{
	const struct cfg_vf *vf = t->on_vf ? config_vf(cfg, t->device, t->vf) : NULL;

	return vf && vf->netns ? vf->netns : "";
}

static void put_device(FILE *out, const struct ipso_config *cfg, const struct cfg_tunnel *t)
{
	const char *netns = tunnel_netns(cfg, t);
	char name[SHELL_LEN(IPSO_IFNAM + PCI_STRLEN)];

	shell_quote(config_device_name(cfg, t->device), name, sizeof(name));
	if (t->on_vf)
		fprintf(out, "dev=$(vf %s %u%s%s)\n", name, t->vf, *netns ? " " : "", netns);
	else if (cfg->devices[t->device].pf)
		fprintf(out, "dev=%s\n", name);
	else
		fprintf(out, "dev=$(uplink %s)\n", name);
}

static void put_limit(FILE *out, const char *name, uint64_t v)
{
	if (v)
		fprintf(out, "\\\n\tlimit %s %llu ", name, (unsigned long long)v);
}

static void put_state(FILE *out, const struct ipso_config *cfg, const struct cfg_tunnel *t,
		      bool in)
{
	const struct cfg_selector sel = config_selector(t);
	const struct cfg_sa *sa = in ? &t->in : &t->out;
	const char *netns = tunnel_netns(cfg, t);
	char src[ADDR_STRLEN], dst[ADDR_STRLEN], key[SHELL_LEN(PATH_MAX)];

	addr_str(in ? &t->remote : &t->local, false, src);
	addr_str(in ? &t->local : &t->remote, false, dst);
	shell_quote(sa->key_file, key, sizeof(key));
	fprintf(out, "state_add %s%s %s \\\n", sa->key_file[0] == '/' ? "" : "\"$keys\"/", key,
		*netns ? netns : "''");
	fprintf(out, "\tsrc %s dst %s proto esp spi 0x%08x reqid %u mode %s \\\n", src, dst, sa->spi,
		sa->reqid, mode_word(t));
	if (t->has_udp)
		fprintf(out, "\tencap espinudp %u %u %s \\\n", in ? t->udp_remote : t->udp_local,
			in ? t->udp_local : t->udp_remote,
			t->local.family == AF_INET ? "0.0.0.0" : "::");
	fprintf(out, "\treplay-window %u%s aead 'rfc4106(gcm(aes))' KEY 128 ",
		in ? t->replay_window : 0, t->esn ? " flag esn" : "");
	put_limit(out, "packet-soft", t->soft_packets);
	put_limit(out, "packet-hard", t->hard_packets);
	put_limit(out, "byte-soft", t->soft_bytes);
	put_limit(out, "byte-hard", t->hard_bytes);
	put_limit(out, "time-soft", t->soft_seconds);
	put_limit(out, "time-hard", t->hard_seconds);
	fprintf(out, "\\\n\toffload packet dev \"$dev\" dir %s sel src %s dst %s\n",
		in ? "in" : "out", addr_str(in ? &sel.remote : &sel.local, true, src),
		addr_str(in ? &sel.local : &sel.remote, true, dst));
}

static void put_port(FILE *out, const char *name, uint16_t port)
{
	if (port)
		fprintf(out, " %s %u", name, port);
}

/* dir: in, out, and fwd, which the kernel applies alone. */
static void put_policy(FILE *out, const struct ipso_config *cfg, const struct cfg_tunnel *t,
		       const char *dir)
{
	const struct cfg_selector sel = config_selector(t);
	const char *netns = tunnel_netns(cfg, t);
	bool to = strcmp(dir, "out") == 0;
	char src[ADDR_STRLEN], dst[ADDR_STRLEN];

	fprintf(out, "ip %s%s%sxfrm policy add src %s dst %s", *netns ? "-n " : "", netns,
		*netns ? " " : "", addr_str(to ? &sel.local : &sel.remote, true, src),
		addr_str(to ? &sel.remote : &sel.local, true, dst));
	if (sel.protocol)
		fprintf(out, " proto %s", protocol_word(sel.protocol));
	put_port(out, "sport", to ? sel.local_port : sel.remote_port);
	put_port(out, "dport", to ? sel.remote_port : sel.local_port);
	fprintf(out, " dir %s", dir);
	if (t->priority)
		fprintf(out, " priority %u", t->priority);
	fprintf(out, " \\\n\t%stmpl src %s dst %s proto esp reqid %u mode %s\n",
		strcmp(dir, "fwd") == 0 ? "" : "offload packet dev \"$dev\" ",
		addr_str(to ? &t->local : &t->remote, false, src),
		addr_str(to ? &t->remote : &t->local, false, dst), to ? t->out.reqid : t->in.reqid,
		mode_word(t));
}

int render_iproute2(const struct ipso_config *cfg, const char *key_dir, FILE *out)
{
	char dir[SHELL_LEN(PATH_MAX)];
	unsigned int parts = SCRIPT_KEYS;

	for (unsigned int i = 0; i < cfg->tunnels_count; i++) {
		const struct cfg_tunnel *t = &cfg->tunnels[i];

		if (t->on_vf || !cfg->devices[t->device].pf)
			parts |= SCRIPT_NETDEVS;
	}
	script_begin(out, about, parts);
	fprintf(out, "# Where the key files are.\nkeys=${KEYS:-%s}\n",
		shell_quote(key_dir, dir, sizeof(dir)));
	for (unsigned int i = 0; i < cfg->tunnels_count; i++) {
		const struct cfg_tunnel *t = &cfg->tunnels[i];

		fprintf(out, "\n# tunnel %s\n", t->name);
		if (t->keying == CFG_KEYING_IKE) {
			fputs("# keying: ike: its states and policies are made by the IKE "
			      "daemon\n", out);
			continue;
		}
		put_device(out, cfg, t);
		put_state(out, cfg, t, true);
		put_state(out, cfg, t, false);
		put_policy(out, cfg, t, "in");
		put_policy(out, cfg, t, "out");
		if (config_wants_forward(t))
			put_policy(out, cfg, t, "fwd");
	}
	return ferror(out) ? -EIO : 0;
}
