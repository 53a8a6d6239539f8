#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=2 kernels=new also=6.12 nic=connectx-7 timeout=480
# shows: two hosts change the keys of a tunnel in stages under traffic: no packet is lost or clear; with the SPI kept packets may be lost and none is clear; other tunnels and what others made are left alone
. /ipso/tests/lab/scenarios/ipso.lib.sh
. /ipso/tests/lab/scenarios/traffic.lib.sh
write_keys
config legacy
# A second tunnel, by hand: its keys are in no other file either.
(umask 077 && test_key other-$me 40 >$conf/other-out.key && test_key other-$peer 40 >$conf/other-in.key)
cp $conf/ipso.yaml $conf/alone.yaml
sed -i "s|addresses: .*|addresses: [$me_ip/24, 192.168.2.$me/24, 10.9.0.$me/24]|" $conf/ipso.yaml
cat >>$conf/ipso.yaml <<-YAML
	  - name: other
	    device: "$LAB_PCI"
	    local: 192.168.2.$me
	    remote: 192.168.2.$peer
	    out: { spi: 0x300$me, reqid: 31, key-file: other-out.key }
	    in: { spi: 0x300$peer, reqid: 32, key-file: other-in.key }
YAML
up="$ipso up -c $conf/ipso.yaml"
dev=$(uplink)

note "what others made: an SA, a policy, a rule, a bridge, an address in a subnet of ours"
# Before ours: a software SA that comes later may stand in the way of packet-offload SAs of its hash
# bucket, as the kernel stops looking at the first that is none (xfrm_state_find(), 6.12).
ip xfrm state add src 203.0.113.1 dst 203.0.113.2 proto esp spi 0x9001 reqid 9 mode transport \
	aead 'rfc4106(gcm(aes))' "0x$(test_key foreign 40)" 128
ip xfrm policy add src 203.0.113.1 dst 203.0.113.2 dir out tmpl proto esp reqid 9 mode transport
tc qdisc add dev "$dev" clsact
tc filter add dev "$dev" ingress protocol ip pref 77 flower skip_hw dst_ip 203.0.113.9 action drop
ip link add br-foreign type bridge
expect 0 $up
ip addr add "10.9.0.$((me + 70))/24" dev "$dev"
foreign() {
	ip -o addr show dev "$dev" | grep -oE "inet 10\.9\.0\.$((me + 70))/24"
	ip xfrm state list nokeys src 203.0.113.1
	ip xfrm policy list src 203.0.113.1
	tc filter show dev "$dev" ingress | grep -E 'pref 77|203.0.113.9'
	ip -o link show br-foreign | grep -oE 'br-foreign: <[A-Z,]*>'
}
foreign >$conf/foreign
sa() { ip -s xfrm state get src "$1" dst "$2" proto esp spi "$3"; }
sa 192.168.2.$me 192.168.2.$peer 0x300$me | grep -oE 'add [0-9-]+ [0-9:]+' >$conf/other # when it was added

lab-barrier up 200
pings 1 "$peer_ip"
lab-barrier reached 200
before=$(clear)
traffic_begin 20
lab-barrier traffic 200

# newer FILE: with other SPIs, and another reqid outbound: it is what the driver tells SAs by
newer() {
	sed -i -e 's/out: { spi: 0x100\([12]\), reqid: 1,/out: { spi: 0x101\1, reqid: 11,/' \
		-e 's/in: { spi: 0x100\([12]\), reqid: 2,/in: { spi: 0x101\1, reqid: 2,/' "$1"
}
note "other SPIs, keys and reqid, in stages: first both receive with them, then both send"
(umask 077 && test_key new-a-to-b 40 >$conf/a-to-b.key && test_key new-b-to-a 40 >$conf/b-to-a.key)
newer $conf/ipso.yaml
expect 0 $ipso plan -c $conf/ipso.yaml
says "5. remove SA in"
expect 0 $up --until inbound
says "1 step done"
traffic_goes_on inbound
expect 0 $up --until outbound
says "remove SA out"
traffic_goes_on outbound
expect 0 $up
says "remove SA in"
says "1 step done"
traffic_goes_on rolled
expect 0 $up
says "nothing to do"
traffic_end
equal "lost in a change in stages" "$lost" 0
equal "came in the clear" "$(clear)" "$before"
equal "SAs of the tunnel" "$(ip -o xfrm state list nokeys | grep -cE 'spi 0x0000101[12]')" 2
sa 192.168.2.$me 192.168.2.$peer 0x300$me | grep -oE 'add [0-9-]+ [0-9:]+' | diff $conf/other - ||
	fail "the SA of another tunnel was made anew"
lab-barrier staged 200

note "another key under the same SPI: packets may be lost, none is clear"
traffic_begin 1
lab-barrier traffic 200
(umask 077 && test_key third-a-to-b 40 >$conf/a-to-b.key && test_key third-b-to-a 40 >$conf/b-to-a.key)
expect 0 $up
says "packets are lost in between"
says "2 steps done"
lab-barrier replaced 200
traffic_goes_on goes-on
traffic_end
pings 3 "$peer_ip"
equal "came in the clear" "$(clear)" "$before"
lab-barrier counted 200

note "less: what is no longer asked for goes, what others made stays"
newer $conf/alone.yaml
mv $conf/alone.yaml $conf/ipso.yaml
expect 0 $up
says "remove address 192.168.2.$me/24"
says "remove address 10.9.0.$me/24"
says "remove policy out"
says "6 steps done"
foreign | diff $conf/foreign - || fail "up touched what others made"
expect 0 $up
says "nothing to do"
pings 3 "$peer_ip"
lab-barrier less 200
expect 0 $ipso down
foreign | diff $conf/foreign - || fail "down touched what others made"
equal "ours left" "$(ip -o xfrm state list nokeys | grep -vc 203.0.113)$(ip -o xfrm policy | grep -vc 203.0.113)" 00
no_keys_in "$LAB_OUT" /run/ipso
