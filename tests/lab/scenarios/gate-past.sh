#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=1 kernels=6.12,new nic=connectx-7 timeout=240
# shows: ways past the gate are counted and explained by the running service: a rule of an nftables chain that was made while the tables existed; rules of a tunnel device from before the eswitch stay in software, later ones are refused
. /ipso/tests/lab/scenarios/ipso.lib.sh
write_keys
config switchdev
sed -i '1a ordering: enforce' $conf/ipso.yaml
bypasses() { metric "ipso_gate_bypasses_total\{way=\"$1\"\}"; }
counted() { [ "$(bypasses "$1")" = "$2" ]; }
closed() { [ "$($ipso gate status --json | jq -r '.guarded[0].state')" = closed ]; }

note "legacy: a rule of a VXLAN device goes to no driver, it passes"
expect 0 $ipso gate on -c $conf/ipso.yaml
ip link add vx type vxlan external dstport 4789
tc qdisc add dev vx ingress
tunnel_rule() {
	tc filter add dev vx ingress protocol ip pref "$1" flower enc_dst_ip $me_ip enc_dst_port 4789 enc_key_id 7 action drop
}
expect 0 tunnel_rule 7

note "the eswitch appears: its driver calls for the rules that come, not for those that are there"
service_start
tc filter show dev vx ingress | grep -qw not_in_hw || fail "the rule of before is in hardware"

note "a chain of nftables for hardware, made while the tables exist"
up=$(uplink)
ethtool -K "$up" hw-tc-offload on
nft -f - <<<"add table netdev t; add chain netdev t c { type filter hook ingress device \"$up\" priority 1; flags offload; }"
rm -f /run/ipso/journal # the service leaves gone what is not ipso's
ip xfrm state flush
ip xfrm policy flush
await "the gate to close" 20 closed
expect 2 tunnel_rule 8
says "Device or resource busy"
equal "bypasses so far" "$(bypasses chain) $(bypasses rule) $(bypasses replay) $(bypasses flowtable)" "0 0 0 0"
nft add rule netdev t c ip daddr 192.0.2.9 drop
await "the rule to be counted" 5 counted chain 1
past() { $ipso events --json | jq -r 'select(.explanation.id == "G-05").event' | tail -n 1; }
await "its event" 10 eval '[ -n "$(past)" ]'
expect 0 $ipso explain "e$(past)" # the last failure may be G-06, which a reading tells: the tables went
says "G-05"
equal "its way, in the event" "$($ipso events --json | jq -r 'select(.explanation.id == "G-05").way' | tail -n 1)" chain
equal "other ways" "$(bypasses rule) $(bypasses replay) $(bypasses flowtable)" "0 0 0"

note "another mode at run time, of one eswitch: an event that names who made it"
expect 2 $ipso gate observe --device lo
expect 0 $ipso gate observe --device "$up"
expect 0 tunnel_rule 8
equal "observed" "$($ipso gate status --json | jq .verdicts.observed)" 1
expect 0 $ipso gate enforce --device "$LAB_PCI"
expect 2 tunnel_rule 9
expect 0 $ipso events --kind gate-mode --device "$LAB_PCI" --since 5m
says "gate of $LAB_PCI: observe, was enforce, ipso (pid"
says "gate of $LAB_PCI: enforce, was observe, ipso (pid"
expect 0 $ipso events --kind gate --device nothing
equal "events of no device" "$output" ""
expect 0 $ipso events --kind sa-add,sa-delete --tunnel pair --json
kinds=$output
expect 0 $ipso events --kind sa-add --kind sa-delete --tunnel none --tunnel pair --json
equal "the same, asked for one by one" "$(jq -rs '[.[].event]' <<<"$output")" "$(jq -rs '[.[].event]' <<<"$kinds")"
equal "events of the tunnel's SAs" "$(jq -rs '[.[].kind] | sort | join(" ")' <<<"$output")" "sa-add sa-add sa-delete sa-delete"
if bpftool map delete pinned /sys/fs/bpf/ipso/policy key hex 00 00 00 00 2>/dev/null; then
	fail "the policy can be written past the gate's own program"
fi
echo "ok: the policy is frozen"
