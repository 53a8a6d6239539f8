/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strict integers: the whole string or nothing. */
#ifndef IPSO_BASE_NUM_H
#define IPSO_BASE_NUM_H

#include <stdint.h>

/* Decimal or 0x hexadecimal, no sign, no blanks, no trailing text. -EINVAL, -ERANGE. */
int num_u64(const char *s, uint64_t min, uint64_t max, uint64_t *ret_v);
int num_u32(const char *s, uint32_t min, uint32_t max, uint32_t *ret_v);

#endif
