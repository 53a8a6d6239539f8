#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# finding: kernels=6.12,new
# shows: traps of TC, nftables and devlink: a block that is not bound, hw-tc-offload after a reload, rules of tunnels, priorities of nftables, capabilities in a batch
. "$(dirname "$0")/finding.lib.sh"
missed=0
claim() { if "${@:2}"; then seen "$1"; else echo "NOT seen: $1" >&2; missed=$((missed + 1)); fi; }
dev=$(uplink)

note "hw-tc-offload after a reload"
ethtool -K "$dev" hw-tc-offload on
devlink dev reload "$pf"
await "the netdev" 30 test -e "$pf_sysfs/net"
dev=$(uplink)
off() { ethtool -k "$dev" | grep -q '^hw-tc-offload: off'; }
claim "hw-tc-offload is off after a reload" off

note "rules of a tunnel device from before switchdev"
ip link add vx0 type vxlan dstport 4789 external
ip link set vx0 up
tc qdisc add dev vx0 ingress
tunnel_rule() {
	tc filter add dev vx0 ingress protocol ip pref "$1" flower enc_src_ip 192.168.1.2 \
		enc_dst_ip 192.168.1.1 enc_key_id 78 enc_dst_port 4789 action drop
}
in_hw() { tc filter show dev vx0 ingress pref "$1" | grep -qw in_hw; }
not_replayed() { in_hw 2 && ! in_hw 1; }
tunnel_rule 1
switchdev 2
dev=$(uplink) rep=$(vf_rep 0)
ip link set "$dev" up
ip link set "$rep" up
ip addr replace 192.168.1.1/24 dev "$dev"
tunnel_rule 2
tc filter show dev vx0 ingress
claim "a rule of before is in software, the same rule added now is in hardware" not_replayed

note "another block for a clsact"
tc qdisc add dev "$rep" ingress_block 21 clsact
tc qdisc replace dev "$rep" ingress_block 22 clsact
tc qdisc show dev "$rep"
old_block() { tc qdisc show dev "$rep" | grep -q 'ingress_block 21'; }
claim "replace with block 22 succeeded, and block 21 is still bound" old_block
tc qdisc del dev "$rep" clsact

note "chains of nftables for hardware"
chain() {
	nft -f - <<-NFT
		add table netdev t
		add chain netdev t c$1 { type filter hook ingress device "$rep" priority $1; flags offload; }
	NFT
}
ethtool -K "$rep" hw-tc-offload on
priority() { ! chain 0 && chain 1; }
claim "priority 0 is not supported, priority 1 is" priority

note "capabilities of functions in a batch"
cat >"$work/batch" <<-END
	port function set $(vf_port 0) ipsec_crypto enable
	port function set $(vf_port 1) ipsec_packet enable
END
cat "$work/batch"
devlink -b "$work/batch"
devlink port show | grep -A 2 pcivf
carried() { devlink -j port show "$(vf_port 1)" | jq -e '.port[].function.ipsec_crypto == "enable"' >/dev/null; }
claim "the second line enabled ipsec_crypto of the other function, too" carried

[ $missed = 0 ] || unseen "$missed of 5"
