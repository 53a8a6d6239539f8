#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=1 kernels=6.12,new nic=connectx-7 timeout=300
# shows: the pin gives an uplink its IPsec tables for an IKE daemon to come; they outlive a flush of SAs
. /ipso/tests/lab/scenarios/ipso.lib.sh
write_keys
config switchdev aes-gcm-128 "    vfs: [{ index: 0 }]"
cp $conf/ipso.yaml $conf/static.yaml
sed -i '/    out:/d; s/    in:.*/    keying: ike/' $conf/ipso.yaml
representor() { devlink -j port show | jq -r '.port[] | select(.flavour == "pcivf") | .netdev'; }
# rule PREF ARGUMENT...: from the VF to the network, in hardware; else it fails
rule() {
	local pref=$1
	shift
	tc filter add dev "$rep" ingress protocol ip pref "$pref" flower skip_sw "$@" \
		action mirred egress redirect dev "$(uplink)"
}
sa() { # by hand, as a daemon does
	ip xfrm state add src "$me_ip" dst "$peer_ip" proto esp spi 0x2001 reqid 7 mode transport \
		aead 'rfc4106(gcm(aes))' "0x$(test_key by-hand 40)" 128 \
		offload packet dev "$(uplink)" dir out sel src "$me_ip" dst "$peer_ip"
}
host_state >$conf/before

note "no SA, and yet there are IPsec tables: rules may come"
expect 0 $ipso up -c $conf/ipso.yaml
says "pin the IPsec tables"
equal "SAs" "$(ip xfrm state list nokeys)" ""
equal "policies of the pin" "$(ip -o xfrm policy | grep -c 'action block.*mode packet')" 2
expect 0 $ipso check -c $conf/ipso.yaml
says "2 policies keep the IPsec tables"
rep=$(representor)
ethtool -K "$rep" hw-tc-offload on
tc qdisc add dev "$rep" ingress
expect 0 rule 7 dst_ip 198.51.100.7
[ "$LAB_KERNEL" = 6.12 ] || tc filter del dev "$rep" ingress # 7.3 takes no SA beside a rule
expect 0 sa

note "a daemon flushes its SAs: the tables stay"
ip xfrm state flush
expect 0 rule 8 dst_ip 198.51.100.8
expect 0 $ipso up -c $conf/ipso.yaml
says "nothing to do"
tc filter del dev "$rep" ingress

note "it flushes policies too: the pin goes, up puts it back"
ip xfrm policy flush
refused() { ! rule 9 dst_ip 198.51.100.9 2>/dev/null || { tc filter del dev "$rep" ingress; false; }; }
await "the gate to refuse a rule" 20 refused
expect 0 $ipso up -c $conf/ipso.yaml
says "2 steps done"
expect 0 rule 9 dst_ip 198.51.100.9
tc qdisc del dev "$rep" ingress
expect 0 $ipso down
host_state | diff $conf/before - || fail "down left something behind"
no_keys_in "$LAB_OUT" /run/ipso
