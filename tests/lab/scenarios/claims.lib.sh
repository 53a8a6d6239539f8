# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What every scenario claims and waits with. Sourced by lib.sh and ipso.lib.sh.

fail() { echo "FAIL: $*" >&2; exit 1; }
note() { echo "== $*"; }

# equal WHAT FOUND WANTED
equal() { [ "$2" = "$3" ] || fail "$1: found '$2', wanted '$3'"; echo "ok: $1 = $2"; }

# Limits are what a host takes that has the machine for itself, with room to spare. An emulated host
# beside others, or on a slower machine, gets three times that: a limit only ends a wait in vain.
patience=3

# await WHAT SECONDS COMMAND...: until the command succeeds
await() {
	local what=$1 until=$((${EPOCHREALTIME/./} + $2 * patience * 1000000))
	shift 2
	until "$@" >/dev/null 2>&1; do
		[ "${EPOCHREALTIME/./}" -lt "$until" ] || fail "waited in vain for $what"
		sleep 0.1
	done
}

# await_equal WHAT WANTED SECONDS COMMAND...: until the command prints WANTED
await_equal() {
	local what=$1 want=$2 until=$((${EPOCHREALTIME/./} + $3 * patience * 1000000)) found
	shift 3
	while found=$("$@") && [ "$found" != "$want" ] && [ "${EPOCHREALTIME/./}" -lt "$until" ]; do
		sleep 0.1
	done
	equal "$what" "$found" "$want"
}
