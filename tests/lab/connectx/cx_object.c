/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The object store: who owns what, and what is still in use. Stands for the firmware's resource
 * tracking that answers BAD_RES and BAD_RES_STATE. Leaves out: per-type limits (log_max_*), user
 * contexts (uid), and the firmware's own id ranges; ids come from one 24 bit counter.
 */
#include "cx.h"

enum {
	FIRST_ID = 0x100,	/* below: queue counters, whose field in rqc is 8 bits wide */
	LAST_ID = 0xffffff,
};

static void *id_key(uint32_t id)
{
	return GUINT_TO_POINTER(id);
}

static bool ids_free(struct cx_dev *dev, uint32_t first, uint32_t count)
{
	for (uint32_t n = 0; n < count; n++)
		if (g_hash_table_contains(dev->objects, id_key(first + n)))
			return false;
	return true;
}

uint32_t cx_obj_ids(struct cx_dev *dev, uint32_t count)
{
	/* An id comes back only after the whole space was used: a stale one is then noticed. */
	uint32_t first = dev->last_id + 1;

	for (;; first++) {
		if (first < FIRST_ID || first + count > LAST_ID)
			first = FIRST_ID;
		if (ids_free(dev, first, count))
			break;
	}
	dev->last_id = first + count - 1;
	return first;
}

struct cx_obj *cx_obj_new_id(struct cx_fn *fn, enum cx_obj_type type, uint32_t id, const void *data,
			     uint32_t len)
{
	struct cx_obj *obj = g_new0(struct cx_obj, 1);

	obj->id = id;
	obj->type = type;
	obj->fn = fn;
	obj->len = len;
	obj->data = g_malloc0(len ?: 1);
	if (data)
		memcpy(obj->data, data, len);
	obj->uses = g_ptr_array_new();
	g_hash_table_insert(fn->dev->objects, id_key(id), obj);
	return obj;
}

struct cx_obj *cx_obj_new(struct cx_fn *fn, enum cx_obj_type type, const void *data, uint32_t len)
{
	return cx_obj_new_id(fn, type, cx_obj_ids(fn->dev, 1), data, len);
}

struct cx_obj *cx_obj_find(struct cx_fn *fn, enum cx_obj_type type, uint32_t id)
{
	struct cx_obj *obj = g_hash_table_lookup(fn->dev->objects, id_key(id));

	return obj && obj->type == type && obj->fn == fn ? obj : NULL;
}

struct cx_obj *cx_cmd_obj(struct cx_cmd *cmd, enum cx_obj_type type, uint32_t id, const char *field)
{
	struct cx_obj *obj = cx_obj_find(cmd->fn, type, id);

	if (!obj)
		cx_refuse(cmd, CX_BAD_RES, field, "no object 0x%x of type 0x%x here", id, type);
	return obj;
}

bool cx_cmd_obj_destroy(struct cx_cmd *cmd, enum cx_obj_type type, uint32_t id, const char *field)
{
	struct cx_obj *obj = cx_cmd_obj(cmd, type, id, field);

	if (!obj)
		return false;
	if (obj->refs) {
		cx_refuse(cmd, CX_BAD_RES_STATE, field, "object 0x%x has %u users", id, obj->refs);
		return false;
	}
	cx_obj_free(obj);
	return true;
}

void cx_obj_ref(struct cx_obj *obj)
{
	obj->refs++;
}

void cx_obj_unref(struct cx_obj *obj)
{
	if (obj && obj->refs)
		obj->refs--;
}

void cx_obj_use(struct cx_obj *obj, struct cx_obj *used)
{
	g_ptr_array_add(obj->uses, used);
	cx_obj_ref(used);
}

void cx_obj_drop_uses(struct cx_obj *obj)
{
	for (unsigned int i = 0; i < obj->uses->len; i++)
		cx_obj_unref(g_ptr_array_index(obj->uses, i));
	g_ptr_array_set_size(obj->uses, 0);
}

/* Lets go of everything the object holds, leaving a plain block of memory. */
static void obj_release(struct cx_obj *obj)
{
	cx_obj_drop_uses(obj);
	if (obj->release)
		obj->release(obj);
	obj->release = NULL;
}

static void obj_dispose(struct cx_obj *obj)
{
	g_ptr_array_free(obj->uses, TRUE);
	explicit_bzero(obj->data, obj->len);
	g_free(obj->data);
	g_free(obj);
}

void cx_obj_free(struct cx_obj *obj)
{
	g_hash_table_remove(obj->fn->dev->objects, id_key(obj->id));
	obj_release(obj);
	obj_dispose(obj);
}

uint32_t cx_obj_count(struct cx_dev *dev, enum cx_obj_type type)
{
	GHashTableIter iter;
	struct cx_obj *obj;
	uint32_t count = 0;

	g_hash_table_iter_init(&iter, dev->objects);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&obj))
		count += obj->type == type;
	return count;
}

static gboolean owned_by(gpointer id, gpointer obj, gpointer fn)
{
	(void)id;
	return ((struct cx_obj *)obj)->fn == fn;
}

void cx_objs_reset_fn(struct cx_fn *fn)
{
	GPtrArray *mine = g_ptr_array_new();
	GHashTableIter iter;
	struct cx_obj *obj;

	g_hash_table_iter_init(&iter, fn->dev->objects);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&obj))
		if (obj->fn == fn)
			g_ptr_array_add(mine, obj);
	/* Release all before the first is gone: they point at each other, never outside. */
	for (unsigned int i = 0; i < mine->len; i++)
		obj_release(g_ptr_array_index(mine, i));
	g_hash_table_foreach_remove(fn->dev->objects, owned_by, fn);
	for (unsigned int i = 0; i < mine->len; i++)
		obj_dispose(g_ptr_array_index(mine, i));
	g_ptr_array_free(mine, TRUE);
}
