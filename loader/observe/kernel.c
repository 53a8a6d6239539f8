/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the running kernel can do, asked of the kernel: the functions in its BTF (in kallsyms where
 * it has none), its modules, its security settings. Versions are never compared.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/file.h"
#include "base/mem.h"
#include "observe/priv.h"

enum mark {
	MARK_XFRM_OFFLOAD,
	MARK_XFRM_PACKET,
	MARK_ESP_OFFLOAD,
	MARK_MLX5,
	MARK_MLX5_IPSEC,
	MARK_MLX5_TC,
	MARK_MLX5_IPSEC_FDB,
	MARK_SA_TAKES_ESWITCH,
	MARK_BLOCK_ENCAP,
	MARK_BLOCK_FDB,
	MARK_POLICY_MASK,
	MARK_GATE,
	MARK_TRAMPOLINE,
	MARK_ESP6_OFFLOAD,
	MARK_RFC4106,
	MARK_SEQIV,
	MARK_TC, /* and what follows: parts of TC that rules need */
	MARKS = MARK_TC + 6
};

/* A function, or a part of a type, that exists only when the feature was built in. */
static const char *const mark_names[MARKS] = {
	[MARK_XFRM_OFFLOAD] = "xfrm_dev_state_add",   /* else a static inline that returns 0 */
	[MARK_XFRM_PACKET] = "xfrm_dev_policy_add",   /* came with packet offload, 919e43fad516 */
	[MARK_ESP_OFFLOAD] = "esp4_gso_segment",      /* net/ipv4/esp4_offload.c */
	[MARK_MLX5] = "mlx5_cmd_exec",
	[MARK_MLX5_IPSEC] = "mlx5e_xfrm_add_state",   /* en_accel/ipsec.c */
	[MARK_MLX5_TC] = "mlx5e_configure_flower",    /* en_tc.c, CONFIG_MLX5_CLS_ACT */
	[MARK_MLX5_IPSEC_FDB] = "mlx5_esw_ipsec_tx_create_attr_set", /* esw/ipsec_fs.c */
	/* mlx5e_ipsec_fs_tunnel_enabled() got this name when SA add began to take the mode lock. */
	[MARK_SA_TAKES_ESWITCH] = "mlx5e_ipsec_fs_tunnel_allowed",
	/* mlx5_eswitch_block_encap(dev, from_fdb) says no to the FDB; without from_fdb it does not. */
	[MARK_BLOCK_ENCAP] = "mlx5_eswitch_block_encap",
	[MARK_BLOCK_FDB] = "",
	[MARK_POLICY_MASK] = "mlx5e_ipsec_addr", /* its masks came with ca7992f52fed */
	[MARK_GATE] = "security_netlink_send",
	[MARK_TRAMPOLINE] = "bpf_trampoline_link_prog",
	[MARK_ESP6_OFFLOAD] = "esp6_gso_segment",
	[MARK_RFC4106] = "crypto_rfc4106_create", /* crypto/gcm.c */
	[MARK_SEQIV] = "seqiv_aead_create",
	"fl_change", "ingress_init", "tcf_mirred_act", "tcf_gact_act", "tcf_vlan_act",
	"tunnel_key_act",
};

/* Modules of the last marks, in their order. */
static const char *const tc_modules[MARKS - MARK_TC] = {
	"cls_flower", "sch_ingress", "act_mirred", "act_gact", "act_vlan", "act_tunnel_key"};

/* Parts: parameters are of no name, members of their struct. */
static const char *const mark_parts[MARKS] = {
	[MARK_BLOCK_FDB] = "from_fdb",
	[MARK_POLICY_MASK] = "smask",
};

static bool same_part(const char *want, const char *part)
{
	return want && part ? strcmp(want, part) == 0 : want == part;
}

static void mark(const char *name, const char *part, void *arg)
{
	bool *seen = arg;

	/* Asked for every function of the kernel: the first letters decide nearly always. */
	for (unsigned int i = 0; i < MARKS; i++) {
		if (name[0] == mark_names[i][0] && (!name[0] || name[1] == mark_names[i][1]) &&
		    strcmp(name, mark_names[i]) == 0 && same_part(mark_parts[i], part))
			seen[i] = true;
	}
}

/* "ffffffff81000000 T name [module]"; addresses are hidden from the unprivileged, names are not. */
static void marks_from_kallsyms(bool seen[MARKS])
{
	_fclose_ FILE *f = fopen("/proc/kallsyms", "re");
	char line[512], name[256];

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*s %*c %255s", name) == 1)
			mark(name, NULL, seen);
	}
}

static bool word_in_file(const char *path, const char *word)
{
	_free_ char *text = NULL;

	return file_read(path, 16 << 20, &text, NULL) == 0 && strstr(text, word);
}

static bool module_available(const char *name, const char *release)
{
	char path[PATH_MAX], word[64];

	snprintf(path, sizeof(path), "/sys/module/%s", name);
	if (access(path, F_OK) == 0)
		return true;
	snprintf(word, sizeof(word), "/%s.ko", name);
	snprintf(path, sizeof(path), "/lib/modules/%s/modules.builtin", release);
	if (word_in_file(path, word))
		return true;
	snprintf(path, sizeof(path), "/lib/modules/%s/modules.dep", release);
	return word_in_file(path, word);
}

static void read_parts(const bool seen[MARKS], struct obs_kernel *k)
{
	size_t used = 0;

	k->esp6_offload = seen[MARK_ESP6_OFFLOAD] || module_available("esp6_offload", k->release);
	k->aes_gcm = (seen[MARK_RFC4106] || module_available("gcm", k->release)) &&
		     (seen[MARK_SEQIV] || module_available("seqiv", k->release));
	for (unsigned int i = 0; i < MARKS - MARK_TC; i++) {
		if (seen[MARK_TC + i] || module_available(tc_modules[i], k->release) ||
		    used >= sizeof(k->tc_missing))
			continue;
		used += (size_t)snprintf(k->tc_missing + used, sizeof(k->tc_missing) - used,
					 "%s%s", used ? " " : "", tc_modules[i]);
	}
}

int kernel_read(struct obs_kernel *ret_k)
{
	struct obs_kernel k = {};
	bool seen[MARKS] = {};
	struct utsname u;

	if (uname(&u) < 0)
		return -errno;
	snprintf(k.release, sizeof(k.release), "%s", u.release);
	k.btf = btf_names("mlx5_core", mark, seen) == 0;
	if (!k.btf)
		marks_from_kallsyms(seen);
	k.xfrm_offload = seen[MARK_XFRM_OFFLOAD];
	k.xfrm_packet = seen[MARK_XFRM_PACKET];
	k.esp_offload = seen[MARK_ESP_OFFLOAD] || module_available("esp4_offload", k.release);
	k.mlx5 = seen[MARK_MLX5] || access("/sys/bus/pci/drivers/mlx5_core", F_OK) == 0;
	k.known_mlx5_ipsec = seen[MARK_MLX5];
	k.mlx5_ipsec = seen[MARK_MLX5_IPSEC];
	k.mlx5_tc = seen[MARK_MLX5_TC];
	k.mlx5_ipsec_fdb = seen[MARK_MLX5_IPSEC_FDB];
	k.sa_needs_free_eswitch = seen[MARK_SA_TAKES_ESWITCH];
	k.ipsec_fdb_tunnel = k.btf && seen[MARK_BLOCK_ENCAP] && !seen[MARK_BLOCK_FDB];
	k.ipsec_subnets = seen[MARK_POLICY_MASK];
	read_parts(seen, &k);
	k.gate_target = seen[MARK_GATE];
	k.trampoline = seen[MARK_TRAMPOLINE];
	k.lsm_bpf = word_in_file("/sys/kernel/security/lsm", "bpf");
	k.lockdown = word_in_file("/sys/kernel/security/lockdown", "[confidentiality]");
	*ret_k = k;
	return 0;
}
