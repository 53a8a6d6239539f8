/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipso alone, as somebody types it who does not know it yet: what it is, what of it can work here,
 * what to do next. Only what everybody may read is looked at, and nothing is attached. No command
 * was given, so the exit status is that of a mistake: a script whose variable is empty must not
 * take this for done.
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/check.h"
#include "cmd/cmd.h"

/* What is in the way, and what cards and kernel these are. */
static void print_findings(const struct findings *f)
{
	bool missing = false;

	puts("On this machine:");
	for (unsigned int i = 0; i < f->count; i++) {
		const struct finding *n = &f->list[i];

		if (n->verdict == CHECK_OK && strcmp(n->id, "CK-01") != 0 &&
		    strcmp(n->id, "CK-21") != 0)
			continue;
		missing |= n->verdict != CHECK_OK;
		printf("  %-4s  %s  %s: %s\n", verdict_word(n->verdict), n->id, n->what, n->found);
	}
	puts(missing ? "`ipso check` says of each what to do, `ipso explain ID` what it means."
		     : "Nothing is in the way, as far as anybody may see; `ipso check` looks closer.");
}

int cmd_first(const struct cmd_args *a)
{
	_cleanup_(observe_free) struct ipso_state *st = NULL;
	_cleanup_(findings_free) struct findings f = {};
	struct why why = {};

	(void)a;
	if (observe_seen(&st, &why) < 0)
		return cmd_fail(&why, EXIT_FAILED);
	if (!st->devices_count)
		check_no_card(&f);
	for (unsigned int d = 0; d < st->devices_count; d++)
		check_card(&st->devices[d], &f);
	check_kernel(st, &f);

	puts("ipso sets up, guards and watches IPsec packet offload on mlx5 network cards\n"
	     "(ConnectX, BlueField): the card encrypts, and ipso keeps the one order that its\n"
	     "driver accepts and tells why when it refuses.\n");
	print_findings(&f);
	if (st->devices_count)
		puts("\nStart:    ipso sample > ipso.yaml; edit it; ipso check -c ipso.yaml;\n"
		     "          ipso run -c ipso.yaml");
	puts("\nSee it without the card: `make demo` in the source tree, as root, boots two hosts\n"
	     "with the real driver on virtual cards and encrypts between them.");
	puts("Commands: ipso help");
	return EXIT_USAGE;
}
