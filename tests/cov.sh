#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Line coverage of loader/ by the tests that need neither root nor a virtual machine, for each folder
# and in total: by the unit tests alone, and with the command line's.
#   tests/cov.sh OUT    OUT: a build with gcc --coverage, as `make cov` makes it
set -eu
cd "$(dirname "$0")/.."
out=$1
tests/needs.sh check

# counts > FILE LINE COUNT: of all objects; a line of a header is in many
counts() {
	find "$out/obj/loader" -name '*.gcno' -print0 | sort -z |
		xargs -0 gcov --json-format --stdout 2>"$out/cov.log" |
		jq -r '.files[] | select(.file | startswith("loader/")) | .file as $f | .lines[] |
			"\($f) \(.line_number) \(.count)"'
}

# passes WHAT COMMAND...: a test that fails counts for less than it does when it passes
passes() {
	local what=$1
	shift
	"$@" >"$out/cov.log" 2>&1 </dev/null && return
	cat "$out/cov.log" >&2
	echo "$what failed: there is no coverage to tell" >&2
	exit 1
}

find "$out" -name '*.gcda' -delete
for program in "$out"/unit/*; do
	[[ $program == *.* ]] || passes "$program" "$program"
done
counts >"$out/cov.unit"
passes "the command line's tests" env IPSO_OUT="$out" bats --tap tests/cli
counts >"$out/cov.all"

awk '
FNR == 1 { run++ }
{
	line = $1 ":" $2
	split($1, part, "/")
	folder = part[3] != "" ? part[1] "/" part[2] : part[1]
	if (!(line in seen)) {
		seen[line]
		lines[folder]++
		lines["total"]++
	}
	if ($3 > 0 && !((run, line) in hit)) {
		hit[run, line]
		covered[run, folder]++
		covered[run, "total"]++
	}
}
function row(folder) {
	printf "%-18s %6d %7.1f %% %12.1f %%\n", folder, lines[folder],
		100 * covered[1, folder] / lines[folder], 100 * covered[2, folder] / lines[folder]
}
END {
	printf "%-18s %6s %9s %14s\n", "folder", "lines", "unit", "unit and cli"
	n = 0
	for (folder in lines) {
		if (folder != "total")
			name[++n] = folder
	}
	for (i = 2; i <= n; i++) {
		for (j = i; j > 1 && name[j] < name[j - 1]; j--) {
			swap = name[j]
			name[j] = name[j - 1]
			name[j - 1] = swap
		}
	}
	for (i = 1; i <= n; i++)
		row(name[i])
	row("total")
}' "$out/cov.unit" "$out/cov.all"
