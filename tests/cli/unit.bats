#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
bats_require_minimum_version 1.5.0

# The unit file as systemd reads it. That the service works with it is for the lab (ipso-systemd).

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	unit=loader/dist/ipso.service
}

@test "systemd-analyze security gives 3.0 or better" {
	run systemd-analyze security --offline=yes --threshold=30 "$unit"
	echo "$output"
	[ "$status" -eq 0 ]
	echo "# $(grep -o 'Overall exposure.*: [0-9.]*' <<<"$output")" >&3
	sed '/^CapabilityBoundingSet/d; /^SystemCallFilter/d; /^Protect/d' "$unit" \
		>"$BATS_TEST_TMPDIR/ipso.service"
	run systemd-analyze security --offline=yes --threshold=30 "$BATS_TEST_TMPDIR/ipso.service"
	[ "$status" -ne 0 ]
}

@test "systemd finds nothing to say about the unit" {
	# Its program and manual pages are not installed here.
	sed "s|/usr/sbin/ipso|/bin/true|; /^Documentation/d" "$unit" >"$BATS_TEST_TMPDIR/ipso.service"
	run systemd-analyze verify "$BATS_TEST_TMPDIR/ipso.service"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output != *ipso.service* ]]
}

@test "the unit asks for the capabilities that the service keeps" {
	kept=$(sed -nE 's/^\t\{(CAP_[A-Z_]+),.*/\1/p' loader/daemon/caps.c | sort | xargs)
	asked=$(sed -n 's/^CapabilityBoundingSet=//p' "$unit" | tr ' ' '\n' | sort | xargs)
	echo "kept: $kept, asked for: $asked"
	[ -n "$kept" ]
	[ "$kept" = "$asked" ]
}

@test "reload without a service changes nothing" {
	run --separate-stderr "${IPSO_OUT:-out}/ipso" reload
	[ "$status" -eq 1 ]
	[[ $stderr == *"the service is not running"* ]]
}

@test "a window without a service says so" {
	run --separate-stderr "${IPSO_OUT:-out}/ipso" window
	[ "$status" -eq 1 ]
	[[ $stderr == *"the service is not running"* ]]
}
