/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints the completion of bash from the table that dispatch and help read. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"

/* The words of "[a|b|C]" that are meant as they are: those without capitals. */
static void put_words(const char *operand)
{
	char word[64];
	size_t len = 0;
	const char *c = operand;

	do {
		if (*c && !strchr("[]|", *c) && len < sizeof(word) - 1) {
			word[len++] = *c;
			continue;
		}
		word[len] = '\0';
		if (len > 0 && islower((unsigned char)word[0]))
			printf(" %s", word);
		len = 0;
	} while (*c++);
}

static void put_command(const struct command *cmd)
{
	printf("\t%s) words='", cmd->name);
	for (unsigned int i = 0; i < cmd_options_count; i++) {
		const struct cmd_option *row = &cmd_options[i];

		if (!(cmd->options & row->bit))
			continue;
		printf(" %s", row->full);
		if (row->brief)
			printf(" %s", row->brief);
	}
	if (strcmp(cmd->name, "help") == 0) {
		for (unsigned int i = 0; i < commands_count; i++)
			printf(" %s", commands[i].name);
	} else if (cmd->operand) {
		put_words(cmd->operand);
	}
	puts("' ;;");
}

/* Another word for each option that takes a value: "render,--peer" takes none, "keygen,--peer" does. */
static void put_value(const struct command *cmd, const struct cmd_option *row)
{
	printf("\t%s,%s", cmd->name, row->full);
	if (row->brief)
		printf(" | %s,%s", cmd->name, row->brief);
	fputs(") ", stdout);
	if (row->values) {
		fputs("COMPREPLY=($(compgen -W '", stdout);
		put_words(row->values);
		puts("' -- \"$now\")) ;;");
	} else if (strcmp(row->metavar, "FILE") == 0) {
		puts("COMPREPLY=($(compgen -f -- \"$now\")) ;;");
	} else if (strcmp(row->metavar, "DIR") == 0) {
		puts("COMPREPLY=($(compgen -d -- \"$now\")) ;;");
	} else {
		puts(";;");
	}
}

int main(void)
{
	puts("# SPDX-License-Identifier: GPL-2.0-or-later\n"
	     "# Completion of ipso for bash, made from its table of commands.\n"
	     "# shellcheck shell=bash disable=SC2207\n"
	     "_ipso() {\n"
	     "\tlocal now=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} words=\n"
	     "\tif [ \"$COMP_CWORD\" -eq 1 ]; then");
	fputs("\t\tCOMPREPLY=($(compgen -W '", stdout);
	for (unsigned int i = 0; i < commands_count; i++)
		printf(" %s", commands[i].name);
	puts("' -- \"$now\"))\n\t\treturn\n\tfi\n\tcase ${COMP_WORDS[1]},$before in");
	for (unsigned int i = 0; i < commands_count; i++) {
		for (unsigned int o = 0; o < cmd_options_count; o++) {
			if ((commands[i].options & cmd_options[o].bit) && cmd_options[o].metavar)
				put_value(&commands[i], &cmd_options[o]);
		}
	}
	puts("\t*)\n\t\tcase ${COMP_WORDS[1]} in");
	for (unsigned int i = 0; i < commands_count; i++) {
		putchar('\t');
		put_command(&commands[i]);
	}
	puts("\t\tesac\n\t\tCOMPREPLY=($(compgen -W \"$words\" -- \"$now\"))\n\t\t;;\n\tesac\n}\n"
	     "complete -F _ipso ipso");
	return ferror(stdout) ? 1 : 0;
}
