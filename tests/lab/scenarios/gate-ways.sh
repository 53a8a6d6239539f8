#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=1 kernels=6.12,new nic=connectx-7 timeout=240
# shows: the gate knows every way of a rule to the card: tunnel devices in any namespace and direction, shared blocks at their rules and at their bindings, links, qdiscs and rules made in one send, flowtables and chains of nftables; what goes to no driver passes
. /ipso/tests/lab/scenarios/lib.sh
. /ipso/tests/lab/scenarios/gate.lib.sh
switchdev 2
dev=$(uplink) rep=$(vf_rep 0) rep2=$(vf_rep 1)
address "$dev" $me_ip
for d in "$rep" "$rep2"; do
	ip link set "$d" up
	ethtool -K "$d" hw-tc-offload on
done
ip link add other type dummy
ip netns add box
ip link add vx type vxlan external dstport 4789
ip -n box link add vx type vxlan external dstport 4790
guard

note "tunnel devices: the driver takes their rules indirectly, from any namespace"
tc qdisc add dev vx clsact
ip netns exec box tc qdisc add dev vx clsact
tc qdisc add dev other clsact
refused "a rule on a VXLAN device" rule vx
refused "one of its egress" tc filter add dev vx egress protocol ip flower action drop
refused "a rule on a VXLAN device in a namespace" ip netns exec box \
	tc filter add dev vx ingress protocol ip flower action drop
passes "the same with skip_hw" rule vx skip_hw
passes "a rule on a device of no driver" rule other

note "shared blocks"
passes "binding a representor to an empty block" tc qdisc add dev "$rep" ingress_block 7 ingress
refused "a rule of the block" tc filter add block 7 protocol ip flower action drop
ip link add third type dummy
passes "binding another device to a block" tc qdisc add dev third ingress_block 8 clsact
passes "a rule of a block that no driver takes" tc filter add block 8 protocol ip flower action drop
refused "binding a representor to that block, which has a rule" tc qdisc add dev "$rep2" ingress_block 8 ingress
refused "binding a tunnel device to it" tc qdisc replace dev vx ingress_block 8 clsact
passes "binding a representor's egress to it" tc qdisc add dev "$rep2" egress_block 8 clsact
tc qdisc del dev "$rep2" clsact

note "rules of an egress qdisc go to no driver: the kernel says what there is to say"
out=$(tc filter add dev "$rep2" parent 1: protocol ip flower action ok 2>&1) && fail "there is no qdisc 1:"
grep -qi 'parent qdisc doesn.t exist' <<<"$out" || fail "a rule of qdisc 1: $out"
echo "ok: passes: a rule of qdisc 1:"

note "made in one send: what the rule goes to cannot be seen yet"
PYTHONPATH=/ipso/tests/lab/scenarios python3 -B - "$(cat "/sys/class/net/$rep2/ifindex")" "$(cat /sys/class/net/other/ifindex)" <<'PYTHON' ||
import errno, struct, sys
from rtnetlink import attr, claim
rep, other = int(sys.argv[1]), int(sys.argv[2])
REQUEST, CREATE, EXCL, NEWLINK, NEWQDISC, NEWTFILTER = 1, 0x400, 0x200, 16, 36, 44
INGRESS = 0xfffffff1

def message(kind, body):
    return struct.pack("=IHHII", 16 + len(body), kind, REQUEST | CREATE | EXCL, 0, 0) + body

def tc(kind, ifindex, parent, info, *attrs):
    return message(kind, struct.pack("=BxxxiIII", 0, ifindex, 0xffff0000 if kind == NEWQDISC else 0, parent, info) + b"".join(attrs))

def qdisc(ifindex, block=0):
    return tc(NEWQDISC, ifindex, INGRESS, 0, attr(1, b"ingress\0"), *([attr(13, struct.pack("=I", block))] if block else []))

def rule(ifindex, parent):
    return tc(NEWTFILTER, ifindex, parent, 7 << 16 | 0x0008, attr(1, b"flower\0"), attr(2, b""))

def link(name, kind, index, *data):
    return message(NEWLINK, struct.pack("=BxHiII", 0, 0, index, 0, 0) + attr(3, name + b"\0") +
                   attr(18, attr(1, kind + b"\0") + attr(2, b"".join(data))))

vxlan = link(b"fresh", b"vxlan", 4000, attr(25, b"\1"), attr(15, struct.pack(">H", 4791)))
claim("a binding to an empty block, then a rule of the block", qdisc(rep, 9) + rule(-1, 9), errno.EBUSY)
claim("a rule of a block, then a binding", rule(-1, 8) + qdisc(rep, 8), errno.EBUSY)
claim("a VXLAN device, its qdisc, its rule", vxlan + qdisc(4000) + rule(4000, 0xffff0000), errno.EBUSY)
claim("qdisc and rule of a device of no driver", qdisc(other) + rule(other, 0xfffffff2), 0)
PYTHON
	fail "see above"
[ ! -e /sys/class/net/fresh ] || fail "a part of a refused send was done"

note "nftables"
nft add table inet t
nft add table netdev t
offload() { nft -f - <<<"add flowtable inet t $1 { hook ingress priority 0; devices = { $2 }; $3 }"; }
refused "a flowtable for hardware on a representor" offload f1 "other, $rep" "flags offload;"
refused "one on a tunnel device" offload f2 "vx" "flags offload;"
passes "one on a device of no driver, without the flag" offload f3 "other" ""
passes "one on a representor without the flag" offload f4 "$rep" ""
chain() { nft -f - <<<"add chain netdev t $1 { type filter hook ingress device \"$2\" priority 0; flags offload; }"; }
refused "a chain for hardware on a representor" chain c1 "$rep"

note "all of it may come when the tables exist"
sa out $me_ip $peer_ip 0x1001 1 one 128 offload packet dev "$dev" dir out
sa in $me_ip $peer_ip 0x1002 2 two 128 offload packet dev "$dev" dir in
tc filter del dev vx ingress
passes "a rule on a VXLAN device" rule vx
passes "a rule of the block" tc filter add block 7 protocol ip flower action drop
tc filter show block 7 | grep -qw in_hw || fail "the rule of the block is not in hardware"
passes "binding a representor to a block with rules" tc qdisc add dev "$rep2" ingress_block 8 ingress
tc filter show block 8 | grep -qw in_hw || fail "the rule of the block that a representor was bound to is not in hardware"
passes "a flowtable for hardware" offload f1 "$rep2" "flags offload;"
equal "refusals counted" "$(verdict refused)" 12
equal "unreadable" "$(verdict unreadable)" 0
