#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What each of the two hosts does in `make demo`. Runs inside the VM; LAB_* as tests/lab/README.md.
set -eu
ipso=/ipso/out/ipso
config=/run/demo/$LAB_HOST.yaml
if [ "$LAB_HOST" = a ]; then peer=192.168.1.2; else peer=192.168.1.1; fi
megabytes=8 pings=23

say() { printf '\n== %s: %s\n' "$LAB_HOST" "$*"; }
die() { printf 'demo: host %s: %s\n' "$LAB_HOST" "$*" >&2; exit 1; }

# Until COMMAND succeeds, at most SECONDS.
await() {
	local what=$1 limit=$(($2 * 10))
	shift 2
	until "$@" >/dev/null 2>&1; do
		limit=$((limit - 1))
		[ "$limit" -gt 0 ] || die "waited in vain for $what"
		sleep 0.1
	done
}

install -d -m 700 /run/demo
install -m 600 "/ipso/tests/lab/demo/$LAB_HOST.yaml" /ipso/out/demo/keys/*.key /run/demo/

say "what this host can do (ipso check)"
$ipso check -c "$config"

say "the gate alone, before anything else (ipso gate on)"
$ipso gate on -c "$config"
uplink=$(basename /sys/bus/pci/devices/"$LAB_PCI"/net/*)
ip link set "$uplink" up
tc qdisc add dev "$uplink" ingress

say "a TC rule that comes too early: it must be refused"
if tc filter add dev "$uplink" ingress protocol ip pref 7 flower dst_ip 192.0.2.99 action drop; then
	die "the rule was accepted although no IPsec table exists"
fi
tc qdisc del dev "$uplink" ingress

say "ipso run"
export NOTIFY_SOCKET=/run/demo/notify
socat -u UNIX-RECV:$NOTIFY_SOCKET CREATE:/run/demo/notified &
await "the notify socket" 5 test -S "$NOTIFY_SOCKET"
$ipso run -c "$config" >"$LAB_OUT/run.log" 2>&1 &
service=$!
await "READY=1 from ipso run" 60 sh -c "grep -q READY=1 /run/demo/notified || ! kill -0 $service"
cat "$LAB_OUT/run.log"
kill -0 $service 2>/dev/null || die "ipso run ended before it was ready"
$ipso events --json -f >"$LAB_OUT/events.jsonl" &

say "a second ipso up changes nothing"
$ipso up -c "$config"
lab-barrier ready

if [ "$LAB_HOST" = a ]; then
	say "$pings pings and $megabytes MB over TCP through the NICs"
	await "the peer" 30 ping -c 1 -W 1 "$peer"
	ping -c "$pings" -i 0.05 -q "$peer"
	head -c "${megabytes}M" /dev/urandom >/run/demo/sent
	lab-barrier listening
	nc -N "$peer" 5000 </run/demo/sent
	lab-barrier sent
	await "the checksum" 10 sh -c "nc -d $peer 5001 >/run/demo/sum && [ -s /run/demo/sum ]"
	[ "$(cat /run/demo/sum)" = "$(sha256sum </run/demo/sent)" ] || die "the checksums differ"
	echo "checksums agree: $(cat /run/demo/sum)"
else
	nc -l 5000 >/run/demo/got &
	receiver=$!
	lab-barrier listening
	lab-barrier sent
	wait $receiver
	sha256sum </run/demo/got | nc -N -l 5001
fi
lab-barrier moved

say "once the tables exist, a rule on a representor is welcome"
rep=$(devlink -j port show | jq -r '[.port[] | select(.flavour == "pcivf")][0].netdev')
tc qdisc add dev "$rep" ingress
tc filter add dev "$rep" ingress protocol ip pref 7 flower skip_sw dst_ip 192.0.2.99 action drop
tc filter show dev "$rep" ingress | grep -w in_hw || die "the rule is not in hardware"

sleep 1.5 # one interval, so that the counters of the last packets are in
say "ipso status"
$ipso status
$ipso status --json >"$LAB_OUT/status.json"
curl -sf http://127.0.0.1:9417/metrics >"$LAB_OUT/metrics.txt"
curl -sf http://127.0.0.1:9417/ >"$LAB_OUT/page.html"
say "metrics of the SAs"
grep -E '^ipso_sa_(packets|bytes)' "$LAB_OUT/metrics.txt"
say "why the rule was refused (ipso explain)"
$ipso explain
tc qdisc del dev "$rep" ingress # a rule in hardware keeps the eswitch as it is
lab-barrier shown
if [ -n "${DEMO_HOLD:-}" ]; then
	# what is said on host a is what the demo shows
	echo "on the machine that runs the demo, /metrics beside each:"
	echo "  page of host a: http://127.0.0.1:9417/"
	echo "  page of host b: http://127.0.0.1:9418/"
	lab-hold
fi
kill %?events 2>/dev/null || true
kill -TERM $service
wait $service
lab-barrier stopped
say "ipso down"
$ipso down
