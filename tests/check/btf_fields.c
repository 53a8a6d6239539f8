// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Holds the hand-written vmlinux.h against real kernels: every field that a BPF object reads by
 * CO-RE must exist in the kernel's BTF, or the object must ask for its existence somewhere
 * (bpf_core_field_exists, bpf_core_type_exists), which says that the difference is handled.
 * The relocations are read from .BTF.ext: struct bpf_core_relo, include/uapi/linux/bpf.h.
 *
 * A kernel is a folder with the raw BTF of vmlinux and of the modules that matter.
 *
 *   btf_fields OBJECT.bpf.o KERNEL-FOLDER...
 */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_MAX_LEN 256

/* One relocation as names: "xfrm_state" and ".id.spi" ("" for the type itself). */
struct use {
	char target[64]; /* kernel function that the program hangs on, "" = none to find */
	char type[64];
	char field[PATH_MAX_LEN];
	bool asks; /* an existence test */
};

struct uses {
	struct use *v;
	unsigned int n;
};

/* "xfrm_state___v73" names the kernel's xfrm_state: libbpf's flavour rule. */
static size_t essential_len(const char *name)
{
	const char *flavour = strstr(name, "___");

	return flavour && flavour != name ? (size_t)(flavour - name) : strlen(name);
}

static const struct btf_type *resolve(const struct btf *btf, __u32 id)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	while (t && (btf_is_mod(t) || btf_is_typedef(t)))
		t = btf__type_by_id(btf, t->type);
	return t;
}

/* Turn the access string "0:2:1" into ".id.spi"; anonymous members add nothing to the path. */
static int path_of(const struct btf *btf, __u32 id, const char *access, char *path, size_t size)
{
	const struct btf_type *t = resolve(btf, id);
	char *end;
	bool first = true;

	path[0] = '\0';
	for (const char *p = access; *p; p = *end ? end + 1 : end) {
		unsigned long index = strtoul(p, &end, 10);

		if (first) { /* index of the base pointer */
			first = false;
			continue;
		}
		if (t && btf_is_array(t)) {
			t = resolve(btf, btf_array(t)->type);
			continue;
		}
		if (!t || !btf_is_composite(t) || index >= btf_vlen(t))
			return -EINVAL;
		const struct btf_member *m = btf_members(t) + index;
		const char *name = btf__name_by_offset(btf, m->name_off);

		if (*name) {
			size_t used = strlen(path);

			snprintf(path + used, size - used, ".%s", name);
		}
		t = resolve(btf, m->type);
	}
	return 0;
}

/* "fexit/xfrm_dev_state_add", "?fentry/...": the part behind the slash, for trampoline programs. */
static void target_of(const char *section, char *target, size_t size)
{
	const char *slash = strchr(section, '/');

	section += section[0] == '?';
	target[0] = '\0';
	if (slash && (!strncmp(section, "fentry/", 7) || !strncmp(section, "fexit/", 6)))
		snprintf(target, size, "%s", slash + 1);
}

static int use_add(struct uses *u, const struct btf *btf, const char *section,
		   const struct bpf_core_relo *r)
{
	const struct btf_type *t = btf__type_by_id(btf, r->type_id);
	struct use *one;

	if (!t)
		return -EINVAL;
	u->v = realloc(u->v, (u->n + 1) * sizeof(*u->v));
	if (!u->v)
		return -ENOMEM;
	one = &u->v[u->n];
	memset(one, 0, sizeof(*one));
	target_of(section, one->target, sizeof(one->target));
	const char *name = btf__name_by_offset(btf, t->name_off);

	snprintf(one->type, sizeof(one->type), "%.*s", (int)essential_len(name), name);
	switch (r->kind) {
	case BPF_CORE_FIELD_EXISTS:
		one->asks = true;
		/* fall through */
	case BPF_CORE_FIELD_BYTE_OFFSET:
	case BPF_CORE_FIELD_BYTE_SIZE:
	case BPF_CORE_FIELD_SIGNED:
	case BPF_CORE_FIELD_LSHIFT_U64:
	case BPF_CORE_FIELD_RSHIFT_U64:
		if (path_of(btf, r->type_id, btf__name_by_offset(btf, r->access_str_off),
			    one->field, sizeof(one->field)))
			return -EINVAL;
		break;
	case BPF_CORE_TYPE_EXISTS:
		one->asks = true;
		break;
	case BPF_CORE_TYPE_SIZE:
		break;
	default:
		return 0; /* enum values and local type ids: nothing of the kernel's layout */
	}
	u->n++;
	return 0;
}

/* Every relocation of the object; the layout of .BTF.ext is in include/uapi/linux/btf.h's docs. */
static int uses_read(const char *object, struct uses *u)
{
	struct btf_ext *ext = NULL;
	struct btf *btf = btf__parse_elf(object, &ext);
	const char *raw;
	__u32 size, hdr_len, off, len;

	if (!btf || !ext)
		return -EINVAL;
	raw = btf_ext__get_raw_data(ext, &size);
	hdr_len = *(const __u32 *)(raw + 4);
	if (hdr_len < 32)
		return -EINVAL; /* no CO-RE part */
	off = hdr_len + *(const __u32 *)(raw + 24);
	len = *(const __u32 *)(raw + 28);
	const char *p = raw + off, *end = p + len;

	for (p += 4; p < end;) { /* record size, then sections: name, count, records */
		const char *section = btf__name_by_offset(btf, *(const __u32 *)p);
		__u32 count = *(const __u32 *)(p + 4);

		p += 8;
		for (__u32 i = 0; i < count; i++, p += sizeof(struct bpf_core_relo))
			if (use_add(u, btf, section, (const void *)p))
				return -EINVAL;
	}
	return 0;
}

/* The member called name in t, looking into anonymous ones as C does. */
static const struct btf_type *member(const struct btf *btf, const struct btf_type *t,
				     const char *name, size_t len)
{
	const struct btf_member *m = btf_members(t);

	for (int i = 0; i < btf_vlen(t); i++) {
		const char *have = btf__name_by_offset(btf, m[i].name_off);
		const struct btf_type *mt = resolve(btf, m[i].type);

		if (strlen(have) == len && !strncmp(have, name, len))
			return mt;
		if (!*have && mt && btf_is_composite(mt)) {
			const struct btf_type *in = member(btf, mt, name, len);

			if (in)
				return in;
		}
	}
	return NULL;
}

static bool type_exists(const struct btf *btf, const struct use *u)
{
	return btf__find_by_name_kind(btf, u->type, BTF_KIND_STRUCT) >= 0 ||
	       btf__find_by_name_kind(btf, u->type, BTF_KIND_UNION) >= 0;
}

static bool exists(const struct btf *btf, const struct use *u)
{
	__s32 id = btf__find_by_name_kind(btf, u->type, BTF_KIND_STRUCT);
	const struct btf_type *t;

	if (id < 0)
		id = btf__find_by_name_kind(btf, u->type, BTF_KIND_UNION);
	if (id < 0)
		return false;
	t = btf__type_by_id(btf, id);
	for (const char *p = u->field; *p; p += strcspn(p, ".")) {
		p++;
		while (t && btf_is_array(t))
			t = resolve(btf, btf_array(t)->type);
		if (!t || !btf_is_composite(t))
			return false;
		t = member(btf, t, p, strcspn(p, "."));
		if (!t)
			return false;
	}
	return true;
}

/*
 * An existence test of the field or of a part of its path. Where the kernel has not even the type,
 * a test of any of its fields leaves the code out.
 */
static bool asked(const struct uses *all, const struct use *u, bool no_type)
{
	for (unsigned int i = 0; i < all->n; i++) {
		const struct use *a = &all->v[i];

		if (a->asks && !strcmp(a->type, u->type) &&
		    (no_type || !strncmp(a->field, u->field, strlen(a->field))))
			return true;
	}
	return false;
}

#define MODULES_MAX 64

/* vmlinux first, then the modules of the folder, each split from it. */
static unsigned int kernel_btf(const char *folder, struct btf *btf[MODULES_MAX])
{
	char path[4096];
	unsigned int n = 0;
	struct dirent *e;
	DIR *d = opendir(folder);

	snprintf(path, sizeof(path), "%s/vmlinux", folder);
	btf[0] = d ? btf__parse(path, NULL) : NULL;
	if (!btf[0])
		return 0;
	for (n = 1; n < MODULES_MAX && (e = readdir(d));) {
		if (e->d_name[0] == '.' || !strcmp(e->d_name, "vmlinux"))
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		btf[n] = btf__parse_split(path, btf[0]);
		n += btf[n] != NULL;
	}
	closedir(d);
	return n;
}

static int hold(const struct uses *u, const char *object, const char *folder)
{
	struct btf *btf[MODULES_MAX];
	unsigned int n = kernel_btf(folder, btf);
	int bad = 0;

	if (!n) {
		printf("%s: no BTF\n", folder);
		return 1;
	}
	for (unsigned int i = 0; i < u->n; i++) {
		const struct use *one = &u->v[i];
		bool found = one->asks, type = false, loads = !one->target[0];

		for (unsigned int b = 0; b < n; b++)
			loads = loads || btf__find_by_name_kind(btf[b], one->target,
								BTF_KIND_FUNC) >= 0;
		if (!loads)
			continue; /* without its function the program is not loaded */
		for (unsigned int b = 0; b < n && !found; b++) {
			type = type || type_exists(btf[b], one);
			found = exists(btf[b], one);
		}
		if (found || asked(u, one, !type))
			continue;
		printf("%s: %s reads %s%s, which does not exist there, and does not ask\n", folder,
		       object, one->type, one->field);
		bad++;
	}
	while (n)
		btf__free(btf[--n]);
	return bad;
}

int main(int argc, char **argv)
{
	struct uses u = {};
	int bad = 0;

	if (argc < 3) {
		printf("usage: %s OBJECT.bpf.o KERNEL-FOLDER...\n", argv[0]);
		return 2;
	}
	if (uses_read(argv[1], &u) || !u.n) {
		printf("%s: no CO-RE relocations read\n", argv[1]);
		return 1;
	}
	for (int k = 2; k < argc; k++)
		bad += hold(&u, argv[1], argv[k]);
	printf("%u relocations held against %d kernels, %d missing\n", u.n, argc - 2, bad);
	return bad != 0;
}
