#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# finding: kernels=6.12,new
# shows: a packet that has passed XFRM and waits for ARP is not yet encrypted; when the SAs go meanwhile it leaves in clear
. "$(dirname "$0")/finding.lib.sh"
dev=$(uplink)
address "$dev" 192.168.1.1
offloaded_out 192.168.1.1 192.168.1.2 "$dev"
ping -c 1 -W 1 -q 192.168.1.2 >/dev/null 2>&1 &
waits() { ip neigh show dev "$dev" | grep -q '^192.168.1.2 .*INCOMPLETE'; }
await "a packet that waits for ARP" 10 waits
ip xfrm state flush
ip xfrm policy flush
ip xfrm policy add src 192.168.1.1 dst 192.168.1.2 dir out action block

tcpdump --immediate-mode -Q out -ni "$dev" -U -w "$work/out.pcap" icmp 2>"$work/tcpdump" &
capture=$!
await "the capture" 10 grep -q "listening on" "$work/tcpdump"
neighbour 192.168.1.2 "$dev"
for ((i = 0; i < 30; i++)); do
	[ "$(tcpdump -nr "$work/out.pcap" 2>/dev/null | wc -l)" = 0 ] || break
	sleep 0.1
done
kill $capture
wait $capture || true
tcpdump -nr "$work/out.pcap" 2>/dev/null
clear=$(tcpdump -nr "$work/out.pcap" 2>/dev/null | wc -l)
[ "$clear" -gt 0 ] || unseen "what waited for ARP did not leave"
seen "$clear packet in clear, without SAs and below a block policy"
