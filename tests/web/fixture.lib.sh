# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The service's HTTP side with crafted SAs, for as long as this script runs. Wants $work.

die() { echo "FAIL: $*" >&2; exit 1; }

# Until COMMAND succeeds, at most SECONDS.
await() {
	local what=$1 limit=$(($2 * 10))
	shift 2
	until "$@"; do
		limit=$((limit - 1))
		[ "$limit" -gt 0 ] || die "waited in vain for $what"
		sleep 0.1
	done
}

# fixture SAS [quiet|moving [CONFIG]]: sets $url. It ends when fd 9 does, the one before when this one begins.
fixture() {
	exec 9>&-
	rm -f "$work/hold" "$work/url"
	mkfifo "$work/hold"
	"${IPSO_OUT:-out}/web/fixture" "$@" <"$work/hold" >"$work/url" &
	exec 9>"$work/hold"
	await "the fixture" 60 test -s "$work/url"
	url=$(cat "$work/url")
}
