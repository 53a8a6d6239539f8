#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=1 kernels=new also=6.12 nic=connectx-7 timeout=240
# shows: mlx5_core probes the card; netdev, link, ethtool, rings, channels and MTU behave; SR-IOV, VF addresses, port functions; nothing is refused by the card
. /ipso/tests/lab/scenarios/lib.sh
dev=$(uplink)

note "netdev"
equal "driver" "$(ethtool -i "$dev" | awk '/^driver/ { print $2 }')" mlx5_core
equal "bus" "$(ethtool -i "$dev" | awk '/^bus-info/ { print $2 }')" "$LAB_PCI"
equal "packet offload" "$(ethtool -k "$dev" | awk '/^esp-hw-offload/ { print $2 }')" on
address "$dev" "$me_ip"
equal "speed" "$(cat "/sys/class/net/$dev/speed")" 100000
ethtool -S "$dev" >/dev/null || fail "ethtool -S"

note "rings, channels, MTU, pause, coalescing, RSS"
for size in 128 512 4096 1024; do ethtool -G "$dev" rx "$size" tx "$size" || fail "ring of $size"; done
ethtool -L "$dev" combined 1
ethtool -L "$dev" combined 2
for mtu in 2000 9000 9978 1500; do
	ip link set "$dev" mtu "$mtu"
	equal MTU "$(cat "/sys/class/net/$dev/mtu")" "$mtu"
done
if ip link set "$dev" mtu 9979 2>/dev/null; then fail "MTU 9979 was accepted"; fi
ethtool -A "$dev" rx off tx off
equal "pause" "$(ethtool -a "$dev" | grep -c off)" 3
ethtool -C "$dev" adaptive-rx off rx-usecs 10
ethtool -X "$dev" equal 1
await "carrier of $dev" 10 carrier "$dev"

note "link follows the administrator"
ip link set "$dev" down
ip link set "$dev" up
await "carrier of $dev" 10 carrier "$dev"

note "SR-IOV"
sriov 8
for i in 0 1 2 3 4 5 6 7; do
	await "the netdev of VF $i" 20 test -e "$pf_sysfs/virtfn$i/net"
done
sriov 0
sriov 2
ip link set "$dev" vf 0 mac 02:aa:00:00:00:77
vfs_unbind
vf_bind 0
equal "MAC of VF 0, set by ip" "$(mac "$(vf_dev 0)")" 02:aa:00:00:00:77
ip link set "$(vf_dev 0)" up
ip link set "$dev" vf 0 state disable
await "VF 0 to lose its carrier" 5 no_carrier "$(vf_dev 0)"
ip link set "$dev" vf 0 state auto
await "carrier of VF 0" 5 carrier "$(vf_dev 0)"
sriov 0

note "port functions"
switchdev 2
for i in 0 1; do
	devlink port function set "$(vf_port $i)" hw_addr "02:aa:00:00:00:0$i"
	devlink port function set "$(vf_port $i)" ipsec_packet enable
done
vf_bind 0
vf_bind 1
equal "MAC of VF 1, set by devlink" "$(mac "$(vf_dev 1)")" 02:aa:00:00:00:01
equal "packet offload of VF 1" "$(ethtool -k "$(vf_dev 1)" | awk '/^esp-hw-offload/ { print $2 }')" on
if devlink port function set "$(vf_port 0)" ipsec_packet disable 2>/dev/null; then
	fail "ipsec_packet of a bound VF was changed"
fi
echo "ok: ipsec_packet of a bound VF cannot be changed"
vfs_unbind
for i in 0 1; do devlink port function set "$(vf_port $i)" ipsec_packet disable; done
devlink dev eswitch set "$pf" mode legacy
sriov 0

# All it refused is what the scenario provoked: the function that runs.
refused=$(dmesg | grep -E 'mlx5.*(mlx5_cmd_out_err|timeout|timed out)' | grep -vc 'SET_HCA_CAP') || true
equal "commands that the card refused" "$refused" 0
