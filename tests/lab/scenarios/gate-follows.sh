#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=1 kernels=6.12,new nic=connectx-7 timeout=240
# shows: the gate follows the eswitch by itself: representors that appear later, a renamed device, an eswitch that changes its mode; VFs are not its business; tables of the FDB open it for representors
. /ipso/tests/lab/scenarios/lib.sh
. /ipso/tests/lab/scenarios/gate.lib.sh
guard
note "installed in legacy mode, before there is a VF; then switchdev"
switchdev 2
dev=$(uplink) rep=$(vf_rep 0)
address "$dev" $me_ip
ip link set "$rep" up
ethtool -K "$rep" hw-tc-offload on
tc qdisc add dev "$rep" ingress
refused "a representor that came after the gate" rule "$rep"
ip link set "$rep" down
ip link set "$rep" name renamed
ip link set renamed up
refused "a renamed representor" rule renamed
tc qdisc add dev "$dev" ingress
refused "the uplink" rule "$dev"

note "a VF's own device is not a port of this eswitch"
vf_bind 0
vf=$(vf_dev 0)
into v0 "$vf" 10.0.0.1
ip netns exec v0 tc qdisc add dev "$vf" ingress
passes "a rule on the VF" ip netns exec v0 tc filter add dev "$vf" ingress protocol ip flower action ok

note "both tables of the FDB open the gate"
sa out $me_ip $peer_ip 0x1001 1 one 128 offload packet dev "$dev" dir out
sa in $me_ip $peer_ip 0x1002 2 two 128 offload packet dev "$dev" dir in
passes "a rule on a representor" rule renamed skip_sw
tc filter show dev renamed ingress | grep -qw in_hw || fail "the rule is not in hardware"
equal "refusals counted" "$(verdict refused)" 3
equal "state" "$($ipso gate status --json | jq -r '.guarded[0].state')" open
