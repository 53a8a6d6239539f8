#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=1 kernels=new also=6.12 nic=connectx-7 timeout=480
# shows: the card survives unbind and bind, devlink reload, switchdev and back, with SAs in between, and leaves nothing behind
. /ipso/tests/lab/scenarios/lib.sh

# An SA and its policy out, an SA in with ESN, on the device $1; then away again.
ipsec_round() {
	local dev=$1
	sa out "$me_ip" "$peer_ip" 0x1001 1 life 128 offload packet dev "$dev" dir out \
		sel src "$me_ip" dst "$peer_ip"
	sa in "$me_ip" "$peer_ip" 0x1002 2 life 256 flag esn replay-window 64 \
		offload packet dev "$dev" dir in sel src "$peer_ip" dst "$me_ip"
	policy out "$me_ip" "$peer_ip" 1 offload packet dev "$dev"
	policy in "$me_ip" "$peer_ip" 2 offload packet dev "$dev"
	offloaded 2
	ip xfrm policy flush
	ip xfrm state flush
}

# legacy: the mode may be refused for a while, SAs are freed late by the kernel.
legacy() { devlink dev eswitch set "$pf" mode legacy; }

note "unbind and bind"
for _ in 1 2 3; do
	echo "$LAB_PCI" >"$driver/unbind"
	echo "$LAB_PCI" >"$driver/bind"
	await "the netdev" 10 test -e "$pf_sysfs/net"
	address "$(uplink)" "$me_ip"
	ipsec_round "$(uplink)"
done

note "devlink reload"
for _ in 1 2; do
	await "a reload" 10 devlink dev reload "$pf"
	await "the netdev" 10 test -e "$pf_sysfs/net"
	address "$(uplink)" "$me_ip"
	ipsec_round "$(uplink)"
done

note "switchdev and back"
switchdev 2
for i in 0 1; do
	devlink port function set "$(vf_port $i)" hw_addr "02:aa:00:00:00:0$i"
done
for _ in 1 2 3; do
	await "legacy mode" 20 legacy
	devlink dev eswitch set "$pf" mode switchdev
	vf_bind 0
	address "$(uplink)" "$me_ip"
	ipsec_round "$(uplink)"
	vfs_unbind
done
await "legacy mode" 20 legacy
sriov 0

note "unbind with VFs and SAs in place"
sriov 2
sa out "$me_ip" "$peer_ip" 0x1001 1 life 128 offload packet dev "$(uplink)" dir out \
	sel src "$me_ip" dst "$peer_ip"
echo "$LAB_PCI" >"$driver/unbind"
echo "$LAB_PCI" >"$driver/bind"
await "the netdev" 10 test -e "$pf_sysfs/net"

equal "commands that the card refused" "$(dmesg | grep -cE 'mlx5.*(mlx5_cmd_out_err|timeout|timed out)' || true)" 0
