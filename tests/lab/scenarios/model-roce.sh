#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=2 kernels=stock nic=connectx-7-roce timeout=400
# shows: mlx5_ib on the card, RoCE v2 with the kernel's own software RoCE (rdma_rxe) as the other end, then between two cards, with packets lost and corrupted on the wire: send, write, read
. /ipso/tests/lab/scenarios/lib.sh
. /ipso/tests/lab/scenarios/roce.lib.sh
up_uplink
dev=$(uplink)

note "a's card and b's software understand each other"
if on_a; then
	rdma_load
	device=$(rdma_of "$dev")
else
	modprobe -a rdma_rxe ib_uverbs
	rdma link add rxe0 type rxe netdev "$dev"
	device=rxe0
fi
await "a RoCE v2 address" 10 has_gid "$device" "$me_ip"
ibv_devinfo -d "$device"
gid=$(gid "$device" "$me_ip")
between soft-pingpong 18515 192.168.1.1 ibv_rc_pingpong -d "$device" -g "$gid" -n 23 -c
between soft-write 18517 192.168.1.1 ib_write_bw -d "$device" -x "$gid" -n 23 -s 65536 -F
between soft-read 18518 192.168.1.1 ib_read_bw -d "$device" -x "$gid" -n 23 -s 65536 -F

note "both cards"
if ! on_a; then
	rdma link delete rxe0
	rdma_load
	device=$(rdma_of "$dev")
	await "a RoCE v2 address" 10 has_gid "$device" "$me_ip"
fi
gid=$(gid "$device" "$me_ip")
equal "number of the address, as the document has it" "$gid" 3
equal "state" "$(cat "/sys/class/infiniband/$device/ports/1/state")" "4: ACTIVE"
rdma_all cards 192.168.1.1 "$device" "$gid"
for counter in packet_seq_err local_ack_timeout_err implied_nak_seq_err out_of_sequence; do
	equal "$counter" "$(rdma_counter "$device" "$counter")" 0
done

note "loss: each host's card loses packets of what it sends and spoils others"
faults() { lab-fault set "wire drop times=$1" "wire corrupt times=$2"; meet "faults $1 $2 $3"; }
faults 3 2 pingpong
between lost-pingpong 18515 192.168.1.1 ibv_rc_pingpong -d "$device" -g "$gid" -n 23 -c
faults 5 3 send
between lost-send 18516 192.168.1.1 ib_send_bw -d "$device" -x "$gid" -n 23 -s 65536 -F
faults 5 3 write
between lost-write 18517 192.168.1.1 ib_write_bw -d "$device" -x "$gid" -n 23 -s 65536 -F
# A read is one packet to its sender: as many lost in a row as it may repeat would end the pair.
faults 3 1 read
between lost-read 18518 192.168.1.1 ib_read_bw -d "$device" -x "$gid" -n 23 -s 65536 -F
lab-fault clear
seen=0
for counter in packet_seq_err local_ack_timeout_err implied_nak_seq_err out_of_sequence; do
	value=$(rdma_counter "$device" "$counter")
	echo "$counter $value"
	seen=$((seen + value))
done
[ "$seen" -gt 0 ] || fail "packets were lost, and no counter of the card shows it"

note "a receiver that is gone: the sender gives up after its retries"
if on_a; then
	timeout 60 ib_write_bw -d "$device" -x "$gid" -s 65536 -F -D 30 -p 18519 >/run/gone 2>&1 &
	server=$!
	await "the server" 20 listening 18519
fi
meet listens
if ! on_a; then
	ib_write_bw -d "$device" -x "$gid" -s 65536 -F -D 30 -p 18519 192.168.1.1 >/run/gone 2>&1 &
	client=$!
	before=$(rdma_counter "$device" rx_write_requests)
	sleep_until() { [ "$(rdma_counter "$device" local_ack_timeout_err)" -gt "$1" ]; }
	timeouts=$(rdma_counter "$device" local_ack_timeout_err)
	lab-fault set "wire drop"
	await "a timeout" 20 sleep_until "$timeouts"
	if wait "$client"; then fail "the writer did not notice that nothing arrives"; fi
	grep -i "completion with error\|vendor" /run/gone || { cat /run/gone; fail "no error completion"; }
	lab-fault clear
fi
meet gone
if on_a; then kill "$server" 2>/dev/null || true; fi
modprobe -r mlx5_ib || fail "mlx5_ib does not unload"
meet end
