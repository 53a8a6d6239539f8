/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be hooked: functions in the BTF of the kernel and of its modules. */
#include "attach/internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

/* Where our targets live when they are not built in. */
static const char *const modules[] = {"mlx5_core", "xfrm_user", "esp4", "esp6", "nf_tables"};

struct kernel_btf {
	struct btf *vmlinux;
	struct btf *module[ARRAY_SIZE(modules)]; /* NULL: not loaded, or built in */
};

void kernel_btf_free(struct kernel_btf **k)
{
	unsigned int i;

	if (!*k)
		return;
	for (i = 0; i < ARRAY_SIZE(modules); i++)
		btf__free((*k)->module[i]);
	btf__free((*k)->vmlinux);
	free(*k);
	*k = NULL;
}

int kernel_btf_open(struct kernel_btf **ret_k, struct why *why)
{
	_cleanup_(kernel_btf_free) struct kernel_btf *k = calloc(1, sizeof(*k));
	char path[64];
	unsigned int i;

	if (!k)
		return why_set(why, -ENOMEM, "reading the kernel's type information");
	k->vmlinux = btf__load_vmlinux_btf();
	if (!k->vmlinux) {
		why_remedy(why, "use a kernel with CONFIG_DEBUG_INFO_BTF=y "
				"(/sys/kernel/btf/vmlinux)");
		return why_set(why, -EOPNOTSUPP, "reading the kernel's type information (BTF)");
	}
	for (i = 0; i < ARRAY_SIZE(modules); i++) {
		snprintf(path, sizeof(path), "/sys/kernel/btf/%s", modules[i]);
		if (access(path, R_OK) == 0)
			k->module[i] = btf__load_module_btf(modules[i], k->vmlinux);
	}
	*ret_k = TAKE_PTR(k);
	return 0;
}

static bool has(const struct kernel_btf *k, const char *name, __u32 kind)
{
	unsigned int i;

	if (btf__find_by_name_kind(k->vmlinux, name, kind) > 0)
		return true;
	for (i = 0; i < ARRAY_SIZE(modules); i++)
		if (k->module[i] && btf__find_by_name_kind(k->module[i], name, kind) > 0)
			return true;
	return false;
}

bool kernel_btf_built_in(const struct kernel_btf *k, const char *name)
{
	return btf__find_by_name_kind(k->vmlinux, name, BTF_KIND_FUNC) > 0;
}

bool kernel_btf_is_target(const char *module)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(modules); i++) {
		if (strcmp(module, modules[i]) == 0)
			return true;
	}
	return false;
}

void kernel_btf_modules(struct kernel_modules *ret_m)
{
	char path[64];
	struct stat st;
	unsigned int i;

	_Static_assert(ARRAY_SIZE(modules) <= ARRAY_SIZE(ret_m->inode), "room for each module");
	memset(ret_m, 0, sizeof(*ret_m));
	for (i = 0; i < ARRAY_SIZE(modules); i++) {
		snprintf(path, sizeof(path), "/sys/kernel/btf/%s", modules[i]);
		if (stat(path, &st) == 0)
			ret_m->inode[i] = (uint64_t)st.st_ino;
	}
}

static const struct btf_type *member_type(const struct btf *btf, const char *of, const char *name)
{
	int id = btf__find_by_name_kind(btf, of, BTF_KIND_STRUCT);
	const struct btf_type *t = id > 0 ? btf__type_by_id(btf, (__u32)id) : NULL;

	for (unsigned int i = 0; t && i < btf_vlen(t); i++) {
		const struct btf_member *m = btf_members(t) + i;

		if (strcmp(btf__name_by_offset(btf, m->name_off), name) == 0)
			return btf__type_by_id(btf, m->type);
	}
	return NULL;
}

bool kernel_btf_real_dev(const struct kernel_btf *k)
{
	const struct btf_type *t = member_type(k->vmlinux, "xfrmdev_ops", "xdo_dev_state_add");

	t = t && btf_is_ptr(t) ? btf__type_by_id(k->vmlinux, t->type) : NULL;
	return t && btf_is_func_proto(t) && btf_vlen(t) == 2; /* state, extack */
}

bool kernel_btf_has_func(const struct kernel_btf *k, const char *name)
{
	return has(k, name, BTF_KIND_FUNC);
}

bool kernel_btf_has_tracepoint(const struct kernel_btf *k, const char *name)
{
	char type[96];

	/* the prototype of a raw tracepoint, include/linux/tracepoint-defs.h */
	snprintf(type, sizeof(type), "btf_trace_%s", name);
	return has(k, type, BTF_KIND_TYPEDEF);
}
