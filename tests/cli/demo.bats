#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
bats_require_minimum_version 1.5.0

# make demo says beforehand what it takes. What it shows then is for the demo itself.

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	export XDG_CACHE_HOME=$BATS_TEST_TMPDIR
}

@test "a cold start says how long it takes and what it downloads, and has not begun" {
	run tests/demo.sh --cost
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"15 to 25 minutes"* ]]
	[[ $output == *"downloads about 1 GB"* ]]
	[ -z "$(find "$BATS_TEST_TMPDIR" -name 'root-*')" ]
}
