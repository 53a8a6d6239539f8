/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of this stage share. */
#ifndef IPSO_ATTACH_INTERNAL_H
#define IPSO_ATTACH_INTERNAL_H

#include <bpf/btf.h>
#include <linux/bpf.h>
#include <stdbool.h>

#include "attach/attach.h"
#include "base/err.h"

/*
 * libbpf speaks through base/log.h, one level lower than it thinks (its warnings are our debug).
 * The name of the last program that it could not load is kept, "" = none since it was cleared.
 */
void libbpf_log_install(void);
void libbpf_log_clear(void);
const char *libbpf_log_culprit(void);

/* Functions and tracepoints of the running kernel and of the modules that have our targets. */
struct kernel_btf;
int kernel_btf_open(struct kernel_btf **ret_k, struct why *why);
void kernel_btf_free(struct kernel_btf **k);
bool kernel_btf_has_func(const struct kernel_btf *k, const char *name);
bool kernel_btf_built_in(const struct kernel_btf *k, const char *name); /* in no module */
bool kernel_btf_has_tracepoint(const struct kernel_btf *k, const char *name);

/*
 * Are drivers that add an SA told its device by x->xso alone (before Linux 6.16, "xfrm: Add explicit dev
 * to .xdo_dev_state_{add,delete,free}")? They read real_dev there.
 */
bool kernel_btf_real_dev(const struct kernel_btf *k);

/* Which modules with targets are loaded, and which loading of each that is: sysfs makes a new inode. */
struct kernel_modules {
	uint64_t inode[8]; /* 0 = not loaded, or built in */
};
bool kernel_btf_is_target(const char *module); /* it can have functions that are hooked */
void kernel_btf_modules(struct kernel_modules *ret_m);

/* Pins below GATE_PIN_DIR. */
#define PIN_LINK "link"
#define PIN_POLICY "policy"
#define PIN_PROOF "proof"
#define PIN_VERDICTS "verdicts"
#define PIN_EVENTS "events"
#define PIN_LOST "lost"
/* Links of bpf/acquire.bpf.c, named as the programs; acquire_listed is for what came before them. */
#define PIN_ACQUIRES "acquire_policy", "acquire_gone", "acquire_refuse", "acquire_refuse_too"

/* Mount bpffs when it is absent, make the directory, lock it against other installers. */
int pin_lock(int *ret_fd, struct why *why);
int pin_get(const char *name, int *ret_fd); /* -ENOENT when it is not there */
int pin_put(int fd, const char *name);
int pin_replace(int fd, const char *name); /* atomic: the old holder goes when the new is there */
int pin_remove_all(struct why *why);

/*
 * The program behind the pinned link: its name tells kind and version, its tag the build.
 * -ENOENT without a pin.
 */
int pin_program(struct bpf_prog_info *ret_info);
bool pin_is_ours(const struct bpf_prog_info *info);

/*
 * Send a message that an answering gate refuses and that no kernel can act on, with the gate's own
 * maps. 0, -ENOTSUP when it was not refused.
 */
int gate_prove(int switch_fd, int proof_fd, struct why *why);

/* Another mode for one eswitch, by the program gate_switch; OFF removes it. 0 or -errno. */
int gate_switch(int switch_fd, uint32_t pci, uint32_t mode);

#endif
