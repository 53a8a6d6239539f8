#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# finding: kernels=6.12,new
# shows: a flow counter that is used again brings packets of its former rule: an SA that has had no packet counts about 2^64 of them, replays and failures of integrity
. "$(dirname "$0")/finding.lib.sh"
dev=$(uplink)
address "$dev" 192.168.1.1
# The driver frees counters in bulks: one that stays in use keeps those of the others for the next SA.
offloaded_out 192.168.1.1 192.168.1.9 "$dev" 9

# An inbound SA takes four counters of the driver's pool, which gives those that are free: packets,
# replays, integrity failures, trailers. So four outbound SAs lend theirs, each with as many packets.
# The driver reads its counters once a second: what came since the last reading is what is wrong later.
for i in 2 3 4 5; do
	neighbour 192.168.1.$i "$dev"
	offloaded_out 192.168.1.1 192.168.1.$i "$dev" $i
done
pings=()
for i in 2 3 4 5; do
	ping -i 0.005 -q 192.168.1.$i >/dev/null 2>&1 &
	pings+=($!)
done
more() { [ "$(ethtool_counter ipsec_tx_pkts "$dev")" -gt 200 ]; }
await "packets of the four" 10 more
for i in 2 3 4 5; do
	ip xfrm state delete src 192.168.1.1 dst 192.168.1.$i proto esp spi 0x1001
done
kill "${pings[@]}"

# Deleted SAs give their counters back from a work queue; until then the next SA gets others.
for ((try = 0; try < 5; try++)); do
	sleep 1
	sa in 192.168.1.1 192.168.1.2 0x2001 2 in 128 replay-window 64 flag esn \
		offload packet dev "$dev" dir in
	for ((i = 0; i < 20; i++)); do
		packets=$(sa_field 0x00002001 packets)
		[ "$packets" = 0 ] || break 2
		sleep 0.1
	done
	ip xfrm state delete src 192.168.1.2 dst 192.168.1.1 proto esp spi 0x2001
done
ip -s xfrm state list nokeys spi 0x2001
[ "$packets" != 0 ] || unseen "a new SA counts from 0"
seen "a new SA has $packets packets, $(sa_field 0x00002001 replay) replays and $(sa_field 0x00002001 failed) failures of integrity"
