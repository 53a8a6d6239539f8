/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Key material in pages of its own: locked (not swapped), left out of core dumps, wiped in a child
 * after fork and wiped when freed. Nothing here prints more than lengths and positions.
 */
#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

#define SALT_BYTES 4
#define TOKEN_MIN 16
#define TOKEN_MAX 256
#define TEXT_MAX 256 /* more than any accepted file, so that an overlong one is seen as such */

static size_t map_size(size_t len)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (sizeof(struct secret) + len + page - 1) / page * page;
}

void secret_wipe(void *p, size_t n)
{
	explicit_bzero(p, n);
}

void secret_free(struct secret **s)
{
	size_t size;

	if (!*s)
		return;
	size = map_size((*s)->len);
	secret_wipe(*s, size);
	munmap(*s, size);
	*s = NULL;
}

static int secret_new(size_t len, struct secret **ret_s)
{
	size_t size = map_size(len);
	struct secret *s;

	s = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (s == MAP_FAILED)
		return -errno;
	if (mlock(s, size) < 0 || madvise(s, size, MADV_DONTDUMP) < 0 ||
	    madvise(s, size, MADV_WIPEONFORK) < 0) {
		int err = -errno;

		munmap(s, size);
		return err;
	}
	s->len = len;
	*ret_s = s;
	return 0;
}

static int check_file(int fd, const char *path, uint64_t *ret_written, struct why *why)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return why_set(why, -errno, "key file %s: cannot be examined", path);
	if (!S_ISREG(st.st_mode)) {
		why_remedy(why, "name a file, as `ipso keygen` makes them");
		return why_set(why, -EINVAL, "key file %s: not a regular file", path);
	}
	if (st.st_uid != 0 && st.st_uid != geteuid()) {
		why_remedy(why, "chown root:root %s", path);
		return why_set(why, -EPERM, "key file %s: owned by user %u; root must own it",
			       path, (unsigned int)st.st_uid);
	}
	if (st.st_mode & 077) {
		why_remedy(why, "chmod 600 %s; if others could have read it, make a new key", path);
		return why_set(why, -EPERM,
			       "key file %s: mode %04o opens it to group or others; "
			       "allowed is 0600 or stricter",
			       path, (unsigned int)st.st_mode & 07777);
	}
	*ret_written = (uint64_t)st.st_mtime;
	return 0;
}

/* A file that is as a key's has to be: its descriptor, or -errno. */
static int open_file(const char *path, uint64_t *ret_written, struct why *why)
{
	/* O_NONBLOCK: a FIFO must be refused, not waited for. */
	_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int err;

	if (fd < 0)
		return why_set(why, -errno, "key file %s: cannot be opened", path);
	err = check_file(fd, path, ret_written, why);
	return err < 0 ? err : TAKE_FD(fd);
}

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -EINVAL;
}

/* text[len] holds digits only, the prefix and the newline are gone. */
static int decode(const char *text, size_t len, size_t want, const char *path, struct secret *s,
		  struct why *why)
{
	for (size_t i = 0; i < len; i++) {
		if (nibble(text[i]) < 0)
			return why_set(why, -EINVAL,
				       "key file %s: digit %zu is not hexadecimal; "
				       "allowed is one line of 0-9 a-f, with or without 0x",
				       path, i + 1);
	}
	if (len != 2 * want)
		return why_set(why, -EINVAL,
			       "key file %s: %zu hexadecimal digits; allowed is exactly %zu: "
			       "a key of %zu bytes, then its salt of %d",
			       path, len, 2 * want, want - SALT_BYTES, SALT_BYTES);
	for (size_t i = 0; i < want; i++)
		s->bytes[i] = (uint8_t)(nibble(text[2 * i]) << 4 | nibble(text[2 * i + 1]));
	return 0;
}

static int parse(char *text, size_t len, size_t want, const char *path, struct secret *s,
		 struct why *why)
{
	if (len && text[len - 1] == '\n')
		len--;
	if (len >= 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		text += 2;
		len -= 2;
	}
	return decode(text, len, want, path, s, why);
}

int secret_load(const char *path, size_t want, struct secret **ret_s, struct why *why)
{
	uint64_t written = 0;
	_close_ int fd = open_file(path, &written, why);
	_cleanup_(secret_free) struct secret *s = NULL;
	char text[TEXT_MAX];
	ssize_t n;
	int err;

	if (fd < 0)
		return fd;
	err = secret_new(want, &s);
	if (err < 0) {
		why_remedy(why, "run as root, or raise the limit of locked memory (ulimit -l)");
		return why_set(why, err, "memory for the key of %s: cannot be locked", path);
	}
	n = read(fd, text, sizeof(text));
	if (n < 0)
		err = why_set(why, -errno, "key file %s: cannot be read", path);
	else
		err = parse(text, (size_t)n, want, path, s, why);
	secret_wipe(text, sizeof(text));
	if (err < 0)
		return err;
	s->written = written;
	*ret_s = TAKE_PTR(s);
	return 0;
}

/* Memory for len bytes that a message can be about when it cannot be had. */
static int secret_room(size_t len, struct secret **ret_s, struct why *why)
{
	int err = secret_new(len, ret_s);

	if (err < 0) {
		why_remedy(why, "run as root, or raise the limit of locked memory (ulimit -l)");
		why_set(why, err, "memory for a key: cannot be locked");
	}
	return err;
}

int secret_read_file(const char *path, size_t limit, char **ret_text, size_t *ret_len,
		     struct why *why)
{
	uint64_t written;
	_close_ int fd = open_file(path, &written, why);
	size_t used = 0;
	ssize_t n = 1;
	char *text;
	int err;

	if (fd < 0)
		return fd;
	text = malloc(limit + 1);
	while (text && used < limit && (n = read(fd, text + used, limit - used)) > 0)
		used += (size_t)n;
	err = !text ? -ENOMEM : n < 0 ? -errno : used == limit ? -EFBIG : 0;
	if (err < 0) {
		if (text)
			secret_wipe(text, used);
		free(text);
		return why_set(why, err, "key file %s: cannot be read", path);
	}
	text[used] = '\0';
	*ret_text = text;
	*ret_len = used;
	return 0;
}

static bool is_token(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '!' || text[i] > '~')
			return false;
	}
	return len >= TOKEN_MIN && len <= TOKEN_MAX;
}

int secret_load_token(const char *path, struct secret **ret_s, struct why *why)
{
	_cleanup_(secret_free) struct secret *s = NULL;
	_free_ char *text = NULL;
	size_t len, all;
	int err = secret_read_file(path, TOKEN_MAX + 2, &text, &all, why);

	if (err < 0)
		return err;
	len = all && text[all - 1] == '\n' ? all - 1 : all;
	if (is_token(text, len)) {
		err = secret_room(len, &s, why);
		if (!err)
			memcpy(s->bytes, text, len);
	} else {
		why_remedy(why, "umask 077; openssl rand -hex 32 > %s", path);
		err = why_set(why, -EINVAL, "token file %s: allowed is one line of %d to %d letters, "
			      "digits and signs", path, TOKEN_MIN, TOKEN_MAX);
	}
	secret_wipe(text, all);
	if (!err)
		*ret_s = TAKE_PTR(s);
	return err;
}

int secret_generate(size_t len, struct secret **ret_s, struct why *why)
{
	_cleanup_(secret_free) struct secret *s = NULL;
	int err = secret_room(len, &s, why);

	if (err < 0)
		return err;
	/* Up to 256 bytes come whole, once the kernel's generator is seeded: getrandom(2). */
	if (getrandom(s->bytes, len, 0) != (ssize_t)len)
		return why_set(why, errno ? -errno : -EIO, "a new key: no random bytes");
	*ret_s = TAKE_PTR(s);
	return 0;
}

int secret_store(const struct secret *s, const char *path, struct why *why)
{
	static const char digits[] = "0123456789abcdef";
	_cleanup_(secret_free) struct secret *text = NULL;
	int err = secret_room(2 * s->len + 1, &text, why);

	if (err < 0)
		return err;
	for (size_t i = 0; i < s->len; i++) {
		text->bytes[2 * i] = (uint8_t)digits[s->bytes[i] >> 4];
		text->bytes[2 * i + 1] = (uint8_t)digits[s->bytes[i] & 15];
	}
	text->bytes[2 * s->len] = '\n';
	err = file_create(path, text->bytes, text->len, 0600);
	return err < 0 ? why_set(why, err, "key file %s: cannot be made", path) : 0;
}

bool secret_equal(const struct secret *a, const struct secret *b)
{
	uint8_t diff = 0;

	if (a->len != b->len)
		return false;
	for (size_t i = 0; i < a->len; i++)
		diff |= (uint8_t)(a->bytes[i] ^ b->bytes[i]);
	return diff == 0;
}

static uint64_t rotate(uint64_t v, unsigned int bits)
{
	return v << bits | v >> (64 - bits);
}

/* One SipRound of Aumasson and Bernstein, "SipHash: a fast short-input PRF", section 2. */
static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] = rotate(v[0], 32) + v[3];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] = rotate(v[2], 32);
}

/* SipHash-2-4 of data under key. */
static uint64_t siphash(const uint64_t key[2], const uint8_t *data, size_t len)
{
	uint64_t v[4] = {
		key[0] ^ 0x736f6d6570736575, key[1] ^ 0x646f72616e646f6d,
		key[0] ^ 0x6c7967656e657261, key[1] ^ 0x7465646279746573,
	};

	for (size_t at = 0; at <= len; at += 8) {
		uint64_t word = 0;

		for (size_t i = 0; i < 8 && at + i < len; i++)
			word |= (uint64_t)data[at + i] << (8 * i);
		if (at + 8 > len)
			word |= (uint64_t)len << 56;
		v[3] ^= word;
		sip_round(v);
		sip_round(v);
		v[0] ^= word;
	}
	v[2] ^= 0xff;
	for (int i = 0; i < 4; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

const char *secret_fingerprint(const struct secret *s, char buf[SECRET_FPLEN])
{
	/* Differs every run: a fingerprint in a log must not let a key be guessed offline. */
	static uint64_t salt[2];
	static bool salted;

	if (!salted) {
		if (getrandom(salt, sizeof(salt), 0) != (ssize_t)sizeof(salt)) {
			snprintf(buf, SECRET_FPLEN, "--------");
			return buf;
		}
		salted = true;
	}
	snprintf(buf, SECRET_FPLEN, "%08x", (unsigned int)siphash(salt, s->bytes, s->len));
	return buf;
}
