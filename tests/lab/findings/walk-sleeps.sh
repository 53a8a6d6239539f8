#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=1 kernels=new nic=connectx-7 timeout=240
# shows: the last SA leaves while a tunnel's rule is in hardware: firmware commands inside an RCU walk
. "$(dirname "$0")/finding.lib.sh"
expect_report 'mlx5_esw_ipsec_restore_dest_uplink'
sriov 1
vfs_unbind
devlink dev eswitch set "$pf" mode switchdev
dev=$(uplink) rep=$(vf_rep 0)
address "$dev" 192.168.1.1
neighbour 192.168.1.2 "$dev"
ip link set "$rep" up
ethtool -K "$rep" hw-tc-offload on
ip link add vx0 type vxlan dstport 4789 external
ip link set vx0 up
offloaded_out 192.168.1.1 192.168.1.2 "$dev"
tc qdisc add dev "$rep" ingress
tc filter add dev "$rep" ingress protocol ip pref 1 flower skip_sw \
	action tunnel_key set src_ip 192.168.1.1 dst_ip 192.168.1.2 dst_port 4789 id 78 \
	action mirred egress redirect dev vx0
ip xfrm policy flush
ip xfrm state flush
for ((i = 0; i < 100; i++)); do
	! reported 'mlx5_esw_ipsec_restore_dest_uplink' || break
	sleep 0.1
done
quote 'BUG|WARNING|mlx5' 20
reported 'mlx5_esw_ipsec_restore_dest_uplink' || unseen "ten seconds after the last SA was deleted"
seen "a context switch inside the walk"
