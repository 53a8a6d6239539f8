#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=2 kernels=6.12,new nic=connectx-7 timeout=400
# shows: tunnel mode between networks behind two hosts, IPv4 against software and IPv6 with both offloaded; on a switchdev uplink where the driver takes it; what driver or card cannot is refused with its reason
. /ipso/tests/lab/scenarios/ipso.lib.sh
write_keys
out=a-to-b in=b-to-a so=0x1001 si=0x1002
if [ "$LAB_HOST" = b ]; then out=b-to-a in=a-to-b so=0x1002 si=0x1001; fi
up="$ipso up -c $conf/ipso.yaml"

# tunnel MODE LOCAL REMOTE NETWORK OTHER-NETWORK [LINES]: the configuration of this host
tunnel() {
	cat >$conf/ipso.yaml <<-YAML
		version: 1
		devices:
		  - { pci: "$LAB_PCI", mode: $1, addresses: ["$2/${7:-24}"] }
		tunnels:
		  - name: networks
		    device: "$LAB_PCI"
		    local: $2
		    remote: $3
		    mode: tunnel
		    selector: { local: "$4", remote: "$5" }
		    out: { spi: $so, reqid: 1, key-file: $out.key }
		    in: { spi: $si, reqid: 2, key-file: $in.key }
		${6:-}
	YAML
}
address() { ip link set "$(uplink)" up && ip addr replace "$1" dev "$(uplink)" ${2:+"$2"}; }
# A neighbour that is known stays known: the driver renews the rules of a tunnel with it, and loses
# their counters.
pin() {
	local lladdr
	await "an answer from $1" 15 ping -c 1 -W 1 "$1"
	lladdr=$(ip -j neigh show "$1" dev "$(uplink)" | jq -r '.[0].lladdr // empty')
	ip neigh replace "$1" lladdr "$lladdr" dev "$(uplink)" nud permanent
}
# route NETWORK VIA FROM
route() { ip route replace "$1" via "$2" dev "$(uplink)" src "$3"; }
counter() { ethtool -S "$(uplink)" | awk -v n="$1:" '$1 == n { print $2 }'; }
sa_packets() { ip -s xfrm state | grep -oP '\(bytes\), \K[0-9]+(?=\(packets\))'; }
counts() { [ "$(counter ipsec_tx_pkts) $(counter ipsec_rx_pkts)" = "$1 $1" ]; }
sas_count() { [ "$(sa_packets | sort -u)" = "$1" ]; }

note "a network behind each host"
ip netns add lan
ip link add gw type veth peer name lan0 netns lan
ip link set gw up
ip addr add 10.$me.0.1/24 dev gw
ip addr add fd10:$me::1/64 dev gw nodad
ip -n lan link set lan0 up
ip -n lan addr add 10.$me.0.2/24 dev lan0
ip -n lan addr add fd10:$me::2/64 dev lan0 nodad
ip -n lan route add default via 10.$me.0.1
ip -n lan route add default via fd10:$me::1
echo 1 >/proc/sys/net/ipv4/ip_forward
echo 1 >/proc/sys/net/ipv6/conf/all/forwarding

note "IPv4, offloaded on host a, in software on host b as ipso renders it"
address $me_ip/24
lab-barrier addresses
pin $peer_ip
route 10.$peer.0.0/24 $peer_ip 10.$me.0.1
network=10.$me.0.0/24 other=10.$peer.0.0/24
tunnel legacy $me_ip $peer_ip $network $other
if [ "$LAB_KERNEL" = 6.12 ]; then
	expect 3 $up
	says "only the first address of a selector's network"
	equal "SAs" "$(ip xfrm state)" ""
	network=10.$me.0.2 other=10.$peer.0.2
	tunnel legacy $me_ip $peer_ip $network $other
fi
lab-barrier pinned
if [ "$LAB_HOST" = a ]; then
	expect 0 $up
	says "static keys give no forward secrecy"
	says "in the kernel"
	equal "SAs in packet offload" "$(ip xfrm state | grep -c 'mode packet')" 2
	equal "policies" "$(tunnel_policies | grep -cE 'dir (in|out|fwd)')" 3
	equal "policies in packet offload" "$(tunnel_policies | grep -c 'mode packet')" 2
	expect 0 $up
	says "nothing to do"
	grep -q "static keys" <<<"$output" && fail "the warning is repeated"
else
	$ipso render --for iproute2 -c $conf/ipso.yaml |
		sed -E 's/offload packet dev "\$dev"//' >$conf/software.sh
	expect 0 env KEYS=$conf sh $conf/software.sh
	ethtool -K "$(uplink)" gro off # it decrypts before a capture sees ESP
	tcpdump -i "$(uplink)" -U -w $conf/wire.pcap esp 2>/dev/null &
	capture=$!
	await "the capture" 20 test -s $conf/wire.pcap
fi
lab-barrier ready
[ "$LAB_HOST" = b ] || pings 23 10.$peer.0.2 ip netns exec lan
lab-barrier pinged 200
if [ "$LAB_HOST" = a ]; then
	equal "ipsec_tx_pkts ipsec_rx_pkts" "$(counter ipsec_tx_pkts) $(counter ipsec_rx_pkts)" "23 23"
	await "23 packets of each SA" 10 sas_count 23
	no_keys_in "$LAB_OUT" /run/ipso
else
	esp() { [ "$(tcpdump -r $conf/wire.pcap "esp and ip host $me_ip and ip host $peer_ip" 2>/dev/null | wc -l)" -ge 46 ]; }
	await "46 packets of ESP on the wire" 10 esp
	kill $capture
	tcpdump -nr $conf/wire.pcap 2>/dev/null | head -n 3
	equal "errors of XFRM" "$(awk '$2 > 0' /proc/net/xfrm_stat)" ""
fi
if [ "$LAB_HOST" = a ]; then
	expect 0 $ipso down
	equal "policies left" "$(ip xfrm policy)" ""
else
	ip xfrm policy flush
	ip xfrm state flush
fi

note "IPv6, both offloaded, both ways"
address fd00:1::$me/64 nodad
lab-barrier addresses6
pin fd00:1::$peer
route fd10:$peer::/64 fd00:1::$peer fd10:$me::1
if [ "$LAB_KERNEL" = 6.12 ]; then
	tunnel legacy fd00:1::$me fd00:1::$peer fd10:$me::2 fd10:$peer::2 "" 64
else
	tunnel legacy fd00:1::$me fd00:1::$peer fd10:$me::/64 fd10:$peer::/64 "" 64
fi
tx=$(counter ipsec_tx_pkts)
expect 0 $up
lab-barrier up6
if [ "$LAB_HOST" = a ]; then pings 23 fd10:$peer::2 ip netns exec lan; fi
lab-barrier pinged6 200
if [ "$LAB_HOST" = b ]; then pings 23 fd10:$peer::2 ip netns exec lan; fi
lab-barrier ponged6 200
equal "ipsec_tx_pkts" "$(($(counter ipsec_tx_pkts) - tx))" 46
await "46 packets of each SA" 10 sas_count 46
expect 0 $ipso down
equal "SAs and policies left" "$(ip xfrm state)$(ip xfrm policy)" ""

note "on a switchdev uplink"
tunnel switchdev $me_ip $peer_ip 10.$me.0.2 10.$peer.0.2
if [ "$LAB_KERNEL" = 6.12 ]; then
	equal "encap-mode" "$(devlink -j dev eswitch show "pci/$LAB_PCI" | jq -r '.dev[]."encap-mode"')" basic
	expect 0 $up
	says "set encap-mode of"
	equal "eswitch" "$(devlink -j dev eswitch show "pci/$LAB_PCI" | jq -r '.dev[] | .mode + " " + ."encap-mode"')" \
		"switchdev none"
	route 10.$peer.0.0/24 $peer_ip 10.$me.0.1
	lab-barrier switchdev
	pin $peer_ip
	lab-barrier neighbours
	if [ "$LAB_HOST" = a ]; then
		await "the way through the tunnel" 15 ip netns exec lan ping -c 1 -W 1 10.$peer.0.2
	fi
	lab-barrier through
	tx=$(counter ipsec_tx_pkts)
	lab-barrier counting
	if [ "$LAB_HOST" = a ]; then pings 23 10.$peer.0.2 ip netns exec lan; fi
	lab-barrier pinged-switchdev 200
	equal "ipsec_tx_pkts" "$(($(counter ipsec_tx_pkts) - tx))" 23
	expect 0 $up
	says "nothing to do"
	lab-barrier counted
	expect 0 $ipso down
	equal "eswitch" "$(devlink -j dev eswitch show "pci/$LAB_PCI" | jq -r '.dev[] | .mode + " " + ."encap-mode"')" \
		"legacy basic"
else
	devlink dev eswitch show "pci/$LAB_PCI" >$conf/before
	expect 3 $up
	says "takes no tunnel mode on the uplink of an eswitch in switchdev"
	devlink dev eswitch show "pci/$LAB_PCI" | diff $conf/before - || fail "a refused up changed the eswitch"
fi

note "a card without tunnel mode and policy priorities"
[ "$LAB_HOST" = a ] || exit 0
lab-fault set "cap nic_transmit.reformat_l2_to_l3_esp_tunnel=0" "cap nic_transmit.ignore_flow_level=0" \
	"cap nic_receive.ignore_flow_level=0" "cap fdb.ignore_flow_level=0"
echo "$LAB_PCI" >/sys/bus/pci/drivers/mlx5_core/unbind
echo "$LAB_PCI" >/sys/bus/pci/drivers/mlx5_core/bind
await "the net device" 30 sh -c "ls /sys/bus/pci/devices/$LAB_PCI/net/* >/dev/null"
tunnel legacy $me_ip $peer_ip 10.$me.0.2 10.$peer.0.2
expect 1 $up
says "MI-21"
config legacy
sed -i 's/replay-window: 64/&\n    priority: 12/' $conf/ipso.yaml
expect 1 $up
says "MI-35"
equal "SAs and policies left" "$(ip xfrm state)$(ip xfrm policy)" ""
no_keys_in "$LAB_OUT" /run/ipso
