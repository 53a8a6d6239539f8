#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=2 kernels=6.12,new nic=connectx-7 timeout=240
# shows: a VF allowed ipsec_packet offloads its own IPsec behind tc redirects, IPv4 and IPv6; counters exact
. /ipso/tests/lab/scenarios/lib.sh
switchdev 1
port=$(vf_port 0)
devlink port function set "$port" hw_addr "02:aa:00:00:00:0$me"
devlink port function set "$port" ipsec_packet enable
vf_bind 0
dev=$(uplink) rep=$(vf_rep 0)
vf=$(vf_dev 0)
into v0 "$vf" "10.0.0.$me" "fd00:2::$me"
ip link set "$rep" up
ip link set "$dev" up
for from in "$dev" "$rep"; do
	[ "$from" = "$dev" ] && to=$rep || to=$dev
	tc qdisc add dev "$from" ingress
	pref=1
	for protocol in ip ipv6 arp; do
		tc filter add dev "$from" ingress protocol "$protocol" pref $((pref++)) flower skip_sw \
			action mirred egress redirect dev "$to" || fail "tc $from $protocol"
	done
done
meet vfs
reach "10.0.0.$other" v0
reach "fd00:2::$other" v0
ip -n v0 -6 neigh replace "fd00:2::$other" lladdr "02:aa:00:00:00:0$other" dev "$vf" nud permanent
sa_ns=v0

# check NAME LOCAL REMOTE BITS
check() {
	local name=$1 remote=$3 rx tx
	note "$name"
	rx=$(ethtool_counter ipsec_rx_pkts "$vf") tx=$(ethtool_counter ipsec_tx_pkts "$vf")
	sa_pair "$2" "$3" "$4" "$vf" "replay-window 0 flag esn" "replay-window 64 flag esn"
	if on_a; then ping_ns=v0 ping23 "$remote"; fi
	meet "$name pinged"
	await_equal "packets of the SA out" 23 10 sa_field "$(spi_out)" packets
	await_equal "packets of the SA in" 23 10 sa_field "$(spi_in)" packets
	await_equal "ipsec_tx_pkts" $((tx + 23)) 10 ethtool_counter ipsec_tx_pkts "$vf"
	await_equal "ipsec_rx_pkts" $((rx + 23)) 10 ethtool_counter ipsec_rx_pkts "$vf"
	sa_flush
}
check "AES-GCM 128, IPv4" "10.0.0.$me" "10.0.0.$other" 128
check "AES-GCM 256, IPv6" "fd00:2::$me" "fd00:2::$other" 256

note "the PF may not offload while a VF does"
if ip xfrm state add src "$me_ip" dst "$peer_ip" proto esp spi 0x2001 reqid 9 mode transport \
	aead 'rfc4106(gcm(aes))' "$(key pf 128)" 128 offload packet dev "$dev" dir out \
	sel src "$me_ip" dst "$peer_ip" 2>/run/refused; then
	fail "the PF was given an SA while a VF has ipsec_packet"
fi
cat /run/refused
meet end
