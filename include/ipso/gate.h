/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The gate: which eswitches are guarded (policy, written by user space) and what it answered
 * (counters, written by the kernel). The state it decides from is read in the driver, not here.
 */
#ifndef IPSO_GATE_H
#define IPSO_GATE_H

#include "ipso/event.h"

#define IPSO_GATE_VERSION 1
#define IPSO_GATE_MAX 64 /* guarded eswitches */

enum ipso_gate_mode {
	IPSO_GATE_OFF,
	IPSO_GATE_OBSERVE, /* count and report what would be refused */
	IPSO_GATE_ENFORCE,
	IPSO_GATE_HOLD /* refuse although the tables exist, while SAs go in that need no rule there */
};

enum ipso_verdict {
#define IPSO_VERDICT(id, label, help) IPSO_VERDICT_##id,
#include "ipso/names.def"
	IPSO_VERDICT_MAX
};

/*
 * Policy map, key __u32 pci (IPSO_PCI of the PF): an entry guards that PF's eswitch. Two keys that
 * are no device: UNKNOWN holds the strictest mode of all, for a send that cannot be walked to its
 * end; PROOF is an eswitch whose tables never exist, reached through PROOF_IFINDEX only (the kernel
 * gives no negative index to a device), with which user space proves that the gate answers. It is neither counted nor reported.
 */
#define IPSO_GATE_UNKNOWN 0u
#define IPSO_GATE_PROOF 0xffffffffu
#define IPSO_GATE_PROOF_IFINDEX 0xfffffffeu

struct ipso_gate_policy {
	__u32 version; /* IPSO_GATE_VERSION */
	__u32 mode;    /* enum ipso_gate_mode */
};
IPSO_ASSERT_SIZE(struct ipso_gate_policy, 8);

/*
 * Argument of the syscall program gate_switch, the only writer of the policy map, which is frozen for
 * user space: so that a change of an eswitch's mode is an event with who made it.
 */
struct ipso_gate_switch {
	__u32 pci;
	__u32 mode; /* enum ipso_gate_mode; OFF removes the entry */
};
IPSO_ASSERT_SIZE(struct ipso_gate_switch, 8);

/*
 * Proof map: a number that the prover made up leads, in its namespace, to PROOF. Value: __u32, not
 * looked at.
 */
struct ipso_gate_proof {
	__u32 netns;
	__u32 number;
};
IPSO_ASSERT_SIZE(struct ipso_gate_proof, 8);

/* Argument and answer of the syscall program gate_probe: the gate's own view of one eswitch. */
struct ipso_gate_probe {
	__u32 netns;   /* in: namespace of the device */
	__u32 ifindex; /* in: any net device of the eswitch (uplink or representor) */
	__u32 pci;     /* out: PF address, 0 when not an mlx5 device */
	__u32 open;    /* out: 1 when the IPsec tables exist and TC rules may come */
	__u32 guarded; /* out: mode of the policy entry, IPSO_GATE_OFF when none */
	__u32 roce;    /* out: enum ipso_roce, of the function that the device belongs to */
	struct ipso_driver_state drv;
};
IPSO_ASSERT_SIZE(struct ipso_gate_probe, 80);

/* RDMA over Ethernet goes past the stack: only the card can encrypt it, where the driver asks it to. */
enum ipso_roce {
	IPSO_ROCE_UNKNOWN, /* not readable on this kernel */
	IPSO_ROCE_OFF,	   /* no RDMA driver has switched it on */
	IPSO_ROCE_COVERED, /* on, and led through the function's IPsec tables */
	IPSO_ROCE_PASSES,  /* on, and goes past them */
	IPSO_ROCE_MAX
};

#endif
