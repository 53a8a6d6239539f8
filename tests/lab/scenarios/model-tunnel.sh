#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=2 kernels=6.12,new nic=connectx-7 timeout=240
# shows: tunnel mode offloaded on host a understands software XFRM on host b, and itself; counters exact
. /ipso/tests/lab/scenarios/lib.sh
up_uplink
dev=$(uplink)
on_a && offload=$dev || offload=-
sa_mode=tunnel
pin "$peer_ip" "$dev"
meet pinned

note "against software"
sa_pair "$me_ip" "$peer_ip" 128 "$offload"
on_a && ping23 "$peer_ip"
meet pinged
await_equal "packets of the SA out" 23 10 sa_field "$(spi_out)" packets
await_equal "packets of the SA in" 23 10 sa_field "$(spi_in)" packets
on_a && await_equal "ipsec_tx_pkts" 23 10 ethtool_counter ipsec_tx_pkts
sa_flush

note "both offloaded"
sa_pair "$me_ip" "$peer_ip" 256 "$dev"
on_a && ping23 "$peer_ip" -s 1300
tcp a 2 5001
sa_flush
