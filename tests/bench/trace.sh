#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab bench: what telemetry costs whoever adds and deletes offloaded SAs
. /ipso/tests/bench/bench.lib.sh
write_keys
config legacy
n=100 rounds=5

seen() { status '[.events.seen[]] | add'; }
service_ticks() { awk '{ print $14 + $15 }' "/proc/$service/stat"; }
# churn: one by one, in $cpu and $elapsed the median ns
churn() {
	local both
	both=$($tools/sa churn $n "$dev")
	read -rd '' cpu elapsed <<<"$both" || true
}
expect 0 $ipso up -c $conf/ipso.yaml
dev=$(uplink)

traced=() untraced=() hooks=() traced_all=() untraced_all=() ticks=0
for ((i = 0; i < rounds; i++)); do
	churn
	untraced+=("$cpu") untraced_all+=("$elapsed")
	rm -f $conf/notif*
	service_start
	events=$(seen) before=$(service_ticks)
	churn
	traced+=("$cpu") traced_all+=("$elapsed")
	sleep 1 # what is still in the ring
	ticks=$((ticks + $(service_ticks) - before))
	events=$(($(seen) - events))
	[ "$events" -ge $((2 * n)) ] || fail "the service has seen $events events of $n pairs"
	kill -STOP "$service" # the programs alone: nobody takes the processor to read the ring
	churn
	kill -CONT "$service"
	hooks+=("$cpu")
	service_stop
	echo "round $i: ${traced[i]} ${hooks[i]} ${untraced[i]} ${traced_all[i]} ${untraced_all[i]}"
done
what="no telemetry, median of $rounds times $n"
compare "traced SA add and delete, elapsed" us 1000 "$what" \
	"$(median "${traced_all[@]}")" "$(median "${untraced_all[@]}")"
compare "traced SA add and delete, CPU of who adds" us 1000 "$what" \
	"$(median "${traced[@]}")" "$(median "${untraced[@]}")"
compare "the same, nobody reading the ring" us 1000 "$what" \
	"$(median "${hooks[@]}")" "$(median "${untraced[@]}")"
context "$events events in the last round; the service takes" \
	"$((ticks * 10000 / (n * rounds))) us of CPU a pair, its samples included"
