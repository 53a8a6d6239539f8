#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=2 kernels=6.12 also=new nic=connectx-7-roce timeout=480
# shows: the last step of the vendor's document: RoCE v2 between VFs in switchdev behind QinQ rules, in the clear, then with IPsec packet offload on the VFs: ESP alone on the wire, ethtool -S of the VF counts
. /ipso/tests/lab/scenarios/lib.sh
. /ipso/tests/lab/scenarios/roce.lib.sh
# As on a host where udev has loaded it at boot: it follows the eswitch into its new mode.
rdma_load
switchdev 1
port=$(vf_port 0)
devlink port function set "$port" hw_addr "02:aa:00:00:00:0$me"
devlink port function set "$port" ipsec_packet enable
devlink port show "$port"
vf_bind 0
dev=$(uplink) rep=$(vf_rep 0) vf=$(vf_dev 0)
vf_ip=10.0.0.$me vf_peer=10.0.0.$other
tc qdisc add dev "$dev" ingress
tc qdisc add dev "$rep" ingress
tc filter add dev "$dev" ingress protocol 802.1q chain 0 flower skip_sw vlan_id 10 \
	vlan_ethtype 802.1q cvlan_id 5 action vlan pop action vlan pop \
	action mirred egress redirect dev "$rep" || fail "tc on the uplink"
tc filter add dev "$rep" ingress protocol all chain 0 flower skip_sw \
	action vlan push protocol 802.1q id 5 action vlan push protocol 802.1q id 10 \
	action mirred egress redirect dev "$dev" || fail "tc on the representor"
address "$dev" "$me_ip"
ip link set "$rep" up
address "$vf" "$vf_ip"
await "an RDMA device beside the VF" 20 rdma_there "$vf"
device=$(rdma_of "$vf")
await "a RoCE v2 address" 20 has_gid "$device" "$vf_ip"
gid=$(gid "$device" "$vf_ip")
equal "number of the address, as the document has it" "$gid" 3
rdma dev show
meet vfs
reach "$vf_peer"

note "without IPsec"
meet clear
rdma_all clear 10.0.0.1 "$device" "$gid"
on_a && [ "$(wire roce)" = 0 ] && fail "no RoCE in the clear on the wire"

note "states and policies on the VF"
sa_pair "$vf_ip" "$vf_peer" 128 "$vf"
ip xfrm policy add src "$vf_peer" dst "$vf_ip" dir fwd tmpl src "$vf_peer" dst "$vf_ip" \
	proto esp reqid 2 mode transport
rdma_in_esp 10.0.0.1 "$device" "$gid" "$vf" "$vf_peer"
meet end
