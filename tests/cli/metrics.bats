#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
bats_require_minimum_version 1.5.0

# The metrics: the reference page is made from their table, and what is written fits it.

setup() {
	made="${IPSO_OUT:-out}"
	cd "$BATS_TEST_DIRNAME/../.." || return 1
}

@test "docs/metrics.md is what the table of metrics says (make docs writes it)" {
	"$made/doc/metrics" | diff docs/metrics.md -
}

@test "every metric of the reference is in the golden answer to a scrape, with no other label" {
	while read -r name labels; do
		grep -q "^# TYPE $name " tests/golden/metrics.txt || { echo "$name is missing"; return 1; }
		grep "^$name[{ ]" tests/golden/metrics.txt | grep -oE '[{,][a-z]+=' | tr -d '{,=' | sort -u |
			while read -r label; do
				[[ ,$labels, == *,$label,* ]] || { echo "$name has $label"; exit 1; }
			done
	done < <("$made/doc/metrics" -n)
}
