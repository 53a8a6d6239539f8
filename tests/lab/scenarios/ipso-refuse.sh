#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=1 kernels=new also=6.12 nic=connectx-7 timeout=240
# shows: bad input ends with 2, what cannot work with 3, each with its words, before anything is changed
. /ipso/tests/lab/scenarios/ipso.lib.sh
write_keys
dev=$(uplink)
state() {
	cat /sys/bus/pci/devices/"$LAB_PCI"/sriov_numvfs
	devlink dev eswitch show "pci/$LAB_PCI"
	ip -4 -o addr show
	ip -o link show | sed 's/qlen.*//'
	ls /sys/fs/bpf/ipso /run/ipso/journal 2>/dev/null || true
}
# refused STATUS TEXT: up ends so, says so, and has changed nothing
refused() {
	state >$conf/before
	expect "$1" $ipso up -c $conf/ipso.yaml
	says "$2"
	state >$conf/after
	diff $conf/before $conf/after || fail "a refused up changed something"
}

note "devices that are not there, or not a PF of the right kind"
config switchdev
sed -i "s/$LAB_PCI/0000:7f:00.0/" $conf/ipso.yaml
refused 2 "ipso.yaml:3:"
says "0000:7f:00.0"
config switchdev
sed -i "s/pci: .*/pf: nothere0/; s/device: .*/device: nothere0/" $conf/ipso.yaml
refused 2 "there is no net device nothere0"
sed -i "s/nothere0/lo/" $conf/ipso.yaml
refused 2 "not on the PCI bus"

note "keys and numbers"
config legacy
chmod 644 $conf/a-to-b.key
refused 2 "a-to-b.key"
chmod 600 $conf/a-to-b.key
cp $conf/a-to-b.key $conf/b-to-a.key
refused 2 "found the key and salt"
write_keys
sed -i 's/spi: 0x1001/spi: 0xff/' $conf/ipso.yaml
refused 2 "ipso.yaml:"

note "a card with too few VFs, PF and VF tunnels together, a rule at the uplink"
config switchdev aes-gcm-128 "    vfs: [{ index: 99 }]"
refused 3 "can have"
config switchdev aes-gcm-128 "    vfs: [{ index: 0 }]"
printf 'tc:\n  - { device: "%s", from: uplink, to: { vf: 0 }, pref: 9 }\n' "$LAB_PCI" \
	>>$conf/ipso.yaml
refused 3 "pref 9"

note "a rule in hardware before the first SA"
config legacy
ip link set "$dev" up
ethtool -K "$dev" hw-tc-offload on
tc qdisc add dev "$dev" ingress
tc filter add dev "$dev" ingress protocol ip pref 7 flower skip_sw dst_ip 192.0.2.9 action drop
refused 3 "$dev pref 7"
expect 3 $ipso check -c $conf/ipso.yaml
says "pref 7"
expect 3 $ipso check
tc filter del dev "$dev" ingress
expect 0 $ipso check -c $conf/ipso.yaml

note "VFs that somebody else made, fewer than are needed"
echo 1 >/sys/bus/pci/devices/"$LAB_PCI"/sriov_numvfs
config legacy aes-gcm-128 "    vfs: [{ index: 2 }]"
refused 3 "number cannot be changed"
no_keys_in "$LAB_OUT" /run/ipso
