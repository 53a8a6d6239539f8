/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Key material: AEAD key with its 4-byte salt (RFC 4106 section 8.1). Lives in one allocation that
 * is locked in memory, excluded from core dumps (MADV_DONTDUMP) and wiped when freed.
 */
#ifndef IPSO_BASE_SECRET_H
#define IPSO_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct secret {
	size_t len;	 /* bytes of key and salt: 20 (AES-128) or 36 (AES-256) */
	uint64_t written; /* when its file was, in seconds since the epoch; 0 = it has none */
	uint8_t bytes[]; /* key, then salt, as XFRMA_ALG_AEAD wants them */
};

/*
 * Load from a file: hexadecimal, optional 0x, one trailing newline. The file must be regular,
 * owned by root (or the caller), and closed to group and others, else -EPERM; a wrong length or
 * digit is -EINVAL. want = expected bytes. why says which, never the content.
 */
int secret_load(const char *path, size_t want, struct secret **ret_s, struct why *why);
/*
 * Load a token: one line of 16 to 256 letters, digits and signs, no spaces. The file must be as that
 * of a key.
 */
int secret_load_token(const char *path, struct secret **ret_s, struct why *why);
/* The text of a file that must be as that of a key, NUL appended; the caller wipes and frees it. */
int secret_read_file(const char *path, size_t limit, char **ret_text, size_t *ret_len,
		     struct why *why);
/* A new key and salt of len bytes from getrandom(2). */
int secret_generate(size_t len, struct secret **ret_s, struct why *why);
/* Write it as secret_load() reads it, to a file of mode 0600 that must not be there (-EEXIST). */
int secret_store(const struct secret *s, const char *path, struct why *why);
void secret_free(struct secret **s); /* wipes; NULL is fine */
bool secret_equal(const struct secret *a, const struct secret *b); /* constant time */
/* Salted fingerprint that tells two keys apart in output: 8 hex digits, differs every run. */
#define SECRET_FPLEN 9
const char *secret_fingerprint(const struct secret *s, char buf[SECRET_FPLEN]);
/* Overwrite in a way the compiler keeps. */
void secret_wipe(void *p, size_t n);

#endif
