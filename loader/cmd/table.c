/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows of the command line. */
#include "cmd/cmd.h"

#include "base/mem.h"

const struct command commands[] = {
	{"check", NULL, "say what this host and its cards can do, and what stands in the way",
	 OPT_CONFIG | OPT_JSON | OPT_VERBOSE, cmd_check, "ipso check -c ipso.yaml"},
	{"plan", NULL, "show the steps that `up` would take; change nothing",
	 OPT_CONFIG | OPT_JSON | OPT_SHELL | OPT_UNTIL | OPT_VERBOSE, cmd_plan,
	 "ipso plan -c ipso.yaml"},
	{"up", NULL, "set the cards, tunnels and TC rules up as configured, then end",
	 OPT_CONFIG | OPT_UNTIL | OPT_VERBOSE, cmd_up, "ipso up -c ipso.yaml"},
	{"down", NULL, "undo what ipso did on this host", OPT_VERBOSE, cmd_down, "ipso down"},
	{"run", NULL, "the service: gate, set-up, then events, metrics and status",
	 OPT_CONFIG | OPT_DOWN | OPT_VERBOSE, cmd_run, "ipso run -c ipso.yaml"},
	{"reload", NULL, "after a change of the file: set up the differences, and tell the service",
	 OPT_VERBOSE, cmd_reload, "ipso reload"},
	{"window", NULL,
	 "have the service take TC rules out of hardware until new SAs are there, as before an IKE daemon "
	 "starts",
	 OPT_VERBOSE, cmd_window, "ipso window"},
	{"status", NULL, "SAs, gate and losses, from the running service", OPT_JSON, cmd_status,
	 "ipso status --json"},
	{"top", NULL, "the running service live in the terminal: rates, gate, last events", 0, cmd_top,
	 "ipso top"},
	{"events", NULL, "recent events of the running service; with -f those to come as well",
	 OPT_JSON | OPT_FOLLOW | OPT_DEVICE | OPT_TUNNEL | OPT_KIND | OPT_SINCE, cmd_events,
	 "ipso events --kind gate,tc-add --since 10m -f"},
	{"explain", "[last|all|SPI|EVENT|ID|TEXT|catalogue]",
	 "why offloads failed: the last, all causes, of an SPI, an event; or what an ID or a text "
	 "means",
	 OPT_JSON | OPT_SINCE, cmd_explain, "ipso explain 0xb29ed314 --since 10m"},
	{"gate", "on|off|status|observe|enforce",
	 "the kernel's guard against TC rules that come before IPsec, on its own; observe and enforce "
	 "change what is installed",
	 OPT_CONFIG | OPT_JSON | OPT_DEVICE | OPT_VERBOSE, cmd_gate,
	 "ipso gate observe --device eth0"},
	{"keygen", NULL, "make the key files that the configuration names and that are missing",
	 OPT_CONFIG | OPT_PEER_DIR, cmd_keygen, "ipso keygen -c ipso.yaml --peer for-host-b"},
	{"render", NULL, "print the tunnels as the configuration of another tool",
	 OPT_CONFIG | OPT_FOR | OPT_PEER, cmd_render,
	 "ipso render --for strongswan -c ipso.yaml --peer"},
	{"sample", NULL, "print a configuration with every key explained", 0, cmd_sample,
	 "ipso sample > ipso.yaml"},
	{"version", NULL, "print the version", 0, cmd_version, NULL},
	{"help", "[COMMAND]", "print this, or the options of a command", 0, cmd_help,
	 "ipso help run"},
};
const unsigned int commands_count = ARRAY_SIZE(commands);

const struct cmd_option cmd_options[] = {
	{OPT_CONFIG, "-c", "--config", "FILE", NULL, "configuration, default " DEFAULT_CONFIG},
	{OPT_JSON, NULL, "--json", NULL, NULL, "print JSON"},
	{OPT_FOLLOW, "-f", "--follow", NULL, NULL, "go on with the events to come"},
	{OPT_DOWN, NULL, "--down-on-exit", NULL, NULL, "undo the set-up when the service ends"},
	{OPT_SHELL, NULL, "--shell", NULL, NULL, "print a shell script that does the same"},
	{OPT_FOR, NULL, "--for", "TOOL", "iproute2|strongswan|libreswan",
	 "iproute2, strongswan or libreswan"},
	{OPT_PEER, NULL, "--peer", NULL, NULL, "for the other host: ends and directions swapped"},
	{OPT_PEER_DIR, NULL, "--peer", "DIR", NULL,
	 "write the other host's configuration and keys to this new or empty folder"},
	{OPT_UNTIL, NULL, "--until", "STAGE", "inbound|outbound",
	 "inbound: stop before new outbound SAs; outbound: before old inbound ones go"},
	{OPT_SINCE, NULL, "--since", "TIME", NULL,
	 "only what happened since: 10m, 2h, 14:05 (UTC), ..."},
	{OPT_DEVICE, NULL, "--device", "DEV", NULL,
	 "only of this device: a net device, or the PCI address of an eswitch; again for more"},
	{OPT_TUNNEL, NULL, "--tunnel", "NAME", NULL, "only of SAs of this tunnel; again for more"},
	{OPT_KIND, NULL, "--kind", "KIND", NULL,
	 "only of these kinds: sa-add, sa-expire, gate, ...; with commas or again for more"},
	{OPT_VERBOSE, "-v", "--verbose", NULL, NULL, "say more"},
};
const unsigned int cmd_options_count = ARRAY_SIZE(cmd_options);
