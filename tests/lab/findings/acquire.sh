#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=1 kernels=6.12 nic=connectx-7 timeout=180
# shows: a packet of an offloaded policy without an SA, while somebody listens for acquires as IKE daemons do: an oops
. "$(dirname "$0")/finding.lib.sh"
expect_report 'mlx5e_xfrm_add_state'
dev=$(uplink)
address "$dev" 192.168.1.1
neighbour 192.168.1.2 "$dev"
policy out 192.168.1.1 192.168.1.2 1 offload packet dev "$dev"
ip xfrm monitor acquire >"$work/acquires" &
listens() { awk '$2 == 6 && $4 != "00000000"' /proc/net/netlink | grep -q .; }
await "a listener for acquires" 10 listens
ping -c 1 -W 1 192.168.1.2 >/dev/null 2>&1 &
for ((i = 0; i < 100; i++)); do
	! reported 'mlx5e_xfrm_add_state' || break
	sleep 0.1
done
kill %1
quote 'BUG|RIP: 0010|mlx5' 20
reported 'mlx5e_xfrm_add_state' || unseen "ten seconds after the packet"
seen "an oops in mlx5e_xfrm_add_state()"
