/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words of a shell: plain ones as they are, the others so that the shell gives them back. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/shell.h"

static void quoted(void **state)
{
	static const char *const rows[][2] = {
		{"/etc/ipso/out.key", "/etc/ipso/out.key"},
		{"0000:08:00.0", "0000:08:00.0"},
		{"", "''"},
		{"a b", "'a b'"},
		{"$(x)", "'$(x)'"},
		{"it's", "'it'\\''s'"},
		{"'", "''\\'''"},
		{"~", "'~'"},
		{"a\nb", "'a\nb'"},
	};
	char buf[SHELL_LEN(16)];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_string_equal(shell_quote(rows[i][0], buf, sizeof(buf)), rows[i][1]);
}

/* The room that SHELL_LEN promises is enough for the worst text. */
static void worst(void **state)
{
	char text[PATH_MAX], buf[SHELL_LEN(PATH_MAX)];

	(void)state;
	memset(text, '\'', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	shell_quote(text, buf, sizeof(buf));
	assert_int_equal(strlen(buf), 4 * (sizeof(text) - 1) + 2);
}

/* The shell itself is the judge. */
static void the_shell_agrees(void **state)
{
	static const char text[] = " a'b\"c$d`e\\f*g ";
	char word[SHELL_LEN(sizeof(text))], command[128], got[64] = "";
	FILE *sh;

	(void)state;
	snprintf(command, sizeof(command), "printf %%s %s", shell_quote(text, word, sizeof(word)));
	sh = popen(command, "r");
	assert_non_null(sh);
	assert_true(fread(got, 1, sizeof(got) - 1, sh) > 0);
	assert_int_equal(pclose(sh), 0);
	assert_string_equal(got, text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(quoted),
		cmocka_unit_test(worst),
		cmocka_unit_test(the_shell_agrees),
	};

	return cmocka_run_group_tests_name("base_shell", tests, NULL, NULL);
}
