/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints ipso(8) from the table that dispatch and help read: man(7) macros. */
#include <stdio.h>

#include "cmd/cmd.h"
#include "roff.h"

static void put_option(const struct cmd_option *row)
{
	fputs(".TP\n\\fB", stdout);
	if (row->brief) {
		roff_words(row->brief);
		fputs("\\fR, \\fB", stdout);
	}
	roff_words(row->full);
	fputs("\\fR", stdout);
	if (row->metavar)
		printf(" \\fI%s\\fR", row->metavar);
	putchar('\n');
	roff_line(row->help);
}

static void put_command(const struct command *cmd)
{
	printf(".SS ipso %s%s", cmd->name, cmd->options ? " [OPTIONS]" : "");
	if (cmd->operand) {
		putchar(' ');
		roff_words(cmd->operand);
	}
	putchar('\n');
	roff_line(cmd->help);
	for (unsigned int i = 0; i < cmd_options_count; i++) {
		if (cmd->options & cmd_options[i].bit)
			put_option(&cmd_options[i]);
	}
	if (cmd->example) {
		fputs(".PP\nExample:\n.RS\n.B ", stdout);
		roff_words(cmd->example);
		puts("\n.RE");
	}
}

int main(void)
{
	puts(".TH IPSO 8 \"\" \"ipso " IPSO_VERSION "\"\n"
	     ".SH NAME\n"
	     "ipso \\- set up, guard and watch IPsec packet offload on mlx5 network cards\n"
	     ".SH SYNOPSIS\n.B ipso\n.I COMMAND\n.RI [ OPTIONS ]\n"
	     ".SH DESCRIPTION\n"
	     "ipso brings ConnectX\\-6 Dx/Lx, ConnectX\\-7 and BlueField cards from one configuration\n"
	     "file, see\n.BR ipso.yaml (5),\n"
	     "to IPsec packet offload (full offload), in the order that the driver accepts. It keeps TC\n"
	     "rules from coming too early, and says of every SA what the hardware did with it and of every\n"
	     "failed offload why.\n"
	     ".SH COMMANDS");
	for (unsigned int i = 0; i < commands_count; i++)
		put_command(&commands[i]);
	puts(".SH EXIT STATUS\n"
	     ".TP\n0\ndone\n.TP\n1\nfailed; what had been done was undone, or is named\n"
	     ".TP\n2\nbad usage or configuration; nothing was changed\n"
	     ".TP\n3\nrefused: it cannot work on this host; nothing was changed\n"
	     ".SH FILES\n"
	     ".TP\n.I " DEFAULT_CONFIG "\nthe configuration\n"
	     ".TP\n.I /run/ipso\nlock, control socket, and the journal of what is to be undone\n"
	     ".TP\n.I /sys/fs/bpf/ipso\nthe gate; it stays when no process of ipso runs\n"
	     ".SH SEE ALSO\n.BR ipso.yaml (5),\n.BR ipso\\-catalogue (7),\n.BR ip\\-xfrm (8),\n"
	     ".BR devlink (8),\n.BR tc\\-flower (8)");
	return ferror(stdout) ? 1 : 0;
}
