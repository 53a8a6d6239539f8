#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=2 kernels=6.12 also=new nic=connectx-7-roce timeout=400
# shows: RoCE of two uplinks in packet offload: in the clear before, ESP alone on the wire while there are SAs, in the clear after; SAs and ethtool count; a corrupted packet is retransmitted
. /ipso/tests/lab/scenarios/lib.sh
. /ipso/tests/lab/scenarios/roce.lib.sh
rdma_load
up_uplink
dev=$(uplink)
await "an RDMA device" 10 rdma_there "$dev"
device=$(rdma_of "$dev")
await "a RoCE v2 address" 10 has_gid "$device" "$me_ip"
gid=$(gid "$device" "$me_ip")

note "without IPsec"
meet clear
rdma_all clear 192.168.1.1 "$device" "$gid"
on_a && [ "$(wire roce)" = 0 ] && fail "no RoCE in the clear on the wire"

note "with IPsec"
sa_pair "$me_ip" "$peer_ip" 128 "$dev" "replay-window 0 flag esn" "replay-window 64 flag esn"
rdma_in_esp 192.168.1.1 "$device" "$gid" "$dev" "$peer_ip"
# The driver reads its counters once a second.
counts_roce() { [ "$(sa_field "$1" packets)" -ge $((23 * 64)) ]; }
await "the SA out to count RoCE" 10 counts_roce "$(spi_out)"
await "the SA in to count RoCE" 10 counts_roce "$(spi_in)"

note "a packet spoiled on the wire fails its check and is sent again"
lab-fault set "wire corrupt times=2"
meet faults
between lost 18520 192.168.1.1 ib_write_bw -d "$device" -x "$gid" -n 23 -s 65536 -F
lab-fault clear
meet no-faults
await_equal "integrity failures" 2 10 sa_field "$(spi_in)" failed

note "without IPsec again"
sa_flush
on_a && clear=$(wire roce)
meet flushed-counted
between after 18521 192.168.1.1 ibv_rc_pingpong -d "$device" -g "$gid" -n 23 -c
on_a && [ "$(wire roce)" = "$clear" ] && fail "no RoCE in the clear after the SAs are gone"
modprobe -r mlx5_ib || fail "mlx5_ib does not unload"
meet end
