/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's half of `ipso check`. */
#include "cmd/check.h"

static void need(struct findings *f, bool is, enum check_verdict otherwise, const char *id,
		 const char *yes, const char *no, const char *fix)
{
	found(f, is ? CHECK_OK : otherwise, id, NULL, "%s", is ? yes : no);
	if (!is)
		remedy(f, "%s", fix);
}

static void check_driver(const struct obs_kernel *k, struct findings *f)
{
	if (!k->mlx5) {
		found(f, CHECK_FAIL, "CK-07", NULL, "the driver is not loaded");
		remedy(f, "modprobe mlx5_core; CONFIG_MLX5_CORE, CONFIG_MLX5_CORE_EN");
		return;
	}
	if (!k->known_mlx5_ipsec) {
		found(f, CHECK_WARN, "CK-07", NULL, "cannot tell how the driver was built");
		remedy(f, "load it (modprobe mlx5_core) and look again");
		return;
	}
	need(f, k->mlx5_ipsec, CHECK_FAIL, "CK-08", "the driver has IPsec offload",
	     "the driver was built without IPsec offload (CONFIG_MLX5_EN_IPSEC)",
	     "boot a kernel with CONFIG_MLX5_EN_IPSEC=y; some distributions leave it out");
	if (k->mlx5_ipsec && k->mlx5_tc)
		need(f, k->mlx5_ipsec_fdb, CHECK_WARN, "CK-09",
		     "the driver can encrypt on a switchdev uplink",
		     "the driver is too old: no tunnel on a switchdev uplink",
		     "boot Linux 6.6 or newer, or set mode: legacy");
	need(f, k->mlx5_tc, CHECK_WARN, "CK-10", "the driver has TC offload",
	     "the driver was built without TC offload (CONFIG_MLX5_CLS_ACT)",
	     "needed for TC rules, and by IPsec in switchdev: CONFIG_NET_TC_SKB_EXT=y and "
	     "CONFIG_MLX5_CLS_ACT=y");
}

static void check_gate(const struct ipso_state *st, struct findings *f)
{
	const struct obs_kernel *k = &st->kernel;

	if (!k->btf || !k->gate_target || !k->trampoline) {
		found(f, CHECK_FAIL, "CK-12", NULL, "cannot be installed: %s",
		      !k->btf	       ? "no BTF"
		      : !k->gate_target ? "security_netlink_send is not in BTF"
					: "no BPF trampolines");
		remedy(f, "CONFIG_DEBUG_INFO_BTF, CONFIG_BPF_JIT, CONFIG_SECURITY_NETWORK, "
			  "CONFIG_DYNAMIC_FTRACE; or set ordering: off and keep the order by hand");
	} else if (k->lockdown) {
		found(f, CHECK_FAIL, "CK-13", "gate", "lockdown confidentiality: BPF may not read the "
					     "driver's state");
		remedy(f, "boot with lockdown=integrity or none; or set ordering: off");
	} else if (st->gate.foreign) {
		found(f, CHECK_WARN, "CK-14", "gate", "a gate of another version is pinned");
		remedy(f, "`ipso gate off` with the ipso that installed it");
	} else {
		found(f, CHECK_OK, "CK-12", NULL, st->gate.installed ? "installed, guards %u devices"
							      : "can be installed",
		      st->gate.rules_count);
	}
}

void check_kernel(const struct ipso_state *st, struct findings *f)
{
	const struct obs_kernel *k = &st->kernel;

	found(f, CHECK_OK, "CK-01", NULL, "%s", k->release);
	need(f, k->btf, CHECK_FAIL, "CK-02", "present",
	     "absent: no gate, no events, no counters", "CONFIG_DEBUG_INFO_BTF=y");
	need(f, k->xfrm_offload, CHECK_FAIL, "CK-03", "the kernel can hand SAs to devices",
	     "absent (CONFIG_XFRM_OFFLOAD): offload requests are silently ignored",
	     "CONFIG_XFRM_OFFLOAD=y, which CONFIG_INET_ESP_OFFLOAD selects");
	if (k->xfrm_offload)
		need(f, k->xfrm_packet, CHECK_FAIL, "CK-04",
		     "the kernel knows packet offload",
		     "the kernel is too old: it knows crypto offload only",
		     "boot Linux 6.6 or newer (packet offload came with 6.2, in switchdev with 6.6)");
	need(f, k->esp_offload, CHECK_FAIL, "CK-05", "esp4_offload is there",
	     "esp4_offload is missing", "CONFIG_INET_ESP_OFFLOAD and CONFIG_INET6_ESP_OFFLOAD");
	need(f, k->esp6_offload, CHECK_WARN, "CK-05", "esp6_offload is there",
	     "esp6_offload is missing: no tunnels over IPv6",
	     "modprobe esp6_offload; CONFIG_INET6_ESP_OFFLOAD");
	need(f, k->aes_gcm, CHECK_WARN, "CK-06", "gcm and seqiv are there",
	     "gcm or seqiv is missing", "modprobe gcm seqiv; CONFIG_CRYPTO_GCM, CONFIG_CRYPTO_SEQIV");
	found(f, k->tc_missing[0] ? CHECK_WARN : CHECK_OK, "CK-17", NULL, "%s%s",
	      k->tc_missing[0] ? "missing: " : "flower and its actions are there", k->tc_missing);
	if (k->tc_missing[0])
		remedy(f, "modprobe %s", k->tc_missing);
	check_driver(k, f);
	check_gate(st, f);
	if (k->known_mlx5_ipsec && k->mlx5_ipsec)
		need(f, !k->sa_needs_free_eswitch, CHECK_WARN, "CK-11",
		     "SAs can be added while TC rules are in hardware, once the tables exist",
		     "no SA can be added on a switchdev uplink while a TC rule is in hardware, a "
		     "rekey neither",
		     "take the rules out for a rekey, put tunnels on VFs, or boot a kernel whose "
		     "driver does not (before 6.18)");
}

void check_hooks(const struct hook_info *info, unsigned int n, const struct why *why,
		 struct findings *f)
{
	const struct hook_info *first = NULL;
	unsigned int attached = 0;

	if (!n) {
		found(f, CHECK_WARN, "CK-16", NULL, "none can be attached: %.150s (%s)",
		      why->what, err_name(why->err));
		remedy(f, "%s", why->remedy[0] ? why->remedy
					       : "run as root; load mlx5_core; a kernel with BTF");
		return;
	}
	for (unsigned int i = 0; i < n; i++) {
		attached += info[i].attached;
		if (!info[i].attached && !first)
			first = &info[i];
	}
	if (!first) {
		found(f, CHECK_OK, "CK-16", NULL, "all %u attach", n);
		return;
	}
	found(f, CHECK_WARN, "CK-16", NULL, "%u of %u attach; first missing: %s (%s), which shows "
	      "%s", attached, n, first->target, first->reason, first->shows);
	remedy(f, "modprobe mlx5_core; a kernel that has these functions (ipso status lists them "
		  "all)");
}
