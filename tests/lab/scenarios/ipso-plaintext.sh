#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=2 kernels=new also=6.12 nic=connectx-7 timeout=480
# shows: from no single fault a packet of a protected selector leaves in the clear, by capture: link and carrier lost, flushes, service killed, driver reloaded and unloaded, device moved, firmware refusing a rekey, hard limits
. /ipso/tests/lab/scenarios/ipso.lib.sh
. /ipso/tests/lab/scenarios/plaintext.lib.sh
write_keys
config legacy
peer_tunnel() {
	ip xfrm state flush
	ip xfrm policy flush
	KEYS=$conf sh $conf/software.sh >/dev/null || fail "the peer's tunnel in software"
}
mend_tunnel() { :; } # its keys are in the file

address
if [ "$LAB_HOST" = b ]; then
	$ipso render --for iproute2 -c $conf/ipso.yaml |
		sed -E 's/offload packet dev "\$dev"//' >$conf/software.sh
	look
	peer_tunnel
else
	service_start
fi
lab-barrier ready
if [ "$LAB_HOST" = a ]; then
	equal "block policies below the tunnel's" "$(blocks)" 2
	await "an answer through the tunnel" 30 ping -c 1 -W 2 -q $peer_ip
	generate
fi

netdev() { [ -n "$(uplink)" ]; }
service_killed() {
	kill -9 "$service"
	wait "$service" || true
	flap
}
devlink_reload() {
	devlink dev reload "pci/$LAB_PCI" >/dev/null
	await "the net device" 30 netdev
	address
}
unloaded() {
	rmmod mlx5_core
	modprobe mlx5_core
	await "the net device" 60 netdev
	address
}
moved() {
	local dev
	dev=$(uplink)
	ip netns add elsewhere
	ip link set "$dev" netns elsewhere
	ip -n elsewhere link set "$dev" netns 1
	ip netns delete elsewhere
	address
}
# The namespace that a device is in is deleted: it comes back to the first.
deleted() {
	local dev
	dev=$(uplink)
	ip netns add elsewhere
	ip link set "$dev" netns elsewhere
	ip netns delete elsewhere
	await "the device back" 30 sh -c "ip link show dev $dev"
	address
}
refused() {
	sed -e 's/spi: 0x1001, reqid: 1,/spi: 0x2001, reqid: 11,/' -e 's/spi: 0x1002/spi: 0x2002/' \
		$conf/ipso.yaml >$conf/rekey.yaml
	lab-fault set "cmd a00 status=0x0f syndrome=0x0badcafe"
	expect 1 $ipso up -c $conf/rekey.yaml
	lab-fault clear
}
no_sa() { ! ip xfrm state list nokeys | grep -q "spi 0x00001001"; }
packets() {
	sed -i '/mode: transport/a \    lifetime: { hard-packets: 40 }' $conf/ipso.yaml
	expect 0 $up
	await "the end of the SA" 30 no_sa
	sed -i '/lifetime/d' $conf/ipso.yaml
}
# Keys older than that are refused: these are new, and the peer's are not, which is no matter here.
seconds() {
	sed -i '/mode: transport/a \    lifetime: { hard-seconds: 3 }' $conf/ipso.yaml
	(umask 077 && for key in a-to-b b-to-a; do test_key "$key again" 40 >$conf/$key.key; done)
	expect 0 $up
	await "the end of the SA" 30 no_sa
	sed -i '/lifetime/d' $conf/ipso.yaml
	write_keys
}
policies() { ip xfrm policy flush; }

fault "link down and up" "" flap
fault "no carrier" "" carrier
fault "SAs flushed" "" ip xfrm state flush
fault "hard limit of packets" "" packets
fault "hard limit of time" "" seconds
fault "firmware refuses a rekey" "" refused
fault "device moved to a namespace and back" "" moved
fault "namespace of the device deleted" "" deleted
fault "driver reloaded" "" devlink_reload
fault "service killed, then the link" "" service_killed
fault "driver unloaded and loaded" "" unloaded
fault "policies flushed, no service" "nothing is left that tells the kernel what is protected" policies

if [ "$LAB_HOST" = a ]; then
	kill $generator
	expect 0 $ipso down
	equal "SAs and policies left" "$(ip xfrm state)$(ip xfrm policy)" ""
fi
lab-barrier end 200
