#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=1 kernels=6.12 also=new nic=connectx-7 timeout=480
# shows: power lost in the middle of up, and with everything up: the next boot's up sets all up from the configuration, and a journal that outlived the kernel it speaks of misleads nobody
. /ipso/tests/lab/scenarios/ipso.lib.sh
write_keys
config switchdev aes-gcm-128 "    vfs: [{ index: 0, netns: ns0, addresses: [10.0.0.$me/24] }]"
host_state >$conf/now
[ "$LAB_BOOT" -gt 1 ] || cp $conf/now "$LAB_OUT/first"
diff "$LAB_OUT/first" $conf/now || fail "the host is not as it was at its first boot"

case $LAB_BOOT in
1)
	note "power lost in the middle of up"
	$ipso up -c $conf/ipso.yaml >$conf/up.log 2>&1 &
	await "step 8" 60 step_begun $conf/up.log 8
	cp /run/ipso/journal "$LAB_OUT/journal"
	lab-power-cut
	;;
2)
	note "the journal of the last boot, as if /run were a disk"
	install -D -m 600 "$LAB_OUT/journal" /run/ipso/journal
	expect 0 $ipso down
	says "nothing to undo"
	expect 0 $ipso up -c $conf/ipso.yaml
	equal "SAs in packet offload" "$(ip xfrm state | grep -c 'mode packet')" 2
	cp /run/ipso/journal "$LAB_OUT/journal"
	note "power lost with everything up"
	lab-power-cut
	;;
esac
install -D -m 600 "$LAB_OUT/journal" /run/ipso/journal
expect 0 $ipso up -c $conf/ipso.yaml
expect 0 $ipso up -c $conf/ipso.yaml
says "nothing to do"
expect 0 $ipso down
host_state >$conf/now
diff "$LAB_OUT/first" $conf/now || fail "down left something behind"
no_keys_in "$LAB_OUT" /run/ipso
