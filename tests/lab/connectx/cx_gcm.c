// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The cipher of the crypto engine: AES-GCM 128 and 256.
 *
 * Rests on nettle, the library QEMU itself is linked with, which brings AES-NI and carry-less
 * multiplication. Left out: every other cipher, tags shorter than 16 bytes, constant-time tag
 * comparison across packets (the attacker is the test that corrupts a packet).
 */
#include "cx_gcm.h"

#include <nettle/gcm.h>
#include <nettle/memops.h>
#include <stdlib.h>
#include <string.h>

struct cx_gcm {
	bool is_256;
	union {
		struct gcm_aes128_ctx aes128;
		struct gcm_aes256_ctx aes256;
	};
};

struct cx_gcm *cx_gcm_new(const uint8_t *key, size_t key_len)
{
	struct cx_gcm *gcm;

	if (key_len != AES128_KEY_SIZE && key_len != AES256_KEY_SIZE)
		return NULL;
	gcm = calloc(1, sizeof(*gcm));
	if (!gcm)
		return NULL;
	gcm->is_256 = key_len == AES256_KEY_SIZE;
	if (gcm->is_256)
		gcm_aes256_set_key(&gcm->aes256, key);
	else
		gcm_aes128_set_key(&gcm->aes128, key);
	return gcm;
}

void cx_gcm_free(struct cx_gcm *gcm)
{
	if (!gcm)
		return;
	explicit_bzero(gcm, sizeof(*gcm));
	free(gcm);
}

static void start(struct cx_gcm *gcm, const uint8_t *nonce, const uint8_t *aad, size_t aad_len)
{
	if (gcm->is_256) {
		gcm_aes256_set_iv(&gcm->aes256, CX_GCM_NONCE_LEN, nonce);
		gcm_aes256_update(&gcm->aes256, aad_len, aad);
	} else {
		gcm_aes128_set_iv(&gcm->aes128, CX_GCM_NONCE_LEN, nonce);
		gcm_aes128_update(&gcm->aes128, aad_len, aad);
	}
}

static void finish(struct cx_gcm *gcm, uint8_t tag[CX_GCM_TAG_LEN])
{
	if (gcm->is_256)
		gcm_aes256_digest(&gcm->aes256, CX_GCM_TAG_LEN, tag);
	else
		gcm_aes128_digest(&gcm->aes128, CX_GCM_TAG_LEN, tag);
}

void cx_gcm_seal(struct cx_gcm *gcm, const uint8_t nonce[CX_GCM_NONCE_LEN], const uint8_t *aad,
		 size_t aad_len, uint8_t *buf, size_t len, uint8_t tag[CX_GCM_TAG_LEN])
{
	start(gcm, nonce, aad, aad_len);
	if (gcm->is_256)
		gcm_aes256_encrypt(&gcm->aes256, len, buf, buf);
	else
		gcm_aes128_encrypt(&gcm->aes128, len, buf, buf);
	finish(gcm, tag);
}

bool cx_gcm_open(struct cx_gcm *gcm, const uint8_t nonce[CX_GCM_NONCE_LEN], const uint8_t *aad,
		 size_t aad_len, uint8_t *buf, size_t len, const uint8_t tag[CX_GCM_TAG_LEN])
{
	uint8_t want[CX_GCM_TAG_LEN];

	start(gcm, nonce, aad, aad_len);
	if (gcm->is_256)
		gcm_aes256_decrypt(&gcm->aes256, len, buf, buf);
	else
		gcm_aes128_decrypt(&gcm->aes128, len, buf, buf);
	finish(gcm, want);
	if (memeql_sec(want, tag, CX_GCM_TAG_LEN))
		return true;
	/* Counter mode is its own inverse: sealing again restores the ciphertext. */
	cx_gcm_seal(gcm, nonce, aad, aad_len, buf, len, want);
	return false;
}
