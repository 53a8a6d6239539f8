# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages to rtnetlink made by hand, for scenarios that try what no program sends."""
import errno
import socket
import struct
import sys

SO_SNDBUFFORCE = 32


def attr(kind, data):
    a = struct.pack("=HH", 4 + len(data), kind) + data
    return a + bytes(-len(a) % 4)


def send(data):
    """0, or the errno that the send itself was answered with."""
    s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    s.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 8 << 20)
    try:
        s.sendto(data, (0, 0))
        return 0
    except OSError as e:
        return e.errno
    finally:
        s.close()


def claim(what, data, want):
    got = send(data)
    if got != want:
        sys.exit(f"FAIL: {what}: found {got}, wanted {want}")
    print(f"ok: {what}: {errno.errorcode.get(want, 'sent')}")
