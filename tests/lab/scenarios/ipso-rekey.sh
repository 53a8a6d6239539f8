#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=1 kernels=new also=6.12 nic=connectx-7 timeout=240
# shows: a new SA while a rule of a representor is in hardware: taken, or refused by a kernel that locks the eswitch for every SA; check says before which it is; when refused the service says so and names the rule and its author, and the SA is taken once the rule is gone
. /ipso/tests/lab/scenarios/ipso.lib.sh
write_keys
config switchdev aes-gcm-128 "    vfs: [{ index: 0, mac: \"02:aa:00:00:00:01\" }]"
service_start
dev=$(basename "$(dirname "$(grep -l '^p0$' /sys/bus/pci/devices/"$LAB_PCI"/net/*/phys_port_name)")")
rep=$(devlink -j port show | jq -r '[.port[] | select(.flavour == "pcivf")][0].netdev')

fresh_sa() { # the key is of this scenario only
	ip xfrm state add src $me_ip dst $peer_ip proto esp spi "$1" reqid 41 mode transport \
		aead 'rfc4106(gcm(aes))' "0x$(test_key by-hand 40)" 128 \
		offload packet dev "$dev" dir out sel src $me_ip dst $peer_ip
}

# asked of the driver before it hurts, held against what it does
check=$($ipso check --json | jq -r '.checks[] | select(.id == "CK-11").verdict')

ethtool -K "$rep" hw-tc-offload on
tc qdisc add dev "$rep" ingress
expect 0 tc filter add dev "$rep" ingress protocol ip pref 7 flower skip_sw dst_ip 192.0.2.9 action drop
expect 0 tc filter add dev "$rep" ingress protocol ip pref 8 matchall action drop
equal "rules in hardware" "$(metric "ipso_tc_rules\{dev=\"$rep\",place=\"hardware\"")" 1
equal "rules that stayed in software" "$(metric "ipso_tc_rules\{dev=\"$rep\",place=\"software\"")" 1
if output=$(fresh_sa 0x4001 2>&1); then
	echo "ok: this kernel takes a new SA beside a rule in hardware"
	equal "what check says of a rekey" "$check" ok
	equal "refused SAs" "$(metric 'ipso_offload_failures_total\{id="S-06"')" 0
else
	echo "$output"
	says "Device failed to offload this state"
	equal "what check says of a rekey" "$check" warn
	await "the event" 5 sh -c "$ipso events --json | grep -q S-06"
	expect 0 $ipso explain S-06
	expect 0 $ipso explain 0x4001
	says "S-06 ORDER"
	says "$rep pref 7 protocol ip by tc"
	equal "refused SAs" "$(metric 'ipso_offload_failures_total\{id="S-06"')" 1
	tc filter del dev "$rep" ingress
	expect 0 fresh_sa 0x4001
fi
equal "SAs of the tunnel that came after another" "$(metric 'ipso_tunnel_rekeys_total\{tunnel="pair",direction="out"')" 0
equal "SAs in the table" "$(status '[.sas[] | select(.offload == "packet")] | length')" 3
service_stop
