// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Somebody wants to unload a module. Programs on its functions hold it (bpf_check_attach_target()),
 * and rmmod and modprobe -r look at its count in sysfs and give up; user space lets go of it then, and
 * the next try succeeds.
 */
#include "emit.bpf.h"

char LICENSE[] SEC("license") = "GPL";

#define PREFIX(s, a, b, c) ((s)[0] == (a) && (s)[1] == (b) && (s)[2] == (c))

/* lsmod and exporters read counts as well, from /proc/modules or for their own ends. */
static __always_inline bool unloads(void)
{
	char comm[IPSO_COMM] = {};

	bpf_get_current_comm(comm, sizeof(comm));
	return PREFIX(comm, 'r', 'm', 'm') || PREFIX(comm, 'm', 'o', 'd') ||
	       PREFIX(comm, 'k', 'm', 'o');
}

/* /sys/module/NAME/refcnt is read: kernel/module/main.c */
SEC("?fentry/show_refcnt")
int BPF_PROG(module_count, struct module_attribute *attr, struct module_kobject *mk)
{
	struct module *mod = BPF_CORE_READ(mk, mod);
	struct ipso_event_module *e;

	if (!unloads())
		return 0;
	e = emit_begin(IPSO_EV_MODULE, sizeof(*e), BY_TASK);
	if (!e)
		return 0;
	bpf_probe_read_kernel_str(e->module, sizeof(e->module),
				  (void *)mod + bpf_core_field_offset(struct module, name));
	emit_end(e);
	return 0;
}
