/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The gate in the kernel: installed, replaced, read, removed. The pinned link keeps it attached;
 * the pinned maps keep its policy, counters and records across programs and processes.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "attach/internal.h"
#include "base/mem.h"
#include "nl/netns.h"
#include "gate.skel.h"

static void cleanup_skel(struct gate_bpf **s)
{
	gate_bpf__destroy(*s);
}

static void cleanup_link(struct bpf_link **l)
{
	bpf_link__destroy(*l);
}

#define PINNED_MAPS 5
struct pinned_map {
	const char *pin;
	struct bpf_map *map;
};

static void pinned_maps(struct gate_bpf *s, struct pinned_map rows[PINNED_MAPS])
{
	rows[0] = (struct pinned_map){PIN_POLICY, s->maps.policy};
	rows[1] = (struct pinned_map){PIN_PROOF, s->maps.proof};
	rows[2] = (struct pinned_map){PIN_VERDICTS, s->maps.verdicts};
	rows[3] = (struct pinned_map){PIN_EVENTS, s->maps.events};
	rows[4] = (struct pinned_map){PIN_LOST, s->maps.lost};
}

/* Maps that are pinned are taken over; one of another shape is refused by the load. */
static int take_maps(struct gate_bpf *s, struct why *why)
{
	struct pinned_map rows[PINNED_MAPS];
	unsigned int i;

	pinned_maps(s, rows);
	for (i = 0; i < PINNED_MAPS; i++) {
		_close_ int fd = -1;
		int err = pin_get(rows[i].pin, &fd);

		if (!err)
			err = bpf_map__reuse_fd(rows[i].map, fd);
		if (err && err != -ENOENT)
			return why_set(why, err, "taking over the gate's %s map", rows[i].pin);
	}
	return 0;
}

static int keep_maps(struct gate_bpf *s, struct why *why)
{
	struct pinned_map rows[PINNED_MAPS];
	unsigned int i;
	int err;

	pinned_maps(s, rows);
	for (i = 0; i < PINNED_MAPS; i++) {
		err = pin_put(bpf_map__fd(rows[i].map), rows[i].pin);
		if (err && err != -EEXIST)
			return why_set(why, err, "pinning the gate's %s map", rows[i].pin);
	}
	return 0;
}

static bool in_rules(uint32_t pci, const struct gate_rule *rules, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (rules[i].pci == pci)
			return true;
	return pci == IPSO_GATE_UNKNOWN;
}

int gate_switch(int prog_fd, uint32_t pci, uint32_t mode)
{
	struct ipso_gate_switch arg = {pci, mode};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &arg, .ctx_size_in = sizeof(arg));

	if (bpf_prog_test_run_opts(prog_fd, &opts))
		return -errno;
	return (int)opts.retval;
}

/* Make the map exactly rules[] and the strictest of them; additions before removals. */
static int write_policy(int fd, int prog, const struct gate_rule *rules, unsigned int n)
{
	uint32_t key, strictest = IPSO_GATE_OFF, next;
	unsigned int i;
	int more, err = 0;

	for (i = 0; i < n && !err; i++) {
		if (rules[i].mode > strictest)
			strictest = rules[i].mode;
		err = gate_switch(prog, rules[i].pci, rules[i].mode);
	}
	if (!err)
		err = gate_switch(prog, IPSO_GATE_UNKNOWN, strictest);
	more = !err && bpf_map_get_next_key(fd, NULL, &key) == 0;
	while (more && !err) {
		more = bpf_map_get_next_key(fd, &key, &next) == 0;
		if (!in_rules(key, rules, n))
			err = gate_switch(prog, key, IPSO_GATE_OFF);
		key = next;
	}
	return err;
}

static int load(struct gate_bpf **ret_s, struct why *why)
{
	_cleanup_(cleanup_skel) struct gate_bpf *s = gate_bpf__open();
	int err;

	if (!s)
		return why_set(why, -errno, "opening the gate");
	bpf_program__set_autoload(s->progs.gate_probe, false);
	bpf_map__set_autocreate(s->maps.notes, false);
	err = take_maps(s, why);
	if (err)
		return err;
	err = gate_bpf__load(s);
	if (err == -EPERM)
		why_remedy(why, "run as root, or with CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN");
	else if (err == -ESRCH || err == -ENOENT || err == -EOPNOTSUPP)
		why_remedy(why, "the gate needs BTF and BPF trampolines: CONFIG_DEBUG_INFO_BTF, "
				"CONFIG_BPF_JIT, CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS, "
				"CONFIG_SECURITY_NETWORK");
	if (err)
		return why_set(why, err == -ESRCH ? -EOPNOTSUPP : err,
			       "loading the gate into the kernel");
	*ret_s = TAKE_PTR(s);
	return 0;
}

/* Attach and pin; the one that was there, if any, goes when this one holds. */
static int put_in_place(struct gate_bpf *s, struct why *why)
{
	_cleanup_(cleanup_link) struct bpf_link *link = NULL;
	int err;

	link = bpf_program__attach(s->progs.ipso_gate_v1);
	if (!link) {
		err = -errno;
		return why_set(why, err, "attaching the gate to security_netlink_send");
	}
	err = keep_maps(s, why);
	if (err)
		return err;
	err = pin_replace(bpf_link__fd(link), PIN_LINK);
	if (err)
		return why_set(why, err, "pinning the gate");
	return 0;
}

static bool same_program(int fd, const struct bpf_prog_info *old)
{
	struct bpf_prog_info info = {0};
	__u32 len = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &len) == 0 &&
	       memcmp(info.tag, old->tag, sizeof(info.tag)) == 0;
}

static int refuse_foreign(const struct bpf_prog_info *info, struct why *why)
{
	why_remedy(why, "remove it with the ipso that installed it (ipso gate off), or rm -r %s",
		   GATE_PIN_DIR);
	return why_set(why, -EEXIST, "another gate, '%s', is pinned at " GATE_PIN_DIR,
		       info->name);
}

/*
 * What the last installation of this process leaves: with the same gate there, and the modules whose types
 * it knows, another policy needs no program loaded. The service changes it twice a rekey window, and the
 * verifier would take longer than all else.
 */
static struct {
	uint32_t prog_id; /* of the gate in place, 0 = nothing kept */
	struct kernel_modules modules;
	int switch_fd, policy_fd, proof_fd;
} kept = {.switch_fd = -1, .policy_fd = -1, .proof_fd = -1};

static void forget(void)
{
	cleanup_close(&kept.switch_fd);
	cleanup_close(&kept.policy_fd);
	cleanup_close(&kept.proof_fd);
	kept.switch_fd = kept.policy_fd = kept.proof_fd = -1;
	kept.prog_id = 0;
}

static void keep(const struct gate_bpf *s, const struct kernel_modules *modules)
{
	struct bpf_prog_info info;

	forget();
	if (pin_program(&info))
		return;
	kept.modules = *modules;
	kept.switch_fd = fcntl(bpf_program__fd(s->progs.gate_switch), F_DUPFD_CLOEXEC, 0);
	kept.policy_fd = fcntl(bpf_map__fd(s->maps.policy), F_DUPFD_CLOEXEC, 0);
	kept.proof_fd = fcntl(bpf_map__fd(s->maps.proof), F_DUPFD_CLOEXEC, 0);
	if (kept.switch_fd >= 0 && kept.policy_fd >= 0 && kept.proof_fd >= 0)
		kept.prog_id = info.id;
	else
		forget();
}

/* The pins are locked; old is the program that is there, NULL for none. */
static int install_locked(const struct gate_rule *rules, unsigned int n,
			  const struct bpf_prog_info *old, struct why *why)
{
	_cleanup_(cleanup_skel) struct gate_bpf *s = NULL;
	int policy = kept.policy_fd, proof = kept.proof_fd, change = kept.switch_fd, err;
	struct kernel_modules modules = {};

	kernel_btf_modules(&modules);
	if (!old || old->id != kept.prog_id || memcmp(&modules, &kept.modules, sizeof(modules)) != 0) {
		err = load(&s, why);
		if (err)
			return err;
		policy = bpf_map__fd(s->maps.policy);
		proof = bpf_map__fd(s->maps.proof);
		change = bpf_program__fd(s->progs.gate_switch);
		/* from now on its only writer is gate_switch; one that was there is frozen, which is EPERM */
		if (bpf_map_freeze(policy) && errno != EPERM)
			return why_set(why, -errno, "freezing the gate's policy");
	}
	err = write_policy(policy, change, rules, n);
	if (err)
		return why_set(why, err, "writing the gate's policy");
	if (s && (!old || !same_program(bpf_program__fd(s->progs.ipso_gate_v1), old)))
		err = put_in_place(s, why);
	if (!err)
		err = gate_prove(change, proof, why);
	if (s && !err)
		keep(s, &modules);
	return err;
}

int gate_install(const struct gate_rule *rules, unsigned int n, struct why *why)
{
	struct bpf_prog_info old;
	_close_ int lock = -1;
	bool there;
	int err;

	libbpf_log_install();
	if (n > IPSO_GATE_MAX)
		return why_set(why, -E2BIG, "guarding %u eswitches, at most %d", n, IPSO_GATE_MAX);
	err = pin_lock(&lock, why);
	if (err)
		return err;
	err = pin_program(&old);
	if (err && err != -ENOENT)
		return why_set(why, err, "reading the gate pinned at " GATE_PIN_DIR);
	there = !err;
	if (there && !pin_is_ours(&old))
		return refuse_foreign(&old, why);
	err = install_locked(rules, n, there ? &old : NULL, why);
	if (err && !there)
		pin_remove_all(NULL);
	return err;
}

int gate_remove(struct why *why)
{
	_close_ int lock = -1;
	struct bpf_prog_info old;
	int err;

	if (access(GATE_PIN_DIR, F_OK) < 0 && errno == ENOENT)
		return 0; /* others than root may not even look */
	err = pin_lock(&lock, why);
	if (err)
		return err;
	err = pin_program(&old);
	if (err && err != -ENOENT)
		return why_set(why, err, "reading the gate pinned at " GATE_PIN_DIR);
	if (!err && !pin_is_ours(&old))
		return refuse_foreign(&old, why);
	return pin_remove_all(why);
}

int gate_probe_here(uint32_t ifindex, struct ipso_gate_probe *ret_p)
{
	uint32_t netns;
	int err = netns_inode(NULL, &netns);

	return err < 0 ? err : gate_probe(netns, ifindex, ret_p, NULL);
}
