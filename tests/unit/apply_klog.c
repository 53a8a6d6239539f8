/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of /dev/kmsg: which one is a refusal of the firmware to this thread. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "apply/priv.h"

#define LINE(pid, rest) "3,812,1234567,-;mlx5_core 0000:01:00.0: mlx5_cmd_out_err:838:(pid " pid "): " rest

static void refusals(void **state)
{
	struct ipso_fw_error fw = {};

	(void)state;
	assert_true(klog_parse(LINE("77", "CREATE_GENERAL_OBJECT(0xa00) op_mod(0x13) failed, status "
				    "no resources(0xf), syndrome (0x12345678), err(-11)\n"
				    " SUBSYSTEM=pci\n"), 77, &fw));
	assert_int_equal(fw.opcode, 0xa00);
	assert_int_equal(fw.op_mod, 0x13);
	assert_int_equal(fw.status, 0xf);
	assert_int_equal(fw.syndrome, 0x12345678);
	assert_int_equal(fw.err, -11);
}

static void all_others(void **state)
{
	static const char *const rows[] = {
		LINE("78", "CREATE_GENERAL_OBJECT(0xa00) op_mod(0x13) failed, status no "
			   "resources(0xf), syndrome (0x12345678), err(-11)"),
		LINE("77", "CREATE_GENERAL_OBJECT(0xa00) timeout. Will cause a leak"),
		"6,1,2,-;eth0: link becomes ready",
		LINE("77", ""),
		"",
	};
	struct ipso_fw_error fw = {.opcode = 1};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_false(klog_parse(rows[i], 77, &fw));
	assert_int_equal(fw.opcode, 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusals),
		cmocka_unit_test(all_others),
	};

	return cmocka_run_group_tests_name("apply_klog", tests, NULL, NULL);
}
