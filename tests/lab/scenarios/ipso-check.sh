#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=1 kernels=6.12 nic=connectx-7,connectx-6dx,bluefield-2,connectx-6,none timeout=240
# lab: hosts=1 kernels=new nic=connectx-7 timeout=240
# lab: hosts=1 kernels=stock nic=connectx-7 timeout=240
# shows: ipso check tells the owner of each card and kernel what works, what is missing and what to do
. /ipso/tests/lab/scenarios/ipso.lib.sh
want=0 card=
case $LAB_NIC in
connectx-7) card="ConnectX-7 (15b3:1021)" ;;
connectx-6dx) card="ConnectX-6 Dx (15b3:101d)" ;;
bluefield-2) card="BlueField-2 (15b3:a2d6)" ;;
connectx-6) card="ConnectX-6 (15b3:101b)" want=3 ;;
none) want=3 ;;
esac
[ "$LAB_KERNEL" != stock ] || want=3

expect $want $ipso check
[ -z "$card" ] || says "$card"
[ "$LAB_NIC" != none ] || says "no ConnectX or BlueField card"
if [ "$LAB_NIC" = connectx-6 ]; then
	says "IPsec packet offload needs a crypto-enabled"
	says "esp-hw-offload is off"
fi
if [ "$LAB_KERNEL" = stock ] && [ "$LAB_NIC" != none ]; then
	says "CONFIG_MLX5_EN_IPSEC"
	says "CONFIG_MLX5_CLS_ACT"
fi
expect $want $ipso check --json
verdict=ok
[ "$LAB_KERNEL" != new ] || verdict=warn # its driver takes the eswitch lock for every SA
[ $want = 0 ] || verdict=fail
equal "verdict" "$(jq -r .verdict <<<"$output")" $verdict
for id in $(jq -r '.checks[].id' <<<"$output" | sort -u); do
	expect 0 $ipso explain "$id"
done
expect $want $ipso check --json
equal "faults without remedy" \
	"$(jq '[.checks[] | select(.verdict != "ok" and .remedy == "")] | length' <<<"$output")" 0
[ "$LAB_NIC" != none ] || exit 0

note "up refuses what check says cannot work, and changes nothing"
write_keys
config legacy
expect $want $ipso up -c $conf/ipso.yaml
if [ $want = 0 ]; then
	equal "SAs in packet offload" "$(ip xfrm state | grep -c 'mode packet')" 2
	expect 0 $ipso check -c $conf/ipso.yaml
	expect 0 $ipso down
else
	equal "addresses" "$(ip -4 -o addr show dev "$(uplink)")" ""
fi
equal "journal" "$(cat /run/ipso/journal 2>/dev/null)" ""
