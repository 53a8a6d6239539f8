#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=1 kernels=6.12 also=new nic=connectx-7 timeout=480
# shows: each fault of the card, set while it runs, makes the unmodified driver say what it says on a real one
. /ipso/tests/lab/scenarios/lib.sh
dev=$(uplink)
address "$dev" "$me_ip"

# try_sa: an outbound SA; prints what ip says. The environment: sa_mode.
try_sa() {
	ip xfrm state add src "$me_ip" dst "$peer_ip" proto esp spi 0x1001 reqid 1 \
		mode "${sa_mode:-transport}" aead 'rfc4106(gcm(aes))' "$(key faults 128)" 128 \
		offload packet dev "$dev" dir out 2>&1
}
flush() { ip xfrm policy flush; ip xfrm state flush; sleep 0.3; }

# refused WHAT TEXT: an SA is refused with these words
refused() {
	local said
	if said=$(try_sa); then fail "$1: the SA was accepted"; fi
	grep -qF "$2" <<<"$said" || fail "$1: ip said '$said', not '$2'"
	echo "ok: $1: $2"
}
accepted() {
	local said
	said=$(try_sa) || fail "$1: $said"
	echo "ok: $1: accepted"
	flush
}
kernel_says() { await "the kernel to say '$1'" 5 sh -c "dmesg | grep -qF '$1'"; echo "ok: kernel: $1"; }

note "a command fails once, with status and syndrome"
lab-fault set 'cmd 0xa00/0x13 status=0xf syndrome=0x12345678 times=1'
refused "create IPsec object" "Device failed to offload this state"
kernel_says 'status no resources(0xf), syndrome (0x12345678)'
accepted "the second try"

note "a command is slow"
lab-fault set 'delay a00 ms=1500 times=1'
start=$EPOCHREALTIME
accepted "behind a delay"
[ $(((${EPOCHREALTIME/./} - ${start/./}) / 1000)) -ge 1400 ] || fail "there was no delay"

note "an object table is full"
lab-fault set 'limit 13 max=0'
refused "no room for IPsec objects" "Device failed to offload this state"
kernel_says 'limits exceeded(0x8)'

note "the link"
lab-fault set 'link down'
await "$dev to lose its carrier" 5 no_carrier "$dev"
lab-fault set 'link up'
await "carrier of $dev" 5 carrier "$dev"
lab-fault set 'drop-event 9 times=1' 'link down'
sleep 0.5
carrier "$dev" || fail "the event was not dropped"
echo "ok: a link event was lost"
lab-fault clear

# without CAP...: the card probed again without these capabilities
without() {
	local lines=() cap
	for cap; do lines+=("cap $cap=0"); done
	lab-fault set "${lines[@]}"
	echo "$LAB_PCI" >"$driver/unbind"
	echo "$LAB_PCI" >"$driver/bind"
	await "the netdev" 10 test -e "$pf_sysfs/net"
	dev=$(uplink)
	address "$dev" "$me_ip"
	note "without $*"
}
esp_offload() { ethtool -k "$dev" | awk '/^esp-hw-offload/ { print $2 }'; }

for cap in ipsec_offload object_type_ipsec nic_receive.ipsec_decrypt ipsec_full_offload; do
	without "$cap"
	equal esp-hw-offload "$(esp_offload)" off
done
without object_type_key
refused "no keys" "Device failed to offload this state"
without nic_transmit.reformat_add_esp_trasport
refused "no ESP header" "Packet offload is not supported"
without nic_receive.decap
refused "no decapsulation" "Packet offload is not supported"
without nic_transmit.reformat_l2_to_l3_esp_tunnel
accepted "transport mode"
sa_mode=tunnel refused "tunnel mode" "Packet offload is not supported for tunnel mode"
without nic_transmit.ignore_flow_level nic_receive.ignore_flow_level fdb.ignore_flow_level
said=$(ip xfrm policy add src "$me_ip" dst "$peer_ip" dir out priority 7 tmpl src "$me_ip" \
	dst "$peer_ip" proto esp reqid 1 mode transport offload packet dev "$dev" 2>&1) || true
equal "a policy with a priority" "$said" "Error: mlx5_core: Device does not support policy priority."
without eswitch_manager
sriov 1
if devlink dev eswitch set "$pf" mode switchdev 2>/dev/null; then fail "switchdev was accepted"; fi
echo "ok: no switchdev"
sriov 0
without fdb.max_modify_header_actions
sriov 1
said=$(devlink dev eswitch set "$pf" mode switchdev 2>&1) && fail "switchdev was accepted"
grep -qF "Failed setting eswitch to offloads" <<<"$said" || fail "devlink said '$said'"
echo "ok: Failed setting eswitch to offloads"
sriov 0
lab-fault clear
