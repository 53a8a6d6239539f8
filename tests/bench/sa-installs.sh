#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab bench: SAs a second, batched netlink against `ip -batch` on the same list
. /ipso/tests/bench/bench.lib.sh

file=$conf/lines
# The kernel frees states some time after; that must not be in the next one's time.
flush() { ip xfrm state flush && sleep 2; }
count() { ip xfrm state count | grep -oE '[0-9]+' | head -n 1; }
state() { ip xfrm state | sort | sha256sum; }

# installs NAME N DEV ROUNDS
installs() {
	local name=$1 n=$2 dev=$3 rounds=$4 i first=
	local ours=() single=() other=()
	$tools/sa lines "$n" "$dev" >"$file"
	for ((i = 0; i < rounds; i++)); do
		flush
		timed $tools/sa add "$n" "$dev"
		ours+=("$took")
		equal "SAs" "$(count)" "$n"
		[ "$i" -gt 0 ] || first=$(state)
		flush
		timed ip -batch "$file"
		other+=("$took")
		equal "SAs" "$(count)" "$n"
		[ "$i" -gt 0 ] || equal "the kernel's state after ip -batch" "$(state)" "$first"
		flush
		timed $tools/sa single "$n" "$dev"
		single+=("$took")
	done
	flush
	compare_rates "$name" "$n" SAs/s "ip -batch, $n SAs, median of $rounds" \
		"$(median "${ours[@]}")" "$(median "${other[@]}")"
	context "ms: batched $(spread "${ours[@]}"), a send for each $(spread "${single[@]}")," \
		"ip -batch $(spread "${other[@]}")"
}

installs "SA installs vs ip -batch" "${BENCH_SAS:-10000}" - 5
ip link set "$LAB_NETDEV" up
before=$(firmware)
installs "offloaded SA installs vs ip -batch" "${BENCH_OFFLOADED:-200}" "$LAB_NETDEV" 3
# shellcheck disable=SC2086 # two numbers
read -r commands us < <(firmware $before)
context "of these, in the firmware model: $commands commands, $((us / 1000)) ms, all rounds"
