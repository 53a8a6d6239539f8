#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=1 kernels=new nic=connectx-7 timeout=180
# shows: the first and the last offloaded policy of a switchdev uplink remake its steering rules while the link goes down and up: a rule is freed twice
. "$(dirname "$0")/finding.lib.sh"
expect_report 'mlx5_del_flow_rules|mlx5e_rep_(de)?activate_channels'
switchdev 1
dev=$(uplink)
ip link set "$dev" up
links() {
	while :; do
		command ip link set "$dev" down
		command ip link set "$dev" up
	done
}
policies() {
	while :; do
		command ip xfrm policy add src 192.0.2.1 dst 192.0.2.2 dir out tmpl src 192.0.2.1 \
			dst 192.0.2.2 proto esp reqid 1 mode transport offload packet dev "$dev"
		command ip xfrm policy flush
	done
}
echo "two loops: the link down and up; an offloaded policy added and flushed"
links &
policies 2>/dev/null &
for ((i = 0; i < 600; i++)); do
	! reported 'mlx5_del_flow_rules' || break
	sleep 0.1
done
kill %1 %2
quote 'BUG|WARNING|RIP: 0010|refcount|mlx5' 20
reported 'mlx5_del_flow_rules' || unseen "in a minute"
seen "an oops or a warning in mlx5_del_flow_rules()"
