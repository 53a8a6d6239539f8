#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=1 kernels=6.12 also=new nic=connectx-7 timeout=240
# shows: who, what, why, the driver's state and what to do for a TC rule refused by the gate, for SAs refused because of a rule or by the firmware, and for a rule refused because of SAs; a text that the catalogue does not have is unexplained, and counted
. /ipso/tests/lab/scenarios/ipso.lib.sh
write_keys
config legacy
up=$(uplink)
ip link set "$up" up
ethtool -K "$up" hw-tc-offload on
ip addr add $me_ip/24 dev "$up"

sa() { # the command a person would type; the key is of this scenario only
	ip xfrm state add src $me_ip dst $peer_ip proto esp spi "$1" reqid 9 mode transport \
		aead 'rfc4106(gcm(aes))' "0x$(test_key by-hand 40)" 128 \
		offload packet dev "$up" dir out sel src $me_ip dst $peer_ip
}
tc_drop() { tc filter add dev "$up" ingress protocol ip pref 7 flower "$@" dst_ip 192.0.2.9 action drop; }

# The driver gives its tables back some time after the last SA and policy.
no_ipsec() {
	rm -f /run/ipso/journal # pins that are not ipso's the service leaves gone
	ip xfrm state flush
	ip xfrm policy flush
	await "the driver to free them and take a rule" 20 tc_drop skip_sw
}

note "the gate refuses a rule that comes too early"
tc qdisc add dev "$up" ingress
expect 0 $ipso gate on -c $conf/ipso.yaml
expect 2 tc_drop
says "Device or resource busy"
expect 0 tc_drop skip_hw
tc filter del dev "$up" ingress
expect 0 $ipso gate off

note "without the gate the rule gets in, and the driver refuses IPsec"
sed -i '1a ordering: observe' $conf/ipso.yaml
expect 0 tc_drop skip_sw
expect 3 $ipso up -c $conf/ipso.yaml
says "pref 7"
expect 0 ip xfrm state
equal "SAs left behind" "$output" ""

note "the same, asked for by hand while the service watches"
tc filter del dev "$up" ingress
service_start
no_ipsec
expect 2 sa 0x2001
says "Device failed to offload this state"
await "the event" 5 sh -c "$ipso events --json | grep -q 'S-05\|S-07'"
expect 0 $ipso explain
says "0x00002001"
says "pref 7"
says "tc"
says "EBUSY"
says "legacy, "
says "TC rules that keep IPsec away: 1"
number=$($ipso events --json | jq 'select(.kind == "sa-add" and .result != 0).event' | tail -n 1)
expect 0 $ipso explain "e$number"
says "0x00002001"
expect 0 $ipso explain 0x2001 --since 10m
says "event e$number"
equal "failures by cause in the metrics" \
	"$(metric 'ipso_offload_failures_total\{.*id="S-07"')" 1

note "a firmware that refuses: opcode, status and syndrome are told"
tc filter del dev "$up" ingress
lab-fault add "cmd a00 status=0x0f syndrome=0x0badcafe times=1"
expect 2 sa 0x2002
await "the event" 5 sh -c "$ipso events --json | grep -qi '0x0*badcafe'"
expect 0 $ipso explain last
says "badcafe"
says "S-10"
equal "firmware errors in the metrics" "$(metric 'ipso_firmware_errors_total' )" 1

note "a rule that the driver refuses because of SAs: they are named"
expect 0 sa 0x2003
expect 2 tc_drop skip_sw
await "the event" 5 sh -c "$ipso events --json | grep -q S-23"
expect 0 $ipso explain last
says "S-23"
says "SA 0x00002003 to $peer_ip"
says "IPsec that keeps TC rules away: 1"

if [ "$LAB_KERNEL" = new ]; then # the kernel built with bonding: a text of no mlx5 driver
	note "a text of the kernel that the catalogue does not have"
	equal "unexplained" "$(metric 'ipso_offload_failures_total\{id="U-00"')" 0
	ip link add leg type dummy
	ip link add bond7 type bond mode active-backup
	ip link set leg master bond7
	ip link set bond7 up
	uplink_was=$up up=bond7
	expect 2 sa 0x2004
	up=$uplink_was
	says "Error: bonding: "
	await "the event" 5 sh -c "$ipso explain 0x2004 | grep -q U-00"
	expect 0 $ipso explain 0x2004
	says "bonding: "
	says "this text is not in ipso's catalogue"
	equal "unexplained" "$(metric 'ipso_offload_failures_total\{id="U-00"')" 1
fi

no_keys_in "$LAB_OUT" /run/ipso
service_stop
