#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# finding: kernels=6.12,new
# shows: a software SA that is added after packet-offload SAs of its hash bucket hides them from offloaded policies
. "$(dirname "$0")/finding.lib.sh"
dev=$(uplink)
address "$dev" 192.168.1.1
neighbour 192.168.1.2 "$dev"
no_states() { awk '/XfrmOutNoStates/ { print $2 }' /proc/net/xfrm_stat; }
sent() { ping -c 3 -i 0.2 -W 1 -q 192.168.1.2 >"$work/ping" 2>&1 || true; grep -o '[0-9]* packets transmitted' "$work/ping"; }

sa out 192.168.1.1 192.168.1.2 0x1001 1 out 128 offload packet dev "$dev" dir out
sa out 192.168.1.1 192.168.1.2 0x1002 1 other 128
policy out 192.168.1.1 192.168.1.2 1 offload packet dev "$dev"
sent
hidden=$(no_states)
ip xfrm state delete src 192.168.1.1 dst 192.168.1.2 proto esp spi 0x1002
sent
await "packets of the offloaded SA" 10 sh -c "[ \$(ethtool -S $dev | awk '/ipsec_tx_pkts:/ { print \$2 }') -ge 3 ]"
echo "XfrmOutNoStates: $hidden with the software SA, $(($(no_states) - hidden)) more without"
[ "$hidden" -gt 0 ] || unseen "the offloaded SA was found beside the software SA"
seen "no state was found for $hidden packets while the software SA was there"
