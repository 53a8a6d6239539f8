#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=2 kernels=6.12,new nic=connectx-7-roce timeout=400
# shows: RoCE between the ends of a tunnel that ipso set up leaves as ESP; check and status say that it is off, covered, or passes the tables in the clear on a card that cannot
. /ipso/tests/lab/scenarios/ipso.lib.sh
. /ipso/tests/lab/scenarios/roce.lib.sh
meet() { lab-barrier "$(tr -c 'A-Za-z0-9_.\n-' - <<<"$1")" 200; }
on_a() { [ "$LAB_HOST" = a ]; }
roce_of() { jq -r '[.checks[] | select(.id == "CK-45")][0] | .verdict + ": " + .found' <<<"$output"; }
status_of() { $ipso status --json | jq -r '.eswitches[0].roce'; }

write_keys
config legacy
expect 0 $ipso up -c $conf/ipso.yaml
expect 0 $ipso check -c $conf/ipso.yaml
says "off: nothing goes past the policies that way"

note "RDMA comes: covered"
rdma_load
dev=$(uplink)
await "an RDMA device" 20 rdma_there "$dev"
device=$(rdma_of "$dev")
await "a RoCE v2 address" 20 has_gid "$device" "$me_ip"
expect 0 $ipso check -c $conf/ipso.yaml
says "goes through the IPsec tables"
service_start
await_equal "RoCE in the service's status" covered 20 status_of
expect 0 $ipso status
says "covered"
meet served
await "an answer from the other end" 20 ping -c 1 -W 1 "$peer_ip"
meet reached
before=0
on_a && before=$(wire esp)
between covered 18515 192.168.1.1 ibv_rc_pingpong -d "$device" -g "$(gid "$device" "$me_ip")" -n 23 -c
if on_a; then
	equal "RoCE in the clear on the wire" "$(wire roce)" 0
	[ $(($(wire esp) - before)) -ge $((2 * 23 * 4)) ] || fail "the pingpong did not leave as ESP"
fi
meet measured
service_stop
rmmod mlx5_ib # modprobe -r would take mlx5_core along
expect 0 $ipso down

note "a card that cannot lead RoCE into the tables"
lab-fault set "cap general_2.flow_table_type_2_type=0"
devlink dev reload "pci/$LAB_PCI" >/dev/null
await "the uplink" 20 test -n "$(uplink)"
expect 0 $ipso up -c $conf/ipso.yaml
rdma_load
await "an RDMA device" 20 rdma_there "$(uplink)"
expect 0 $ipso check --json -c $conf/ipso.yaml
equal "RoCE" "$(roce_of | cut -d: -f1)" warn
says "leaves in the clear"
expect 0 $ipso down
meet end
