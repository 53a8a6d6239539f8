#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=2 kernels=6.12,new nic=connectx-7 timeout=240
# shows: tunnels of one pair of addresses that differ in protocol and port carry each their own packets, IPv6; ESP in UDP on a switchdev uplink
. /ipso/tests/lab/scenarios/ipso.lib.sh
up="$ipso up -c $conf/ipso.yaml"
server=remote own=a their=b
if [ "$LAB_HOST" = b ]; then server=local own=b their=a; fi
# Each host has a key of its own in each tunnel.
for name in tcp udp; do
	for host in a b; do
		(umask 077 && printf '%s' "$name from $host" | sha512sum | cut -c 1-40 >$conf/$name.$host)
	done
done
# tunnel NAME SPI REQID LOCAL REMOTE LINE
tunnel() {
	cat <<-YAML
		  - name: $1
		    device: "$LAB_PCI"
		    local: $4
		    remote: $5
		    $6
		    out: { spi: 0x$2$me, reqid: $3, key-file: $1.$own }
		    in: { spi: 0x$2$peer, reqid: $3, key-file: $1.$their }
	YAML
}
device() { # MODE ADDRESS
	printf 'version: 1\ndevices:\n  - { pci: "%s", mode: %s, addresses: ["%s"] }\ntunnels:\n' \
		"$LAB_PCI" "$1" "$2"
}
# packets SPI: of that SA
packets() { ip -s xfrm state list spi "$1" | grep -oP '\(bytes\), \K[0-9]+(?=\(packets\))'; }
counts() { [ "$(packets "$1")" = "$2" ]; }
counter() { ethtool -S "$(uplink)" | awk -v n="$1:" '$1 == n { print $2 }'; }
listens() { ss -Hlntu "sport = :$1" | grep -q .; }
# datagrams COUNT PORT: to the other host, one packet each
datagrams() {
	local i
	for ((i = 0; i < $1; i++)); do echo "$i" >"/dev/udp/fd00:1::$peer/$2"; done
}

note "two tunnels between the same addresses"
{
	device legacy fd00:1::$me/64
	tunnel tcp 101 1 fd00:1::$me fd00:1::$peer "selector: { protocol: tcp, $server-port: 5201 }"
	tunnel udp 102 2 fd00:1::$me fd00:1::$peer "selector: { protocol: udp, $server-port: 5202 }"
} >$conf/ipso.yaml
expect 0 $up
expect 0 tunnel_policies
equal "policies in packet offload" "$(grep -c 'mode packet' <<<"$output")" 4
expect 0 $up
says "nothing to do"
lab-barrier up
await "the other host" 15 ping -c 1 -W 1 fd00:1::$peer
lab-barrier reached

note "what no selector takes is in the clear"
if [ "$LAB_HOST" = a ]; then pings 5 fd00:1::$peer; fi
lab-barrier clear 200
equal "ipsec_tx_pkts" "$(counter ipsec_tx_pkts)" 0

note "UDP"
if [ "$LAB_HOST" = b ]; then
	socat -u UDP6-RECV:5202 CREATE:$conf/datagrams &
	receiver=$!
	await "a receiver" 10 listens 5202
fi
lab-barrier receives
if [ "$LAB_HOST" = a ]; then
	datagrams 23 5202
	datagrams 7 5203
fi
lab-barrier datagrams 200
await "23 packets of the SA of the tunnel udp" 10 counts 0x1021 23
if [ "$LAB_HOST" = b ]; then
	await "23 datagrams" 10 sh -c "[ \"\$(wc -l <$conf/datagrams)\" = 23 ]"
	kill $receiver
fi
equal "packets of the SA of the tunnel tcp" "$(packets 0x1011)" 0

note "TCP, through its own pair"
seq 20000 >$conf/sent
if [ "$LAB_HOST" = b ]; then
	timeout 60 nc -6 -l 5201 >$conf/received &
	listener=$!
	await "a listener" 10 listens 5201
fi
lab-barrier listens
if [ "$LAB_HOST" = a ]; then
	nc -6 -N -w 30 fd00:1::$peer 5201 <$conf/sent
else
	wait $listener
	cmp $conf/sent $conf/received
fi
lab-barrier tcp 200
for spi in 0x1011 0x1012; do
	await "packets of SA $spi" 10 sh -c "ip -s xfrm state list spi $spi | grep -qE '[1-9][0-9]+\\(packets\\)'"
done
equal "packets of the SA of the tunnel udp" "$(packets 0x1021)" 23
no_keys_of() { ! grep -rqF "$(cat $conf/$1)" "$LAB_OUT" /run/ipso || fail "a key is readable"; }
no_keys_of tcp.a
expect 0 $ipso down
equal "SAs and policies left" "$(ip xfrm state)$(ip xfrm policy)" ""
lab-barrier down

note "ESP in UDP"
{
	device switchdev $me_ip/24
	tunnel udp 103 3 $me_ip $peer_ip "udp-encapsulation: {}"
} >$conf/ipso.yaml
if [ "$LAB_HOST" = a ]; then
	expect 0 $up
	says "in UDP port 4500 -> 4500"
	lab-barrier encapsulating
	ping -c 3 -i 0.3 -W 1 $peer_ip || true # host b has no SA to answer with
	lab-barrier captured
else
	ip link set "$(uplink)" up
	ip addr replace $me_ip/24 dev "$(uplink)"
	tcpdump -i "$(uplink)" -U -w $conf/wire.pcap udp port 4500 2>/dev/null &
	capture=$!
	await "the capture" 20 test -s $conf/wire.pcap
	lab-barrier encapsulating
	await "ESP in UDP" 20 sh -c "tcpdump -nr $conf/wire.pcap 2>/dev/null | grep -q 'UDP-encap: ESP(spi=0x00001031'"
	kill $capture
	tcpdump -nr $conf/wire.pcap 2>/dev/null | head -n 2
	lab-barrier captured
	expect 0 $up
fi
lab-barrier up-udp
tx=$(counter ipsec_tx_pkts) rx=$(counter ipsec_rx_pkts)
lab-barrier counting
if [ "$LAB_HOST" = a ]; then pings 23 $peer_ip; fi
lab-barrier pinged 200
equal "ipsec_tx_pkts ipsec_rx_pkts" \
	"$(($(counter ipsec_tx_pkts) - tx)) $(($(counter ipsec_rx_pkts) - rx))" "23 23"
expect 0 $up
says "nothing to do"
expect 0 $ipso down
equal "SAs and policies left" "$(ip xfrm state)$(ip xfrm policy)" ""
