/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The telemetry hooks: open, choose by BTF, load, attach. A hook whose target the kernel does not
 * have, or that its verifier does not take, declines with a reason; the others go on.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach/internal.h"
#include "base/mem.h"
#include "hooks.skel.h"

#define HOOKS_MAX 48

/* What a user loses without a program. */
static const struct {
	const char *program, *shows;
} table[] = {
	{"sa_add", "SAs that ask for offload, and why they are refused"},
	{"sa_add_enter", "the first text and the firmware error of a refused SA"},
	{"sa_delete", "offloaded SAs that leave"},
	{"sa_timer_enter", "whether a task or a timer ended an SA"},
	{"sa_timer_exit", "whether a task or a timer ended an SA"},
	{"sa_expire", "soft and hard limits of SAs"},
	{"sa_sample", "packets, bytes, integrity and replay failures of an SA"},
	{"software_in4", "packets that should have been decrypted in hardware, IPv4"},
	{"software_in6", "packets that should have been decrypted in hardware, IPv6"},
	{"software_out4", "packets that should have been encrypted in hardware, IPv4"},
	{"software_out6", "packets that should have been encrypted in hardware, IPv6"},
	{"software_forget", "software-path counts end with their SA"},
	{"policy_add", "policies that ask for offload, and why they are refused"},
	{"policy_add_enter", "the first text and the firmware error of a refused policy"},
	{"policy_delete", "offloaded policies that leave"},
	{"tc_add", "TC rules the driver took or refused, also those tc calls a success"},
	{"tc_add_enter", "the first text and the firmware error of a refused TC rule"},
	{"tc_delete", "TC rules that leave the driver"},
	{"tc_replay_enter", "that a rule came because its block was bound"},
	{"tc_replay_exit", "that a rule came because its block was bound"},
	{"tc_chain_enter", "that a rule came from a chain of nftables"},
	{"tc_chain_exit", "that a rule came from a chain of nftables"},
	{"module_count", "that a driver is to be unloaded, which the hooks then let go of"},
	{"mode_eswitch", "who sets the eswitch mode, and what the driver answers"},
	{"mode_param", "who sets the steering mode and other parameters of devlink"},
	{"mode_reload", "who reloads the driver by devlink"},
	{"mode_ipsec", "who gives a VF ipsec_packet, or takes it"},
	{"mode_vfs", "who changes the number of VFs"},
	{"link_flush", "links that go and take with them what is offloaded"},
	{"acquire_policy", "new policies whose acquire would oops this kernel"},
	{"acquire_listed", "policies from before whose acquire would oops this kernel"},
	{"acquire_gone", "that a policy left whose acquire would oops this kernel"},
	{"acquire_refuse", "acquires that would oops this kernel are refused"},
	{"acquire_refuse_too", "the same in an interrupt, where the first cannot run"},
	{"fw_error", "firmware commands that fail"},
	{"extack_text", "the specific text where the driver gives a general one"},
};

/* Programs on the kernel proper and those on functions of modules, which hold the modules. */
enum part { KERNEL, MODULES, PARTS };

struct hooks {
	struct hooks_bpf *skel[PARTS]; /* one object, each part loads its own; maps are KERNEL's */
	struct kernel_modules modules; /* as MODULES was last loaded */
	enum part part[HOOKS_MAX];
	struct bpf_link *link[HOOKS_MAX];
	struct hook_info info[HOOKS_MAX];
	bool refused[HOOKS_MAX]; /* by the verifier, in an earlier try */
	unsigned int count;
	bool released; /* hooks_release(), and not renewed since */
};

static void drop_part(struct hooks *h, enum part part)
{
	unsigned int i;

	for (i = 0; i < h->count; i++) {
		if (h->part[i] != part)
			continue;
		bpf_link__destroy(h->link[i]);
		h->link[i] = NULL;
		h->info[i].attached = false;
	}
	hooks_bpf__destroy(h->skel[part]);
	h->skel[part] = NULL;
}

void hooks_free(struct hooks **h)
{
	if (!*h)
		return;
	drop_part(*h, MODULES);
	drop_part(*h, KERNEL);
	free(*h);
	*h = NULL;
}

static const char *shows(const char *program)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(table); i++)
		if (strcmp(table[i].program, program) == 0)
			return table[i].shows;
	return "";
}

/* "?fexit/mlx5e_configure_flower" -> its target, and whether that is a tracepoint. */
static const char *target_of(const struct bpf_program *p, bool *ret_tracepoint)
{
	const char *section = bpf_program__section_name(p), *slash = strchr(section, '/');

	*ret_tracepoint = strstr(section, "tp_btf/") != NULL;
	return slash ? slash + 1 : section;
}

/* Fill the rows and switch on what this kernel has of a part; how many that are. */
static unsigned int choose(struct hooks *h, enum part part, const struct kernel_btf *k)
{
	struct bpf_program *p;
	unsigned int i = 0, wanted = 0;
	bool tracepoint, there;
	const char *target;

	bpf_object__for_each_program(p, h->skel[part]->obj) {
		struct hook_info *info = &h->info[i];

		if (i == HOOKS_MAX)
			break;
		target = target_of(p, &tracepoint);
		if (part == KERNEL) { /* words of this object, which stays */
			info->name = bpf_program__name(p);
			info->target = target;
			info->shows = shows(info->name);
		}
		there = tracepoint ? kernel_btf_has_tracepoint(k, info->target)
				   : kernel_btf_has_func(k, info->target);
		h->part[i] = tracepoint || !there || kernel_btf_built_in(k, info->target) ? KERNEL
											  : MODULES;
		if (!there)
			snprintf(info->reason, sizeof(info->reason),
				 "not in this kernel or its loaded modules");
		there = there && !h->refused[i] && h->part[i] == part;
		bpf_program__set_autoload(p, there);
		wanted += there;
		i++;
	}
	h->count = i;
	return wanted;
}

/* Mark the program that libbpf complained about; false when it named none. */
static bool refuse_culprit(struct hooks *h, int err)
{
	unsigned int i;

	for (i = 0; i < h->count; i++)
		if (!h->refused[i] && strcmp(h->info[i].name, libbpf_log_culprit()) == 0) {
			h->refused[i] = true;
			snprintf(h->info[i].reason, sizeof(h->info[i].reason),
				 "the kernel did not load it: %s", err_name(err));
			return true;
		}
	return false;
}

/* The second part writes into the maps of the first. */
static int share_maps(struct hooks *h)
{
	struct bpf_map *map, *first;
	int err = 0;

	bpf_object__for_each_map(map, h->skel[MODULES]->obj) {
		if (bpf_map__is_internal(map))
			continue;
		first = bpf_object__find_map_by_name(h->skel[KERNEL]->obj, bpf_map__name(map));
		err = first ? bpf_map__reuse_fd(map, bpf_map__fd(first)) : -ENOENT;
		if (err)
			return err;
	}
	return 0;
}

/* 0 also when this kernel has nothing of the part: then it is not there. */
static int open_and_load(struct hooks *h, enum part part, const struct kernel_btf *k,
			 struct why *why)
{
	int err;

	for (;;) {
		h->skel[part] = hooks_bpf__open();
		if (!h->skel[part])
			return why_set(why, -errno, "opening the BPF hooks");
		h->skel[part]->rodata->drivers_read_real_dev = kernel_btf_real_dev(k);
		if (!choose(h, part, k) && part == MODULES) {
			drop_part(h, part);
			return 0;
		}
		libbpf_log_clear();
		err = part == MODULES ? share_maps(h) : 0;
		if (!err)
			err = hooks_bpf__load(h->skel[part]);
		if (!err)
			return 0;
		if (err == -EPERM || err == -EACCES || !refuse_culprit(h, err))
			break;
		drop_part(h, part);
	}
	drop_part(h, part);
	if (err == -EPERM)
		why_remedy(why, "run as root, or with CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN");
	return why_set(why, err, "loading the BPF hooks");
}

/* How many; *ret_err of the last that could not be. */
static unsigned int attach_part(struct hooks *h, enum part part, int *ret_err)
{
	struct bpf_program *p;
	unsigned int i = 0, attached = 0;

	if (!h->skel[part])
		return 0;
	bpf_object__for_each_program(p, h->skel[part]->obj) {
		if (i == h->count)
			break;
		if (h->part[i] == part && bpf_program__autoload(p)) {
			h->link[i] = bpf_program__attach(p);
			h->info[i].attached = h->link[i] != NULL;
			h->info[i].reason[0] = '\0';
			if (!h->link[i]) {
				*ret_err = -errno;
				snprintf(h->info[i].reason, sizeof(h->info[i].reason),
					 "attach: %s", err_name(*ret_err));
			}
			attached += h->info[i].attached;
		}
		i++;
	}
	return attached;
}

int hooks_keep_acquires(const struct hooks *h)
{
	static const char *const names[] = {PIN_ACQUIRES};
	int err = 0;

	for (unsigned int i = 0; i < h->count; i++) {
		for (size_t n = 0; !err && n < ARRAY_SIZE(names); n++) {
			if (h->link[i] && strcmp(h->info[i].name, names[n]) == 0)
				err = pin_replace(bpf_link__fd(h->link[i]), names[n]);
		}
	}
	return err;
}

int hooks_attach(struct hooks **ret_h, struct why *why)
{
	_cleanup_(kernel_btf_free) struct kernel_btf *k = NULL;
	_cleanup_(hooks_free) struct hooks *h = calloc(1, sizeof(*h));
	unsigned int attached;
	int err, last = 0;

	libbpf_log_install();
	if (!h)
		return why_set(why, -ENOMEM, "attaching the BPF hooks");
	kernel_btf_modules(&h->modules);
	err = kernel_btf_open(&k, why);
	if (!err)
		err = open_and_load(h, KERNEL, k, why);
	if (!err)
		err = open_and_load(h, MODULES, k, why);
	if (err)
		return err;
	attached = attach_part(h, KERNEL, &last) + attach_part(h, MODULES, &last);
	if (!attached)
		return why_set(why, last ? last : -EOPNOTSUPP, "attaching the BPF hooks");
	*ret_h = TAKE_PTR(h);
	return 0;
}

bool hooks_release(struct hooks *h, const char *name)
{
	unsigned int i;

	if (!h->skel[MODULES] || !kernel_btf_is_target(name))
		return false;
	h->released = true;
	drop_part(h, MODULES);
	for (i = 0; i < h->count; i++)
		if (h->part[i] == MODULES)
			snprintf(h->info[i].reason, sizeof(h->info[i].reason),
				 "let go: its module is to be unloaded");
	return true;
}

bool hooks_stale(const struct hooks *h)
{
	struct kernel_modules now;

	kernel_btf_modules(&now);
	return memcmp(&now, &h->modules, sizeof(now)) != 0;
}

int hooks_renew(struct hooks *h, struct why *why)
{
	_cleanup_(kernel_btf_free) struct kernel_btf *k = NULL;
	int err, last = 0;

	if (!h->released && !hooks_stale(h))
		return 0;
	h->released = false;
	kernel_btf_modules(&h->modules);
	drop_part(h, MODULES);
	memset(h->refused, 0, sizeof(h->refused));
	err = kernel_btf_open(&k, why);
	if (!err)
		err = open_and_load(h, MODULES, k, why);
	if (err)
		return err;
	return attach_part(h, MODULES, &last) > 0;
}

unsigned int hooks_info(const struct hooks *h, const struct hook_info **ret_info)
{
	*ret_info = h->info;
	return h->count;
}

int hooks_ring_fd(const struct hooks *h)
{
	return bpf_map__fd(h->skel[KERNEL]->maps.events);
}

int hooks_lost_fd(const struct hooks *h)
{
	return bpf_map__fd(h->skel[KERNEL]->maps.lost);
}

int hooks_acquires(const struct hooks *h, struct ipso_acquires *ret_a)
{
	uint32_t zero = 0;

	return bpf_map_lookup_elem(bpf_map__fd(h->skel[KERNEL]->maps.acquires), &zero, ret_a);
}

int hooks_software_fd(const struct hooks *h)
{
	return bpf_map__fd(h->skel[KERNEL]->maps.software);
}
