#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=1 kernels=6.12 also=new nic=connectx-7 timeout=400
# shows: with on-drift: restore the service puts right what another program changes, also a card that was bound anew, with keys in no log; gives up when it comes back too often, and begins again with ipso reload; leaves alone what ipso down took; the pin follows the card's new net device
. /ipso/tests/lab/scenarios/ipso.lib.sh
write_keys
config switchdev aes-gcm-128 "    vfs: [{ index: 0 }, { index: 1 }]"
sed -i '1a on-drift: restore' $conf/ipso.yaml
pci=/sys/bus/pci/devices/$LAB_PCI
drift() { metric "ipso_eswitch_drift\{.*item=\"$1\"\}"; }
restores() { metric "ipso_drift_restores_total\{result=\"$1\"\}"; }
mode() { devlink -j dev eswitch show "pci/$LAB_PCI" | jq -r '.. | .mode? // empty'; }
pins() { ip -o xfrm policy | grep -c "proto udp sport 9 dport 9.*dev $(uplink) " || true; }
refresh() { # until the service has read everything once more
	local age=0 now
	while now=$(metric ipso_refresh_age_seconds) && awk "BEGIN { exit !($now >= $age) }"; do
		age=$now
	done
}
whole() { # all is as the configuration says
	equal "mode, VFs" "$(mode) $(cat "$pci/sriov_numvfs")" "switchdev 2"
	equal "SAs in hardware" "$(ip xfrm state | grep -c "dev $(uplink) .*mode packet")" 2
	await_equal "drift" "0 0" 10 eval 'echo "$(drift eswitch) $(drift vfs)"'
}
legacy() {
	ip xfrm state flush
	ip xfrm policy flush
	devlink dev eswitch set "pci/$LAB_PCI" mode legacy
}
service_start
whole

note "the eswitch leaves switchdev, then the VFs go: each is put right by the service"
await "the eswitch in legacy" 30 legacy
await_equal "restores" 1 60 restores "done"
whole
echo 0 >"$pci/sriov_numvfs"
await_equal "restores" 2 60 restores "done"
whole

note "somebody who does it again and again: the third time is the last, until ipso reload"
await "the eswitch in legacy" 30 legacy
await_equal "restores" 3 60 restores "done"
whole
await "the eswitch in legacy" 30 legacy
await_equal "given up" 1 30 restores given-up
equal "restores" "$(restores "done") $(restores failed)" "3 0"
equal "mode" "$(mode)" legacy
equal "drift" "$(drift eswitch)" 1
grep -q "somebody sets them back" "$LAB_OUT/run.log" || fail "the log does not tell that it gave up"
expect 0 $ipso reload
whole

note "the card is bound anew, in legacy, without VFs: all of it is put right, with the new net device"
before=$(cat "/sys/class/net/$(uplink)/ifindex")
echo "$LAB_PCI" >/sys/bus/pci/drivers/mlx5_core/unbind
echo "$LAB_PCI" >/sys/bus/pci/drivers/mlx5_core/bind
await_equal "restores" 4 90 restores "done"
whole
after=$(cat "/sys/class/net/$(uplink)/ifindex")
[ "$before" != "$after" ] || fail "the net device has its old index $before: nothing is shown by this"

note "the pin is put back where the uplink is now"
await_equal "pins" 2 10 pins
ip xfrm state flush
ip xfrm policy flush
await_equal "pins, flushed" 2 30 pins
expect 0 $ipso up -c $conf/ipso.yaml

note "what ipso down took is not set up again"
expect 0 $ipso down
await_equal "drift" 1 30 drift eswitch
refresh # what would put it right looks with every refresh
refresh
equal "restores" "$(restores "done") $(restores failed)" "4 0"
equal "mode, VFs" "$(mode) $(cat "$pci/sriov_numvfs")" "legacy 0"

service_stop
no_keys_in "$LAB_OUT/run.log"
expect 0 $ipso down
