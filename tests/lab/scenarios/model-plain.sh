#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=2 kernels=new also=6.12 nic=connectx-7 timeout=240
# shows: two hosts ping each other over IPv4 and IPv6, move 20 MB by TCP both ways, and use MTU 2000
. /ipso/tests/lab/scenarios/lib.sh
up_uplink
dev=$(uplink)

note "ping"
ping23 "$peer_ip"
ping23 "$peer_ip6" -s 1400

note "TCP"
tcp a 20 5001
tcp b 20 5002

note "MTU 2000"
meet mtu
ip link set "$dev" mtu 2000
await "carrier of $dev" 10 carrier "$dev"
meet mtu-set
reach "$peer_ip"
ping23 "$peer_ip" -M 'do' -s 1972
if ping -c 1 -W 1 -M 'do' -s 1973 "$peer_ip" >/dev/null 2>&1; then
	fail "a datagram of 2001 bytes passed at MTU 2000"
fi
echo "ok: 2001 bytes do not pass"
meet end
