#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=2 kernels=new also=6.12 nic=connectx-7 timeout=240
# shows: extended sequence numbers go over the wrap of their lower half, sending and receiving, and the driver follows by events, ASO writes and object changes
. /ipso/tests/lab/scenarios/lib.sh
up_uplink
dev=$(uplink)
on_a && offload=$dev || offload=-
start=0xfffffff4
sa_pair "$me_ip" "$peer_ip" 128 "$offload" "replay-window 0 flag esn replay-oseq $start" \
	"replay-window 64 flag esn replay-seq $start"

note "23 packets over the wrap, each way"
on_a && ping23 "$peer_ip"
meet pinged
await_equal "packets of the SA out" 23 10 sa_field "$(spi_out)" packets
await_equal "packets of the SA in" 23 10 sa_field "$(spi_in)" packets
equal "integrity failures" "$(sa_field "$(spi_in)" failed)" 0
equal "replays" "$(sa_field "$(spi_in)" replay)" 0

note "packets of the new upper half are guarded against replay too"
on_a || lab-fault set "wire replay times=1"
meet fault
on_a && ping23 "$peer_ip"
meet replayed
if on_a; then
	await_equal "packets of the SA in" 46 10 sa_field "$(spi_in)" packets
	# The peer encrypts in software: its frames leave the card like any other ESP.
	await_equal "replays" 1 10 sa_field "$(spi_in)" replay
fi
sa_flush
