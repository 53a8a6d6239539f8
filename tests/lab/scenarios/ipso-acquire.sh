#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=1 kernels=6.12,new nic=connectx-7 timeout=240
# shows: a packet for an offloaded policy without SA while an IKE daemon listens: where the kernel would oops (6.12.118) it is refused, counted, told, also when the service was killed, and for a policy older than the service; where the kernel can do it, the daemon is asked
. /ipso/tests/lab/scenarios/ipso.lib.sh
config legacy
sed -i -E '/^    (out|in): /d; s/    mode: transport/    keying: ike\n&/' $conf/ipso.yaml
service_start
dev=$(uplink)
ip neigh replace $peer_ip lladdr 02:00:00:00:00:02 dev "$dev"
ip xfrm monitor acquire >$conf/acquires & # what makes the kernel take it that a daemon listens
policy() {
	ip xfrm policy "$1" src $me_ip dst $peer_ip dir out priority 7 offload packet dev "$dev" \
		tmpl src $me_ip dst $peer_ip proto esp reqid 7 mode transport
}
ask() { ping -c 1 -W 1 -q $peer_ip >/dev/null 2>&1 || true; }
refused() { metric ipso_acquires_refused_total; }
asked() { ask; grep -q acquire $conf/acquires; }
more_refused() { ask; [ "$(refused)" -gt "$1" ]; }

policy add
if [ "$LAB_KERNEL" = new ]; then
	await "the daemon to be asked" 20 asked
	equal "acquires refused" "$(refused)" 0
else
	await "an acquire to be refused" 20 more_refused 0
	await "the log to tell of it" 20 grep -q "this kernel would oops" "$LAB_OUT/run.log"
	note "the service is killed: the kernel lives"
	kill -9 "$service"
	wait "$service" || true
	ask
	ip xfrm policy del src $me_ip dst $peer_ip dir out
	policy add
	ask
	equal "what is pinned" "$(cd /sys/fs/bpf/ipso && echo acquire_*)" "acquire_gone acquire_policy acquire_refuse acquire_refuse_too"
	note "the policy is older than the service"
	service_start
	told() { grep -q "this kernel would oops" "$LAB_OUT/run.log"; }
	await "the policy to be seen" 20 told
	await "an acquire to be refused" 20 more_refused 0
	equal "acquires that came to the daemon" "$(grep -c acquire $conf/acquires)" 0
fi
equal "programs not attached" "$(status '[.programs[] | select(.attached | not) | .name] | join(" ")')" ""
service_stop
ip xfrm policy del src $me_ip dst $peer_ip dir out
expect 0 $ipso down
[ ! -e /sys/fs/bpf/ipso ] || fail "pins were left behind"
