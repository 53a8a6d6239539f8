# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Faults under traffic on host a, and what a capture on host b, whose end of the tunnel is in software,
# sees of a protected selector. Sourced after ipso.lib.sh; the scenario has peer_tunnel, which makes
# host b's end anew, and mend_tunnel, which host a's needs behind `ipso up`.
up="$ipso up -c $conf/ipso.yaml"
control_me=192.168.2.$me control_peer=192.168.2.$peer

address() {
	ip link set "$(uplink)" mtu 2000 up
	ip addr replace $me_ip/24 dev "$(uplink)"
	ip addr replace $control_me/24 dev "$(uplink)"
}
# A packet for packet offload is handed on as it is: what is queued when the link goes with the SAs,
# as it waits for an answer to ARP, leaves as it is when the answer comes (seen on 7.3: one packet in
# a dozen runs, 1 ms behind the answer). Nothing above the kernel can keep it back.
queued=3
clear_packets="ip src $peer_ip and dst $me_ip and not esp and not udp port 500"
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
		mend_tunnel
		await "an answer through the tunnel" 30 ping -c 1 -W 2 -q $peer_ip
	fi
	lab-barrier mended 200
}

# look: host b captures, and answers what host a's generator begins
look() {
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
}
# generate: host a's traffic, which goes on until $generator is killed
generate() {
	generator &
	generator=$!
	await "traffic" 30 test -s $conf/sent
	await "traffic" 30 rounds 20
}

flap() { ip link set "$(uplink)" down && ip link set "$(uplink)" up; }
carrier() {
	lab-fault set "link down"
	await "no carrier" 20 sh -c "ip link show dev $(uplink) | grep -q NO-CARRIER"
	lab-fault set "link up"
}
