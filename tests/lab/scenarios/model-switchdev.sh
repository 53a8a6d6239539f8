#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=2 kernels=6.12,new nic=connectx-7 timeout=240
# shows: switchdev: VF and representor talk through the slow path; tc redirects VF and uplink in hardware, counts, pushes and pops VLAN and QinQ tags, and serves a block of several ports
. /ipso/tests/lab/scenarios/lib.sh
switchdev 1
port=$(vf_port 0)
devlink port function set "$port" hw_addr "02:aa:00:00:00:0$me"
vf_bind 0
dev=$(uplink) rep=$(vf_rep 0)
vf=$(vf_dev 0)
into v0 "$vf" "10.0.0.$me"
ip link set "$rep" up
up_uplink

note "slow path"
ip addr add "10.9.0.1/24" dev "$rep"
ip -n v0 addr add "10.9.0.2/24" dev "$vf"
await "carrier of the VF" 10 ip netns exec v0 grep -q 1 "/sys/class/net/$vf/carrier"
reach 10.9.0.2
ping23 10.9.0.2

# redirect PREF PROTOCOL FROM TO [MATCH -- ACTION...]: skip_sw, so that only hardware can do it
redirect() {
	local pref=$1 protocol=$2 from=$3 to=$4 match=()
	shift 4
	while [ $# -gt 0 ] && [ "$1" != -- ]; do match+=("$1"); shift; done
	[ $# -eq 0 ] || shift
	tc filter add dev "$from" ingress protocol "$protocol" pref "$pref" flower skip_sw \
		"${match[@]}" "$@" action mirred egress redirect dev "$to" ||
		fail "tc $from -> $to $protocol ${match[*]} refused"
}

# hardware packets of pref $2 on device $1
hw_packets() {
	tc -j -s filter show dev "$1" ingress pref "$2" |
		jq '[.[].options.actions[]?.stats.hw_packets // 0] | max'
}

# round NAME: 23 pings from VF to VF must be seen by both rules of IP in hardware
round() {
	reach "10.0.0.$other" v0
	meet "$1 reached"
	local before_out before_in
	before_out=$(hw_packets "$rep" 1) before_in=$(hw_packets "$dev" 1)
	meet "$1 before"
	if on_a; then ping_ns=v0 ping23 "10.0.0.$other"; fi
	meet "$1 pinged"
	moved() { [ "$(hw_packets "$1" 1)" -ge $(($2 + 23)) ]; }
	await "hardware counters of the rule out ($before_out)" 6 moved "$rep" "$before_out"
	await "hardware counters of the rule in ($before_in)" 6 moved "$dev" "$before_in"
	echo "ok: $1: 23 of 23 answered, counted in hardware"
	meet "$1 done"
}

fresh() {
	tc qdisc del dev "$dev" ingress 2>/dev/null || true
	tc qdisc del dev "$rep" ingress 2>/dev/null || true
	tc qdisc add dev "$dev" ingress
	tc qdisc add dev "$rep" ingress
	meet "$1 fresh"
}

ethtool -K "$dev" hw-tc-offload on
ethtool -K "$rep" hw-tc-offload on
peer_mac=02:aa:00:00:00:0$other

note "fast path"
fresh plain
redirect 1 ip "$dev" "$rep" src_mac "$peer_mac"
redirect 2 arp "$dev" "$rep" src_mac "$peer_mac"
redirect 1 ip "$rep" "$dev" dst_mac "$peer_mac"
redirect 2 arp "$rep" "$dev"
meet plain
round plain
tcp_peer=10.0.0.$other
tcp a 5 5001 v0

note "VLAN push and pop"
fresh vlan
redirect 1 802.1q "$dev" "$rep" vlan_id 7 src_mac "$peer_mac" vlan_ethtype ip -- action vlan pop
redirect 2 802.1q "$dev" "$rep" vlan_id 7 src_mac "$peer_mac" vlan_ethtype arp -- action vlan pop
redirect 1 ip "$rep" "$dev" -- action vlan push id 7
redirect 2 arp "$rep" "$dev" -- action vlan push id 7
meet vlan
round vlan

note "QinQ push and pop"
fresh qinq
redirect 1 802.1ad "$dev" "$rep" vlan_id 9 vlan_ethtype 802.1q cvlan_id 7 cvlan_ethtype ip \
	src_mac "$peer_mac" -- action vlan pop action vlan pop
redirect 2 802.1ad "$dev" "$rep" vlan_id 9 vlan_ethtype 802.1q cvlan_id 7 cvlan_ethtype arp \
	src_mac "$peer_mac" -- action vlan pop action vlan pop
redirect 1 ip "$rep" "$dev" -- action vlan push id 7 action vlan push id 9 protocol 802.1ad
redirect 2 arp "$rep" "$dev" -- action vlan push id 7 action vlan push id 9 protocol 802.1ad
meet qinq
round qinq

note "a block that two ports share: one rule, in hardware for each of them"
for member in "$dev" "$rep"; do
	tc qdisc del dev "$member" ingress
	tc qdisc add dev "$member" ingress_block 22 ingress
done
on_ports() { tc filter show block 22 | grep -oE 'in_hw_count [0-9]+'; }
tc filter add block 22 protocol ip pref 1 flower skip_sw dst_ip 198.51.100.7 action drop
equal "with two ports" "$(on_ports)" "in_hw_count 2"
tc qdisc del dev "$rep" ingress
equal "when one has left" "$(on_ports)" "in_hw_count 1"
tc qdisc add dev "$rep" ingress_block 22 ingress
equal "when it is back" "$(on_ports)" "in_hw_count 2"
meet block
