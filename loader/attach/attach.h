/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BPF programs in the kernel: the gate (pinned in bpffs, outlives the process) and the telemetry
 * hooks (live as long as the process).
 */
#ifndef IPSO_ATTACH_H
#define IPSO_ATTACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "ipso/acquire.h"
#include "ipso/gate.h"

/* ---- gate ---- */
#define GATE_PIN_DIR "/sys/fs/bpf/ipso"

struct gate_rule {
	uint32_t pci; /* IPSO_PCI() of a PF */
	enum ipso_gate_mode mode;
};

/*
 * Install the gate, or take over the one that is pinned, and make its policy exactly rules[].
 * Proves that it answers: a probe message that must be refused is sent and refused (-ENOTSUP when
 * it was not). -EPERM without CAP_BPF+CAP_NET_ADMIN, -EOPNOTSUPP without BTF or trampolines.
 */
int gate_install(const struct gate_rule *rules, unsigned int n, struct why *why);
int gate_remove(struct why *why); /* also removes the pins; 0 when there was none */

struct gate_status {
	bool installed;
	bool foreign;	    /* a pin is there that is not ours or of another version */
	struct gate_rule rules[IPSO_GATE_MAX];
	unsigned int rules_count;
	uint64_t verdicts[IPSO_VERDICT_MAX];
};
int gate_status(struct gate_status *ret_st, struct why *why);

/* Mode of the installed gate for the eswitch of that PF, IPSO_GATE_OFF when it is not guarded. */
enum ipso_gate_mode gate_mode(uint32_t pci);

/*
 * The records and the per-kind lost counters (per CPU) of the installed gate. Records wait in the
 * ring for a reader, also those from before it started. -ENOENT when no gate is installed.
 */
int gate_ring(int *ret_ring_fd, int *ret_lost_fd);

/*
 * The gate's own view of the eswitch that (netns inode, ifindex) belongs to; needs no pin.
 * netns must be the caller's (-ESRCH). The first call loads a program, which stays for the next.
 */
int gate_probe(uint32_t netns, uint32_t ifindex, struct ipso_gate_probe *ret_p, struct why *why);
/* The same of a net device of our own namespace. */
int gate_probe_here(uint32_t ifindex, struct ipso_gate_probe *ret_p);

/* ---- telemetry ---- */
struct hooks; /* loaded programs and their links */

struct hook_info {
	const char *name;   /* program */
	const char *target; /* kernel function */
	const char *shows;  /* what is lost without it */
	bool attached;
	char reason[96]; /* why not, "" when attached */
};

/*
 * Open, choose by BTF, load, attach. A missing target declines with a reason; none at all fails.
 * Programs on functions of modules are a part of their own, as they hold the modules.
 */
int hooks_attach(struct hooks **ret_h, struct why *why);
void hooks_free(struct hooks **h);
/* Let go of the modules, so that `name` can be unloaded; false when nothing held it. */
bool hooks_release(struct hooks *h, const char *name);
bool hooks_stale(const struct hooks *h); /* other modules are loaded than when they were attached */
/*
 * Attach in the modules again: after hooks_release(), or when other ones are loaded than then.
 * 1 when that was done, 0 when there was nothing to do, -errno.
 */
int hooks_renew(struct hooks *h, struct why *why);
unsigned int hooks_info(const struct hooks *h, const struct hook_info **ret_info);
int hooks_ring_fd(const struct hooks *h);      /* map fd of the ring buffer */
int hooks_lost_fd(const struct hooks *h);      /* per-kind per-CPU counters of failed reserves */
/*
 * Acquires of packet offload that were refused, for this kernel would have ended in an oops
 * (bpf/acquire.bpf.c). 0 or -errno.
 */
int hooks_acquires(const struct hooks *h, struct ipso_acquires *ret_a);
/*
 * They are refused when this process is gone as well, as long as the gate is there, beside which this is
 * pinned: the kernel is to live. -ENOENT without a gate.
 */
int hooks_keep_acquires(const struct hooks *h);
int hooks_software_fd(const struct hooks *h);  /* struct ipso_sa_key -> u64 software-path packets */

#endif
