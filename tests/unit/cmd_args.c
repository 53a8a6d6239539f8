/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line: every row is sound, good lines arrive, mistakes are refused. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "cmd/cmd.h"
#include "stderr.h"

/* The words of a line, "ipso" included. */
static int parse(const char *line, const struct command **ret_cmd, struct cmd_args *ret_a)
{
	static char text[256];
	char *argv[16], *word, *rest = text;
	int argc = 0;

	snprintf(text, sizeof(text), "%s", line);
	while ((word = strsep(&rest, " ")))
		argv[argc++] = word;
	argv[argc] = NULL;
	return args_parse(argc, argv, ret_cmd, ret_a);
}

static void rows_are_sound(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < commands_count; i++) {
		assert_non_null(commands[i].name);
		assert_non_null(commands[i].help);
		assert_non_null(commands[i].run);
		for (unsigned int j = 0; j < i; j++)
			assert_string_not_equal(commands[i].name, commands[j].name);
		if (commands[i].example) {
			const struct command *cmd = NULL;
			struct cmd_args a;
			char example[128];

			snprintf(example, sizeof(example), "%s", commands[i].example);
			example[strcspn(example, ">")] = '\0';
			if (example[strlen(example) - 1] == ' ')
				example[strlen(example) - 1] = '\0';
			assert_int_equal(parse(example, &cmd, &a), 0);
			assert_ptr_equal(cmd, &commands[i]);
		}
	}
}

static void good_lines(void **state)
{
	const struct command *cmd = NULL;
	struct cmd_args a;

	(void)state;
	assert_int_equal(parse("ipso run -c a.yaml --down-on-exit -v", &cmd, &a), 0);
	assert_string_equal(cmd->name, "run");
	assert_string_equal(a.config, "a.yaml");
	assert_true(a.config_given && a.down && a.verbose);
	assert_false(a.json || a.follow);
	assert_null(a.operand);
	assert_int_equal(parse("ipso up --config=b.yaml", &cmd, &a), 0);
	assert_string_equal(a.config, "b.yaml");
	assert_int_equal(parse("ipso up", &cmd, &a), 0);
	assert_string_equal(a.config, DEFAULT_CONFIG);
	assert_false(a.config_given);
	assert_int_equal(parse("ipso events -f --json", &cmd, &a), 0);
	assert_true(a.follow && a.json);
	assert_int_equal(a.kinds.count + a.devices.count + a.tunnels.count, 0);
	assert_int_equal(parse("ipso events --kind gate,tc-add --device a --kind=sa-add --device b "
			       "--tunnel t", &cmd, &a), 0);
	assert_int_equal(a.kinds.count, 2);
	assert_string_equal(a.kinds.word[0], "gate,tc-add");
	assert_string_equal(a.kinds.word[1], "sa-add");
	assert_int_equal(a.devices.count, 2);
	assert_string_equal(a.devices.word[1], "b");
	assert_int_equal(a.tunnels.count, 1);
	assert_int_equal(parse("ipso explain -- 0x1", &cmd, &a), 0);
	assert_string_equal(a.operand, "0x1");
	assert_int_equal(parse("ipso gate -c x on", &cmd, &a), 0);
	assert_string_equal(a.operand, "on");
}

static void help_is_a_command(void **state)
{
	const struct command *cmd = NULL;
	struct cmd_args a;

	(void)state;
	assert_int_equal(parse("ipso", &cmd, &a), 0);
	assert_ptr_equal(cmd->run, cmd_first);
	assert_int_equal(parse("ipso --help", &cmd, &a), 0);
	assert_string_equal(cmd->name, "help");
	assert_null(a.operand);
	assert_int_equal(parse("ipso run --bogus --help", &cmd, &a), -EINVAL);
	assert_int_equal(parse("ipso run -v --help", &cmd, &a), 0);
	assert_string_equal(cmd->name, "help");
	assert_string_equal(a.operand, "run");
	assert_int_equal(parse("ipso --version", &cmd, &a), 0);
	assert_string_equal(cmd->name, "version");
}

static void mistakes_are_named(void **state)
{
	static const struct {
		const char *line, *words;
	} rows[] = {
		{"ipso dance", "unknown command \"dance\""},
		{"ipso --dance", "unknown option \"--dance\""},
		{"ipso up --json", "up: unknown option --json"},
		{"ipso up -x", "up: unknown option -x"},
		{"ipso up -c", "option --config needs a value: FILE"},
		{"ipso up --config=", "option --config needs a value: FILE"},
		{"ipso run --down-on-exit=1", "option --down-on-exit takes no value"},
		{"ipso up now", "unexpected argument \"now\""},
		{"ipso explain a b", "unexpected argument \"b\""},
		{"ipso gate", "gate: say which: on|off|status"},
		{"ipso up --configure", "unknown option --configure"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct command *cmd = NULL;
		struct cmd_args a;
		const char *text;

		assert_int_equal(parse(rows[i].line, &cmd, &a), -EINVAL);
		assert_null(cmd);
		text = written();
		if (!strstr(text, rows[i].words))
			fail_msg("%s: %s", rows[i].line, text);
	}
}

static void reasons_are_printed_once(void **state)
{
	struct why why = {.what = "add SA", .err = -EBUSY, .kernel = "in use", .remedy = "wait"};

	(void)state;
	assert_int_equal(cmd_fail(&why, EXIT_FAILED), EXIT_FAILED);
	assert_string_equal(written(), "ipso: add SA: Device or resource busy (EBUSY)\n"
				       "ipso:   the kernel says: in use\n"
				       "ipso:   what to do: wait\n");
	why = (struct why){.what = "f:1:2: found x", .err = -EINVAL};
	assert_int_equal(cmd_fail(&why, EXIT_USAGE), EXIT_USAGE);
	assert_string_equal(written(), "ipso: f:1:2: found x\n");
	why = (struct why){.what = "no IPsec here", .err = -EOPNOTSUPP};
	assert_int_equal(cmd_fail(&why, EXIT_REFUSED), EXIT_REFUSED);
	assert_string_equal(written(), "ipso: no IPsec here\n");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_sound),
		cmocka_unit_test(good_lines),
		cmocka_unit_test(help_is_a_command),
		cmocka_unit_test_setup_teardown(mistakes_are_named, redirect, restore),
		cmocka_unit_test_setup_teardown(reasons_are_printed_once, redirect, restore),
	};

	return cmocka_run_group_tests_name("cmd_args", tests, NULL, NULL);
}
