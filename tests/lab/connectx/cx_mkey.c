/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory keys: CREATE/DESTROY_MKEY, and the translation of what RDMA reads and writes. Two kinds:
 * physical (the driver's own, all of memory) and a list of pages (MTT), which is how user memory is
 * registered. Leaves out: keys made of other keys (KLM, KSM), UMR (the capabilities say so, and the
 * driver then registers by command), on-demand paging, memory windows, atomics. The netdev's queues
 * do not look at their keys.
 */
#include "cx_ib.h"

struct mtt {
	uint32_t count;
	uint64_t page[];
};

enum { MTT_FLAGS = 7 };	/* below an address: present, access */

static void mkey_release(struct cx_obj *obj)
{
	g_free(obj->priv);
}

/* The page list of the command; NULL after a refusal. */
static struct mtt *take_pages(struct cx_cmd *cmd, const uint8_t *mkc)
{
	uint32_t count = CX_GET(create_mkey_in, cmd->in, translations_octword_actual_size) * 2;
	unsigned int shift = CX_GET(mkc, mkc, log_page_size);
	uint64_t start = CX_GET(mkc, mkc, start_addr), len = CX_GET(mkc, mkc, len);
	uint32_t at = CX_OFF(create_mkey_in, klm_pas_mtt);
	struct mtt *mtt;

	if (CX_GET(mkc, mkc, free) || CX_GET(mkc, mkc, length64) || CX_GET(mkc, mkc, bsf_en)) {
		cx_refuse(cmd, CX_BAD_PARAM, "mkc.free/length64/bsf_en",
			  "a page list that UMR would fill, or without length: not modelled");
		return NULL;
	}
	if (shift < 12 || shift > 47 || !len ||
	    ((start + len - 1) >> shift) - (start >> shift) >= count) {
		cx_refuse(cmd, CX_BAD_PARAM, "translations_octword_actual_size",
			  "%u pages of 2^%u for %llu bytes", count, shift, (unsigned long long)len);
		return NULL;
	}
	if (!cx_cmd_has(cmd, at, count * 8, "klm_pas_mtt"))
		return NULL;
	mtt = g_malloc(sizeof(*mtt) + count * sizeof(mtt->page[0]));
	mtt->count = count;
	for (uint32_t i = 0; i < count; i++)
		mtt->page[i] = cx_be64(cmd->in + at + i * 8) & ~(uint64_t)MTT_FLAGS;
	return mtt;
}

void cx_cmd_create_mkey(struct cx_cmd *cmd)
{
	const uint8_t *mkc = CX_PTR(create_mkey_in, cmd->in, memory_key_mkey_entry);
	unsigned int mode = CX_GET(mkc, mkc, access_mode_4_2) << 2 |
			    CX_GET(mkc, mkc, access_mode_1_0);
	struct cx_obj *pd, *mkey;
	struct mtt *mtt = NULL;

	if (mode != MLX5_MKC_ACCESS_MODE_PA && mode != MLX5_MKC_ACCESS_MODE_MTT) {
		cx_refuse(cmd, CX_BAD_PARAM, "mkc.access_mode",
			  "%u: only physical addresses (0) and page lists (1) are modelled", mode);
		return;
	}
	if (CX_GET(create_mkey_in, cmd->in, mkey_umem_valid)) {
		cx_refuse(cmd, CX_BAD_PARAM, "mkey_umem_valid", "not modelled");
		return;
	}
	pd = cx_cmd_obj(cmd, CX_OBJ_PD, CX_GET(mkc, mkc, pd), "mkc.pd");
	if (!pd)
		return;
	if (mode == MLX5_MKC_ACCESS_MODE_MTT) {
		mtt = take_pages(cmd, mkc);
		if (!mtt)
			return;
	}
	mkey = cx_obj_new(cmd->fn, CX_OBJ_MKEY, mkc, CX_SIZE(mkc));
	mkey->priv = mtt;
	mkey->release = mkey_release;
	cx_obj_use(mkey, pd);
	CX_SET(create_mkey_out, cmd->out, mkey_index, mkey->id);
}

void cx_cmd_destroy_mkey(struct cx_cmd *cmd)
{
	uint32_t id = CX_GET(destroy_mkey_in, cmd->in, mkey_index);

	cx_cmd_obj_destroy(cmd, CX_OBJ_MKEY, id, "mkey_index");
}

static bool allowed(const uint8_t *mkc, enum cx_mem how)
{
	switch (how) {
	case CX_LOCAL_READ:
		return CX_GET(mkc, mkc, lr);
	case CX_LOCAL_WRITE:
		return CX_GET(mkc, mkc, lw);
	case CX_REMOTE_READ:
		return CX_GET(mkc, mkc, rr);
	default:
		return CX_GET(mkc, mkc, rw);
	}
}

static bool covers(const uint8_t *mkc, uint64_t addr, uint32_t len)
{
	uint64_t start = CX_GET(mkc, mkc, start_addr), size = CX_GET(mkc, mkc, len);

	return CX_GET(mkc, mkc, length64) ||
	       (addr >= start && addr - start <= size && len <= size - (addr - start));
}

static void move(struct cx_fn *fn, bool write, uint64_t addr, uint8_t *buf, uint32_t len)
{
	if (write)
		cx_dma_write(fn, addr, buf, len);
	else
		cx_dma_read(fn, addr, buf, len);
}

bool cx_mkey_move(struct cx_qp *qp, enum cx_mem how, uint32_t key, uint64_t addr, void *buf,
		  uint32_t len)
{
	struct cx_obj *mkey = cx_obj_find(qp->fn, CX_OBJ_MKEY, key >> 8);
	bool write = how == CX_LOCAL_WRITE || how == CX_REMOTE_WRITE;
	uint64_t page, first, mask;
	const struct mtt *mtt;
	uint8_t *at = buf;
	uint32_t n;

	if (!len)
		return true;
	if (!mkey || CX_GET(mkc, mkey->data, mkey_7_0) != (key & 0xff) ||
	    CX_GET(mkc, mkey->data, pd) != qp->pd || !allowed(mkey->data, how) ||
	    !covers(mkey->data, addr, len)) {
		cx_log(qp->fn, CX_LOG_ERROR, "qp %x: key %x does not allow %u bytes at %llx (%s)",
		       qp->obj->id, key, len, (unsigned long long)addr, mkey ? "bounds, domain or "
		       "rights" : "no such key");
		return false;
	}
	mtt = mkey->priv;
	if (!mtt) {
		move(qp->fn, write, addr, at, len);
		return true;
	}
	mask = (1ull << CX_GET(mkc, mkey->data, log_page_size)) - 1;
	first = CX_GET(mkc, mkey->data, start_addr) & ~mask;
	for (; len; len -= n, addr += n, at += n) {
		page = ((addr & ~mask) - first) / (mask + 1);
		n = MIN((uint64_t)len, mask + 1 - (addr & mask));
		move(qp->fn, write, mtt->page[page] + (addr & mask), at, n);
	}
	return true;
}
