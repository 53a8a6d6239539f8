/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Capabilities kept after set-up, each with its reason. */
#include "daemon/caps.h"

#include <cap-ng.h>
#include <errno.h>
#include <stdbool.h>
#include <sys/prctl.h>

#include "base/mem.h"

static const struct {
	unsigned int cap;
	const char *reason; /* the kernel's check that asks for it */
} kept[] = {
	{CAP_NET_ADMIN, "xfrm_user_rcv_msg(): reading SAs and policies, every refresh"},
	{CAP_SYS_ADMIN, "setns(): reading those of named network namespaces, every refresh"},
	{CAP_BPF, "bpf(): opening the gate's pinned maps, every status and scrape"},
	{CAP_PERFMON, "bpf(): gate_probe is a program that reads kernel memory"},
};

static bool is_kept(unsigned int cap)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(kept); i++) {
		if (kept[i].cap == cap)
			return true;
	}
	return false;
}

/* A service manager may have bounded us already, and then taken the right to do it (SETPCAP), too. */
static bool is_bounded(void)
{
	for (unsigned int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++) {
		if (!is_kept(cap) && prctl(PR_CAPBSET_READ, cap, 0, 0, 0) == 1)
			return false;
	}
	return true;
}

int caps_drop(struct why *why)
{
	capng_clear(CAPNG_SELECT_BOTH);
	for (unsigned int i = 0; i < ARRAY_SIZE(kept); i++) {
		if (capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_BOUNDING_SET,
				 kept[i].cap) < 0)
			return why_set(why, -EINVAL, "capability %u: unknown to libcap-ng",
				       kept[i].cap);
	}
	if (capng_apply(is_bounded() ? CAPNG_SELECT_CAPS : CAPNG_SELECT_BOTH) < 0)
		return why_set(why, -EPERM, "capabilities: cannot be dropped");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return why_set(why, -errno, "no_new_privs: cannot be set");
	return 0;
}
