#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=2 kernels=6.12,new nic=connectx-7 timeout=240
# shows: transport mode offloaded on host a understands software XFRM on host b: AES-GCM 128 and 256, ESN with replay window, IPv4 and IPv6, counters exact
. /ipso/tests/lab/scenarios/lib.sh
up_uplink
dev=$(uplink)
on_a && offload=$dev || offload=-
pin "$peer_ip6" "$dev"
meet pinned

# check NAME LOCAL REMOTE BITS OUT-OPTIONS IN-OPTIONS
check() {
	local name=$1 local=$2 remote=$3 rx tx
	note "$name"
	rx=$(ethtool_counter ipsec_rx_pkts) tx=$(ethtool_counter ipsec_tx_pkts)
	sa_pair "$local" "$remote" "$4" "$offload" "$5" "$6"
	on_a && ping23 "$remote"
	meet "$name pinged"
	await_equal "packets of the SA out" 23 10 sa_field "$(spi_out)" packets
	await_equal "packets of the SA in" 23 10 sa_field "$(spi_in)" packets
	if on_a; then
		await_equal "ipsec_tx_pkts" $((tx + 23)) 10 ethtool_counter ipsec_tx_pkts
		await_equal "ipsec_rx_pkts" $((rx + 23)) 10 ethtool_counter ipsec_rx_pkts
	fi
	sa_flush
}
check "AES-GCM 128, IPv4" "$me_ip" "$peer_ip" 128 "" ""
check "AES-GCM 256, IPv4" "$me_ip" "$peer_ip" 256 "" ""
check "AES-GCM 128, ESN" "$me_ip" "$peer_ip" 128 "replay-window 0 flag esn" "replay-window 64 flag esn"
check "AES-GCM 128, IPv6" "$me_ip6" "$peer_ip6" 128 "" ""
check "AES-GCM 256, ESN, IPv6" "$me_ip6" "$peer_ip6" 256 "replay-window 0 flag esn" "replay-window 128 flag esn"

note "both ends offloaded, TCP with segmentation"
sa_pair "$me_ip" "$peer_ip" 256 "$dev" "replay-window 0 flag esn" "replay-window 64 flag esn"
tcp a 5 5001
tcp b 5 5002
equal "integrity failures" "$(sa_field "$(spi_in)" failed)" 0
sa_flush
