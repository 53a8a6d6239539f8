/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The three forms of tests/golden/pair.yaml, for this host and the other, as golden text. */
#include <errno.h>

#include "golden.h"

#include "render/render.h"

static int iproute2(const struct ipso_config *cfg, FILE *out)
{
	return render_iproute2(cfg, "/etc/ipso", out);
}

static void renders(int (*render)(const struct ipso_config *, FILE *), bool peer,
		    const char *golden)
{
	_cleanup_(config_free) struct ipso_config *cfg = golden_config();
	_free_ char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	if (peer)
		assert_int_equal(config_mirror(cfg, NULL), 0);
	assert_int_equal(render(cfg, f), 0);
	fclose(f);
	as_golden(text, golden);
}

static void for_iproute2(void **state)
{
	(void)state;
	renders(iproute2, false, "render-iproute2.txt");
	renders(iproute2, true, "render-iproute2-peer.txt");
}

static void for_strongswan(void **state)
{
	(void)state;
	renders(render_strongswan, false, "render-swanctl.conf");
}

static void for_libreswan(void **state)
{
	(void)state;
	renders(render_libreswan, false, "render-ipsec.conf");
	renders(render_libreswan, true, "render-ipsec-peer.conf");
}

/* A full disk is not a success. */
static void cannot_be_written(void **state)
{
	_cleanup_(config_free) struct ipso_config *cfg = golden_config();
	_fclose_ FILE *full = fopen("/dev/full", "w");

	(void)state;
	assert_non_null(full);
	setvbuf(full, NULL, _IONBF, 0);
	assert_int_equal(iproute2(cfg, full), -EIO);
	assert_int_equal(render_strongswan(cfg, full), -EIO);
	assert_int_equal(render_libreswan(cfg, full), -EIO);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(for_iproute2),
		cmocka_unit_test(for_strongswan),
		cmocka_unit_test(for_libreswan),
		cmocka_unit_test(cannot_be_written),
	};

	return cmocka_run_group_tests_name("render_render", tests, NULL, NULL);
}
