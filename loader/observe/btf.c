/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of functions and of parts of types in raw BTF (Documentation/bpf/btf.rst), in one pass and
 * without an index of its types, which libbpf would build first: ten times the work for a question
 * asked once.
 */
#include <errno.h>
#include <linux/btf.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "observe/priv.h"

#define BTF_DIR "/sys/kernel/btf/"
#define BTF_LIMIT (64u << 20)
/* linux/btf.h of Debian 12 may be older than the kernel's BTF. */
#define KIND_FLOAT 16
#define KIND_DECL_TAG 17
#define KIND_TYPE_TAG 18
#define KIND_ENUM64 19

struct blob {
	char *bytes;
	size_t len;
	const uint8_t *types, *types_end;
	const char *names;
	uint32_t names_len;
};

static void blob_free(struct blob *b)
{
	free(b->bytes);
}

/* Bytes behind struct btf_type; -EBADMSG for a kind that is not known. */
static int extra(const struct btf_type *t)
{
	uint32_t kind = BTF_INFO_KIND(t->info), n = BTF_INFO_VLEN(t->info);

	switch (kind) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case KIND_DECL_TAG:
		return 4;
	case BTF_KIND_ARRAY:
		return (int)sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_DATASEC:
	case KIND_ENUM64:
		return (int)(n * 12);
	case BTF_KIND_ENUM:
	case BTF_KIND_FUNC_PROTO:
		return (int)(n * 8);
	default:
		return kind == KIND_FLOAT || kind == KIND_TYPE_TAG ||
				       (kind >= BTF_KIND_PTR && kind <= BTF_KIND_FUNC)
			       ? 0
			       : -EBADMSG;
	}
}

static int blob_read(const char *name, struct blob *ret_b)
{
	_cleanup_(blob_free) struct blob b = {};
	const struct btf_header *h;
	char path[96];
	int err;

	snprintf(path, sizeof(path), BTF_DIR "%s", name);
	err = file_read(path, BTF_LIMIT, &b.bytes, &b.len);
	if (err < 0)
		return err;
	h = (const struct btf_header *)b.bytes;
	if (b.len < sizeof(*h) || h->magic != BTF_MAGIC || h->hdr_len > b.len ||
	    (uint64_t)h->hdr_len + h->type_off + h->type_len > b.len ||
	    (uint64_t)h->hdr_len + h->str_off + h->str_len > b.len || !h->str_len ||
	    b.bytes[h->hdr_len + h->str_off + h->str_len - 1])
		return -EBADMSG;
	b.types = (const uint8_t *)b.bytes + h->hdr_len + h->type_off;
	b.types_end = b.types + h->type_len;
	b.names = b.bytes + h->hdr_len + h->str_off;
	b.names_len = h->str_len;
	*ret_b = b;
	b = (struct blob){};
	return 0;
}

/* A module's BTF goes on counting, types and names, where the kernel's ends. */
static const char *name_of(const struct blob *kernel, const struct blob *b, uint32_t off)
{
	if (b == kernel || off < kernel->names_len)
		return off < kernel->names_len ? kernel->names + off : "";
	off -= kernel->names_len;
	return off < b->names_len ? b->names + off : "";
}

struct walk {
	const struct blob *kernel;
	btf_name_fn fn;
	void *arg;
};

static void tell_parts(const struct walk *w, const struct blob *b, const struct btf_type *t)
{
	const struct btf_member *m = (const struct btf_member *)(t + 1);
	const struct btf_param *p = (const struct btf_param *)(t + 1);
	bool is_struct = BTF_INFO_KIND(t->info) == BTF_KIND_STRUCT;

	if (!is_struct && BTF_INFO_KIND(t->info) != BTF_KIND_FUNC_PROTO)
		return;
	for (uint32_t i = 0; i < BTF_INFO_VLEN(t->info); i++)
		w->fn(is_struct ? name_of(w->kernel, b, t->name_off) : "",
		      name_of(w->kernel, b, is_struct ? m[i].name_off : p[i].name_off), w->arg);
}

static int walk(const struct walk *w, const struct blob *b, bool functions, bool parts)
{
	for (const uint8_t *at = b->types; at + sizeof(struct btf_type) <= b->types_end;) {
		const struct btf_type *t = (const struct btf_type *)at;
		int more = extra(t);

		if (more < 0 || more > b->types_end - at - (int)sizeof(*t))
			return -EBADMSG;
		if (functions && BTF_INFO_KIND(t->info) == BTF_KIND_FUNC)
			w->fn(name_of(w->kernel, b, t->name_off), NULL, w->arg);
		if (parts)
			tell_parts(w, b, t);
		at += sizeof(*t) + (size_t)more;
	}
	return 0;
}

int btf_names(const char *module, btf_name_fn fn, void *arg)
{
	_cleanup_(blob_free) struct blob kernel = {};
	_cleanup_(blob_free) struct blob own = {};
	const struct walk w = {&kernel, fn, arg};
	int err;

	err = blob_read("vmlinux", &kernel);
	if (!err)
		err = walk(&w, &kernel, true, false);
	if (err < 0)
		return err;
	/* Built in, or not loaded: then it has no BTF of its own. */
	return blob_read(module, &own) == 0 ? walk(&w, &own, true, true)
					    : walk(&w, &kernel, false, true);
}
