#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Plays rows of the catalogue: asks the kernel for what it refuses, and prints a line for each row,
ID, errno and the text that it really gave, for `ipso explain -` to name.

usage: explain-rows.py xfrm|tc|devlink|busy KERNEL IDS UPLINK REPRESENTOR REPRESENTOR2 DUMMY DUMMY2
IDS are the rows that the catalogue has for this kernel. A third column is the SPI that was asked for.
Written by hand, since iproute2 does not send most of what XFRM refuses. Layouts: linux/xfrm.h."""
import errno
import re
import socket
import struct
import subprocess
import sys

from rtnetlink import attr

INF = 2**64 - 1
(AUTH, CRYPT, COMP, ENCAP, TMPL) = (1, 2, 3, 4, 5)
(SEC_CTX, REPLAY_VAL, POLICY_TYPE, AEAD, AUTH_TRUNC, TFCPAD, ESN) = (8, 10, 16, 18, 20, 22, 23)
(EXTRA, OFFLOAD, IF_ID, MTIMER, DIR, KEEPALIVE, PCPU) = (24, 28, 31, 32, 33, 34, 35)
NEWSA, NEWPOLICY, ALLOCSPI, NEWAE, MIGRATE, NEWSPDINFO = 0x10, 0x13, 0x16, 0x1e, 0x21, 0x24
MIGRATION, HTHRESH4, HTHRESH6 = 17, 3, 4
INBOUND, PACKET = 2, 4
IN, OUT = 1, 2


def addr(text):
    family = socket.AF_INET6 if ":" in text else socket.AF_INET
    return socket.inet_pton(family, text).ljust(16, b"\0")


def selector(family, src, dst, proto=0, bits=0):
    return struct.pack("=16s16s8sHBBB3xii", addr(dst), addr(src), b"", family, bits, bits, proto, 0, 0)


def algo(name, bits, key, *more):
    return name.encode().ljust(64, b"\0") + struct.pack(f"={1 + len(more)}I", bits, *more) + key


def aead(bits=160, icv=128, name="rfc4106(gcm(aes))", key=None):
    return algo(name, bits, bytes(range(bits // 8)) if key is None else key, icv)


def esn(bmp_len=1, window=32, oseq=0, seq=0, oseq_hi=0, seq_hi=0, sent=None):
    return struct.pack("=6I", bmp_len, oseq, seq, oseq_hi, seq_hi, window) + \
        bytes(4 * (bmp_len if sent is None else sent))


def udp(kind=2):
    return struct.pack("=HHHH16s", kind, socket.htons(4500), socket.htons(4500), 0, b"")


def word(v):
    return struct.pack("=I", v)


class Kernel:
    def __init__(self):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 6)
        self.sock.setsockopt(270, 11, 1)  # NETLINK_EXT_ACK
        self.sock.setsockopt(270, 10, 1)  # NETLINK_CAP_ACK
        self.spi = 0x5000

    def ask(self, kind, body, flags=0x600):
        self.sock.send(struct.pack("=IHHII", 16 + len(body), kind, 5 | flags, 1, 0) + body)
        answer = self.sock.recv(4096)
        code, = struct.unpack_from("=i", answer, 16)
        text, at = "", 36
        if struct.unpack_from("=H", answer, 6)[0] & 0x200:  # NLM_F_ACK_TLVS
            while at + 4 <= len(answer):
                size, which = struct.unpack_from("=HH", answer, at)
                if which == 1:
                    text = answer[at + 4:at + size].rstrip(b"\0").decode()
                at += max(4, (size + 3) & ~3)
        return -code, text

    def sa(self, *attrs, proto=50, mode=0, family=2, sel=2, bits=0, sel_proto=0, reqid=9, window=0,
           flags=0, spi=None, limits=None, v6=False, cipher=True, dev=None, how=PACKET, dir=OUT,
           say_dir=False):
        self.spi += 1
        src, dst = ("fd00::1", "fd00::2") if v6 else ("10.9.0.1", "10.9.0.2")
        attrs = list(attrs)
        if cipher:
            attrs.append(attr(AEAD, aead()))
        if dev:
            attrs.append(attr(OFFLOAD, struct.pack("=iB3x", dev, how | (INBOUND if dir == IN else 0))))
        if say_dir:
            attrs.append(attr(DIR, bytes([dir])))
        body = selector(sel, src, dst, sel_proto, bits) + struct.pack(
            "=16sIB3x16s8Q32s12sIIHBBB7x", addr(dst), socket.htonl(spi or self.spi), proto, addr(src),
            *(limits or [INF] * 4 + [0] * 4), b"", b"", 0, reqid, family, mode, window, flags)
        return *self.ask(NEWSA, body + b"".join(attrs)), self.spi

    def spi_of(self, proto, low, high):
        """Asks for an SPI of a range."""
        body = selector(2, "10.9.0.1", "10.9.0.2") + struct.pack(
            "=16sIB3x16s8Q32s12sIIHBBB7xII", addr("10.9.0.2"), 0, proto, addr("10.9.0.1"),
            *[INF] * 4 + [0] * 4, b"", b"", 0, 9, 2, 0, 0, 0, low, high)
        return *self.ask(ALLOCSPI, body), 0

    def counters(self, *attrs, flags):
        """Sets counters and sequence numbers of an SA."""
        body = struct.pack("=16sIHBx16sII", addr("10.9.0.2"), 7, 2, 50, addr("10.9.0.1"), 0, 0)
        return *self.ask(NEWAE, body + b"".join(attrs), flags), 0

    def migrate(self, *attrs, proto=0):
        """Moves a policy's SAs to other addresses."""
        body = selector(2, "10.9.0.1", "10.9.0.2", proto) + struct.pack("=IB3x", 0, 1)
        return *self.ask(MIGRATE, body + b"".join(attrs)), 0

    def spd(self, *attrs):
        return *self.ask(NEWSPDINFO, word(0) + b"".join(attrs)), 0

    def policy(self, *attrs, dir=1, action=0, share=0, sel=2, index=0, priority=0, templates=1,
               tmpl_family=2, tmpl_proto=50, tmpl_mode=0, reqid=9, any=False, dev=None, how=PACKET, optional=0):
        src, dst = ("0.0.0.0", "0.0.0.0") if any else ("10.9.0.1", "10.9.0.2")
        one = struct.pack("=16sIB3xH2x16sIBBBxIII", addr(dst), 0, tmpl_proto, tmpl_family, addr(src),
                          reqid, tmpl_mode, 0, optional, INF >> 32, INF >> 32, INF >> 32)
        attrs = [attr(TMPL, one * templates)] + list(attrs)
        if dev:
            attrs.append(attr(OFFLOAD, struct.pack("=iB3x", dev, how)))
        body = selector(sel, src, dst, 0, 0 if any else 32) + struct.pack(
            "=8Q32sIIBBBB4x", *[INF] * 4 + [0] * 4, b"", priority, index, dir, action, 0, share)
        return *self.ask(NEWPOLICY, body + b"".join(attrs)), 0


def xfrm(up, _rep, _rep2, other, _shared):
    k = Kernel()
    sa, policy, a, w = k.sa, k.policy, attr, word
    up, other = socket.if_nametoindex(up), socket.if_nametoindex(other)
    limit = [INF] * 4 + [0] * 4
    return {
        "XU-01": lambda: sa(a(CRYPT, algo("cbc(aes)", 128, b"")), cipher=False),
        "XU-03": lambda: sa(a(AUTH_TRUNC, algo("hmac(sha256)", 256, b"", 128)), a(CRYPT, algo("cbc(aes)", 128, bytes(16))), cipher=False),
        "XU-04": lambda: sa(a(AEAD, aead(key=b"")), cipher=False),
        "XU-05": lambda: sa(a(SEC_CTX, struct.pack("=HHBBH", 100, 8, 1, 1, 4))),
        "XU-06": lambda: sa(flags=128),
        "XU-07": lambda: sa(a(ESN, esn(200, sent=0)), flags=128),
        "XU-08": lambda: sa(a(ESN, esn(10, sent=1)), flags=128),
        "XU-09": lambda: sa(a(ESN, esn()), a(COMP, algo("deflate", 0, b"")), flags=128, proto=108, cipher=False),
        "XU-10": lambda: sa(a(ESN, esn()), flags=128, window=32),
        "XU-11": lambda: sa(window=32, say_dir=True),
        "XU-12": lambda: sa(a(ESN, esn(0, 0, seq=5)), flags=128, say_dir=True),
        "XU-13": lambda: sa(a(ESN, esn(0, 0, oseq_hi=5)), say_dir=True),
        "XU-14": lambda: sa(a(ESN, esn(0, 0, oseq=0xffffffff)), say_dir=True),
        "XU-15": lambda: sa(a(ESN, esn(0, 0, oseq=0xffffffff, oseq_hi=0xffffffff)), flags=128, say_dir=True),
        "XU-16": lambda: sa(a(ESN, esn(1, 0)), flags=128, say_dir=True),
        "XU-17": lambda: sa(a(ESN, esn(oseq=5)), flags=128, say_dir=True, dir=IN),
        "XU-18": lambda: sa(a(ESN, esn(seq_hi=5)), say_dir=True, dir=IN),
        "XU-19": lambda: sa(a(ESN, esn(seq=0xffffffff)), say_dir=True, dir=IN),
        "XU-20": lambda: sa(a(ESN, esn(seq=0xffffffff, seq_hi=0xffffffff)), flags=128, say_dir=True, dir=IN),
        "XU-22": lambda: sa(family=99),
        "XU-23": lambda: sa(bits=33),
        "XU-24": lambda: sa(bits=129, sel=10, family=10, v6=True),
        "XU-25": lambda: sa(sel=99),
        "XU-26": lambda: sa(proto=51, cipher=False),
        "XU-27": lambda: sa(a(AUTH, algo("hmac(sha256)", 256, bytes(32))), proto=51),
        "XU-28": lambda: sa(a(COMP, algo("deflate", 0, b""))),
        "XU-29": lambda: sa(cipher=False),
        "XU-30": lambda: sa(a(CRYPT, algo("cbc(aes)", 128, bytes(16)))),
        "XU-31": lambda: sa(a(TFCPAD, w(64))),
        "XU-32": lambda: sa(proto=108, cipher=False),
        "XU-33": lambda: sa(a(COMP, algo("deflate", 0, b"")), proto=108),
        "XU-34": lambda: sa(a(COMP, algo("deflate", 0, b"")), proto=108, cipher=False, spi=0x20000),
        "XU-35": lambda: sa(proto=60),
        "XU-36": lambda: sa(proto=60, cipher=False),
        "XU-37": lambda: sa(proto=99),
        "XU-38": lambda: sa(mode=99),
        "XU-41": lambda: sa(flags=2, say_dir=True),
        "XU-42": lambda: sa(flags=16, say_dir=True),
        "XU-43": lambda: sa(flags=8, say_dir=True),
        "XU-44": lambda: sa(a(REPLAY_VAL, struct.pack("=3I", 0, 5, 0)), say_dir=True),
        "XU-45": lambda: sa(flags=4, say_dir=True, dir=IN),
        "XU-46": lambda: sa(a(EXTRA, w(1)), say_dir=True, dir=IN),
        "XU-47": lambda: sa(a(EXTRA, w(2)), say_dir=True, dir=IN),
        "XU-50": lambda: sa(a(CRYPT, algo("cbc(nothing)", 128, bytes(16))), cipher=False),
        "XU-51": lambda: sa(a(AUTH, algo("hmac(nothing)", 128, bytes(16))), cipher=False),
        "XU-52": lambda: sa(a(AUTH_TRUNC, algo("hmac(nothing)", 128, bytes(16), 96)), cipher=False),
        "XU-53": lambda: sa(a(AUTH_TRUNC, algo("hmac(sha256)", 256, bytes(32), 9000)), proto=51, cipher=False),
        "XU-54": lambda: sa(a(AEAD, aead(name="rfc4106(nothing)")), cipher=False),
        "XU-48": lambda: sa(a(PCPU, w(0))),
        "XU-49": lambda: sa(a(COMP, algo("nothing", 0, b"")), proto=108, cipher=False),
        "XU-59": lambda: sa(a(PCPU, w(99999)), say_dir=True),
        "XU-62": lambda: k.spd(a(HTHRESH4, bytes([33, 33]))),
        "XU-64": lambda: k.spd(a(HTHRESH6, bytes([129, 129]))),
        "XU-66": lambda: policy(dir=5),
        "XU-67": lambda: policy(a(POLICY_TYPE, struct.pack("=B5x", 9))),
        "XU-68": lambda: policy(share=77),
        "XU-69": lambda: policy(action=7),
        "XU-70": lambda: policy(sel=99),
        "XU-71": lambda: policy(index=10),
        "XU-72": lambda: policy(templates=7),
        "XU-75": lambda: policy(tmpl_mode=99),
        "XU-74": lambda: policy(tmpl_family=10),
        "XU-76": lambda: policy(tmpl_family=99, tmpl_mode=1),
        "XU-77": lambda: policy(tmpl_proto=99),
        "XU-73": lambda: policy(tmpl_mode=1, optional=1),
        "XU-78": lambda: k.counters(flags=0x100),
        "XU-79": lambda: k.counters(a(REPLAY_VAL, struct.pack("=3I", 0, 0, 0)), flags=0),
        "XU-82": lambda: k.migrate(),
        "XU-84": lambda: k.migrate(a(MIGRATION, struct.pack(
            "=16s16s16s16sB3xIHH", addr("10.9.0.2"), addr("10.9.0.1"), addr("10.9.0.3"), addr("10.9.0.1"), 50, 9, 2, 2)), proto=77),
        "XS-01": lambda: k.spi_of(108, 500, 600000),
        "XS-02": lambda: k.spi_of(60, 500, 600),
        "XS-03": lambda: k.spi_of(50, 600, 500),
        "XS-06": lambda: sa(mode=2),
        "XS-07": lambda: sa(sel=10),
        "XS-12": lambda: sa(a(AEAD, aead(24)), cipher=False),
        "XS-09": lambda: sa(a(KEEPALIVE, w(5)), a(ENCAP, udp()), say_dir=True, dir=IN),
        "XS-10": lambda: sa(a(KEEPALIVE, w(5)), say_dir=True),
        "XS-14": lambda: sa(a(ENCAP, udp(1))),
        "XS-15": lambda: sa(a(ESN, esn(1, 33)), flags=128),
        "XS-16": lambda: sa(a(ESN, esn(1, 0)), flags=128),
        "XS-08": lambda: sa(a(AUTH, algo("hmac(sha256)", 256, bytes(32))), proto=51, cipher=False, dev=up),
        "XD-02": lambda: sa(dev=up, how=0x80),
        "XD-03": lambda: sa(a(DIR, bytes([IN])), dev=up, dir=OUT),
        "XD-04": lambda: sa(a(TFCPAD, w(64)), mode=1, dev=up),
        "XD-07": lambda: policy(dev=other),
        "S-01": lambda: sa(dev=9999),
        "S-02": lambda: sa(dev=other),
        "XD-10": lambda: sa(a(IF_ID, w(7)), dev=up, dir=IN, say_dir=True),
        "MI-01": lambda: sa(a(AUTH, algo("hmac(sha256)", 256, bytes(32))), a(CRYPT, algo("cbc(aes)", 128, bytes(16))), cipher=False, dev=up),
        "MI-02": lambda: sa(a(AEAD, aead(icv=64)), cipher=False, dev=up),
        "MI-09": lambda: sa(a(ENCAP, udp()), dev=up, how=0),
        "MI-10": lambda: sa(a(ENCAP, udp()), dev=up, mode=1),
        "MI-13": lambda: sa(a(AEAD, aead(224)), cipher=False, dev=up),
        "MI-17": lambda: sa(dev=up, sel_proto=1),
        "MI-18": lambda: sa(dev=up, mode=4),
        "MI-22": lambda: sa(a(ESN, esn(2, 48)), flags=128, dev=up, dir=IN, say_dir=True),
        "MI-23": lambda: sa(dev=up, reqid=0),
        "MI-24": lambda: sa(dev=up, limits=[9, 5, INF, INF] + limit[4:]),
        "MI-25": lambda: sa(dev=up, limits=[0, 5, INF, INF] + limit[4:]),
        "MI-26": lambda: sa(dev=up, limits=[INF, INF, 9, 5] + limit[4:]),
        "MI-27": lambda: sa(dev=up, limits=[INF, INF, 0, 5] + limit[4:]),
        "MI-29@new": lambda: sa(dev=up, mode=1),
        "MI-32": lambda: policy(dev=up, templates=2),
        "MI-33": lambda: policy(dev=up, dir=2),
        "MI-34": lambda: policy(dev=up, reqid=0, any=True),
        "MI-36": lambda: policy(dev=up, priority=0xffffffff),
    }


def tc(_up, rep, rep2, other, shared):
    add = f"filter add dev {rep} ingress "
    ip = add + "protocol ip pref 9 flower skip_sw "
    to = f"action mirred egress redirect dev {rep2}"
    rate = "rate 1mbit burst 20k"
    of_all = add + f"protocol all prio 1 matchall skip_sw action police {rate} "
    rows = {
        "MT-05": ip + "action pedit ex munge eth dst set 02:00:00:00:00:07",
        "MT-06": ip + f"action mirred egress mirror dev {rep2} action drop",
        "MT-26": add + f"protocol arp pref 9 flower skip_sw arp_tip 10.9.9.9 {to}",
        "MT-29": ip + f"ip_proto sctp dst_port 5 {to}",
        "MT-30": ip + f"ip_proto icmp type 8 {to}",
        "MT-33": add + f"protocol mpls_uc pref 9 flower skip_sw mpls_label 5 {to}",
        "MT-38": ip + f"action pedit ex munge ip ihl set 5 pipe {to}",
        "MT-22": ip + f"l2_miss 1 {to}",
        "MT-28": ip + f"ip_ttl 5 {to}",
        "MT-31": add + f"protocol ipv6 pref 9 flower skip_sw ip_proto icmpv6 type 128 {to}",
        "MT-35": ip + f"action pedit ex munge ip ttl set 5 munge ip ttl add 1 pipe {to}",
        "MT-36": ip + f"action pedit ex munge ip dst set 10.9.9.9 retain 0x00ff00ff pipe {to}",
        "MT-39": ip + f"action pedit ex munge ip dst add 10.9.9.9 pipe {to}",
        "MT-43": ip + "dst_ip 10.9.9.9",
        "MT-44": ip + "action drop hw_stats immediate",
        "MT-50": of_all + "conform-exceed drop/pipe",
        "MT-51": of_all + "conform-exceed pipe/continue",
        "MT-53": of_all + "mtu 2k peakrate 2mbit conform-exceed drop/continue",
        "MT-55": of_all + "conform-exceed drop/continue action drop",
        "MT-56": add + "protocol all prio 1 matchall skip_sw action drop",
        "MT-57": of_all.replace("prio 1", "prio 2") + "conform-exceed drop/continue",
        "MU-04": ip + f"ct_state +trk+rel {to}",
        "MU-05": ip + f"ct_state +trk+inv {to}",
        "MA-03": ip + f"action mirred egress mirror dev {rep2} pipe {to}",
        "MA-08": ip + f"action mirred egress redirect dev {other}",
        "MA-09": ip + f"action mirred egress redirect dev {rep}",
        "MA-10": ip + f"action csum ip {to}",
        "MA-11": ip + f"action pedit ex munge ip ttl set 5 pipe action csum ip sctp pipe {to}",
        "MA-20": ip + f"action vlan push id 5 pipe action vlan push id 6 pipe action vlan push id 7 pipe {to}",
        "MA-30": ip + f"action skbedit ptype otherhost pipe {to}",
        "MA-31": ip + f"action pedit ex munge ip ttl set 5 pipe action pedit ex munge ip ttl set 6 pipe {to}",
        "MA-34": ip + f"action police {rate} conform-exceed continue {to}",
        "MA-12": ip + f"action mirred ingress redirect dev {rep2}",
        "TC-50": ip + f"action mpls push protocol mpls_mc label 5 {to}",
        "MA-37": ip + f"action vlan modify id 5 pipe {to}",
        "MA-38": add + f"protocol 802.1q pref 9 flower skip_sw vlan_id 4 action vlan modify id 5 priority 3 pipe {to}",
        "MT-42": ip + f"action skbedit mark 5 {to}",
        "TA-07": ip + "action continue",
        "TA-08": ip + "action reclassify",
        "TA-09": ip + "action pipe",
        "TA-12": ip + f"action pedit munge ip ttl set 5 pipe {to}",
        "TA-13": ip + f"action police {rate} conform-exceed reclassify",
        "TA-16": ip + f"action skbedit inheritdsfield pipe {to}",
        "TA-65": f"filter add dev {other} ingress protocol ip pref 6 flower action skbedit queue_mapping 3",
        "TC-06": f"filter add dev {rep} parent 77: protocol ip pref 9 flower action drop",
        "TC-10": "filter add block 4321 protocol ip pref 9 flower action drop",
        "TC-11": f"filter add dev {shared} ingress protocol ip pref 9 flower action drop",
        "TC-18": add + "protocol ip pref 9 chain 4294967295 flower action drop",
        "TC-20": f"filter del dev {other} ingress protocol ip pref 777 flower",
        "TC-22": f"filter change dev {other} ingress protocol ip pref 778 handle 1 flower action drop",
        "TC-23": f"filter add dev {other} ingress protocol ip pref 7 matchall action drop",
        "TC-24": f"filter add dev {other} ingress protocol ip pref 7 handle 1 flower action drop",
        "TC-26": f"filter del dev {other} ingress protocol ip handle 5 flower",
        "TC-28": f"filter get dev {other} ingress protocol ip pref 7 handle 0x99 flower",
        "TC-31": f"chain add dev {other} ingress chain 6 protocol ip matchall",
        "TC-32": f"chain add dev {other} ingress chain 5",
        "TC-56": "actions get action gact index 777",
        "TC-70": f"filter add dev {other} ingress protocol ipv6 pref 7 flower action drop",
        "TC-27": f"filter del dev {rep} ingress protocol ip pref 8 handle 0x99 flower",
        "TC-67": f"filter add dev {rep2} ingress protocol ip pref 9 flower skip_sw action drop",
        "TF-46": ip + f"ct_state +est {to}",
        "TF-47": ip + f"ct_state +trk+new+est {to}",
        "TF-48": ip + f"ct_state +trk+inv+est {to}",
        "TF-49": ip + f"ct_state +trk+new+rpl {to}",
        "TF-01": ip + f"ip_proto udp spi 5 {to}",
        "TQ-08": f"qdisc add dev {other} root nothing",
        "TQ-11": f"qdisc add dev {other} parent 44:1 fq",
        "TQ-18": f"qdisc add dev {shared} parent 9:1 fq",
        "TQ-35": f"qdisc del dev {shared} root handle 77:",
        "TQ-37": f"qdisc del dev {shared} root fq_codel",
        "TQ-49": f"qdisc del dev {shared} root fq_codel",
        "TQ-15": f"qdisc add dev {rep} ingress",
        "TQ-39": f"qdisc del dev {other} root",
    }
    # a preference each: no rule meets another
    return {row: re.sub(r"pref 9 ", f"pref {n} ", line) for n, (row, line) in enumerate(rows.items(), 10)}


def ports_of(up, rep):
    ports = subprocess.run(["devlink", "port"], capture_output=True, text=True, check=True).stdout
    port, wire = (re.search(rf"(\S+): type eth netdev {dev} ", ports)[1] for dev in (rep, up))
    return port.rsplit("/", 1)[0], port, wire


def busy(up, rep, *_):
    """While a rule is in hardware."""
    pci, _, _ = ports_of(up, rep)
    return {
        "ME-07": f"dev eswitch set {pci} mode legacy",
        "ME-13": f"dev eswitch set {pci} encap-mode none",
    }


def devlink(up, rep, *_):
    pci, port, wire = ports_of(up, rep)
    return {
        # devlink keeps a capability of one line for those behind it: that which the kernel looks at
        # first comes last
        "DP-13": f"port function set {wire} ipsec_packet enable",
        "DP-11": f"port function set {wire} ipsec_crypto enable",
        "ME-16": f"port function set {port} migratable enable",
        "DP-09": f"port function set {wire} migratable enable",
        "DP-08": f"port function set {wire} roce enable",
        "DP-15": f"port function set {wire} max_io_eqs 5",
        "ME-29": f"port function set {port} max_io_eqs 5",
        "DP-32": f"dev flash {pci} file nothing component part",
        "DP-33": f"dev flash {pci} file nothing overwrite settings",
        "DP-34": f"dev flash {pci} file nothing",
        "MD-12": f"dev param set {pci} name fdb_large_groups value 0 cmode driverinit",
        "MD-13": f"dev param set {pci} name hairpin_queue_size value 3 cmode driverinit",
        "MD-14": f"dev param set {pci} name hairpin_queue_size value 1073741824 cmode driverinit",
        "MD-28": f"dev param set {pci} name num_doorbells value 100000 cmode driverinit",
        "MN-03": f"dev param set {pci} name swp_l4_csum_mode value full_csum cmode permanent",
        "ME-08": f"dev eswitch set {pci} mode legacy",
        "MF-03@6.12": f"dev param set {pci} name flow_steering_mode value nothing cmode runtime",
        "MF-01@6.12": f"dev param set {pci} name flow_steering_mode value smfs cmode runtime",
        "MF-04": f"dev param set {pci} name flow_steering_mode value smfs cmode runtime",
        "ME-11": f"dev eswitch set {pci} inline-mode network",
        "DP-06": f"port function set {wire} hw_addr 02:00:00:00:00:01",
        "DP-05": f"port function set {port} hw_addr 01:00:5e:00:00:01",
        "ME-35": f"port function set {port} state active",
        "DP-07@6.12": f"port function set {port} state active",
        "MD-09": f"trap set {pci} trap ingress_vlan_filter action trap",
    }


def batch(program, rows):
    """
    What the program says of each row, in as few processes as it lives through. It says 'Command
    failed -:LINE' behind what it says of a line; a row that it dies of is the last it spoke of.
    """
    todo, texts = list(rows), {}
    while todo:
        # behind each row a line that fails for sure: without it the row was not the last
        lines = [line for row in todo for line in (rows[row], MARK[program])]
        out = subprocess.run([program, *FORCE[program], "-"], input="\n".join(lines) + "\n", check=False,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout
        said, done = "", 0
        for line in out.splitlines():
            at = re.match(r"Command failed -:(\d+)", line)
            if at and int(at[1]) % 2:
                texts[todo[int(at[1]) // 2]] = said
            elif at:
                done = int(at[1]) // 2
            said = "" if at else said or (line if ANSWER.match(line) else "")
        if done < len(todo):
            texts[todo[done]] = said or "the program ended: " + out[-200:].replace("\n", " ")
            done += 1
        todo = todo[done:]
    for row in rows:
        print(f"{row}\t{texts.get(row, 'accepted')}")


ANSWER = re.compile(r"Error: |RTNETLINK answers|devlink answers|kernel answers")
FORCE = {"tc": ["-force", "-batch"], "devlink": ["-f", "-b"]}
MARK = {"tc": "qdisc del dev nowhere root", "devlink": "dev show pci/nowhere"}


def main():
    what, kernel, known, *names = sys.argv[1:]
    rows = {"xfrm": xfrm, "tc": tc, "devlink": devlink, "busy": busy}[what](*names)
    # an id may name the one kernel that its row can be had on; the catalogue knows which has the text
    rows = {row.split("@")[0]: ask for row, ask in rows.items()
            if row.split("@")[0] in known.split() and row.split("@")[-1] in (row, kernel)}
    if what != "xfrm":
        return batch("tc" if what == "tc" else "devlink", rows)
    for row, ask in rows.items():
        code, text, spi = ask()
        print(f"{row}\t{errno.errorcode.get(code, 'accepted')} {text}".rstrip() + f"\t{spi:#010x}")
    return None


main()
