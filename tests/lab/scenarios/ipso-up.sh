#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=2 kernels=6.12,new nic=connectx-7 timeout=240
# shows: switchdev and IPsec from one file; a second up does nothing; counters are exact; down undoes
. /ipso/tests/lab/scenarios/ipso.lib.sh
write_keys
config switchdev aes-gcm-128 "    vfs: [{ index: 0, netns: ns0, addresses: [10.0.0.$me/24] }]"

before() { # what down must bring back
	cat /sys/bus/pci/devices/"$LAB_PCI"/sriov_numvfs
	devlink dev eswitch show "pci/$LAB_PCI" | grep -oE 'mode [a-z]+'
	ip -br addr show dev "$(uplink)" | tr -s ' ' | cut -d' ' -f2-
	ip xfrm state
	ip xfrm policy
	ls /run/netns 2>/dev/null || true
}
before >$conf/before

expect 0 $ipso plan -c $conf/ipso.yaml
says switchdev
before >$conf/planned
cmp $conf/before $conf/planned || fail "ipso plan changed the host"

expect 0 $ipso up -c $conf/ipso.yaml
equal "SAs in packet offload" "$(ip xfrm state | grep -c 'mode packet')" 2
equal "policies in packet offload, with the pin" "$(ip xfrm policy | grep -c 'mode packet')" 4
equal "eswitch" "$(devlink -j dev eswitch show "pci/$LAB_PCI" | jq -r '.dev[].mode')" switchdev
expect 0 ip -n ns0 -br addr show
says "10.0.0.$me/24"

note "a second up changes nothing"
expect 0 $ipso up -c $conf/ipso.yaml
says "nothing to do"

lab-barrier up
note "exactly 23 packets each way"
if [ "$LAB_HOST" = a ]; then
	pings 23 "$peer_ip"
fi
lab-barrier pinged
service_start
await "fresh counters" 10 sh -c "$ipso status --json | jq -e 'all(.sas[]; .packets == 23)'"
equal "packets per SA" "$(status '[.sas[].packets] | unique | @csv')" 23
equal "packets in the metrics" "$(metric 'ipso_sa_packets_total\{.*direction="out"')" 23
# page DIRECTION: packets of that row of the page, which needs no script to say so
page() {
	curl -sf "http://127.0.0.1:9417/?search=$1" | grep -oE 'class="n packets"><data value="[0-9]+"' |
		grep -oE '[0-9]+'
}
equal "packets on the page" "$(page out)" 23
equal "hardware's own count" \
	"$(ethtool -S "$(uplink)" | awk '/ipsec_tx_pkts:/ { print $2 }')" 23
equal "the same in the metrics" "$(metric 'ipso_hardware_ipsec_total\{.*counter="tx_pkts"')" 23
equal "as many of them" "$(curl -sf http://127.0.0.1:9417/metrics | grep -c '^ipso_hardware_ipsec_total')" \
	"$(ethtool -S "$(uplink)" | grep -c '^ *ipsec_')"
equal "integrity failures" "$(status '[.sas[].integrity_failed] | add')" 0
service_stop
lab-barrier counted

expect 0 $ipso down
before >$conf/after
diff $conf/before $conf/after || fail "ipso down left something behind"
expect 0 $ipso down
no_keys_in "$LAB_OUT" /run/ipso /var/log
