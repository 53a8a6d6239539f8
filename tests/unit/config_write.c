/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configurations written and mirrored: what is written loads to the same, mirrored twice too. */
#include <errno.h>

#include "config/schema.h"
#include "golden.h"

static char *text_of(const struct ipso_config *cfg)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	assert_int_equal(config_write(cfg, f), 0);
	fclose(f);
	return text;
}

static struct ipso_config *config_of(const char *text)
{
	struct ipso_config *cfg = NULL;
	struct why why = {};

	if (config_parse("f", text, strlen(text), &cfg, &why) < 0)
		fail_msg("%s\n%s", why.what, text);
	return cfg;
}

static void loads_to_the_same(void **state)
{
	_cleanup_(config_free) struct ipso_config *cfg = golden_config(), *again = NULL;
	_free_ char *first = text_of(cfg), *second = NULL;

	(void)state;
	as_golden(first, "pair-written.yaml");
	again = config_of(first);
	second = text_of(again);
	assert_string_equal(first, second);
	assert_string_equal(again->metrics.address, "::1");
	assert_string_equal(again->tunnels[1].out.key_file, "it's/out2.key");
	assert_true(again->tc[0].has_src_mac && !again->tc[0].has_dst_mac);
}

/* Text that YAML would read as something else, or that holds its own marks. */
static void odd_text(void **state)
{
	static const char *const names[] = {"a \"b\" \\c", "# no comment", "-", "a: b", "\xc3\xa9",
					    "tab\there", "{x}", "*a"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_(config_free) struct ipso_config *cfg = golden_config(), *again = NULL;
		_free_ char *text = NULL;

		free(cfg->tunnels[0].out.key_file);
		cfg->tunnels[0].out.key_file = strdup(names[i]);
		text = text_of(cfg);
		again = config_of(text);
		assert_string_equal(again->tunnels[0].out.key_file, names[i]);
	}
}

static void mirrored(void **state)
{
	_cleanup_(config_free) struct ipso_config *cfg = golden_config();
	_free_ char *once = NULL, *thrice = NULL;
	struct why why = {};

	(void)state;
	assert_int_equal(config_mirror(cfg, &why), 0);
	once = text_of(cfg);
	as_golden(once, "pair-mirrored.yaml");
	assert_int_equal(cfg->tunnels[0].out.spi, 0x1002);
	assert_int_equal(cfg->tunnels[0].out.reqid, 1);
	assert_string_equal(cfg->tunnels[0].in.key_file, "out.key");
	assert_int_equal(config_mirror(cfg, &why), 0);
	assert_int_equal(cfg->tunnels[0].out.spi, 0xb29ed314);
	assert_int_equal(config_mirror(cfg, &why), 0);
	thrice = text_of(cfg);
	assert_string_equal(once, thrice);
}

static void two_files_of_one_name(void **state)
{
	_cleanup_(config_free) struct ipso_config *cfg = golden_config();
	struct why why = {};

	(void)state;
	free(cfg->tunnels[1].in.key_file);
	cfg->tunnels[1].in.key_file = strdup("/other/out.key");
	assert_int_equal(config_mirror(cfg, &why), -EINVAL);
	assert_non_null(strstr(why.what, "pair.yaml:33:"));
	assert_non_null(strstr(why.what, "a second file named out.key (line 19)"));
}

/* A scalar that the writer does not know would be missed only when somebody uses it. */
static void knows_every_scalar(const struct cfg_map *map)
{
	static const struct cfg_type *const known[] = {
		&cfg_bool, &cfg_uint, &cfg_enum, &cfg_name, &cfg_hostname, &cfg_ifname, &cfg_netns,
		&cfg_path, &cfg_mac, &cfg_pci, &cfg_host, &cfg_network, &cfg_subnet, &cfg_listen,
		&cfg_uplink, &cfg_device_ref, &cfg_named, &cfg_vlan_id, &cfg_vf_index, &cfg_action_word};

	for (unsigned int i = 0; i < map->fields_count; i++) {
		const struct cfg_field *f = &map->fields[i];
		bool is = !f->type;

		for (size_t k = 0; k < ARRAY_SIZE(known); k++)
			is = is || f->type == known[k];
		if (!is)
			fail_msg("config_write() does not know the type of %s: %s", map->name,
				 f->key);
		if (f->map)
			knows_every_scalar(f->map);
	}
}

static void schema(void **state)
{
	(void)state;
	knows_every_scalar(&cfg_root);
}

static void cannot_be_written(void **state)
{
	_cleanup_(config_free) struct ipso_config *cfg = golden_config();
	_fclose_ FILE *full = fopen("/dev/full", "w");

	(void)state;
	assert_non_null(full);
	setvbuf(full, NULL, _IONBF, 0);
	assert_int_equal(config_write(cfg, full), -EIO);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(loads_to_the_same),
		cmocka_unit_test(odd_text),
		cmocka_unit_test(mirrored),
		cmocka_unit_test(two_files_of_one_name),
		cmocka_unit_test(schema),
		cmocka_unit_test(cannot_be_written),
	};

	return cmocka_run_group_tests_name("config_write", tests, NULL, NULL);
}
