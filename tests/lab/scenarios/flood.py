# SPDX-License-Identifier: GPL-2.0-or-later
"""flood.py FLOWS FILE FROM TO ADDRESS: until FILE.stop is there, UDP from namespace FROM to that
address, port after port, each of which is a flow; seen in namespace TO. No more than 32 packets are on
their way. As long as FILE.fresh is there, every tenth goes to a port that none went to before, up to
FRESH of them. FILE: packets sent, packets lost, rounds through all the ports."""
import os, select, socket, struct, sys

flows, report, source, sink, address = int(sys.argv[1]), *sys.argv[2:6]
OUTGOING, IPV4, WINDOW, SECONDS, FRESH = 4, 0x0800, 32, 10, 400

def inside(netns, make):
    with open("/proc/self/ns/net") as here, open("/run/netns/" + netns) as there:
        os.setns(there.fileno(), os.CLONE_NEWNET)
        made = make()
        os.setns(here.fileno(), os.CLONE_NEWNET)
    return made

def receiver():
    s = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(IPV4))
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    s.bind(("guest", IPV4))
    return s

rx = inside(sink, receiver)
tx = inside(source, lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
flying, sent, lost, rounds, fresh = set(), 0, 0, 0, 0

def receive():
    global lost
    if not select.select([rx], [], [], SECONDS)[0]:
        lost += len(flying)
        flying.clear()
        return
    packet, where = rx.recvfrom(2048)
    if where[2] != OUTGOING and packet[9] == socket.IPPROTO_UDP and len(packet) >= 36:
        flying.discard(struct.unpack(">Q", packet[28:36])[0])

def tell():
    with open(report + ".new", "w") as f:
        f.write(f"{sent} {lost} {rounds}\n")
    os.rename(report + ".new", report)

def send(port):
    global sent
    while len(flying) >= WINDOW:
        receive()
    sent += 1
    flying.add(sent)
    tx.sendto(struct.pack(">Q", sent), (address, port))
    if sent % 100 == 0:
        tell()

while not os.path.exists(report + ".stop"):
    for port in range(5000, 5000 + flows):
        send(port)
        if port % 10 == 0 and fresh < FRESH and os.path.exists(report + ".fresh"):
            send(5000 + flows + fresh)
            fresh += 1
    while flying:
        receive()
    rounds += 1
    tell()
