#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# finding: kernels=6.12
# shows: the driver matches the network address of an offloaded policy's selector as if it were a host's: packets that the policy protects leave in clear
. "$(dirname "$0")/finding.lib.sh"
dev=$(uplink)
address "$dev" 192.168.1.1
ip route add 192.168.2.0/24 dev "$dev"
neighbour 192.168.2.7 "$dev"
sa out 192.168.1.1 192.168.2.7 0x1001 1 out 128 offload packet dev "$dev" dir out
ip xfrm policy add src 192.168.1.0/24 dst 192.168.2.0/24 dir out \
	tmpl proto esp reqid 1 mode transport offload packet dev "$dev"
ip xfrm policy show

before=$(ethtool_counter tx_packets_phy "$dev")
ping -c 5 -i 0.2 -W 1 192.168.2.7 || true
ethtool -S "$dev" | grep -E 'ipsec_tx|tx_packets_phy|tx_packets:'
await "5 packets on the wire" 10 sh -c "[ \$((\$(ethtool -S $dev | awk '/tx_packets_phy:/ { print \$2 }') - ${before:-0})) -ge 5 ]"
[ "$(ethtool_counter ipsec_tx_pkts "$dev")" = 0 ] || unseen "the packets were encrypted"
if [ -r /out/wire.pcap ]; then tcpdump -nr /out/wire.pcap icmp 2>/dev/null | tail -n 3; fi
seen "5 packets of the policy were sent, none was encrypted"
