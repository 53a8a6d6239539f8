/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tunnels as conns of libreswan's ipsec.conf(5). */
#include <errno.h>
#include <string.h>

#include "render/render.h"
#include "render/words.h"

#define DAY 86400

static const char about[] =
	"# The tunnels of an ipso configuration for libreswan, 5.0 or newer; made by ipso render.\n"
	"# To /etc/ipsec.d/NAME.conf on both hosts; then restart ipsec, or `ipsec add` "
	"each, and `ipsec up`\n"
	"# each on the host that begins.\n"
	"#\n"
	"# The static keys, SPIs and reqids are not carried over: IKE makes its own, and "
	"fresh keys with\n"
	"# every rekey. What IKE needs instead is for you to supply: the same secret on "
	"both hosts\n"
	"# (`openssl rand -base64 32`), in /etc/ipsec.d/NAME.secrets of mode 0600, one "
	"line a tunnel:\n";

static const char start[] =
	"#\n"
	"# Start pluto after the eswitch mode is set, and add TC rules to hardware after that.\n";

static void put_limit(FILE *out, const char *key, uint64_t hard, uint64_t soft)
{
	uint64_t v = hard ? hard : soft;

	if (v)
		fprintf(out, "\t%s=%llu\n", key, (unsigned long long)v);
}

/*
 * pluto takes a day at most (IPSEC_SA_LIFETIME_MAXIMUM). The bound that static keys have unwritten
 * is for them: pluto renews its keys sooner. It tells the kernel no soft limit, but begins a rekey by
 * its own clock, rekeymargin before the end; without rekeyfuzz no two at another time.
 */
static void put_lifetime(FILE *out, const struct cfg_tunnel *t)
{
	uint64_t v = t->hard_seconds ? t->hard_seconds : t->soft_seconds;

	if (!v || !(t->has_soft_seconds || t->has_hard_seconds))
		return;
	fprintf(out, "\tsalifetime=%llus\n", (unsigned long long)(v < DAY ? v : DAY));
	if (t->soft_seconds && t->soft_seconds < v && v <= DAY)
		fprintf(out, "\trekeymargin=%llus\n\trekeyfuzz=0%%\n",
			(unsigned long long)(v - t->soft_seconds));
	if (v > DAY)
		fprintf(out, "\t# %llu seconds are not carried over: pluto allows a day\n",
			(unsigned long long)v);
}

/* side: left, which is this host, or right. */
static void put_side(FILE *out, const char *side, const struct addr *net, uint16_t protocol,
		     uint16_t port)
{
	char text[ADDR_STRLEN];

	if (net->family)
		fprintf(out, "\t%ssubnet=%s\n", side, addr_str(net, true, text));
	if (protocol && port)
		fprintf(out, "\t%sprotoport=%s/%u\n", side, protocol_word(protocol),
			port);
	else if (protocol)
		fprintf(out, "\t%sprotoport=%s\n", side, protocol_word(protocol));
}

/*
 * One host begins, and the other not even by a packet: two attempts that cross leave two pairs, of which
 * pluto looks after the newer alone. Of the older it sends no DELETE when it ends, and asks for no sign of
 * life, and a card may go on to send into it (seen: after the other's restart no packet passed). A pair that
 * the other host still has from before, when this one was lost, goes by initial-contact.
 */
static void put_start(FILE *out, const struct cfg_tunnel *t)
{
	bool ours = memcmp(t->local.b, t->remote.b, sizeof(t->local.b)) < 0;

	fprintf(out, "\t# %s host begins, as its address is the lower one: at once, and again after a "
		"loss\n\tdpddelay=10\n", ours ? "this" : "the other");
	fputs(ours ? "\tinitial-contact=yes\n\tauto=start\n" : "\tauto=add\n", out);
}

static void put_conn(FILE *out, const struct ipso_config *cfg, const struct cfg_tunnel *t)
{
	const struct cfg_vf *vf = t->on_vf ? config_vf(cfg, t->device, t->vf) : NULL;
	char local[ADDR_STRLEN], remote[ADDR_STRLEN];

	fputc('\n', out);
	if (vf && vf->netns)
		fprintf(out, "# on a VF: needs a pluto of its own in the namespace %s\n",
			vf->netns);
	fprintf(out, "conn %s\n\tkeyexchange=ikev2\n\tauthby=secret\n", t->name);
	fprintf(out, "\tleft=%s\n\tright=%s\n", addr_str(&t->local, false, local),
		addr_str(&t->remote, false, remote));
	put_side(out, "left", &t->selector.local, t->selector.protocol, t->selector.local_port);
	put_side(out, "right", &t->selector.remote, t->selector.protocol, t->selector.remote_port);
	if (t->has_udp)
		fputs("\tencapsulation=yes\n", out);
	fprintf(out, "\ttype=%s\n\tesp=%s\n\tesn=%s\n",
		mode_word(t),
		t->aead == CFG_AES_GCM_128 ? "aes_gcm128" : "aes_gcm256", t->esn ? "yes" : "no");
	fprintf(out, "\treplay-window=%u\n\tnic-offload=packet\n", t->replay_window);
	if (t->priority)
		fprintf(out, "\tpriority=%u\n", t->priority);
	/* One number for both: pluto takes the soft limit some way below it. */
	put_limit(out, "ipsec-max-packets", t->hard_packets, t->soft_packets);
	put_limit(out, "ipsec-max-bytes", t->hard_bytes, t->soft_bytes);
	put_lifetime(out, t);
	put_start(out, t);
}

int render_libreswan(const struct ipso_config *cfg, FILE *out)
{
	fputs(about, out);
	for (unsigned int i = 0; i < cfg->tunnels_count; i++) {
		const struct cfg_tunnel *t = &cfg->tunnels[i];
		char local[ADDR_STRLEN], remote[ADDR_STRLEN];

		fprintf(out, "#   %s %s : PSK \"...\"\n", addr_str(&t->local, false, local),
			addr_str(&t->remote, false, remote));
	}
	fputs(start, out);
	for (unsigned int i = 0; i < cfg->tunnels_count; i++)
		put_conn(out, cfg, &cfg->tunnels[i]);
	return ferror(out) ? -EIO : 0;
}
