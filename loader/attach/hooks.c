/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The telemetry hooks: open, choose by BTF, load, attach. A hook whose target the kernel does not
 * have, or that its verifier does not take, declines with a reason; the others go on.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach/internal.h"
#include "base/mem.h"
#include "hooks.skel.h"

#define HOOKS_MAX 32

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
	{"fw_error", "firmware commands that fail"},
	{"extack_text", "the specific text where the driver gives a general one"},
};

struct hooks {
	struct hooks_bpf *skel;
	struct bpf_link *link[HOOKS_MAX];
	struct hook_info info[HOOKS_MAX];
	bool refused[HOOKS_MAX]; /* by the verifier, in an earlier try */
	unsigned int count;
};

void hooks_free(struct hooks **h)
{
	unsigned int i;

	if (!*h)
		return;
	for (i = 0; i < (*h)->count; i++)
		bpf_link__destroy((*h)->link[i]);
	hooks_bpf__destroy((*h)->skel);
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

/* Fill the rows and switch on what this kernel has; false when nothing is left. */
static bool choose(struct hooks *h, const struct kernel_btf *k)
{
	struct bpf_program *p;
	unsigned int i = 0, wanted = 0;
	bool tracepoint, there;

	bpf_object__for_each_program(p, h->skel->obj) {
		struct hook_info *info = &h->info[i];

		if (i == HOOKS_MAX)
			break;
		info->name = bpf_program__name(p);
		info->target = target_of(p, &tracepoint);
		info->shows = shows(info->name);
		there = tracepoint ? kernel_btf_has_tracepoint(k, info->target)
				   : kernel_btf_has_func(k, info->target);
		if (!there)
			snprintf(info->reason, sizeof(info->reason),
				 "not in this kernel or its loaded modules");
		bpf_program__set_autoload(p, there && !h->refused[i]);
		wanted += there && !h->refused[i];
		i++;
	}
	h->count = i;
	return wanted > 0;
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

static int open_and_load(struct hooks *h, const struct kernel_btf *k, struct why *why)
{
	int err;

	for (;;) {
		h->skel = hooks_bpf__open();
		if (!h->skel)
			return why_set(why, -errno, "opening the BPF hooks");
		if (!choose(h, k))
			return why_set(why, -EOPNOTSUPP, "loading the BPF hooks: none fits");
		libbpf_log_clear();
		err = hooks_bpf__load(h->skel);
		if (!err)
			return 0;
		if (err == -EPERM || err == -EACCES || !refuse_culprit(h, err))
			break;
		hooks_bpf__destroy(h->skel);
		h->skel = NULL;
	}
	if (err == -EPERM)
		why_remedy(why, "run as root, or with CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN");
	return why_set(why, err, "loading the BPF hooks");
}

static int attach_all(struct hooks *h, struct why *why)
{
	struct bpf_program *p;
	unsigned int i = 0, attached = 0;
	int err = 0;

	bpf_object__for_each_program(p, h->skel->obj) {
		if (i == h->count)
			break;
		if (bpf_program__autoload(p)) {
			h->link[i] = bpf_program__attach(p);
			h->info[i].attached = h->link[i] != NULL;
			if (!h->link[i]) {
				err = -errno;
				snprintf(h->info[i].reason, sizeof(h->info[i].reason),
					 "attach: %s", err_name(err));
			}
			attached += h->info[i].attached;
		}
		i++;
	}
	if (!attached)
		return why_set(why, err ? err : -EOPNOTSUPP, "attaching the BPF hooks");
	return 0;
}

int hooks_attach(struct hooks **ret_h, struct why *why)
{
	_cleanup_(kernel_btf_free) struct kernel_btf *k = NULL;
	_cleanup_(hooks_free) struct hooks *h = calloc(1, sizeof(*h));
	int err;

	libbpf_log_install();
	if (!h)
		return why_set(why, -ENOMEM, "attaching the BPF hooks");
	err = kernel_btf_open(&k, why);
	if (!err)
		err = open_and_load(h, k, why);
	if (!err)
		err = attach_all(h, why);
	if (err)
		return err;
	*ret_h = TAKE_PTR(h);
	return 0;
}

unsigned int hooks_info(const struct hooks *h, const struct hook_info **ret_info)
{
	*ret_info = h->info;
	return h->count;
}

int hooks_ring_fd(const struct hooks *h)
{
	return bpf_map__fd(h->skel->maps.events);
}

int hooks_lost_fd(const struct hooks *h)
{
	return bpf_map__fd(h->skel->maps.lost);
}

int hooks_software_fd(const struct hooks *h)
{
	return bpf_map__fd(h->skel->maps.software);
}
