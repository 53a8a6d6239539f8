#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=2 kernels=6.12,new nic=connectx-7 timeout=240
# shows: transport mode on the uplink in switchdev, through the FDB, against software XFRM and itself; counters exact
. /ipso/tests/lab/scenarios/lib.sh
on_a && switchdev 1
up_uplink
dev=$(uplink)
on_a && offload=$dev || offload=-

note "host a in switchdev, host b in software"
sa_pair "$me_ip" "$peer_ip" 128 "$offload" "replay-window 0 flag esn" "replay-window 64 flag esn"
on_a && ping23 "$peer_ip"
meet pinged
await_equal "packets of the SA out" 23 10 sa_field "$(spi_out)" packets
await_equal "packets of the SA in" 23 10 sa_field "$(spi_in)" packets
if on_a; then
	await_equal "ipsec_tx_pkts" 23 10 ethtool_counter ipsec_tx_pkts
	await_equal "ipsec_rx_pkts" 23 10 ethtool_counter ipsec_rx_pkts
fi
sa_flush

note "host a in switchdev, host b in legacy, both offloaded"
sa_pair "$me_ip" "$peer_ip" 256 "$dev" "replay-window 0 flag esn" "replay-window 64 flag esn"
tcp a 5 5001
tcp b 5 5002
on_a && lab-fault set "wire replay times=3"
meet fault
on_a && ping23 "$peer_ip"
meet replayed
if ! on_a; then
	await_equal "replays of the SA" 3 10 sa_field "$(spi_in)" replay
	lab-fault set "wire replay times=5" "wire corrupt times=2"
fi
meet other-way
if on_a; then
	equal "answers to 23 packets" "$(answered 23 1 "$peer_ip")" 21
	# The two corrupted packets are sent twice, and fail the check twice: no replays.
	await_equal "replays of the SA" 3 10 sa_field "$(spi_in)" replay
	await_equal "integrity failures" 4 10 sa_field "$(spi_in)" failed
fi
sa_flush
