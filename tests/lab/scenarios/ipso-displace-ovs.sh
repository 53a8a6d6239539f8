#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=1 kernels=6.12,new nic=connectx-7 timeout=480
# shows: flows of Open vSwitch in hardware before IPsec, with traffic on them: refused by name, or held out of hardware by Open vSwitch itself until IPsec stands; killed meanwhile, down lets it go
. /ipso/tests/lab/scenarios/ipso.lib.sh
write_keys
config switchdev
sed -i '1a on-conflict: displace' $conf/ipso.yaml

note "Open vSwitch has flows in hardware, from VF to VF, with traffic on them"
by_hand 2
ethtool -K "$(uplink)" hw-tc-offload on
ovs start
ovs-vsctl --timeout=30 set Open_vSwitch . other_config:hw-offload=true other_config:flow-limit=5000
bridge_by_hand
ip netns exec ns0 ping -i 0.3 10.7.0.2 >/dev/null &
traffic=$!
in_hardware() { ovs-appctl dpctl/dump-flows type=offloaded | grep -q in_port; }
flow_limit() { ovs-vsctl --timeout=30 get Open_vSwitch . other_config:flow-limit | tr -d '"'; }
await "a flow in hardware" 30 in_hardware
sed -i 's/displace/refuse/' $conf/ipso.yaml
expect 3 $ipso up -c $conf/ipso.yaml
says "of Open vSwitch"
equal "flow limit" "$(flow_limit)" 5000
sed -i 's/refuse/displace/' $conf/ipso.yaml

note "it takes them out, and has them back behind IPsec"
expect 0 $ipso up -c $conf/ipso.yaml
says "let Open vSwitch take its flows out"
equal "SAs in packet offload" "$(ip xfrm state | grep -c 'mode packet')" 2
equal "flow limit" "$(flow_limit)" 5000
expect 0 ovs-appctl upcall/show
says "(limit 5000)"
await "a flow in hardware" 30 in_hardware
expect 0 $ipso up -c $conf/ipso.yaml
says "nothing to do"
expect 0 $ipso down
await "a flow in hardware" 30 in_hardware

note "killed while Open vSwitch is held: down lets it go"
killed_at "pin the IPsec tables"
equal "flow limit" "$(flow_limit)" 0
! in_hardware || fail "it has flows in hardware while it is held"
expect 0 $ipso down
equal "flow limit" "$(flow_limit)" 5000
await "a flow in hardware" 30 in_hardware
kill "$traffic"
expect 0 ovs-vsctl --timeout=30 del-br br-hand
ovs stop
no_keys_in "$LAB_OUT" /run/ipso /etc/openvswitch
