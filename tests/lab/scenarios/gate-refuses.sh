#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=1 kernels=6.12,new nic=connectx-7 timeout=240
# shows: the gate refuses what could reach the card before the IPsec tables exist, lets everything else pass, opens by itself when both tables exist and closes when they go
. /ipso/tests/lab/scenarios/lib.sh
. /ipso/tests/lab/scenarios/gate.lib.sh
dev=$(uplink)
address "$dev" $me_ip
ethtool -K "$dev" hw-tc-offload on
ip link add other type dummy
ip link add third type dummy
guard
tc qdisc add dev "$dev" clsact
tc qdisc add dev other clsact

note "no IPsec table yet"
refused "flower" rule "$dev"
refused "flower skip_sw" rule "$dev" skip_sw
refused "matchall" tc filter add dev "$dev" ingress matchall action drop
tc qdisc add dev third ingress_block 23 clsact
tc filter add block 23 protocol ip flower action ok
refused "binding to a shared block that has a rule" tc qdisc replace dev "$dev" ingress_block 23 clsact
passes "flower skip_hw" rule "$dev" skip_hw
passes "a rule on another device" rule other
passes "an egress rule" tc filter add dev "$dev" egress protocol ip flower action ok
equal "rules that got in" "$(tc -j filter show dev "$dev" ingress | jq '[.[] | select(.options)] | length')" 1
tc filter del dev "$dev" ingress
tc filter del dev "$dev" egress

note "one bad message in a batch: tc sends them one by one, only that one fails"
printf 'filter add dev other ingress pref 8 flower action ok
filter add dev %s ingress pref 8 flower action drop
filter add dev other ingress pref 9 flower action ok\n' "$dev" >$conf/batch
refused "its second line" tc -batch $conf/batch
equal "rules of the batch on the other device" \
	"$(tc -j filter show dev other ingress | jq '[.[] | select(.options and .pref >= 8)] | length')" 1

note "one direction is not enough"
sa out $me_ip $peer_ip 0x1001 1 one 128 offload packet dev "$dev" dir out
refused "a rule with the TX table only" rule "$dev"
sa in $me_ip $peer_ip 0x1002 2 two 128 offload packet dev "$dev" dir in
before=$(verdict refused)
if rule "$dev" skip_sw >/dev/null 2>&1; then fail "the driver took a rule on an uplink with IPsec"; fi
equal "refusals by the gate after that (the driver's own remain)" "$(verdict refused)" "$before"

note "the tables go with the last SA"
ip xfrm state flush
# xfrm_state_gc_task() frees them later; until then the tables are there and rules may come
closed() { [ "$($ipso gate status --json | jq -r '.guarded[0].state')" = closed ]; }
await "the gate to close" 10 closed
refused "flower" rule "$dev"
equal "refusals counted" "$(verdict refused)" 7
equal "unreadable" "$(verdict unreadable)" 0

note "without the gate"
$ipso gate off
passes "flower skip_sw" rule "$dev" skip_sw
[ ! -e /sys/fs/bpf/ipso ] || fail "pins were left behind"
