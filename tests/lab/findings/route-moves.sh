#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# finding: kernels=6.12
# shows: packets of a packet-offload SA leave in clear when their route leads to another device
. "$(dirname "$0")/finding.lib.sh"
dev=$(uplink)
address "$dev" 192.168.1.1
neighbour 192.168.1.2 "$dev"
offloaded_out 192.168.1.1 192.168.1.2 "$dev"
ip link add other type dummy
ip link set other up
neighbour 192.168.1.2 other
ip route add 192.168.1.2/32 dev other src 192.168.1.1

tcpdump --immediate-mode -Q out -ni other -U -w "$work/other.pcap" 2>"$work/tcpdump" &
capture=$!
await "the capture" 10 grep -q "listening on" "$work/tcpdump"
ping -c 3 -i 0.2 -W 1 192.168.1.2 || true
kill $capture
wait $capture || true
tcpdump -nr "$work/other.pcap" 2>/dev/null
clear=$(tcpdump -nr "$work/other.pcap" icmp 2>/dev/null | wc -l)
[ "$clear" -gt 0 ] || unseen "no packet in clear on the other device"
seen "$clear packets that the policy protects, in clear on the other device"
