#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab bench: what telemetry costs whoever adds and deletes offloaded SAs
. /ipso/tests/bench/bench.lib.sh
write_keys
config legacy
n=100 rounds=5

seen() { status '[.events.seen[]] | add'; }
on_cpu() { $tools/oncpu "$service"; }
# churn: one by one, in $cpu and $elapsed the median ns
churn() {
	local both
	both=$($tools/sa churn $n "$dev")
	read -rd '' cpu elapsed <<<"$both" || true
}
expect 0 $ipso up -c $conf/ipso.yaml
dev=$(uplink)

other_start() {
	bpftrace -q /ipso/tests/bench/trace.bt >$conf/other.out 2>$conf/other.err &
	other=$!
	await "bpftrace" 120 grep -q ready $conf/other.out
}
other_stop() {
	sleep 1
	kill -INT "$other"
	wait "$other" || true
	events=$(grep -cE '^[0-9]+ (add|delete)' $conf/other.out)
	[ "$events" -ge $((2 * n)) ] || fail "bpftrace has seen $events events of $n pairs: $(cat $conf/other.err)"
}

traced=() untraced=() hooks=() others=() traced_all=() untraced_all=() others_all=() took=0
for ((i = 0; i < rounds; i++)); do
	churn
	untraced+=("$cpu") untraced_all+=("$elapsed")
	other_start
	churn
	others+=("$cpu") others_all+=("$elapsed")
	other_stop
	rm -f $conf/notif*
	service_start
	events=$(seen) before=$(on_cpu)
	churn
	traced+=("$cpu") traced_all+=("$elapsed")
	sleep 1 # what is still in the ring
	took=$((took + $(on_cpu) - before))
	events=$(($(seen) - events))
	[ "$events" -ge $((2 * n)) ] || fail "the service has seen $events events of $n pairs"
	kill -STOP "$service" # the programs alone: nobody takes the processor to read the ring
	churn
	kill -CONT "$service"
	hooks+=("$cpu")
	service_stop
	echo "round $i: ${traced[i]} ${hooks[i]} ${others[i]} ${untraced[i]} ${traced_all[i]}" \
		"${others_all[i]} ${untraced_all[i]}"
done
what="no telemetry, median of $rounds times $n"
compare "traced SA add and delete, elapsed" us 1000 "$what" \
	"$(median "${traced_all[@]}")" "$(median "${untraced_all[@]}")"
compare "traced SA add and delete, CPU of who adds" us 1000 "$what" \
	"$(median "${traced[@]}")" "$(median "${untraced[@]}")"
compare "the same, nobody reading the ring" us 1000 "$what" \
	"$(median "${hooks[@]}")" "$(median "${untraced[@]}")"
compare "against bpftrace, elapsed" us 1000 "a bpftrace program with the same events" \
	"$(median "${traced_all[@]}")" "$(median "${others_all[@]}")"
compare "against bpftrace, CPU of who adds" us 1000 "the same" \
	"$(median "${traced[@]}")" "$(median "${others[@]}")"
context "$events events in the last round; the service takes" \
	"$((took / 1000 / (n * rounds))) us of CPU a pair, its samples included"
