#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=1 kernels=6.12 also=new nic=connectx-7 timeout=240
# shows: the service: readiness, what it keeps of root, one instance, no keys left in its memory,
# death without harm, taking over, stopping with and without undoing
. /ipso/tests/lab/scenarios/ipso.lib.sh
write_keys
config legacy
dev=$(uplink)

states() { ip xfrm state | grep -c 'mode packet' || true; }

note "ready, with little of root's power"
service_start
grep -q '^STATUS=1 tunnels, 1 eswitches guarded' <(tr '\0' '\n' <$conf/notified) ||
	fail "no STATUS in $(cat $conf/notified)"
equal "capabilities: BPF, PERFMON, SYS_ADMIN, NET_ADMIN" \
	"$(awk '/^CapEff/ { print $2 }' /proc/$service/status)" 000000c000201000
equal "capabilities to be had again" \
	"$(awk '/^CapBnd/ { print $2 }' /proc/$service/status)" 000000c000201000
equal "new privileges" "$(awk '/^NoNewPrivs/ { print $2 }' /proc/$service/status)" 1
equal "core dump size" "$(awk '/^Max core file size/ { print $5 }' /proc/$service/limits)" 0
expect 1 $ipso run -c $conf/ipso.yaml
says "running already, process $service"
expect 0 curl -sf http://127.0.0.1:9417/healthz
says ok

note "no key is left in the memory of the service"
expect 0 env PYTHONPATH=/ipso/tests/lab/scenarios python3 -B - "$service" $conf/a-to-b.key $conf/b-to-a.key <<'PYTHON'
import sys
from memory import readable
pid, keys = sys.argv[1], [bytes.fromhex(open(f).read().strip()) for f in sys.argv[2:]]
wanted = [k[:16] for k in keys] + [k.hex().encode()[:32] for k in keys]
seen = 0
for line, begin, _, text in readable(pid):
    seen += len(text)
    for w in wanted:
        if w in text:
            sys.exit(f"key material at {begin + text.index(w):#x}: {line}")
print(f"{seen} bytes searched")
assert seen > 1000000
PYTHON

note "events: those of the set-up, then what comes"
$ipso events --json -f >$conf/events.jsonl &
follower=$!
await "the events of the set-up" 10 sh -c "[ \$(wc -l <$conf/events.jsonl) -ge 6 ]"
equal "SAs added" "$(jq -r 'select(.kind == "sa-add") | .result' $conf/events.jsonl | xargs)" "0 0"
equal "policies added, with the pin" \
	"$(jq -r 'select(.kind == "policy-add") | .result' $conf/events.jsonl | xargs)" "0 0 0 0"
ip xfrm state add src $me_ip dst 192.168.1.9 proto esp spi 0x3001 reqid 31 mode transport \
	aead 'rfc4106(gcm(aes))' "0x$(test_key by-hand 40)" 128 offload packet dev "$dev" dir out \
	sel src $me_ip dst 192.168.1.9
await "the SA added by hand" 10 grep -q 0x00003001 $conf/events.jsonl
curl -sfN -H 'Accept: text/event-stream' http://127.0.0.1:9417/api/v1/events >$conf/events.sse &
stream=$!
await "the kept events as a stream" 10 grep -q 0x00003001 $conf/events.sse
ip xfrm state delete src $me_ip dst 192.168.1.9 proto esp spi 0x3001
await "what comes as a stream" 10 grep -q '^data: .*sa-delete' $conf/events.sse
kill $stream
await "its removal" 10 sh -c "grep -q sa-delete $conf/events.jsonl"

note "killed: the data path and the gate stay, a new one takes over"
kill -KILL "$service"
wait "$service" || true
await "the end of the follower" 5 sh -c "! kill -0 $follower"
expect 1 $ipso status
says "the service is not running"
equal "SAs after the kill" "$(states)" 2
expect 0 $ipso gate status
says "enforce, open"
service_start
if grep -q 'add SA' "$LAB_OUT/run.log"; then fail "SAs were installed again"; fi
equal "names of the SAs" "$(status '[.sas[].tunnel] | unique | @csv')" '"pair"'
service_stop
equal "SAs after SIGTERM" "$(states)" 2

note "with --down-on-exit everything goes"
$ipso run -c $conf/ipso.yaml --down-on-exit >"$LAB_OUT/run-down.log" 2>&1 &
service=$!
await "the service" 30 $ipso status
service_stop
cat "$LAB_OUT/run-down.log"
equal "SAs after --down-on-exit" "$(states)" 0
expect 0 $ipso gate status
says "not installed"
no_keys_in "$LAB_OUT" /run/ipso
