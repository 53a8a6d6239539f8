#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=2 kernels=new also=6.12 nic=connectx-7 timeout=400
# shows: TC rules of the configuration that encapsulate and decapsulate VXLAN in hardware, inside IPsec of the uplink and without Open vSwitch; a block that two representors share; a second up has nothing to do, a smaller file takes away what it lacks, down leaves what was there
. /ipso/tests/lab/scenarios/ipso.lib.sh
write_keys
config switchdev aes-gcm-128 \
	"    vfs: [{ index: 0, netns: ns0, mtu: 1500, addresses: [10.0.0.$me/16] }, { index: 1 }, { index: 2 }]
    blocks: [{ number: 22, vfs: [1, 2] }]"
cp $conf/ipso.yaml $conf/bare.yaml
ends="local: $me_ip, remote: $peer_ip, vni: 78"
rules() { # PROTOCOL PREF: out of the VF into the tunnel, and back
	cat <<-YAML
		  - device: "$LAB_PCI"
		    from: { vf: 0 }
		    match: { protocol: $1 }
		    actions: [{ tunnel-set: { $ends } }, { redirect: { vxlan: 4789 } }]
		    pref: $2
		  - device: "$LAB_PCI"
		    from: { vxlan: 4789 }
		    match: { protocol: $1, tunnel: { $ends } }
		    actions: [tunnel-unset, { redirect: { vf: 0 } }]
		    pref: $2
	YAML
}
{
	echo "tc:"
	rules ip 1
	rules arp 2
	echo "  - { device: \"$LAB_PCI\", from: { block: 22 }, to: uplink, match: { protocol: ip }, pref: 5 }"
} >>$conf/ipso.yaml

note "a qdisc that shares no block is in the way: nothing is begun"
by_hand 3
before() {
	host_state
	ip -br link show type vxlan
	for vf in 1 2; do tc qdisc show dev "$(representor $vf)" ingress; done
}
tc qdisc add dev "$(representor 1)" ingress
before >$conf/before
expect 3 $ipso up -c $conf/ipso.yaml
says "$(representor 1) has an ingress or clsact qdisc with rules of its own"
before | diff $conf/before - || fail "a refused up changed the host"
tc qdisc del dev "$(representor 1)" ingress
before >$conf/before

note "up"
expect 0 $ipso up -c $conf/ipso.yaml
says "ip link add vxlan4789 up type vxlan dstport 4789 external"
expect 0 $ipso up -c $conf/ipso.yaml
says "nothing to do"
in_hw() { tc -j filter show dev "$1" ingress | jq '[.[] | select(.options.in_hw)] | length'; }
equal "rules of the VF in hardware" "$(in_hw "$(representor 0)")" 2
equal "rules of the tunnels in hardware" "$(in_hw vxlan4789)" 2
equal "ports whose hardware has the block's rule" \
	"$(tc -j filter show block 22 | jq '[.[].options.in_hw_count // empty][0]')" 2
tc -s filter show dev vxlan4789 ingress

note "VF to VF: VXLAN inside ESP, by rules in hardware at both ends"
lab-barrier up
esp() { ethtool -S "$(uplink)" | awk '$1 == "ipsec_tx_pkts:" { print $2 }'; }
hw_packets() { tc -j -s filter show dev "$1" ingress pref 1 | jq '[.[].options.actions[]?.stats.hw_packets // 0] | max'; }
await "the VF of the other side" 30 ip netns exec ns0 ping -c 1 -W 1 "10.0.0.$peer"
lab-barrier reached
was=$(esp) out=$(hw_packets "$(representor 0)") in=$(hw_packets vxlan4789)
lab-barrier counted
pings 23 "10.0.0.$peer" ip netns exec ns0
lab-barrier pinged
# grown WHAT BEFORE COMMAND...: by 23 asked and 23 answered
grown() {
	local what=$1 begin=$2
	shift 2
	enough() { [ $(($("$@") - begin)) -ge 46 ]; }
	await "46 packets of $what" 15 enough "$@"
	echo "ok: $what: $(($("$@") - begin)) more"
}
grown "ESP" "$was" esp
grown "the rule out" "$out" hw_packets "$(representor 0)"
grown "the rule in" "$in" hw_packets vxlan4789
lab-barrier measured

note "somebody's rule on the block"
tc filter add block 22 pref 77 protocol ipv6 flower action drop

note "a file without the rules"
expect 0 $ipso up -c $conf/bare.yaml
says "remove VXLAN net device vxlan4789"
equal "VXLAN devices" "$(ip -br link show type vxlan)" ""
equal "rules on the block" "$(tc -j filter show block 22 | jq '[.[] | select(.options.handle)] | length')" 1
tc filter del block 22 pref 77
expect 0 $ipso up -c $conf/ipso.yaml
says "add TC rule pref 5 at block 22"

note "down leaves what was there"
expect 0 $ipso down
before | diff $conf/before - || fail "ipso down left something behind"
no_keys_in "$LAB_OUT" /run/ipso
lab-barrier end

note "the same by hand, from ipso plan --shell"
$ipso plan --shell -c $conf/ipso.yaml >$conf/script
IPSO=$ipso expect 0 sh $conf/script
expect 0 $ipso up -c $conf/ipso.yaml
says "2 steps done" # block policies, for which ip(8) has no word
