#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=1 kernels=6.12,new nic=connectx-7 timeout=240
# shows: the gate stays when the process that installed it is gone, is installed twice without a gap or a change, only counts in observe mode, and does not touch one of another version
. /ipso/tests/lab/scenarios/lib.sh
. /ipso/tests/lab/scenarios/gate.lib.sh
dev=$(uplink)
address "$dev" $me_ip
tc qdisc add dev "$dev" ingress

# ids of the gate's programs that are attached
programs() { bpftool -j prog show | jq -c '[.[] | select(.name == "ipso_gate_v1").id]'; }

note "no process holds it"
guard
pgrep -x ipso && fail "an ipso process is still there"
refused "flower" rule "$dev"

note "installed again: the same program, its counters kept"
before=$(programs)
guard
equal "programs" "$(programs)" "$before"
refused "flower" rule "$dev"
equal "refusals counted" "$(verdict refused)" 2

note "a killed installer leaves the old gate or the new one, never none"
for s in 0.01 0.1 0.4 0.8 1.6; do
	timeout -s KILL $s $ipso gate on -c $conf/ipso.yaml >/dev/null || true
	refused "flower, $s s into an installation" rule "$dev"
done
guard
refused "flower" rule "$dev"

note "observe: counted, reported, let through"
guard observe
passes "flower" rule "$dev"
equal "observed" "$(verdict observed)" 1
tc filter del dev "$dev" ingress

note "a gate of another version is left alone"
$ipso gate off
await_equal "programs" '[]' 5 programs
sed 's/ipso_gate_v1/ipso_gate_v0/g' /ipso/out/bpf/gate.o >$conf/older.o
bpftool prog loadall $conf/older.o /sys/fs/bpf/elsewhere autoattach
mkdir /sys/fs/bpf/ipso
mv /sys/fs/bpf/elsewhere/ipso_gate_v0 /sys/fs/bpf/ipso/link
for what in "on -c $conf/ipso.yaml" off; do
	# shellcheck disable=SC2086
	if out=$($ipso gate $what 2>&1); then fail "gate $what touched it"; fi
	grep -q "'ipso_gate_v0'" <<<"$out" || fail "gate $what does not name it: $out"
done
equal "status says so" "$($ipso gate status --json | jq .foreign)" true
