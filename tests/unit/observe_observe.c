/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading this host as it is: unknown devices are named with their place, the kernel is asked. */
#include <bpf/btf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "observe/daemons.h"
#include "observe/observe.h"
#include "observe/priv.h"

static void unknown(const char *device, const char *words)
{
	_cleanup_(config_free) struct ipso_config *cfg = NULL;
	_cleanup_(observe_free) struct ipso_state *st = NULL;
	struct why why = {};
	char text[128];

	snprintf(text, sizeof(text), "version: 1\ndevices:\n  - { %s }\n", device);
	if (config_parse("f.yaml", text, strlen(text), &cfg, &why) < 0)
		fail_msg("%s", why.what);
	assert_int_equal(observe(cfg, &st, &why), -ENODEV);
	if (!strstr(why.what, words) || strncmp(why.what, "f.yaml:3:5: ", 12) != 0)
		fail_msg("'%s' does not say '%s'", why.what, words);
	assert_true(why.remedy[0]);
	assert_null(st);
}

static void unknown_devices(void **state)
{
	(void)state;
	unknown("pf: nothere0", "there is no net device nothere0");
	unknown("pf: lo", "net device lo is not on the PCI bus");
	unknown("pci: \"ffff:ff:1f.7\"", "PCI device ffff:ff:1f.7 is not here");
}

static void unit_of(const char *path, const char *want)
{
	char unit[64];

	daemon_unit(path, unit);
	assert_string_equal(unit, want);
}

static void units(void **state)
{
	(void)state;
	unit_of("0::/system.slice/strongswan.service", "strongswan.service");
	unit_of("0::/system.slice/ipsec.service/more", "ipsec.service");
	unit_of("0::/user.slice/user-0.slice/user@0.service/app.slice/a.service", "a.service");
	unit_of("0::/system.slice/docker-1.scope", "");
	unit_of("0::/.service", "");
	unit_of("0::/", "");
	unit_of("", "");
}

/* The same facts from BTF or kallsyms; what is certain on every host is held. */
static void kernel_facts(void **state)
{
	struct obs_kernel k = {};
	struct utsname u;

	(void)state;
	assert_int_equal(uname(&u), 0);
	assert_int_equal(kernel_read(&k), 0);
	assert_string_equal(k.release, u.release);
	assert_int_equal(k.btf, access("/sys/kernel/btf/vmlinux", R_OK) == 0);
	assert_true(k.mlx5 || !k.known_mlx5_ipsec);
	assert_true(k.known_mlx5_ipsec || !(k.mlx5_ipsec || k.mlx5_tc || k.sa_needs_free_eswitch));
}

struct counted {
	unsigned int functions, members, parameters;
};

static void count_names(const char *name, const char *part, void *arg)
{
	struct counted *c = arg;

	c->functions += !part && strcmp(name, "security_netlink_send") == 0;
	c->members += part && strcmp(name, "sk_buff") == 0 && strcmp(part, "truesize") == 0;
	c->parameters += part && !*name && strcmp(part, "skb") == 0;
}

/* By libbpf, which builds an index first, and in one pass. */
static void functions_of_btf(void **state)
{
	struct btf *btf = btf__load_vmlinux_btf();
	struct counted found = {};
	int err = btf_names("no-such-module", count_names, &found);

	(void)state;
	if (!btf) {
		assert_int_equal(err, -ENOENT);
		return;
	}
	assert_int_equal(err, 0);
	assert_int_equal(found.members, 1);
	assert_true(found.parameters > 0);
	assert_int_equal(found.functions > 0, btf__find_by_name_kind(btf, "security_netlink_send",
							   BTF_KIND_FUNC) > 0);
	btf__free(btf);
}

/* An eswitch that is not there is empty, not an error: undo counts it as gone. */
static void absent_device(void **state)
{
	struct obs_device d = {};

	(void)state;
	assert_int_equal(observe_device("ffff:ff:1f.7", "", &d, NULL), 0);
	assert_int_equal(d.uplink.ifindex, 0);
	assert_int_equal(d.vfs_count, 0);
	assert_string_equal(d.driver, "");
	assert_int_equal(observe_device("ffff:ff:1f.7", "no-such-netns", &d, NULL), 0);
	observe_device_free(&d);
}

static void growing(void **state)
{
	uint32_t *a = NULL;

	(void)state;
	for (uint32_t i = 0; i < 1000; i++) {
		assert_int_equal(array_grow(&a, i, sizeof(*a)), 0);
		a[i] = i;
	}
	for (uint32_t i = 0; i < 1000; i++)
		assert_int_equal(a[i], i);
	free(a);
}

static void whose_rule(void **state)
{
	struct obs_vf vfs[2] = {{.rep = {.ifindex = 21}}, {.rep = {.ifindex = 22}}};
	struct obs_device devices[2] = {{.uplink = {.ifindex = 5}, .vfs = vfs, .vfs_count = 2},
					{.uplink = {.ifindex = 6}}};
	struct ipso_state st = {.devices = devices, .devices_count = 2};
	struct obs_filter f = {.ifindex = 5};

	(void)state;
	assert_true(observe_filter_on(&st, 0, &f));
	assert_false(observe_filter_on(&st, 1, &f));
	f.ifindex = 22;
	assert_true(observe_filter_on(&st, 0, &f));
	f.ifindex = 23;
	assert_false(observe_filter_on(&st, 0, &f));
	assert_ptr_equal(observe_vf(&st, 0, 1), &vfs[1]);
	assert_null(observe_vf(&st, 0, 2));
	assert_null(observe_vf(&st, 1, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_devices),
		cmocka_unit_test(units), cmocka_unit_test(kernel_facts),
		cmocka_unit_test(functions_of_btf),
		cmocka_unit_test(absent_device),   cmocka_unit_test(growing),
		cmocka_unit_test(whose_rule),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
