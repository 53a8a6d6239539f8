#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab bench: events a second through the ring and the table on one core
. /ipso/tests/bench/bench.lib.sh
write_keys
config legacy
n=2000 rounds=5 # pairs of events: what the ring holds while nobody reads it

on_cpu() { $tools/oncpu "$service"; }
seen() { status '[.events.seen[]] | add'; }

expect 0 $ipso up -c $conf/ipso.yaml
sed -i 's/^metrics:.*//' $conf/ipso.yaml
echo "metrics: { interval: 60 }" >>$conf/ipso.yaml # nothing but the ring is to be read
service_start
took=() all=0
for ((i = 0; i < rounds; i++)); do
	before=$(seen)
	kill -STOP "$service"
	$tools/sa churn $n "$(uplink)" >/dev/null
	cpu=$(on_cpu)
	kill -CONT "$service"
	sleep 1
	took+=($(($(on_cpu) - cpu)))
	events=$(($(seen) - before))
	[ "$events" -ge $((2 * n)) ] || fail "the service has seen $events events of $n pairs"
	took[i]=$((took[i] / events))
done
lost() { status '[.events.lost[]] | add'; }
equal "events lost" "$(lost)" 0
ns=$(median "${took[@]}")
result "events through ring and table: $((1000000000 / ns)) a second on one core, $ns ns each" \
	"(median of $rounds times $events); an SA added or deleted in the table alone:" \
	"$($tools/table records 200000) ns"

# As fast as the kernel can, with the service reading as it does.
n=50000 before=$(seen)
$tools/sa churn $n "$(uplink)" >/dev/null
sleep 2
result "a burst of $((2 * n)) SA events: $(($(seen) - before)) with the samples between, lost $(lost)"
[ $(($(seen) - before + $(lost))) -ge $((2 * n)) ] || fail "events were lost and not counted"
