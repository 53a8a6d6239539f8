#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=1 kernels=new also=6.12 nic=connectx-7 timeout=480
# shows: 400 flows (lab run --env FLOWS=2000: 2,000) of Open vSwitch at boot, before IPsec: the gate refuses each, none gets into hardware, no packet is lost; when IPsec stands they are in hardware without an operator, whether ipso up or the service opened the gate; Open vSwitch restarted; ovs-monitor-ipsec is named
. /ipso/tests/lab/scenarios/ipso.lib.sh
flows=${FLOWS:-400} fresh=400 few=100
write_keys
config switchdev

note "boot: the gate, then Open vSwitch with hw-offload, then its traffic"
by_hand 2
expect 0 $ipso gate on -c $conf/ipso.yaml
ovs start
# Flows stay while the slow machine goes round them all.
ovs-vsctl --timeout=30 set Open_vSwitch . other_config:hw-offload=true other_config:max-idle=600000
bridge_by_hand
await "VF to VF" 30 ip netns exec ns0 ping -c 1 -W 1 10.7.0.2
# An address that nobody answers for; a flow a port, as each has its own rule. Not NORMAL: until the
# other side has sent something, that floods to the bridge itself, which is no port of the card.
ip -n ns0 neigh add 10.7.0.77 dev guest lladdr "$(ip -n ns1 -j link show guest | jq -r '.[0].address')"
to=$(representor 1)
for ((i = 0; i < flows + fresh; i++)); do
	echo "priority=100,udp,tp_dst=$((5000 + i)),actions=output:$to"
done >$conf/flows
head -n $few $conf/flows >$conf/few
expect 0 ovs-ofctl -voff add-flows br-hand $conf/flows

# verdicts NAME: messages with that answer of the gate
verdicts() { $ipso gate status --json | jq ".verdicts.$1"; }
# in_datapath [TYPE]: flows of that traffic, all or those offloaded
in_datapath() { ovs-appctl dpctl/dump-flows ${1:+type=$1} | grep -c 'udp(dst=[5-7]' || true; }
at_least() { [ "$(in_datapath "$2")" -ge "$1" ]; }
more_rounds() { [ "$(cut -d' ' -f3 $conf/flood)" -gt "$1" ]; }
flood_begin() {
	rm -f $conf/flood $conf/flood.*
	python3 /ipso/tests/lab/scenarios/flood.py "$1" $conf/flood ns0 ns1 10.7.0.77 &
	flood=$!
}
flood_end() {
	: >$conf/flood.stop
	wait "$flood"
	read -r sent lost rounds <$conf/flood
	echo "$sent packets in $rounds rounds, $lost lost"
	equal "packets lost" "$lost" 0
}
# since TIME: seconds
since() { awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f s\n", b - a }'; }

refused=$(verdicts refused)
flood_begin $flows
await "a round through $flows flows" 100 more_rounds 0
equal "flows in the datapath" "$(in_datapath)" $flows
equal "flows in hardware" "$(in_datapath offloaded)" 0
echo "$(($(verdicts refused) - refused)) messages were refused"
[ "$(($(verdicts refused) - refused))" -ge $flows ] || fail "the gate did not refuse every flow"

note "IPsec, while the traffic goes on and new flows come"
: >$conf/flood.fresh
begin=$EPOCHREALTIME
expect 0 $ipso up -c $conf/ipso.yaml
echo "ipso up took $(since "$begin"); $(verdicts held) flows met the gate while SAs went in"
says "let Open vSwitch make the flows anew that the gate refused"
begin=$EPOCHREALTIME
equal "SAs in packet offload" "$(ip xfrm state | grep -c 'mode packet')" 2
await "all flows in hardware" 150 at_least $flows offloaded
echo "$flows flows are in hardware $(since "$begin") after it"
flood_end
equal "flow limit" "$(ovs-vsctl --timeout=30 get Open_vSwitch . other_config:flow-limit 2>/dev/null)" ""
expect 0 $ipso up -c $conf/ipso.yaml
says "nothing to do"

note "the gate closed and open again while the service runs, Open vSwitch restarted between"
service_start
kill -STOP "$service"
ovs stop
ip xfrm policy flush
ip xfrm state flush
ovs start
expect 0 ovs-ofctl -voff add-flows br-hand $conf/few # which are in no database
flood_begin $few
await "$few flows in software" 60 at_least $few non-offloaded
equal "flows in hardware" "$(in_datapath offloaded)" 0
if grep -qF "flows anew" "$LAB_OUT/run.log"; then fail "they were made anew without a cause"; fi
kill -CONT "$service"
begin=$EPOCHREALTIME
await "the service to have them made anew" 60 grep -qF "undo: hold the flows" "$LAB_OUT/run.log"
echo "they are made anew from $(since "$begin") after the service went on"
await "$few flows in hardware" 60 at_least $few offloaded
echo "$few flows are in hardware $(since "$begin") after the service went on"
flood_end
equal "times they were made anew" "$(grep -cF 'let Open vSwitch make the flows anew' "$LAB_OUT/run.log")" 1

note "Open vSwitch restarted: the gate is open, its flows go to hardware at once"
ovs stop
ovs start
expect 0 ovs-ofctl -voff add-flows br-hand $conf/few
flood_begin $few
await "$few flows in hardware" 60 at_least $few offloaded
flood_end
service_stop

note "ovs-monitor-ipsec, by the name that its script has"
printf '#!/bin/sh\nsleep 600 & wait\n' >/tmp/ovs-monitor-ipsec
chmod +x /tmp/ovs-monitor-ipsec
/tmp/ovs-monitor-ipsec &
monitor=$!
await "its name" 10 grep -q ovs-monitor-ips /proc/$monitor/comm
output=$($ipso check -c $conf/ipso.yaml) || true # of other things
says "CK-44"
kill $monitor

expect 0 $ipso down
expect 0 ovs-vsctl --timeout=30 del-br br-hand
ovs stop
no_keys_in "$LAB_OUT" /run/ipso /etc/openvswitch
