#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=2 kernels=new also=6.12 nic=connectx-7 timeout=240
# shows: what the service tells of running SAs: replayed and corrupted packets, soft and hard limits of packets and of time, a packet on the software path, nothing lost
. /ipso/tests/lab/scenarios/ipso.lib.sh
write_keys
config legacy
# limits on host a's outbound SA; the service names and shows them
[ "$LAB_HOST" = b ] || sed -i '/mode: transport/a \    lifetime: { soft-packets: 40, hard-packets: 60 }' \
	$conf/ipso.yaml
dev=$(uplink)
service_start
$ipso events --json -f >$conf/events.jsonl &
lab-barrier up

# series NAME DIRECTION: the value of this SA series in the metrics
series() { metric "ipso_sa_$1\{tunnel=\"pair\",direction=\"$2\""; }
settles() { # WHAT NAME DIRECTION WANTED
	await "$1 = $4" 10 eval "[ \"\$(series $2 $3)\" = $4 ]"
	equal "$1" "$(series "$2" "$3")" "$4"
}
event() { jq -c "select($1)" $conf/events.jsonl; }
happens() { await "event $1" 10 eval "event '$1' | grep -q ."; echo "ok: event $1"; }

note "replayed and corrupted on the wire: 30 pings, 3 replays, 5 corrupted"
if [ "$LAB_HOST" = a ]; then
	lab-fault set "wire replay times=3"
	expect 0 ping -c 7 -i 0.05 -q "$peer_ip"
	lab-fault set "wire corrupt times=5"
	expect 0 ping -c 23 -i 0.05 -W 2 -q "$peer_ip"
	lab-fault clear
	settles "packets out" packets_total out 30
else
	settles "replayed" replay_drops_total in 3
	settles "corrupted" integrity_failures_total in 5
	settles "packets in" packets_total in 25
fi
lab-barrier counted

note "limits"
if [ "$LAB_HOST" = a ]; then
	equal "configured limits" "$(status '.sas[] | select(.direction == "out") | [.soft_packets, .hard_packets] | @csv')" 40,60
	ping -c 11 -i 0.05 -W 2 -q "$peer_ip" | grep received
	happens '.kind == "sa-expire" and .limit == "soft"'
	ping -c 23 -i 0.05 -W 1 -q "$peer_ip" | grep received
	happens '.kind == "sa-expire" and .limit == "hard"'
	equal "who" "$(event '.kind == "sa-expire"' | jq -r '.comm // "the kernel"' | sort -u)" "the kernel"
	await "its SA to leave the table" 10 eval '[ "$(status "[.sas[] | select(.direction == \"out\")] | length")" = 0 ]'
fi
lab-barrier limits

note "an SA that ends by time, and one that is deleted: who did it"
third=192.168.1.9
ends() { # SPI LIMIT...
	local spi=$1
	shift
	ip xfrm state add src $me_ip dst $third proto esp spi "$spi" reqid 31 mode transport \
		aead 'rfc4106(gcm(aes))' "0x$(test_key by-hand 40)" 128 "$@" \
		offload packet dev "$dev" dir out sel src $me_ip dst $third
}
who() { event ".kind == \"sa-delete\" and .spi == \"$1\"" | jq -r '.comm // "the kernel"'; }
ends 0x3001 limit time-hard 2
ends 0x3002
ip xfrm state delete src $me_ip dst $third proto esp spi 0x3002
happens '.kind == "sa-delete" and .spi == "0x00003001"'
happens '.kind == "sa-delete" and .spi == "0x00003002"'
equal "who ended the first" "$(who 0x00003001)" "the kernel"
equal "who ended the second" "$(who 0x00003002)" ip

note "an ESP packet that reaches the CPU for an SA in hardware"
expect 0 python3 - "$me_ip" "$LAB_HOST" <<'PYTHON'
import socket, struct, sys
spi = 0x1002 if sys.argv[2] == "a" else 0x1001
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 50)
s.sendto(struct.pack(">II", spi, 7) + bytes(64), (sys.argv[1], 0))
PYTHON
happens '.kind == "sa-software"'
settles "software packets" software_packets_total in 1

# Time is kept by the kernel alone: the driver takes such a limit and never asks for its counters.
note "keys that end by time: soft and hard event, the policies stay, nothing goes in the clear"
clear() { awk '/XfrmInTmplMismatch|XfrmInNoPols/ { n += $2 } END { print n }' /proc/net/xfrm_stat; }
before=$(clear)
lab-barrier before-the-end
if [ "$LAB_HOST" = a ]; then
	sed -i 's/lifetime: .*/lifetime: { soft-seconds: 4, hard-seconds: 8 }/' $conf/ipso.yaml
	# other keys: those that are older than that are refused
	(umask 077 && for key in a-to-b b-to-a; do test_key "$key again" 40 >$conf/$key.key; done)
	expect 0 $ipso up -c $conf/ipso.yaml
	says "the keys of tunnel pair end in 0 h 0 min"
	for spi in 0x00001001 0x00001002; do
		for limit in soft hard; do
			happens ".kind == \"sa-expire\" and .limit == \"$limit\" and .spi == \"$spi\""
		done
	done
	# Events of the limits above have the same SPIs: the SAs themselves say when their time is over.
	tunnel_sas() { ip -o xfrm state list nokeys | grep -cE 'spi 0x0000100[12]' || true; }
	await_equal "SAs of the tunnel" 0 20 tunnel_sas
	equal "policies" "$(tunnel_policies | grep -c 'mode packet')" 2
	! ping -c 5 -i 0.2 -W 1 -q "$peer_ip" || fail "a packet was answered"
fi
lab-barrier after-the-end 200
equal "came in the clear" "$(clear)" "$before"

note "every field of the driver's state was readable, every program found its target"
equal "eswitch" "$(status '.eswitches[] | [.device, .guarded, .open] | @csv')" "\"$dev\",\"enforce\",true"
equal "driver fields" "$(status '.eswitches[0].driver | length')" 9
equal "lost events" "$(status '[.events.lost[]] | add')" 0
equal "unreadable records" "$(status .events.unreadable)" 0
equal "programs not attached" "$(status '[.programs[] | select(.attached | not)] | length')" 0
no_keys_in "$LAB_OUT" /run/ipso $conf/events.jsonl
lab-barrier end
service_stop
