#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=1 kernels=6.12,new nic=connectx-7 timeout=480
# shows: down waits for the driver before it changes the MTU of an uplink that was up before ipso; it goes in the order of the steps, whenever they were done; keys whose time is over are not installed again
. /ipso/tests/lab/scenarios/ipso.lib.sh
write_keys
config switchdev aes-gcm-128 "    vfs: [{ index: 0, netns: ns0, mtu: 1500, addresses: [10.0.0.$me/16] }]"

note "an uplink that was up: its MTU is put back behind SAs that are still leaving"
by_hand 1
ip link set "$(uplink)" up
for round in 1 2 3 4 5; do
	expect 0 $ipso up -c $conf/ipso.yaml
	says "set MTU of uplink"
	expect 0 $ipso down
	equal "MTU after round $round" "$(cat /sys/class/net/"$(uplink)"/mtu)" 1500
	equal "state after round $round" "$(cat /sys/class/net/"$(uplink)"/operstate)" up
done

note "SAs that were flushed and added again still go after the bridge that they protect"
ovs start
config_bridge
expect 0 $ipso up -c $conf/ipso.yaml
# Flows in hardware would keep new SAs away on some kernels.
ovs-vsctl --timeout=10 set Open_vSwitch . other_config:flow-limit=0
ip xfrm state flush
await "the SAs to leave" 20 sh -c '[ -z "$(ip xfrm state)" ]'
expect 0 $ipso up -c $conf/ipso.yaml
says "add SA out of tunnel pair"
expect 0 $ipso down
place() { grep -nE "undo: .*$1" <<<"$output" | head -n 1 | cut -d : -f 1; }
[ "$(place 'VXLAN port')" -lt "$(place 'add SA')" ] || fail "an SA went before the VXLAN port"
[ "$(place 'add policy')" -lt "$(place 'add SA')" ] || fail "an SA went before its policy"
ovs stop

note "the time of the keys is over"
config switchdev
sed -i 's/    esn: true/    esn: true\n    lifetime: { soft-seconds: 5, hard-seconds: 10 }/' $conf/ipso.yaml
expect 0 $ipso up -c $conf/ipso.yaml
await "the end of the SAs" 60 sh -c '[ -z "$(ip xfrm state)" ]'
equal "policies that still drop" "$(tunnel_policies | grep -c "dir out")" 1
expect 3 $ipso up -c $conf/ipso.yaml
says "the keys of tunnel pair ended"
says "ipso keygen"
equal "SAs" "$(ip xfrm state)" ""
for key in a-to-b b-to-a; do # made anew, by another name of the same length
	(umask 077 && test_key "$key, second" 40 >$conf/$key.key)
done
expect 0 $ipso up -c $conf/ipso.yaml
equal "SAs with new keys" "$(ip xfrm state | grep -c '^src')" 2
expect 0 $ipso down
no_keys_in "$LAB_OUT" /run/ipso
