#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# finding: kernels=new
# shows: an SA is refused on a switchdev uplink while any TC rule is in hardware, so that IKE cannot rekey
. "$(dirname "$0")/finding.lib.sh"
switchdev 1
dev=$(uplink) rep=$(vf_rep 0)
ip link set "$dev" up
ip link set "$rep" up
ethtool -K "$rep" hw-tc-offload on
next_sa() {
	ip xfrm state add src 192.168.1.2 dst 192.168.1.1 proto esp spi "$1" reqid 2 mode transport \
		replay-window 64 flag esn aead 'rfc4106(gcm(aes))' "$(key in 128)" 128 \
		offload packet dev "$dev" dir in 2>"$work/answer"
}

next_sa 0x2001 || unseen "the first SA was refused: $(cat "$work/answer")"
tc qdisc add dev "$rep" ingress
tc filter add dev "$rep" ingress protocol ip pref 1 flower skip_sw dst_ip 192.0.2.9 action drop
if next_sa 0x2002; then unseen "the SA of a rekey was taken beside a rule in hardware"; fi
tc filter del dev "$rep" ingress
next_sa 0x2003 || unseen "refused without the rule, too: $(cat "$work/answer")"
seen "refused while a rule was in hardware, taken when it was gone"
