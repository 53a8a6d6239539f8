#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=2 kernels=6.12 also=new nic=connectx-7 timeout=480
# shows: libreswan on both hosts: before ipso it blocks the eswitch mode; started after ipso up and before the service: what ipso-ike-strongswan shows, but that packets are lost while it rekeys; and the pin that pluto flushes each time it starts is put back
. /ipso/tests/lab/scenarios/ipso.lib.sh
. /ipso/tests/lab/scenarios/traffic.lib.sh
. /ipso/tests/lab/scenarios/ike.lib.sh
kind=libreswan
# A packet that finds no SA takes such a kernel down while the service does not watch (docs/ike.md), and
# pluto's rekeys make packets find none.
[ "$LAB_KERNEL" != 6.12 ] || unguarded=yes
ike_config
echo "$(version_libreswan), $(uname -r)"

note "pluto is first: its policies are in hardware, and the mode stays"
ip link set "$(uplink)" up
ip addr add "$me_ip/24" dev "$(uplink)" # without it the connection is none of this host's
sed -i 's/^\tauto=start/\tauto=add/' /etc/ipsec.d/ipso.conf # nobody begins yet
begin_libreswan
load_libreswan
await "its policies in hardware" 20 sh -c "ip -o xfrm policy | grep -q 'mode packet'"
expect 3 $ipso up -c $conf/ipso.yaml
says "pluto (pid $daemon) passes"
kill "$daemon"
ended
configure_libreswan

note "pluto is second"
expect 0 $ipso up -c $conf/ipso.yaml
begin_libreswan
load_libreswan
service_start
await "the pin" 20 eval '[ "$(pins)" = 2 ]'
lab-barrier loaded
rekeyed_under_traffic
not_in_hardware
came_back
over
