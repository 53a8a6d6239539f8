/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Access to the firmware layouts of mlx5_ifc.h. That header is the driver's own description of the
 * interface: one array element a bit, so offsetof() is a bit offset and sizeof() a width in bits.
 * It is included from the kernel's header package, never copied. Everything is big endian.
 */
#ifndef CX_IFC_H
#define CX_IFC_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* What mlx5_ifc.h expects of the kernel. */
typedef uint8_t u8;
#ifndef BIT
#define BIT(n) (1ul << (n))
#endif
#ifndef BIT_ULL
#define BIT_ULL(n) (1ull << (n))
#endif
#ifndef DECLARE_FLEX_ARRAY
#define DECLARE_FLEX_ARRAY(type, name)                                                             \
	struct {                                                                                   \
		struct { } empty_##name;                                                           \
		type name[];                                                                       \
	}
#endif
#include <mlx5_ifc.h>

#define CX_BITS(t) struct mlx5_ifc_##t##_bits
#define CX_BIT_OFF(t, f) ((unsigned int)offsetof(CX_BITS(t), f))
#define CX_BIT_LEN(t, f) ((unsigned int)sizeof(((CX_BITS(t) *)0)->f))
/* Size of a layout, offset of a field: bytes. CX_OFF wants a field on a byte boundary. */
#define CX_SIZE(t) ((uint32_t)(sizeof(CX_BITS(t)) / 8))
#define CX_OFF(t, f) (CX_BIT_OFF(t, f) / 8)
#define CX_FIELD_BYTES(t, f) (CX_BIT_LEN(t, f) / 8)
/* One field (at most 64 bits, not crossing a 32 bit word unless it is exactly 64 wide). */
#define CX_GET(t, p, f) cx_bits_get((p), CX_BIT_OFF(t, f), CX_BIT_LEN(t, f))
#define CX_SET(t, p, f, v) cx_bits_set((p), CX_BIT_OFF(t, f), CX_BIT_LEN(t, f), (v))
/* Address of a field; keeps the constness of p. */
#define CX_PTR(t, p, f) ((p) + CX_OFF(t, f))

static inline uint16_t cx_be16(const void *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return be16toh(v);
}

static inline uint32_t cx_be32(const void *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return be32toh(v);
}

static inline uint64_t cx_be64(const void *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return be64toh(v);
}

static inline void cx_put_be16(void *p, uint16_t v)
{
	v = htobe16(v);
	memcpy(p, &v, sizeof(v));
}

static inline void cx_put_be32(void *p, uint32_t v)
{
	v = htobe32(v);
	memcpy(p, &v, sizeof(v));
}

static inline void cx_put_be64(void *p, uint64_t v)
{
	v = htobe64(v);
	memcpy(p, &v, sizeof(v));
}

static inline uint32_t cx_bits_mask(unsigned int len)
{
	return len >= 32 ? UINT32_MAX : (1u << len) - 1;
}

static inline uint64_t cx_bits_get(const uint8_t *p, unsigned int off, unsigned int len)
{
	if (len == 64)
		return cx_be64(p + off / 8);
	return (cx_be32(p + off / 32 * 4) >> (32 - off % 32 - len)) & cx_bits_mask(len);
}

static inline void cx_bits_set(uint8_t *p, unsigned int off, unsigned int len, uint64_t v)
{
	unsigned int shift = 32 - off % 32 - len;
	uint8_t *word = p + off / 32 * 4;

	if (len == 64) {
		cx_put_be64(p + off / 8, v);
		return;
	}
	cx_put_be32(word, (cx_be32(word) & ~(cx_bits_mask(len) << shift)) |
			  (((uint32_t)v & cx_bits_mask(len)) << shift));
}

#endif
