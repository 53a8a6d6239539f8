/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AES-GCM with a 16-byte tag and a 12-byte nonce, as ESP uses it (RFC 4106). */
#ifndef CX_GCM_H
#define CX_GCM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CX_GCM_NONCE_LEN 12
#define CX_GCM_TAG_LEN 16

struct cx_gcm;

/* A cipher for one key of 16 or 32 bytes; NULL for any other length. Free with cx_gcm_free(). */
struct cx_gcm *cx_gcm_new(const uint8_t *key, size_t key_len);

/* Wipes the key schedule. NULL is allowed. */
void cx_gcm_free(struct cx_gcm *gcm);

/* Encrypts len bytes in place and writes the tag over (aad, ciphertext). */
void cx_gcm_seal(struct cx_gcm *gcm, const uint8_t nonce[CX_GCM_NONCE_LEN], const uint8_t *aad,
		 size_t aad_len, uint8_t *buf, size_t len, uint8_t tag[CX_GCM_TAG_LEN]);

/* Decrypts len bytes in place if the tag is right; otherwise leaves them as they were. */
bool cx_gcm_open(struct cx_gcm *gcm, const uint8_t nonce[CX_GCM_NONCE_LEN], const uint8_t *aad,
		 size_t aad_len, uint8_t *buf, size_t len, const uint8_t tag[CX_GCM_TAG_LEN]);

#endif
