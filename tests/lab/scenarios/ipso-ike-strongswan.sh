#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=2 kernels=new also=6.12 nic=connectx-7 timeout=480
# shows: strongSwan on both hosts: before ipso it blocks the eswitch mode; after, rekeys under traffic, beside a rule in hardware where the kernel takes SAs then: none in the clear, and lost are only packets that the answering host sends with an SA that the other has not got yet; ipso, one daemon, both, a whole host go and come back, the loss is noticed, and the figures of the tunnel go on; an SA that is made in software is told of with the reason
. /ipso/tests/lab/scenarios/ipso.lib.sh
. /ipso/tests/lab/scenarios/traffic.lib.sh
. /ipso/tests/lab/scenarios/ike.lib.sh
kind=strongswan
ike_config
echo "$(version_strongswan), $(uname -r)"

note "charon is first: its policies are in hardware, and the mode stays"
ip link set "$(uplink)" up
begin_strongswan
await "its policies in hardware" 20 sh -c "ip -o xfrm policy | grep -q 'mode packet'"
expect 3 $ipso up -c $conf/ipso.yaml
says "charon-systemd (pid $daemon) passes"
kill $daemon
ended
expect 0 $ipso up -c $conf/ipso.yaml
service_start

note "charon is second"
begin_strongswan
in_turn load_strongswan
if [ "$($ipso check --json | jq -r '.checks[] | select(.id == "CK-11").verdict')" = ok ]; then
	rep=$(representor 0)
	ethtool -K "$rep" hw-tc-offload on
	tc qdisc add dev "$rep" ingress
	expect 0 tc filter add dev "$rep" ingress protocol ip pref 7 flower skip_sw dst_ip 192.0.2.9 action drop
fi
lab-barrier loaded
rekeyed_under_traffic
not_in_hardware
came_back
over
