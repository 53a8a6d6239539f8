/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which eswitches a configuration wants guarded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/gate.h"
#include "explain/explain.h"

/* Device 0 has a tunnel on its uplink, 1 only on a VF, 2 none, 3 two on its uplink. */
static struct cfg_tunnel tunnels[] = {
	{.device = 0}, {.device = 1, .on_vf = true}, {.device = 3}, {.device = 3}};
static struct cfg_device devices[4];
static struct obs_device seen[4] = {
	{.pci = "0000:08:00.0"}, {.pci = "0000:08:00.1"}, {.pci = "0000:09:00.0"},
	{.pci = "0001:0a:00.1"}};

static unsigned int rules_of(enum ipso_gate_mode ordering, struct gate_rule *rules)
{
	struct ipso_config cfg = {.ordering = ordering, .devices = devices, .devices_count = 4,
				  .tunnels = tunnels, .tunnels_count = 4};
	struct ipso_state st = {.devices = seen, .devices_count = 4};

	return gate_rules(&cfg, &st, rules);
}

static void uplinks_with_tunnels_are_guarded(void **state)
{
	static const enum ipso_gate_mode modes[] = {IPSO_GATE_ENFORCE, IPSO_GATE_OBSERVE};
	struct gate_rule rules[IPSO_GATE_MAX];

	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		assert_int_equal(rules_of(modes[i], rules), 2);
		assert_int_equal(rules[0].pci, IPSO_PCI(0, 8, 0));
		assert_int_equal(rules[0].mode, modes[i]);
		assert_int_equal(rules[1].pci, IPSO_PCI(1, 10, 1));
	}
}

static void ordering_off_guards_nothing(void **state)
{
	struct gate_rule rules[IPSO_GATE_MAX];

	(void)state;
	assert_int_equal(rules_of(IPSO_GATE_OFF, rules), 0);
}

static void modes_have_the_names_of_the_configuration(void **state)
{
	(void)state;
	assert_string_equal(gate_mode_label(IPSO_GATE_OFF), "off");
	assert_string_equal(gate_mode_label(IPSO_GATE_OBSERVE), "observe");
	assert_string_equal(gate_mode_label(IPSO_GATE_ENFORCE), "enforce");
	assert_string_equal(gate_mode_label(IPSO_GATE_HOLD), "hold");
	assert_string_equal(gate_mode_label((enum ipso_gate_mode)7), "unknown");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(uplinks_with_tunnels_are_guarded),
		cmocka_unit_test(ordering_off_guards_nothing),
		cmocka_unit_test(modes_have_the_names_of_the_configuration),
	};

	return cmocka_run_group_tests_name("cmd_gate", tests, NULL, NULL);
}
