/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Functions of the scripts that ipso prints, in POSIX shell. */
#include "render/script.h"

static const char keys[] =
	"# state_add KEY-FILE NETNS WORDS...: ip xfrm state add WORDS, in which KEY "
	"stands for the\n"
	"# key in the file. `ip xfrm state add ... 0x<key>`, typed as usual, shows the "
	"key to every\n"
	"# user of the host in the list of processes; through the pipe to ip -batch it "
	"does not, as\n"
	"# read and printf are built into the shell. Do not run this with sh -x: it "
	"prints the key.\n"
	"state_add() {\n"
	"\tkey=\n"
	"\tIFS= read -r key <\"$1\" || [ -n \"$key\" ]\n"
	"\tnetns=$2\n"
	"\tshift 2\n"
	"\tline='xfrm state add'\n"
	"\tfor word; do\n"
	"\t\t[ \"$word\" != KEY ] || word=0x${key#0[xX]}\n"
	"\t\tline=\"$line $word\"\n"
	"\tdone\n"
	"\tprintf '%s\\n' \"$line\" | ip ${netns:+-n \"$netns\"} -batch -\n"
	"\tkey='' line=''\n"
	"}\n\n";

static const char waits[] =
	"# await COMMAND...: what it prints, as soon as it prints something\n"
	"await() {\n"
	"\ttries=300\n"
	"\twhile ! found=$(\"$@\" 2>/dev/null) || [ -z \"$found\" ]; do\n"
	"\t\ttries=$((tries - 1))\n"
	"\t\tif [ \"$tries\" -eq 0 ]; then\n"
	"\t\t\techo \"$0: waited 30 s in vain for: $*\" >&2\n"
	"\t\t\treturn 1\n"
	"\t\tfi\n"
	"\t\tsleep 0.1\n"
	"\tdone\n"
	"\techo \"$found\"\n"
	"}\n\n"
	"# pf_dir PF: its folder in sysfs; PF is a PCI address or an interface name\n"
	"pf_dir() {\n"
	"\tif [ -e \"/sys/bus/pci/devices/$1\" ]; then\n"
	"\t\techo \"/sys/bus/pci/devices/$1\"\n"
	"\telse\n"
	"\t\treadlink -f \"/sys/class/net/$1/device\"\n"
	"\tfi\n"
	"}\n\n";

static const char netdevs[] =
	"# find_port PF uplink|N: in switchdev the representors stand beside the uplink, and\n"
	"# phys_port_name tells them apart: p0, pf0vf0, pf0vf1\n"
	"find_port() {\n"
	"\tfor dir in \"$(pf_dir \"$1\")\"/net/*; do\n"
	"\t\t[ -e \"$dir\" ] || continue\n"
	"\t\tname=$(cat \"$dir/phys_port_name\" 2>/dev/null || true)\n"
	"\t\tcase $name in\n"
	"\t\t*sf[0-9]* | *hpf) continue ;;\n"
	"\t\t*vf[0-9]*) port=${name##*vf} ;;\n"
	"\t\t*) port=uplink ;;\n"
	"\t\tesac\n"
	"\t\t[ \"$port\" = \"$2\" ] || continue\n"
	"\t\tbasename \"$dir\"\n"
	"\t\treturn\n"
	"\tdone\n"
	"\treturn 1\n"
	"}\n"
	"find_vf() { # sysfs shows a net device only to the namespace that it is in\n"
	"\tif [ -n \"$3\" ]; then\n"
	"\t\tip netns exec \"$3\" ls \"$(pf_dir \"$1\")/virtfn$2/net\"\n"
	"\telse\n"
	"\t\tls \"$(pf_dir \"$1\")/virtfn$2/net\"\n"
	"\tfi\n"
	"}\n"
	"uplink() { await find_port \"$1\" uplink; }\n"
	"rep() { await find_port \"$1\" \"$2\"; }\n"
	"vf() { await find_vf \"$1\" \"$2\" \"${3-}\"; }\n\n";

static const char ports[] =
	"find_vf_pci() { basename \"$(readlink -e \"$(pf_dir \"$1\")/virtfn$2\")\"; }\n"
	"find_devlink_port() {\n"
	"\tdevlink port show | sed -n \"s|\\$| |\n"
	"\t\ts|^\\(pci/$(basename \"$(pf_dir \"$1\")\")/[0-9]*\\): .* flavour pcivf .* vfnum $2 "
	".*|\\1|p\"\n"
	"}\n"
	"vf_pci() { await find_vf_pci \"$1\" \"$2\"; }\n"
	"port() { await find_devlink_port \"$1\" \"$2\"; }\n\n";

void script_begin(FILE *out, const char *about, unsigned int parts)
{
	fprintf(out, "#!/bin/sh\n%sset -eu\n\n", about);
	if (parts & SCRIPT_KEYS)
		fputs(keys, out);
	if (parts & (SCRIPT_NETDEVS | SCRIPT_PORTS))
		fputs(waits, out);
	if (parts & SCRIPT_NETDEVS)
		fputs(netdevs, out);
	if (parts & SCRIPT_PORTS)
		fputs(ports, out);
}
