#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=1 kernels=6.12,new nic=connectx-7 timeout=480
# shows: the pin gives an uplink its IPsec tables for an IKE daemon to come; they outlive a flush of SAs. Rules in hardware before IPsec are named, or taken out and put back behind it, killed in between or not
. /ipso/tests/lab/scenarios/ipso.lib.sh
write_keys
config switchdev aes-gcm-128 "    vfs: [{ index: 0 }]"
cp $conf/ipso.yaml $conf/static.yaml
sed -i '/    out:/d; s/    in:.*/    keying: ike/' $conf/ipso.yaml
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
equal "policies of the pin" "$(pins)" 2
expect 0 $ipso check -c $conf/ipso.yaml
says "2 policies keep the IPsec tables"
rep=$(representor 0)
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
says "4 steps done"
expect 0 rule 9 dst_ip 198.51.100.9
tc qdisc del dev "$rep" ingress
expect 0 $ipso down
host_state | diff $conf/before - || fail "down left something behind"

note "rules in hardware before IPsec: refuse names them and changes nothing"
cp $conf/static.yaml $conf/ipso.yaml
by_hand 1
rep=$(representor 0)
ip link set "$rep" up
ethtool -K "$rep" hw-tc-offload on
ethtool -K "$(uplink)" hw-tc-offload on
tc qdisc add dev "$rep" ingress
expect 0 rule 7 dst_ip 198.51.100.7
expect 0 tc filter add dev "$rep" ingress protocol 802.1q pref 8 flower vlan_id 5 \
	vlan_ethtype ip dst_ip 198.51.100.0/24 action vlan pop action mirred egress redirect dev "$(uplink)"
expect 0 tc filter add dev "$rep" ingress protocol ip pref 9 chain 1 handle 0x99 flower skip_sw \
	src_mac 02:00:00:00:00:07 action drop
# rules: a line a rule as tc shows it, less what counts and what numbers actions
rules() {
	tc filter show dev "$rep" ingress | awk 'BEGIN { RS = "" } { gsub(/\n/, " "); print }' |
		sed -E 's/(index|used|installed) *[0-9]+( sec)?//g; s/[ \t]+/ /g' | sort
}
rules >$conf/rules
equal "rules in hardware" "$(grep -cw in_hw $conf/rules)" 3
host_state >$conf/with-rules
expect 3 $ipso up -c $conf/ipso.yaml
says "$rep pref 7"
says "$rep pref 8"
host_state | diff $conf/with-rules - || fail "a refused up changed something"
rules | diff $conf/rules - || fail "a refused up changed a rule"

note "displace: one that cannot be put back as it is stops it, by name"
sed -i '1a on-conflict: displace' $conf/ipso.yaml
expect 0 rule 10 ip_proto tcp dst_port 80
expect 3 $ipso up -c $conf/ipso.yaml
says "$rep pref 10"
says "cannot be displaced"
host_state | diff $conf/with-rules - || fail "a refused up changed something"
tc filter del dev "$rep" ingress pref 10

note "killed while the rules are out: down puts them back, up too"
killed_at "add SA in"
equal "rules left" "$(rules | grep -cw in_hw)" 0
mode=enforce # the pin is there, so it is open; every SA of 7.3 needs it closed
[ "$LAB_KERNEL" = 6.12 ] || mode=hold
equal "mode of the gate" "$($ipso gate status --json | jq -r '.. | .mode? // empty' | sort -u)" $mode
if [ $mode = hold ]; then
	expect 2 rule 11 dst_ip 198.51.100.11
	says "Device or resource busy"
fi
expect 0 $ipso down
rules | diff $conf/rules - || fail "down lost a rule"
host_state | diff $conf/with-rules - || fail "down left something behind"
killed_at "pref 9"
expect 0 $ipso up -c $conf/ipso.yaml
rules | diff $conf/rules - || fail "up lost a rule"
equal "SAs in packet offload" "$(ip xfrm state | grep -c 'mode packet')" 2
expect 0 $ipso up -c $conf/ipso.yaml
says "nothing to do"
expect 0 $ipso down
rules | diff $conf/rules - || fail "down lost a rule"

note "IPsec up, with the rules in hardware behind it; a failure puts them back"
lab-fault set "cmd a00 status=0x0f syndrome=0x0badcafe times=1"
expect 1 $ipso up -c $conf/ipso.yaml
says "undo: take TC rule pref 7"
rules | diff $conf/rules - || fail "a failed up lost a rule"
lab-fault clear
expect 0 $ipso up -c $conf/ipso.yaml
says "take TC rule pref 7"
says "put TC rule pref 7"
rules | diff $conf/rules - || fail "up lost a rule"
equal "SAs in packet offload" "$(ip xfrm state | grep -c 'mode packet')" 2

note "a new key and SPI beside them"
sed -i 's/spi: 0x100/spi: 0x300/' $conf/ipso.yaml
(umask 077 && test_key changed 40 >$conf/a-to-b.key && test_key other 40 >$conf/b-to-a.key)
expect 0 $ipso up -c $conf/ipso.yaml
if [ "$LAB_KERNEL" = 6.12 ]; then
	! grep -q "TC rule" <<<"$output" || fail "rules were displaced in vain"
else
	says "put TC rule pref 9"
fi
rules | diff $conf/rules - || fail "the rekey lost a rule"
expect 0 $ipso down
rules | diff $conf/rules - || fail "down lost a rule"
host_state | diff $conf/with-rules - || fail "down left something behind"
no_keys_in "$LAB_OUT" /run/ipso
