#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=2 kernels=6.12 also=new nic=connectx-7 timeout=240
# shows: packets replayed or corrupted on the wire, and packets under a wrong key, are dropped by the card and counted
. /ipso/tests/lab/scenarios/lib.sh
up_uplink
dev=$(uplink)
sa_pair "$me_ip" "$peer_ip" 128 "$dev" "replay-window 0 flag esn" "replay-window 64 flag esn"

note "replayed: the card sees 23 + 7 packets, takes 23"
on_a && lab-fault set "wire replay times=7"
meet replay
if on_a; then
	ping23 "$peer_ip"
fi
meet replayed
if ! on_a; then
	await_equal "packets of the SA in" 23 10 sa_field "$(spi_in)" packets
	await_equal "replays of the SA" 7 10 sa_field "$(spi_in)" replay
	equal "integrity failures" "$(sa_field "$(spi_in)" failed)" 0
fi

note "corrupted: five of 23 are lost"
on_a && lab-fault set "wire corrupt times=5"
meet corrupt
if on_a; then
	equal "answers to 23 packets" "$(answered 23 1 "$peer_ip")" 18
fi
meet corrupted
if ! on_a; then
	await_equal "packets of the SA in" $((23 + 18)) 10 sa_field "$(spi_in)" packets
	await_equal "integrity failures" 5 10 sa_field "$(spi_in)" failed
	equal "replays of the SA" "$(sa_field "$(spi_in)" replay)" 7
fi

note "lost on the wire: three of 23"
on_a && lab-fault set "wire drop times=3"
meet drop
if on_a; then
	equal "answers to 23 packets" "$(answered 23 1 "$peer_ip")" 20
fi
sa_flush

note "a wrong key"
if on_a; then
	sa out "$me_ip" "$peer_ip" 0x1001 1 "wrong" 128 offload packet dev "$dev" dir out \
		sel src "$me_ip" dst "$peer_ip"
	policy out "$me_ip" "$peer_ip" 1 offload packet dev "$dev"
else
	sa in "$me_ip" "$peer_ip" 0x1001 2 "right" 128 offload packet dev "$dev" dir in \
		sel src "$peer_ip" dst "$me_ip"
	policy in "$me_ip" "$peer_ip" 2 offload packet dev "$dev"
fi
meet wrong-key
if on_a; then
	! ping -c 11 -i 0.02 -W 1 -q "$peer_ip" >/dev/null || fail "answers under a wrong key"
fi
meet wrong-key-sent
if ! on_a; then
	await_equal "integrity failures" 11 10 sa_field 0x00001001 failed
	equal "packets of the SA in" "$(sa_field 0x00001001 packets)" 0
fi
meet end
