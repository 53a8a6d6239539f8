#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=2 kernels=new also=6.12 nic=connectx-7 timeout=240
# shows: in legacy mode VFs reach each other, their PF and the other host's VF, also inside a VLAN
. /ipso/tests/lab/scenarios/lib.sh
up_uplink
sriov 2
await "the netdevs of the VFs" 10 test -e "$pf_sysfs/virtfn1/net"
into v0 "$(vf_dev 0)" "10.0.0.1$me"
into v1 "$(vf_dev 1)" "10.0.0.2$me"
ip addr add "10.0.0.3$me/24" dev "$(uplink)"
meet vfs

note "inside the card"
reach "10.0.0.2$me" v0
reach "10.0.0.3$me" v0

note "between the hosts"
reach "10.0.0.1$other" v0
if on_a; then ping_ns=v0 ping23 "10.0.0.1$other"; fi
meet pinged
tcp_peer=10.0.0.1$other
tcp a 5 5001 v0

note "a VLAN the administrator puts the VF into"
if on_a; then
	ip link set "$(uplink)" vf 0 vlan 7
	ip link add link "$(uplink)" name vlan7 type vlan id 7
else
	ip link set "$(uplink)" vf 0 vlan 7
fi
meet vlan
reach "10.0.0.1$other" v0
if ip netns exec v1 ping -c 1 -W 1 "10.0.0.1$me" >/dev/null 2>&1; then
	fail "a VF outside VLAN 7 reaches one inside"
fi
echo "ok: VLAN 7 is separate"
meet end
ip netns del v0
ip netns del v1
sriov 0
