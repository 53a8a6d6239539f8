#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=1 kernels=6.12 also=new nic=connectx-7 timeout=240
# shows: a changed configuration is reached by the difference alone; an SA is replaced, or left alone where the driver would refuse the new one
. /ipso/tests/lab/scenarios/ipso.lib.sh
write_keys
config switchdev aes-gcm-128 "    vfs: [{ index: 0 }]"
up="$ipso up -c $conf/ipso.yaml"
sa_in() { # without its key
	ip xfrm state get src "$peer_ip" dst "$me_ip" proto esp spi 0x1002 | sed 's/ 0x[0-9a-f]\{40\} / KEY /'
}

expect 0 $up
equal "step of the gate" "$($ipso gate status | grep -c "$LAB_PCI")" 1

note "one more address, another MTU: two steps"
sed -i "s|mtu: 2000|mtu: 1900|; s|addresses: .*|addresses: [$me_ip/24, \"fd00:1::$me/64\"]|" $conf/ipso.yaml
expect 0 $up
says "2 steps done"

note "a rule behind the tables goes into hardware"
printf 'tc:\n  - { device: "%s", from: { vf: 0 }, to: uplink, match: { protocol: ip }, pref: 5 }\n' \
	"$LAB_PCI" >>$conf/ipso.yaml
expect 0 $up
says "2 steps done"
rep=$(devlink -j port show | jq -r '.port[] | select(.flavour == "pcivf") | .netdev')
expect 0 tc filter show dev "$rep" ingress
says in_hw
expect 0 $up
says "nothing to do"

note "another replay window: the SA is replaced"
sed -i 's/replay-window: 64/replay-window: 128/' $conf/ipso.yaml
if grep -q mlx5e_ipsec_fs_tunnel_allowed /proc/kallsyms; then
	sa_in >$conf/sa
	expect 3 $up
	says "every new SA"
	says "$rep pref 5"
	sa_in | diff $conf/sa - || fail "the SA was touched"
	tc filter del dev "$rep" ingress pref 5
	expect 0 $up
	says "replace SA in"
	says "add TC rule"
	says "2 steps done"
else
	expect 0 $up
	says "replace SA in"
	says "1 step done"
fi
expect 0 sa_in
says "replay_window 128"
says "mode packet"
expect 0 tc filter show dev "$rep" ingress
says in_hw

note "another key: only its SA"
tc filter del dev "$rep" ingress pref 5
(umask 077 && test_key changed 40 >$conf/a-to-b.key)
expect 0 $up
says "replace SA out"
says "2 steps done"
expect 0 $up
says "nothing to do"

note "what somebody took away comes back"
ip xfrm policy delete src "$peer_ip" dst "$me_ip" dir in
ip addr del "$me_ip/24" dev "$(uplink)"
expect 0 $up
says "2 steps done"

note "down leaves nothing, whatever was changed in between"
expect 0 $ipso down
equal "SAs left" "$(ip xfrm state list nokeys)$(ip xfrm policy)" ""
equal "MTU" "$(cat /sys/class/net/"$(uplink)"/mtu)" 1500
equal "addresses left" "$(ip -4 -o addr show dev "$(uplink)")" ""

note "on an eswitch that somebody else set up, with a neighbour's rule of the same preference"
echo 1 >/sys/bus/pci/devices/"$LAB_PCI"/sriov_numvfs
basename "$(readlink /sys/bus/pci/devices/"$LAB_PCI"/virtfn0)" >/sys/bus/pci/drivers/mlx5_core/unbind
devlink dev eswitch set "pci/$LAB_PCI" mode switchdev
expect 0 $up
rep=$(devlink -j port show | jq -r '.port[] | select(.flavour == "pcivf") | .netdev')
tc filter add dev "$rep" ingress protocol ip pref 5 flower skip_sw dst_ip 192.0.2.9 action drop
expect 0 $up
says "nothing to do"
expect 0 $ipso down
equal "eswitch" "$(devlink -j dev eswitch show "pci/$LAB_PCI" | jq -r '.dev[].mode')" switchdev
expect 0 tc filter show dev "$rep" ingress
says "192.0.2.9"
equal "rules left" "$(grep -c handle <<<"$output")" 1
equal "SAs left" "$(ip xfrm state list nokeys)$(ip xfrm policy)" ""
no_keys_in "$LAB_OUT" /run/ipso
