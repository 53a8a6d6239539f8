#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=1 kernels=6.12,new nic=connectx-7 timeout=240
# shows: the findings that leave the kernel whole, those that are seen on this one, one after the other with the driver bound anew
cd "$(dirname "$0")" || exit 1
# shellcheck source=tests/lab/findings/finding.lib.sh
. ./finding.lib.sh

anew() {
	command ip xfrm policy flush
	command ip xfrm state flush
	nft flush ruleset
	for link in other vx0; do command ip link del "$link" 2>/dev/null || true; done
	echo 0 >"$pf_sysfs/sriov_numvfs"
	echo "$LAB_PCI" >"$driver/unbind"
	echo "$LAB_PCI" >"$driver/bind"
	await "the netdev" 30 test -e "$pf_sysfs/net"
}

missed=
for script in *.sh; do
	grep -qE "^# finding: kernels=([^ ]+,)?$LAB_KERNEL(,|\$)" "$script" || continue
	note "$script"
	bash "./$script" || missed+=" $script"
	anew
done
[ -z "$missed" ] || unseen "by$missed"
