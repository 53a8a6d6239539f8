#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=2 kernels=6.12 also=new nic=connectx-7 timeout=240
# shows: VXLAN: large TCP sends inside a tunnel of the kernel; a VF's traffic put into and taken out of a tunnel by tc in hardware, in the clear and inside IPsec of the uplink
. /ipso/tests/lab/scenarios/lib.sh
sriov 1
vfs_unbind
devlink dev param set "$pf" name flow_steering_mode value dmfs cmode runtime
devlink dev eswitch set "$pf" mode switchdev
devlink port function set "$(vf_port 0)" hw_addr "02:aa:00:00:00:0$me"
vf_bind 0
dev=$(uplink) rep=$(vf_rep 0)
into v0 "$(vf_dev 0)" "10.0.0.$me"
ip link set "$rep" up
up_uplink

note "a tunnel of the kernel: checksums and segmentation inside it"
ip link add vx77 type vxlan id 77 dstport 4789 local "$me_ip" remote "$peer_ip" dev "$dev"
address vx77 "10.7.0.$me"
meet tunnel
reach "10.7.0.$other"
tcp_peer=10.7.0.$other
ethtool -K "$dev" rx off # so that the kernel verifies every segment itself
tcp a 5 5001
equal "wrong checksums received" \
	"$(nstat -asz TcpInCsumErrors UdpInCsumErrors | awk '/InCsum/ { n += $2 } END { print n }')" 0
ethtool -K "$dev" rx on
# A large send that the card cuts wrongly arrives by retransmission only: all of it is sent again. A
# slow host's timer sends one window again, which alone is a tenth of these 5 MB.
if on_a; then
	nstat -asz TcpOutSegs TcpRetransSegs | awk '
		/OutSegs/ { sent = $2 } /Retrans/ { again = $2 }
		END { print "segments sent: " sent ", sent again: " again; exit !(again * 2 < sent) }' ||
		fail "large sends inside the tunnel arrive by retransmission"
fi
meet counted
ip link del vx77

# The device that stands for all tunnels; tc says which. It is no card, so its rules cannot be
# skip_sw: that they are in hardware is what in_hw and the counters say.
ip link add vx0 type vxlan dstport 4789 external
ip link set vx0 up
rules() {
	local from pref=1 protocol
	for from in "$rep" vx0; do
		tc qdisc del dev "$from" ingress 2>/dev/null || true
		tc qdisc add dev "$from" ingress
	done
	for protocol in ip arp; do
		tc filter add dev "$rep" ingress protocol $protocol pref $pref flower skip_sw \
			action tunnel_key set src_ip "$me_ip" dst_ip "$peer_ip" dst_port 4789 id 78 \
			action mirred egress redirect dev vx0 || fail "encapsulation of $protocol"
		tc filter add dev vx0 ingress protocol $protocol pref $pref flower \
			enc_src_ip "$peer_ip" enc_dst_ip "$me_ip" enc_key_id 78 enc_dst_port 4789 \
			action tunnel_key unset \
			action mirred egress redirect dev "$rep" || fail "decapsulation of $protocol"
		pref=$((pref + 1))
	done
	equal "rules in hardware" "$(for from in "$rep" vx0; do
		tc filter show dev "$from" ingress; done | grep -cw in_hw)" 4
}
hw_packets() {
	tc -j -s filter show dev "$1" ingress pref 1 |
		jq '[.[].options.actions[]?.stats.hw_packets // 0] | max'
}
moved() { [ "$(hw_packets "$1")" -ge 23 ]; }

# vf_ping NAME: 23 packets from VF to VF, counted by the rules out and in
vf_ping() {
	reach "10.0.0.$other" v0
	meet "$1 reached"
	if on_a; then ping_ns=v0 ping23 "10.0.0.$other"; fi
	await "hardware counters of the rule out" 10 moved "$rep"
	await "hardware counters of the rule in" 10 moved vx0
	echo "ok: $1: 23 of 23 answered, counted in hardware"
	meet "$1 done"
}

note "tunnels of the card, in the clear"
rules
meet clear
vf_ping clear

note "tunnels of the card, inside IPsec"
tc qdisc del dev "$rep" ingress
tc qdisc del dev vx0 ingress
sa_pair "$me_ip" "$peer_ip" 128 "$dev" "replay-window 0 flag esn" "replay-window 64 flag esn"
rules
meet protected
before=$(ethtool_counter ipsec_tx_pkts)
vf_ping protected
more() { [ $(($(ethtool_counter ipsec_tx_pkts) - before)) -ge 23 ]; }
await "ESP packets of the uplink" 10 more
echo "ok: the tunnel went out as ESP"
meet end
