#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# House rules that a machine can hold. Each rule prints its findings and fails when there is one;
# `self` proves that every rule finds the fault planted for it in tests/check/bad/.
#   tests/check/rules.sh list | RULE | self
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$top" || exit 1
rules='layers size spdx version-compare stderr lab-free hosts shell'

# The files a rule looks at: what git tracks or would track, below the given folder.
files() {
	local root=$1
	shift
	if [ "$root" = . ]; then
		git ls-files -co --exclude-standard -- "$@" | grep -v '^tests/check/bad/' | sort -u |
			xargs -r sh -c 'for f; do [ -f "$f" ] && echo "$f"; done' sh
	else
		(cd "$root" && find "${@%%/\**}" -type f 2>/dev/null) | sort | sed "s|^|$root/|"
	fi
}

# Stages and their ranks: a file includes its own stage, lower ranks, base/ and include/ipso/.
# Few processes, whatever the number of files: awk reads them all.
rule_layers() {
	files "$1" 'loader/*.c' 'loader/*.h' | grep '/.*/' | xargs -r awk '
		BEGIN {
			split("base 0 nl 1 config 2 attach 3 explain 3 observe 4 plan 5 apply 6 render 6 " \
				"collect 7 export 8 daemon 9 cmd 9", words, " ")
			for (i = 1; i in words; i += 2)
				rank[words[i]] = words[i + 1]
		}
		FNR == 1 {
			n = split(FILENAME, part, "/")
			for (i = 1; i < n && part[i] != "loader"; i++)
				;
			own = part[i + 1]
			if (!(own in rank))
				print FILENAME ": stage \"" own "\" has no rank"
		}
		/^#include "[a-z_]+\/[a-z_.]+"/ {
			split($2, part, /["\/]/)
			to = part[2]
			if (to == "ipso" || to == own)
				next
			if (!(to in rank) || rank[to] > rank[own] || (rank[to] == rank[own] && rank[own] != 9))
				printf "%s: %s (rank %s) includes %s (rank %s)\n", FILENAME, own, rank[own],
					$2, rank[to]
		}'
}

rule_size() {
	files "$1" '*.c' '*.h' '*.sh' loader bpf tests | grep -E '\.(c|h|sh)$' | xargs -r wc -l |
		awk '$2 != "total" {
			limit = 500
			if ($2 ~ /\/connectx\//) limit = 600
			else if ($2 ~ /\.bpf\.c$/) limit = 250
			else if ($2 ~ /vmlinux\.h$/) limit = 800
			else if ($2 ~ /\.h$/) limit = 250
			if ($1 > limit)
				print $2 ": " $1 " lines, at most " limit
		}'
}

rule_spdx() {
	files "$1" '*.c' '*.h' '*.sh' '*.def' '*.bats' Makefile loader tests |
		grep -E '\.(c|h|sh|def|bats)$|Makefile$' | xargs -r awk '
			FNR <= 3 && /SPDX-License-Identifier: / { have[FILENAME] = 1 }
			FNR == 1 { seen[FILENAME] = 1 }
			END { for (f in seen) if (!have[f]) print f ": no SPDX line" }'
}

# Ask the kernel, not its version.
rule_version-compare() {
	files "$1" 'loader/*.c' 'bpf/*.c' 'bpf/*.h' loader bpf | xargs -r grep -nE \
		'LINUX_KERNEL_VERSION|KERNEL_VERSION\(|LINUX_VERSION_CODE|strverscmp' /dev/null
}

# One way to stderr: base/log.c.
rule_stderr() {
	files "$1" 'loader/*.c' loader | grep -v 'loader/base/log\.[ch]$' |
		xargs -r grep -nE '[(,] *stderr\b|\bperror\(' /dev/null
}

# Nothing in the product may know that the lab or its model exists.
rule_lab-free() {
	files "$1" 'loader/*' 'bpf/*' 'include/*' loader bpf include |
		xargs -r grep -niE 'tests/lab|emulat|connectx[ -]model|\bqemu\b|LAB_[A-Z]' /dev/null
}

# No mirror's or registry's host name, no path of the machine it was written on.
rule_hosts() {
	files "$1" '*' loader | grep -vE 'LICENSE$' | xargs -r grep -nIE \
		'(https?|ftp)://[a-z0-9.-]+\.[a-z]{2,}|/(home|Users)/[a-z]+/' /dev/null |
		grep -vE '://(docs\.kernel\.org|datatracker\.ietf\.org|www\.rfc-editor\.org|docs\.nvidia\.com|www\.debian\.org/doc|github\.com)\b|check/rules\.sh'
}

rule_shell() {
	command -v shellcheck >/dev/null || { echo "shellcheck is not installed"; return 77; }
	files "$1" '*' loader tests | grep -v '/connectx/.*\.[ch]$' |
		xargs -r awk 'FNR == 1 && /^#!.*[ \/](ba|da)?sh([ ]|$)/ { print FILENAME }' |
		xargs -r shellcheck -S warning -x -e SC1091,SC2034,SC2154
}

# Every rule must find the fault in its sample tree.
rule_self() {
	local rule out
	for rule in $rules; do
		[ -d "tests/check/bad/$rule" ] || { echo "no sample for $rule"; continue; }
		out=$("rule_$rule" "tests/check/bad/$rule")
		[ -n "$out" ] || echo "$rule does not find the fault in its sample"
	done
}

case ${1:-} in
list) echo "$rules self" ;;
"") echo "usage: $0 list|RULE" >&2; exit 2 ;;
*)
	found=$("rule_$1" .)
	status=$?
	[ -z "$found" ] || echo "$found"
	[ "$status" = 77 ] && exit 77
	[ -z "$found" ]
	;;
esac
