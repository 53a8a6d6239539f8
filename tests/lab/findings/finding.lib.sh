# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# For scripts that show a defect or a trap of the kernel, each a section of docs/kernel-findings.md.
# They use iproute2, ethtool and tcpdump alone, and end with 0 when the defect is seen, else with 1: a
# kernel that is mended fails. On a machine with a card: LAB_PCI=0000:08:00.0 bash NAME.sh, as root; it
# changes the eswitch and takes all IPsec of the machine away.
LAB_HOST=${LAB_HOST:-a}
: "${LAB_PCI:?the PCI address of the card}"
. "$(dirname "${BASH_SOURCE[0]}")/../scenarios/lib.sh"
trap 'rm -rf "$work"' EXIT
work=$(mktemp -d)

# Every command is shown, with keys left out: they are what a report to the maintainers needs.
shown() { echo "+ $*" | sed -E 's/0x[0-9a-f]{40,}/KEY/' >&2; command "$@"; }
ip() { case " $* " in *" show "* | *" -j "* | *" -s "*) command ip "$@" ;; *) shown ip "$@" ;; esac; }
tc() { case " $* " in *" show "*) command tc "$@" ;; *) shown tc "$@" ;; esac; }
devlink() { case " $* " in *" show "*) command devlink "$@" ;; *) shown devlink "$@" ;; esac; }

seen() { echo "seen: $*"; }
unseen() { echo "NOT seen: $*" >&2; exit 1; }

# expect_report REGEX: the kernel will report on its console, which is what the script is for. In the lab
# the report is the end: this kernel cannot be relied on any more.
expect_report() {
	! command -v lab-expect-oops >/dev/null || lab-expect-oops --end "$1"
	echo "finding $0" >/dev/kmsg
}
# report: what the kernel has said since
report() { dmesg | sed "1,/] finding ${0//\//\\/}\$/d"; }
reported() { report | grep -qE "$1"; }
# quote REGEX: the lines of the report that say it
quote() { report | grep -E "$1" | head -n "${2:-4}"; }

# A neighbour that nobody has to be asked for: one host is enough.
neighbour() { ip neigh replace "$1" lladdr 02:00:00:00:00:02 dev "$2" nud permanent; }

# offloaded_out LOCAL REMOTE DEV [REQID]: the SA and the policy, in packet offload. By the reqid the card
# finds the SA of a policy.
offloaded_out() {
	sa out "$1" "$2" 0x1001 "${4:-1}" out 128 offload packet dev "$3" dir out
	policy out "$1" "$2" "${4:-1}" offload packet dev "$3"
}
