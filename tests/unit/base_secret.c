/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key files: every refusal and its words, and that the words never hold the content. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/secret.h"

#define HEX20 "000102030405060708090a0b0c0d0e0f10111213"

static char dir[] = "/tmp/ipso-unit-secret.XXXXXX", path[64];

static int make_dir(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/k", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

static int load(const char *text, size_t want, struct secret **ret_s, struct why *why)
{
	memset(why, 0, sizeof(*why));
	assert_int_equal(file_replace(path, text, strlen(text), 0600), 0);
	return secret_load(path, want, ret_s, why);
}

static void accepted_forms(void **state)
{
	static const char *const forms[] = {HEX20, HEX20 "\n", "0x" HEX20 "\n", "0X" HEX20};
	struct why why;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		_cleanup_(secret_free) struct secret *s = NULL;

		assert_int_equal(load(forms[i], 20, &s, &why), 0);
		assert_int_equal(s->len, 20);
		for (unsigned int b = 0; b < 20; b++)
			assert_int_equal(s->bytes[b], b);
	}
}

static void refused(const char *text, size_t want, int err, const char *words)
{
	struct secret *s = NULL;
	struct why why;

	assert_int_equal(load(text, want, &s, &why), err);
	assert_null(s);
	if (!strstr(why.what, words))
		fail_msg("\"%s\" lacks \"%s\"", why.what, words);
	assert_null(strstr(why.what, "0a0b0c"));
}

static void refused_contents(void **state)
{
	(void)state;
	refused("", 20, -EINVAL, "0 hexadecimal digits");
	refused(HEX20, 36, -EINVAL, "40 hexadecimal digits; allowed is exactly 72");
	refused(HEX20 "0", 20, -EINVAL, "41 hexadecimal digits; allowed is exactly 40");
	refused(HEX20 "\n\n", 20, -EINVAL, "digit 41");
	refused(HEX20 "zz", 20, -EINVAL, "digit 41");
	refused("g" HEX20, 20, -EINVAL, "digit 1 ");
	refused(HEX20 " ", 20, -EINVAL, "digit 41");
	refused(HEX20 HEX20 HEX20 HEX20 HEX20 HEX20 HEX20 HEX20, 20, -EINVAL, "256 hexa");
}

static void refused_files(void **state)
{
	struct secret *s = NULL;
	struct why why = {};

	(void)state;
	assert_int_equal(file_replace(path, HEX20, 40, 0644), 0);
	assert_int_equal(secret_load(path, 20, &s, &why), -EPERM);
	assert_non_null(strstr(why.what, "mode 0644"));
	assert_non_null(strstr(why.remedy, "chmod 600"));
	assert_int_equal(chmod(path, 0620), 0);
	assert_int_equal(secret_load(path, 20, &s, &why), -EPERM);
	assert_int_equal(secret_load(dir, 20, &s, &why), -EINVAL);
	assert_non_null(strstr(why.what, "not a regular file"));
	unlink(path);
	assert_int_equal(secret_load(path, 20, &s, &why), -ENOENT);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(secret_load(path, 20, &s, &why), -EINVAL);
	unlink(path);
	assert_null(s);
	if (geteuid() != 0)
		return;
	assert_int_equal(file_replace(path, HEX20, 40, 0600), 0);
	assert_int_equal(chown(path, 12345, 0), 0);
	assert_int_equal(secret_load(path, 20, &s, &why), -EPERM);
	assert_non_null(strstr(why.what, "owned by user 12345"));
}

static void refused_token(int err, const char *words)
{
	struct secret *s = NULL;
	struct why why = {};

	assert_int_equal(secret_load_token(path, &s, &why), err);
	assert_null(s);
	assert_non_null(strstr(why.what, words));
}

static void tokens(void **state)
{
	static const struct {
		const char *text;
		size_t len; /* 0: refused */
	} rows[] = {
		{"0123456789abcdef", 16}, {"0123456789abcdef\n", 16}, {"!~0123456789abcd==\n", 18},
		{"0123456789abcde\n", 0}, {"0123456789 abcdef\n", 0}, {"0123456789abcdef\n\n", 0},
		{"0123456789abcdef\tx\n", 0}, {"0123456789abcd\xc3\xa9\n", 0}, {"", 0},
		{"one-line-of-a-token\nand-one-more-that-is-not\n", 0},
	};
	char longest[300];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(secret_free) struct secret *s = NULL;
		struct why why = {};

		assert_int_equal(file_replace(path, rows[i].text, strlen(rows[i].text), 0600), 0);
		assert_int_equal(secret_load_token(path, &s, &why), rows[i].len ? 0 : -EINVAL);
		assert_int_equal(s ? s->len : 0, rows[i].len);
		assert_true(!s || memcmp(s->bytes, rows[i].text, s->len) == 0);
		assert_null(strstr(why.what, "0123456789"));
	}
	memset(longest, 'a', sizeof(longest));
	for (size_t len = 256; len <= sizeof(longest); len += sizeof(longest) - 256) {
		_cleanup_(secret_free) struct secret *s = NULL;
		struct why why = {};

		assert_int_equal(file_replace(path, longest, len, 0600), 0);
		assert_int_equal(secret_load_token(path, &s, &why), len == 256 ? 0 : -EFBIG);
	}
	assert_int_equal(file_replace(path, longest, 32, 0640), 0);
	refused_token(-EPERM, "mode 0640");
	unlink(path);
	refused_token(-ENOENT, "cannot be opened");
}

static void fingerprints_tell_apart(void **state)
{
	_cleanup_(secret_free) struct secret *a = NULL, *b = NULL, *c = NULL;
	char fa[SECRET_FPLEN], fb[SECRET_FPLEN], fc[SECRET_FPLEN];
	struct why why;

	(void)state;
	assert_int_equal(load(HEX20, 20, &a, &why), 0);
	assert_int_equal(load("0x" HEX20, 20, &b, &why), 0);
	assert_int_equal(load("ff0102030405060708090a0b0c0d0e0f10111213", 20, &c, &why), 0);
	assert_true(secret_equal(a, b));
	assert_false(secret_equal(a, c));
	assert_string_equal(secret_fingerprint(a, fa), secret_fingerprint(b, fb));
	assert_string_not_equal(fa, secret_fingerprint(c, fc));
	assert_int_equal(strlen(fa), 8);
}

static void wipe_clears(void **state)
{
	char buf[8] = "secret!";

	(void)state;
	secret_wipe(buf, sizeof(buf));
	for (size_t i = 0; i < sizeof(buf); i++)
		assert_int_equal(buf[i], 0);
}

/* A new key is what secret_load() takes, is like no other, and never takes another's place. */
static void made(void **state)
{
	static const size_t lens[] = {20, 36};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lens); i++) {
		_cleanup_(secret_free) struct secret *a = NULL, *b = NULL, *again = NULL;
		struct why why = {};
		struct stat st;

		unlink(path);
		assert_int_equal(secret_generate(lens[i], &a, &why), 0);
		assert_int_equal(secret_generate(lens[i], &b, &why), 0);
		assert_int_equal(a->len, lens[i]);
		assert_false(secret_equal(a, b));
		assert_int_equal(secret_store(a, path, &why), 0);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
		assert_int_equal(st.st_size, 2 * lens[i] + 1);
		assert_int_equal(secret_load(path, lens[i], &again, &why), 0);
		assert_true(secret_equal(a, again));
		assert_int_equal(secret_store(b, path, &why), -EEXIST);
		assert_non_null(strstr(why.what, path));
		secret_free(&again);
		assert_int_equal(secret_load(path, lens[i], &again, &why), 0);
		assert_true(secret_equal(a, again));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepted_forms),
		cmocka_unit_test(refused_contents),
		cmocka_unit_test(refused_files),
		cmocka_unit_test(tokens),
		cmocka_unit_test(fingerprints_tell_apart),
		cmocka_unit_test(wipe_clears),
		cmocka_unit_test(made),
	};

	return cmocka_run_group_tests_name("base_secret", tests, make_dir, remove_dir);
}
