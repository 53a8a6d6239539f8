#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=2 kernels=6.12,new nic=connectx-7 timeout=480
# shows: IPsec of a VF in a namespace behind QinQ rules in hardware, from one file; down undoes
. /ipso/tests/lab/scenarios/ipso.lib.sh
. /ipso/tests/lab/scenarios/traffic.lib.sh
write_keys 72
out=a-to-b in=b-to-a so=0x1001 si=0x1002 reqid=1
if [ "$LAB_HOST" = b ]; then out=b-to-a in=a-to-b so=0x1002 si=0x1001; fi

# config_vf INNER-TAG [ACTIONS-IN]: IPv6 and AES-256 on VF 0, in tag 10 and the inner one on the wire
config_vf() {
	cat >$conf/ipso.yaml <<-YAML
		version: 1
		devices:
		  - pci: "$LAB_PCI"
		    mode: switchdev
		    mtu: 2000
		    vfs:
		      - { index: 0, mac: "02:aa:00:00:00:0$me", netns: ns0, ipsec-packet: true,
		          addresses: ["fd00:2::$me/64"] }
		      - { index: 1, mac: "02:aa:00:00:01:0$me", netns: ns1 }
		tunnels:
		  - name: guests
		    device: "$LAB_PCI"
		    vf: 0
		    local: fd00:2::$me
		    remote: fd00:2::$peer
		    mode: transport
		    aead: aes-gcm-256
		    esn: true
		    replay-window: 128
		    out: { spi: $so, reqid: $reqid, key-file: $out.key }
		    in: { spi: $si, reqid: 2, key-file: $in.key }
		tc:
		  - device: "$LAB_PCI"
		    from: uplink
		    match: { vlan: [10, 5] }
		    actions: [vlan-pop, vlan-pop, ${2:-}{ redirect: { vf: 0 } }]
		    pref: 1
		  - device: "$LAB_PCI"
		    from: { vf: 0 }
		    actions: [{ vlan-push: { id: $1 } }, { vlan-push: { id: 10 } }, { redirect: uplink }]
		    pref: 1
		  - { device: "$LAB_PCI", from: { vf: 1 }, to: { vf: 0 }, pref: 7,
		      match: { src: 2001:db8::/33, dst: 2001:db8:ffff::1, ip-protocol: udp } }
	YAML
}

# rule DEVICE JQ: of its one flower rule as the kernel shows it
rule() { tc -s -j filter show dev "$1" ingress | jq -r "[.[] | select(.options.in_hw)][0].options | $2"; }
hw_packets() { rule "$1" '.actions[-1].stats.hw_packets'; }
uplink() { devlink -j port show | jq -r '.port[] | select(.flavour == "physical") | .netdev'; }
rep() { devlink -j port show | jq -r ".port[] | select(.vfnum == ${1:-0}) | .netdev"; }
sa_packets() { ip -n ns0 -s xfrm state | grep -oP '\(bytes\), \K[0-9]+(?=\(packets\))' | sort -u; }
ipsec_counter() { ip netns exec ns0 ethtool -S "$vf" | awk -v n="$1:" '$1 == n { print $2 }'; }

note "one file"
config_vf 5
expect 0 $ipso plan -c $conf/ipso.yaml
says "vlan 10 5, protocol all: vlan-pop, vlan-pop, redirect to VF 0"
says "flower skip_sw vlan_id 10 vlan_ethtype 802.1q cvlan_id 5 action vlan pop action vlan pop"
expect 0 $ipso up -c $conf/ipso.yaml
equal "SAs of the VF in packet offload" "$(ip -n ns0 xfrm state | grep -c 'mode packet')" 2
equal "policies of the VF in packet offload" "$(ip -n ns0 xfrm policy | grep -c 'mode packet')" 2
equal "SAs outside" "$(ip xfrm state)" ""
tc -s filter show dev "$(uplink)" ingress
tc -s filter show dev "$(rep)" ingress
equal "actions at the uplink" "$(rule "$(uplink)" '[.actions[] | .kind + (.vlan_action // "")] | join(" ")')" \
	"vlanpop vlanpop mirred"
equal "actions at the representor" "$(rule "$(rep)" '[.actions[] | .kind + (.id // "" | tostring)] | join(" ")')" \
	"vlan5 vlan10 mirred"
equal "match between the VFs" "$(rule "$(rep 1)" '.keys | .src_ip + " " + .dst_ip + " " + .ip_proto')" \
	"2001:db8::/33 2001:db8:ffff::1 udp"
expect 0 $ipso up -c $conf/ipso.yaml
says "nothing to do"

note "both ways, through both tags"
lab-barrier up
vf=$(ip -n ns0 -j addr show to "fd00:2::$me" | jq -r '.[0].ifname')
ip -n ns0 -6 neigh replace "fd00:2::$peer" lladdr "02:aa:00:00:00:0$peer" dev "$vf" nud permanent
lab-barrier neighbours
if [ "$LAB_HOST" = a ]; then
	pings 23 "fd00:2::$peer" ip netns exec ns0
fi
lab-barrier pinged
equal "ipsec_tx_pkts of the VF" "$(ipsec_counter ipsec_tx_pkts)" 23
equal "ipsec_rx_pkts of the VF" "$(ipsec_counter ipsec_rx_pkts)" 23
await "23 packets of each SA" 10 sh -c \
	"[ \"\$(ip -n ns0 -s xfrm state | grep -c ' 23(packets)')\" -ge 2 ]"
ip -n ns0 -s xfrm state | sed 's/0x[0-9a-f]\{40,\}/KEY/'
for dev in $(uplink) $(rep); do
	await "the count of the rule at $dev" 10 \
		sh -c "tc -s filter show dev $dev ingress | grep -qE 'Sent hardware .* (2[3-9]|[3-9][0-9]) pkt'"
	echo "ok: hardware packets of the rule at $dev = $(hw_packets "$dev")"
done
expect 0 $ipso check -c $conf/ipso.yaml
lab-barrier counted

note "new keys beside these rules, which a tunnel of the uplink cannot have on newer kernels"
in_hardware() {
	local dev n=0
	for dev in $(uplink) $(rep) $(rep 1); do
		n=$((n + $(tc -j filter show dev "$dev" ingress | jq '[.[] | select(.options.in_hw)] | length')))
	done
	echo $n
}
equal "rules in hardware" "$(in_hardware)" 3
traffic_run="ip netns exec ns0" traffic_to=fd00:2::$peer
traffic_begin 20
(umask 077 && test_key new-a-to-b 72 >$conf/a-to-b.key && test_key new-b-to-a 72 >$conf/b-to-a.key)
so=${so/0x10/0x11} si=${si/0x10/0x11} reqid=11
config_vf 5
for stage in inbound outbound all; do
	until=(--until "$stage")
	[ "$stage" != all ] || until=()
	expect 0 $ipso up -c $conf/ipso.yaml "${until[@]}"
	equal "rules in hardware" "$(in_hardware)" 3
	traffic_goes_on $stage
done
traffic_end
equal "lost" "$lost" 0
equal "SAs of the VF" "$(ip -n ns0 xfrm state | grep -c "spi 0x0000110[12]")" 2
lab-barrier rolled

note "a rule that firmware refuses is a failure with its reason, and is made good"
config_vf 5 "{ mirror: { vf: 1 } }, "
lab-fault set "cmd 936 status=0x01 syndrome=0x0badcafe"
expect 1 $ipso up -c $conf/ipso.yaml
says "add a flower rule, pref 1"
says "firmware"
lab-fault clear

note "a copy to another VF"
expect 0 $ipso up -c $conf/ipso.yaml
equal "actions at the uplink" "$(rule "$(uplink)" '[.actions[] | .kind + (.vlan_action // .mirred_action)] | join(" ")')" \
	"vlanpop vlanpop mirredmirror mirredredirect"
expect 0 $ipso up -c $conf/ipso.yaml
says "nothing to do"
copy=$(ip -n ns1 -j link show | jq -r '.[] | select(.link_type == "ether" and (.address | startswith("02:aa:"))) | .ifname')
ip -n ns1 link set dev "$copy" up promisc on
lab-barrier mirrored
before=$(ip -n ns1 -j -s link show "$copy" | jq '.[0].stats64.rx.packets')
lab-barrier counting
if [ "$LAB_HOST" = a ]; then
	pings 7 "fd00:2::$peer" ip netns exec ns0
fi
lab-barrier copied
copied=$(($(ip -n ns1 -j -s link show "$copy" | jq '.[0].stats64.rx.packets') - before))
[ $copied -ge 7 ] || fail "VF 1 was sent $copied copies of 7"
echo "ok: copies to VF 1 = $copied"

note "another inner tag: only that rule is replaced"
config_vf 6 "{ mirror: { vf: 1 } }, "
expect 0 $ipso plan -c $conf/ipso.yaml
says "replace TC rule pref 1 at representor of VF 0"
equal "steps" "$(grep -cE '^ *[0-9]+\. ' <<<"$output")" 1
expect 0 $ipso up -c $conf/ipso.yaml
equal "rules at the representor" "$(tc filter show dev "$(rep)" ingress | grep -c 'handle 0x')" 1
equal "inner tag" "$(rule "$(rep)" '.actions[0].id')" 6

note "RoCE of a VF: as it is nothing to do, else a step that firmware may refuse"
devlink port show "$(devlink -j port show | jq -r '.port | to_entries[] | select(.value.vfnum == 1) | .key')"
roce() { sed -i -E "s/(index: 1, mac: [^,]*, netns: ns1).*\}/\1, roce: $1 }/" $conf/ipso.yaml; }
roce false
expect 0 $ipso up -c $conf/ipso.yaml
says "nothing to do"
roce true
expect 0 $ipso plan -c $conf/ipso.yaml
says "roce enable"
lab-fault set "cmd 109 status=0x03 syndrome=0x0badcafe times=1" # SET_HCA_CAP
expect 1 $ipso up -c $conf/ipso.yaml
says "switch roce on for VF 1"
says "undo: unbind VF 1"
lab-fault clear
roce false
expect 0 $ipso up -c $conf/ipso.yaml

note "down leaves nothing"
expect 0 $ipso down
equal "VFs left" "$(cat /sys/bus/pci/devices/"$LAB_PCI"/sriov_numvfs)" 0
equal "namespaces left" "$(ls /run/netns 2>/dev/null)" ""
says "undo: switch ipsec_packet on"
no_keys_in "$LAB_OUT" /run/ipso
