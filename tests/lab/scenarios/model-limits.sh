#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=2 kernels=6.12 also=new nic=connectx-7 timeout=240
# shows: packet limits of an offloaded SA raise soft and hard expire events, and nothing passes after the hard one
. /ipso/tests/lab/scenarios/lib.sh
up_uplink
dev=$(uplink)
on_a && offload=$dev || offload=-
on_a && limit="limit packet-soft 10 limit packet-hard 20" || limit=
sa_pair "$me_ip" "$peer_ip" 128 "$offload" "$limit"
if ! on_a; then
	meet end
	exit 0
fi
ip xfrm monitor expire >/run/expire 2>&1 &
monitor=$!
trap 'kill "$monitor"' EXIT
await "the monitor" 5 test -d "/proc/$monitor"

expired() { grep -c "hard $1" /run/expire || true; }

note "the soft limit"
equal "answers to 13 packets" "$(answered 13 5 "$peer_ip")" 13
await_equal "soft expire events" 1 10 expired 0
equal "hard expire events so far" "$(expired 1)" 0

note "the hard limit"
equal "answers to 13 more packets" "$(answered 13 1 "$peer_ip")" 7
await_equal "hard expire events" 1 10 expired 1
! ping -c 1 -W 1 "$peer_ip" >/dev/null 2>&1 || fail "a packet passed after the hard limit"
echo "ok: nothing passes after the hard limit"
meet end
