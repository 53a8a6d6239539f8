/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key files of a configuration, and the sample file, in a directory of the test's own. */
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
#include "config/config.h"

#define KEY_A "000102030405060708090a0b0c0d0e0f10111213"
#define KEY_B "ff0102030405060708090a0b0c0d0e0f10111213"

static char dir[] = "/tmp/ipso-unit-config.XXXXXX", path[64];

static const char *in_dir(const char *name)
{
	static char buf[96];

	snprintf(buf, sizeof(buf), "%s/%s", dir, name);
	return buf;
}

/* The sample is the configuration of these tests: its keys are out.key and in.key. */
static int make_dir(void **state)
{
	_free_ char *text = NULL;
	size_t len;
	FILE *f;

	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/ipso.yaml", dir);
	f = open_memstream(&text, &len);
	if (!f || config_write_sample(f) < 0 || fclose(f))
		return -1;
	return file_replace(path, text, len, 0600);
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(path);
	unlink(in_dir("out.key"));
	unlink(in_dir("in.key"));
	return rmdir(dir);
}

static void write_key(const char *name, const char *text, unsigned int mode)
{
	assert_int_equal(file_replace(in_dir(name), text, strlen(text), mode), 0);
}

static void sample_loads(void **state)
{
	_cleanup_(config_free) struct ipso_config *cfg = NULL;
	struct why why = {};

	(void)state;
	if (config_load(path, &cfg, &why) < 0)
		fail_msg("%s", why.what);
	assert_int_equal(cfg->devices_count, 1);
	assert_int_equal(cfg->tunnels_count, 1);
	assert_int_equal(cfg->tc_count, 1);
	assert_int_equal(cfg->metrics.port, 9417);
	assert_string_equal(config_device_name(cfg, 0), "enp8s0f0np0");
	assert_non_null(config_vf(cfg, 0, 0));
	assert_null(config_vf(cfg, 0, 1));
}

static void keys_are_found_beside_the_file(void **state)
{
	_cleanup_(config_free) struct ipso_config *cfg = NULL;
	struct why why = {};

	(void)state;
	write_key("out.key", KEY_A "\n", 0600);
	write_key("in.key", "0x" KEY_B "\n", 0400);
	assert_int_equal(config_load(path, &cfg, &why), 0);
	if (config_load_keys(cfg, &why) < 0)
		fail_msg("%s", why.what);
	assert_int_equal(cfg->tunnels[0].out.key->len, 20);
	assert_int_equal(cfg->tunnels[0].in.key->bytes[0], 0xff);
	config_wipe_keys(cfg);
	assert_null(cfg->tunnels[0].out.key);
	assert_null(cfg->tunnels[0].in.key);
}

static void refused(const char *in_key, unsigned int mode, int err, const char *words)
{
	_cleanup_(config_free) struct ipso_config *cfg = NULL;
	struct why why = {};
	char place[128];

	write_key("out.key", KEY_A, 0600);
	if (in_key)
		write_key("in.key", in_key, mode);
	else
		unlink(in_dir("in.key"));
	assert_int_equal(config_load(path, &cfg, &why), 0);
	assert_int_equal(config_load_keys(cfg, &why), err);
	snprintf(place, sizeof(place), "%s:%u:17: ", path, cfg->tunnels[0].in.key_at.line);
	if (strncmp(why.what, place, strlen(place)) != 0 || !strstr(why.what, words))
		fail_msg("expected %s...%s\n got %s", place, words, why.what);
	assert_null(strstr(why.what, "0a0b0c"));
	assert_null(cfg->tunnels[0].out.key);
	assert_null(cfg->tunnels[0].in.key);
}

static void bad_keys_name_their_line(void **state)
{
	(void)state;
	refused(NULL, 0, -ENOENT, "in.key: cannot be opened");
	refused(KEY_B, 0644, -EPERM, "mode 0644 opens it");
	refused(KEY_B "00", 0600, -EINVAL, "42 hexadecimal digits; allowed is exactly 40");
	refused(KEY_A, 0600, -EINVAL, "found the key and salt that the SA on line");
	refused("0x" KEY_A "\n", 0600, -EINVAL, "nonces repeat");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(sample_loads),
		cmocka_unit_test(keys_are_found_beside_the_file),
		cmocka_unit_test(bad_keys_name_their_line),
	};

	return cmocka_run_group_tests_name("config_config", tests, make_dir, remove_dir);
}
