#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=2 kernels=6.12,new nic=connectx-7 timeout=480
# shows: VXLAN over IPsec with Open vSwitch: refused while it is not running, VF to VF through VXLAN inside ESP of the uplink, flows offloaded, nothing of others touched
. /ipso/tests/lab/scenarios/ipso.lib.sh
write_keys
config switchdev aes-gcm-128 \
	"    vfs: [{ index: 0, netns: ns0, mtu: 1500, addresses: [10.0.0.$me/16] }]"
config_bridge

note "Open vSwitch does not run: nothing is begun"
expect 3 $ipso up -c $conf/ipso.yaml
says "Open vSwitch is not running"
says "ovs-ctl start"
equal "VFs" "$(cat /sys/bus/pci/devices/"$LAB_PCI"/sriov_numvfs)" 0

ovs start
expect 0 ovs-vsctl --timeout=30 add-br br-other -- add-port br-other other0 -- \
	set Interface other0 type=internal
ovs_before() { # what down must leave as it was
	ovs-vsctl --format=csv --columns=other_config list Open_vSwitch .
	ovs-vsctl --format=csv --columns=name,external_ids list Bridge
	ovs-vsctl --format=csv --columns=name,external_ids list Port | sort
	ip xfrm state
}
ovs_before >$conf/before

expect 0 $ipso plan -c $conf/ipso.yaml
says "ovs-vsctl set Open_vSwitch . other_config:hw-offload=true"
says "options:key=100"
ovs_before | diff $conf/before - || fail "ipso plan changed Open vSwitch"
expect 0 $ipso up -c $conf/ipso.yaml
expect 0 $ipso up -c $conf/ipso.yaml
says "nothing to do"
rep=$(devlink -j port show |
	jq -r '.port[]|select(.flavour=="pcivf" and .vfnum==0).netdev')
equal "ports of the bridge" "$(ovs-vsctl list-ports br-ovs | sort | xargs)" "$rep vxlan1"
lab-barrier up

out_packets() { # of the SA that sends, from ip -s xfrm state
	ip -s xfrm state | awk -v spi="0x0000100$me" '
		$1 == "proto" { here = $4 ~ "^" spi }
		/lifetime current:/ { getline; if (here) { sub(/\(.*/, "", $2); print $2 } }'
}

# What goes out is in hardware. What comes in is decrypted there and decapsulated in software: Open
# vSwitch (here 3.5) matches the flags of the outer packet where the kernel's flower can, and mlx5
# takes no such match (en/tc_tun.c, flow_rule_has_enc_control_flags()).
# vf_ping NAME VNI: 23 packets from VF to VF, each of which is one of the SA; both hosts
vf_ping() {
	await "the VF of the other side" 20 ip netns exec ns0 ping -c 1 -W 1 "10.0.0.$peer"
	local before
	before=$(out_packets)
	lab-barrier "$1-reached" # both have counted before either sends
	pings 23 "10.0.0.$peer" ip netns exec ns0
	await "an encapsulation in hardware" 10 sh -c \
		"ovs-appctl dpctl/dump-flows type=offloaded | grep -q 'set(tunnel(tun_id=$2,'"
	lab-barrier "$1-pinged"
	more() { [ $(($(out_packets) - before)) -ge 46 ]; } # 23 asked, 23 answered
	await "46 packets of the SA" 10 more
	echo "ok: $1: $(($(out_packets) - before)) packets more went out in ESP"
	ovs-appctl dpctl/dump-flows type=offloaded
	lab-barrier "$1-done"
}
note "VF to VF through VXLAN inside ESP"
vf_ping first 0x64

note "another VNI changes that port only"
sed -i 's/vni: 100/vni: 101/' $conf/ipso.yaml
expect 0 $ipso up -c $conf/ipso.yaml
says "change VXLAN port vxlan1: VNI 101"
says "1 step done"
lab-barrier changed
vf_ping changed 0x65

note "while Open vSwitch is stopped its flows stay in hardware, and so do the tunnels"
ovs stop
expect 1 $ipso down
says "Open vSwitch is not running"
equal "SAs in packet offload" "$(ip xfrm state | grep -c 'mode packet')" 2
equal "policies in packet offload" "$(tunnel_policies | grep -c 'mode packet')" 2
ovs start

note "what ipso added goes, what others have stays"
expect 0 $ipso down
ovs_before | diff $conf/before - || fail "ipso down left something behind"
no_keys_in "$LAB_OUT" /run/ipso /var/log /etc/openvswitch

note "the same by hand, from ipso plan --shell"
$ipso plan --shell -c $conf/ipso.yaml >$conf/script
IPSO=$ipso expect 0 sh $conf/script
expect 0 $ipso up -c $conf/ipso.yaml
says "2 steps done" # block policies, for which ip(8) has no word
lab-barrier end
