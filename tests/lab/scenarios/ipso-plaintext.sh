#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=2 kernels=6.12,new nic=connectx-7 timeout=480
# shows: from no single fault a packet of a protected selector leaves in the clear, by capture: link and carrier lost, flushes, service killed, driver reloaded and unloaded, device moved, firmware refusing a rekey, hard limits
. /ipso/tests/lab/scenarios/ipso.lib.sh
write_keys
config legacy
up="$ipso up -c $conf/ipso.yaml"
control_me=192.168.2.$me control_peer=192.168.2.$peer

# Host b is a peer in software, and looks at what comes from the wire.
address() {
	ip link set "$(uplink)" mtu 2000 up
	ip addr replace $me_ip/24 dev "$(uplink)"
	ip addr replace $control_me/24 dev "$(uplink)"
}
peer_tunnel() {
	ip xfrm state flush
	ip xfrm policy flush
	KEYS=$conf sh $conf/software.sh >/dev/null || fail "the peer's tunnel in software"
}
# A packet for packet offload is handed on as it is: what is queued when the link goes with the SAs,
# as it waits for an answer to ARP, leaves as it is when the answer comes (seen on 7.3: one packet in
# a dozen runs, 1 ms behind the answer). Nothing above the kernel can keep it back.
queued=3
clear_packets="ip src $peer_ip and dst $me_ip and not esp"
count() { tcpdump -nr $conf/wire.pcap "$1" 2>/dev/null | wc -l; }
controls() { count "udp and src $control_peer"; }
more_controls() { [ "$(controls)" -gt "$1" ]; }

# What host a sends all the time: ICMP, UDP, and TCP that begins anew and that goes on; and in the
# clear, as the control, UDP between addresses that no tunnel has.
generator() {
	python3 - $me_ip "$peer_ip" $control_me "$control_peer" $conf/sent <<'PYTHON'
import os, socket, struct, sys, time
me, peer, control_me, control_peer, sent = sys.argv[1:6]
def quiet(f):
    try:
        return f()
    except OSError:
        return None
def datagram(src, dst, port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind((src, 0))
        s.sendto(b"in the clear?", (dst, port))
def syn():
    s = socket.socket()
    s.setblocking(False)
    quiet(lambda: s.bind((me, 0)))
    quiet(lambda: s.connect((peer, 5001)))
    return s
def echo(n):
    p = struct.pack(">BBHHH", 8, 0, 0, 77, n & 0xffff) + b"in the clear?..."
    c = sum(struct.unpack(">%dH" % (len(p) // 2), p))
    c = (c >> 16) + (c & 0xffff)
    p = p[:2] + struct.pack(">H", ~(c + (c >> 16)) & 0xffff) + p[4:]
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as s:
        s.bind((me, 0))
        s.sendto(p, (peer, 0))
stream = socket.create_connection((peer, 5001), 30)
stream.setblocking(False)
fresh, n, controls = [], 0, 0
while True:
    n += 1
    quiet(lambda: datagram(me, peer, 5000))
    quiet(lambda: echo(n))
    quiet(lambda: stream.send(b"on and on"))
    quiet(lambda: stream.recv(4096))
    fresh.append(syn())
    if len(fresh) > 20:
        fresh.pop(0).close()
    controls += quiet(lambda: datagram(control_me, control_peer, 6000) or 1) or 0
    with open(sent + ".new", "w") as f:
        print(n, controls, file=f)
    os.rename(sent + ".new", sent)
    time.sleep(0.03)
PYTHON
}
sent() { cut -d' ' -f"$1" $conf/sent; }
rounds() { [ "$(sent 1)" -gt "$1" ]; }
sent_controls() { [ "$(sent 2)" -gt "$1" ]; }

# fault NAME KNOWN COMMAND...: on host a, while its traffic goes on. KNOWN: "" or why packets in the
# clear are the kernel's own, and not for ipso to keep back: then there have to be some.
fault() {
	local name=$1 known=$2 n before=0 seen=0
	shift 2
	note "$name"
	lab-barrier begin
	if [ "$LAB_HOST" = a ]; then
		n=$(sent 2)
		"$@"
		await "control packets after it" 30 sent_controls $((n + 10))
		n=$(sent 1)
		await "traffic after it" 30 rounds $((n + 20))
	else
		before=$(controls)
		seen=$(count "$clear_packets")
	fi
	lab-barrier after 200
	if [ "$LAB_HOST" = b ]; then
		await "the capture to see a packet in the clear, the control" 20 more_controls $((before + 9))
		seen=$(($(count "$clear_packets") - seen))
		if [ -z "$known" ] && [ "$seen" -gt 0 ] && [ "$seen" -le "$queued" ]; then
			echo "known: $name: $seen packets in the clear, that waited for the neighbour's address"
		elif [ -z "$known" ]; then
			equal "$name: packets in the clear, of $(($(controls) - before)) controls" "$seen" 0
		else
			[ "$seen" -gt 0 ] || fail "$name: nothing in the clear, known was: $known"
			echo "known: $name: $seen packets in the clear: $known"
		fi
		peer_tunnel
	fi
	lab-barrier mend
	if [ "$LAB_HOST" = a ]; then
		address
		await "the set-up" 30 $up
		await "an answer through the tunnel" 30 ping -c 1 -W 2 -q $peer_ip
	fi
	lab-barrier mended 200
}

address
if [ "$LAB_HOST" = b ]; then
	$ipso render --for iproute2 -c $conf/ipso.yaml |
		sed -E 's/offload packet dev "\$dev"//' >$conf/software.sh
	ethtool -K "$(uplink)" gro off # it decrypts before a capture sees ESP
	tcpdump -i "$(uplink)" -U -w $conf/wire.pcap "src net 192.168.0.0/16" 2>/dev/null &
	await "the capture" 20 test -s $conf/wire.pcap
	python3 -c '
import socketserver
class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        while data := self.request.recv(4096):
            self.request.sendall(data)
class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
Server(("", 5001), Echo).serve_forever()' 2>/dev/null &
	peer_tunnel
else
	service_start
fi
lab-barrier ready
if [ "$LAB_HOST" = a ]; then
	equal "block policies below the tunnel's" \
		"$(ip -o xfrm policy | grep -c "src $me_ip/32 dst $peer_ip/32.*action block\|src $peer_ip/32 dst $me_ip/32.*action block")" 2
	await "an answer through the tunnel" 30 ping -c 1 -W 2 -q $peer_ip
	generator &
	generator=$!
	await "traffic" 30 test -s $conf/sent
	await "traffic" 30 rounds 20
fi

flap() { ip link set "$(uplink)" down && ip link set "$(uplink)" up; }
carrier() {
	lab-fault set "link down"
	await "no carrier" 20 sh -c "ip link show dev $(uplink) | grep -q NO-CARRIER"
	lab-fault set "link up"
}
netdev() { [ -n "$(uplink)" ]; }
service_killed() {
	kill -9 "$service"
	wait "$service" || true
	flap
}
devlink_reload() {
	devlink dev reload "pci/$LAB_PCI" >/dev/null
	await "the net device" 30 netdev
	address
}
unloaded() {
	rmmod mlx5_core
	modprobe mlx5_core
	await "the net device" 60 netdev
	address
}
moved() {
	local dev
	dev=$(uplink)
	ip netns add elsewhere
	ip link set "$dev" netns elsewhere
	ip -n elsewhere link set "$dev" netns 1
	ip netns delete elsewhere
	address
}
# The namespace that a device is in is deleted: it comes back to the first.
deleted() {
	local dev
	dev=$(uplink)
	ip netns add elsewhere
	ip link set "$dev" netns elsewhere
	ip netns delete elsewhere
	await "the device back" 30 sh -c "ip link show dev $dev"
	address
}
refused() {
	sed -e 's/spi: 0x1001, reqid: 1,/spi: 0x2001, reqid: 11,/' -e 's/spi: 0x1002/spi: 0x2002/' \
		$conf/ipso.yaml >$conf/rekey.yaml
	lab-fault set "cmd a00 status=0x0f syndrome=0x0badcafe"
	expect 1 $ipso up -c $conf/rekey.yaml
	lab-fault clear
}
no_sa() { ! ip xfrm state list nokeys | grep -q "spi 0x00001001"; }
packets() {
	sed -i '/mode: transport/a \    lifetime: { hard-packets: 40 }' $conf/ipso.yaml
	expect 0 $up
	await "the end of the SA" 30 no_sa
	sed -i '/lifetime/d' $conf/ipso.yaml
}
# Keys older than that are refused: these are new, and the peer's are not, which is no matter here.
seconds() {
	sed -i '/mode: transport/a \    lifetime: { hard-seconds: 3 }' $conf/ipso.yaml
	(umask 077 && for key in a-to-b b-to-a; do test_key "$key again" 40 >$conf/$key.key; done)
	expect 0 $up
	await "the end of the SA" 30 no_sa
	sed -i '/lifetime/d' $conf/ipso.yaml
	write_keys
}
policies() { ip xfrm policy flush; }

fault "link down and up" "" flap
fault "no carrier" "" carrier
fault "SAs flushed" "" ip xfrm state flush
fault "hard limit of packets" "" packets
fault "hard limit of time" "" seconds
fault "firmware refuses a rekey" "" refused
fault "device moved to a namespace and back" "" moved
fault "namespace of the device deleted" "" deleted
fault "driver reloaded" "" devlink_reload
fault "service killed, then the link" "" service_killed
fault "driver unloaded and loaded" "" unloaded
fault "policies flushed, no service" "nothing is left that tells the kernel what is protected" policies

if [ "$LAB_HOST" = a ]; then
	kill $generator
	expect 0 $ipso down
	equal "SAs and policies left" "$(ip xfrm state)$(ip xfrm policy)" ""
fi
lab-barrier end 200
