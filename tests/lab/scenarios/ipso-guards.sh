#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=1 kernels=new also=6.12 nic=connectx-7 timeout=300
# shows: what ends offload at one stroke is heard, explained and named with its author: mode changes the driver refuses and those it takes, tables that go under TC rules, VFs taken away; drift is an event and a metric, and ipso up ends it
. /ipso/tests/lab/scenarios/ipso.lib.sh
write_keys
config switchdev aes-gcm-128 "    vfs: [{ index: 0 }, { index: 1 }]"
up="$ipso up -c $conf/ipso.yaml"
event() { jq -c "select($1)" $conf/events.jsonl; }
happens() { await "event $1" 20 eval "event '$1' | grep -q ."; echo "ok: event $1"; }
last() { event "$1" | tail -n 1 | jq -r "$2"; }
drift() { metric "ipso_eswitch_drift\{.*item=\"$1\"\}"; }
# Neighbours are known by their names: /proc/PID/comm.
install -m 755 "$(command -v devlink)" $conf/sriov-operator
install -m 755 "$(command -v bash)" $conf/NetworkManager
operator=$conf/sriov-operator
# A script has its own name, the tools that it starts have theirs.
mkdir $conf/bin
neighbour() { # NAME LINES: a program of that name that does so
	printf '#!/bin/bash\nset -eu\n%s\n' "$2" >"$conf/bin/$1"
	chmod 755 "$conf/bin/$1"
}
# The lab's kernels have no software steering: smfs is refused.
neighbour netplan "devlink dev eswitch set pci/$LAB_PCI mode legacy
devlink dev param set pci/$LAB_PCI name flow_steering_mode value smfs cmode runtime || true
echo 0 >/sys/bus/pci/devices/$LAB_PCI/sriov_numvfs"
service_start
$ipso events --json -f >$conf/events.jsonl &
equal "programs not attached" "$(status '[.programs[] | select(.attached | not) | .name] | join(" ")')" ""
equal "drift" "$(drift eswitch) $(drift steering) $(drift vfs) $(drift ipsec-packet)" "0 0 0 0"
equal "block policies" "$(blocks)" 2

note "the driver refuses other modes while SAs are in hardware; who asked is told, and why not"
! $operator dev eswitch set "pci/$LAB_PCI" mode legacy || fail "the eswitch left switchdev"
happens '.kind == "mode-set" and .item == "eswitch" and .result != 0 and .comm == "sriov-operator"'
last '.kind == "mode-set" and .item == "eswitch" and .result != 0' '.text, .explanation.id, .explanation.cause'
[ "$(last '.kind == "mode-set" and .item == "eswitch" and .result != 0' .explanation.id)" != U-00 ] ||
	fail "a refused eswitch mode is not explained"
! $operator dev param set "pci/$LAB_PCI" name flow_steering_mode value smfs cmode runtime ||
	fail "the steering mode changed"
happens '.kind == "mode-set" and .item == "steering" and .to == "smfs" and .result != 0'
[ "$(last '.kind == "mode-set" and .item == "steering"' .explanation.id)" != U-00 ] ||
	fail "a refused steering mode is not explained"
last '.kind == "mode-set" and .item == "steering"' '.text, .explanation.id'
equal "drift" "$(drift eswitch) $(drift steering)" "0 0"

note "somebody takes the eswitch out of switchdev: drift, until ipso up"
legacy() {
	ip xfrm state flush
	ip xfrm policy flush
	$operator dev eswitch set "pci/$LAB_PCI" mode legacy
}
await "the eswitch in legacy" 30 legacy
happens '.kind == "drift" and .item == "eswitch"'
equal "drift" "$(last '.kind == "drift"' '[.item, .found, .wanted, .comm, .explanation.id] | join(" ")')" \
	"eswitch legacy switchdev sriov-operator G-07"
await_equal "metric" 1 10 drift eswitch
expect 0 $ipso check -c $conf/ipso.yaml
expect 0 $up
await_equal "metric" 0 10 drift eswitch

note "somebody takes the VFs away"
$conf/NetworkManager -c "echo 0 >/sys/bus/pci/devices/$LAB_PCI/sriov_numvfs"
happens '.kind == "mode-set" and .item == "vfs" and .to == "0" and .comm == "NetworkManager"'
happens '.kind == "drift" and .item == "vfs" and .found == "0" and .wanted == "2" and .comm == "NetworkManager"'
await_equal "metric" 1 10 drift vfs
expect 0 $up
await_equal "metric" 0 10 drift vfs

note "netplan takes the eswitch to legacy and the VFs away, with devlink, which it starts"
modes_of() {
	ip xfrm state flush
	ip xfrm policy flush
	"$conf/bin/$1"
}
await "eswitch and VFs of netplan" 30 modes_of netplan
happens '.kind == "mode-set" and .item == "eswitch" and .result == 0 and .comm == "devlink" and .author == "netplan"'
happens '.kind == "mode-set" and .item == "steering" and .result != 0 and .to == "smfs" and .author == "netplan"'
happens '.kind == "drift" and .item == "vfs" and .found == "0" and .wanted == "2" and .author == "netplan"'
happens '.kind == "drift" and .item == "eswitch" and .author == "netplan"'
equal "author" "$(last '.kind == "drift" and .item == "eswitch"' '.comm + " " + .author')" "devlink netplan"
last '.kind == "drift" and .item == "eswitch"' '.explanation.cause, .explanation.remedy'
last '.kind == "drift" and .item == "eswitch"' .explanation.remedy | grep -q virtual-function-count ||
	fail "the remedy is not that of netplan"
await_equal "metric" "1 1" 10 eval 'echo "$(drift eswitch) $(drift vfs)"'
expect 0 $up
await_equal "metric" "0 0" 10 eval 'echo "$(drift eswitch) $(drift vfs)"'

note "somebody gives a VF its own IPsec"
vf=$(basename "$(readlink /sys/bus/pci/devices/"$LAB_PCI"/virtfn0)")
port=$(devlink -j port show | jq -r '.port | to_entries[] | select(.value.flavour == "pcivf" and .value.vfnum == 0).key')
neighbour mlnx_bf_configure "[ ! -e /sys/bus/pci/devices/$vf/driver ] || echo $vf >/sys/bus/pci/drivers/mlx5_core/unbind
devlink port function set $port ipsec_packet enable"
await "ipsec_packet of mlnx_bf_configure" 30 modes_of mlnx_bf_configure
happens '.kind == "drift" and .item == "ipsec-packet" and .found == "1" and .wanted == "0" and .author == "mlnx_bf_configure"'
await_equal "metric" 1 10 drift ipsec-packet
expect 0 $up
await_equal "metric" 0 10 drift ipsec-packet

note "ipso check tells who is configured to set modes, and where"
mkdir -p /etc/netplan /etc/udev/rules.d
printf 'network:\n  ethernets:\n    pf0:\n      virtual-function-count: 1\n' >/etc/netplan/50-pf0.yaml
printf '# sriov_numvfs\nATTR{device/sriov_numvfs}="0"\n' >/etc/udev/rules.d/10-vfs.rules
expect 0 $ipso check -c $conf/ipso.yaml --json
equal "CK-46" "$(jq -r '.checks[] | select(.id == "CK-46") | .verdict + " " + .what + " " + .found' <<<"$output")" \
	"warn netplan /etc/netplan/50-pf0.yaml:4: virtual-function-count: 1
warn udev /etc/udev/rules.d/10-vfs.rules:2: ATTR{device/sriov_numvfs}=\"0\""
rm -r /etc/netplan /etc/udev/rules.d/10-vfs.rules

note "the last SA and policy of a direction go while a TC rule is in hardware"
rep=$(representor 0)
ip link set "$rep" up
ethtool -K "$rep" hw-tc-offload on
tc qdisc add dev "$rep" ingress
expect 0 tc filter add dev "$rep" ingress pref 7 protocol ip flower skip_sw dst_ip 10.9.9.9 \
	action mirred egress redirect dev "$(uplink)"
ip xfrm state flush
ip xfrm policy flush
happens '.kind == "tables-gone" and .direction == "out" and .comm == "ip" and .explanation.id == "G-06"'
last '.kind == "tables-gone"' .explanation.in_the_way
last '.kind == "tables-gone"' .explanation.in_the_way | grep -q "pref 7" || fail "the rule is not named"
await_equal "block policies, put back by the service" 2 10 blocks
tc qdisc delete dev "$rep" ingress
await "the set-up" 30 $up

equal "unreadable records" "$(status .events.unreadable)" 0
service_stop
expect 0 $ipso down
equal "SAs and policies left" "$(ip xfrm state)$(ip xfrm policy)" ""
