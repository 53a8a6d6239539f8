#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=1 kernels=6.12 nic=connectx-7,connectx-6dx,bluefield-2,connectx-6 timeout=240
# lab: hosts=1 kernels=new nic=bluefield-2,connectx-6 timeout=240
# shows: each profile has its device ids, firmware version and share of IPsec
. /ipso/tests/lab/scenarios/lib.sh
dev=$(uplink)
address "$dev" "$me_ip"

case $LAB_NIC in
connectx-7) pf_id=0x1021 vf_id=0x101e firmware=28 packet=yes tunnel=yes priority=yes ;;
connectx-6dx) pf_id=0x101d vf_id=0x101e firmware=22 packet=yes tunnel=no priority=yes ;;
bluefield-2) pf_id=0xa2d6 vf_id=0x101e firmware=24 packet=yes tunnel=yes priority=no ;;
connectx-6) pf_id=0x101b vf_id=0x101c firmware=20 packet=no tunnel=no priority=no ;;
esac

# does COMMAND...: yes or no
does() { if "$@" 2>/dev/null; then echo yes; else echo no; fi; }
state() {
	ip xfrm state add src "$me_ip" dst "$peer_ip" proto esp spi 0x1001 reqid 1 mode "$1" \
		aead 'rfc4106(gcm(aes))' "$(key profile 128)" 128 offload packet dev "$dev" dir out
}
prioritized() {
	ip xfrm policy add src "$me_ip" dst "$peer_ip" dir out priority 7 tmpl src "$me_ip" \
		dst "$peer_ip" proto esp reqid 1 mode transport offload packet dev "$dev"
}
flush() { ip xfrm policy flush; ip xfrm state flush; }

equal "PF" "$(cat "$pf_sysfs/device")" $pf_id
equal "firmware" "$(ethtool -i "$dev" | sed -nE 's/^firmware-version: ([0-9]+)\..*/\1/p')" $firmware
equal "transport mode" "$(does state transport)" $packet
flush
equal "tunnel mode" "$(does state tunnel)" $tunnel
flush
equal "policy priority" "$(does prioritized)" $priority
flush
sriov 1
await "the netdev of the VF" 10 test -e "$pf_sysfs/virtfn0/net"
ip_id=$(lspci -n -s "$(vf_pci 0)" | awk '{ print $3 }')
equal "VF" "0x${ip_id#15b3:}" $vf_id
sriov 0
