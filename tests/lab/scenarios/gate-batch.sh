#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=1 kernels=6.12,new nic=connectx-7 timeout=240
# shows: messages made by hand cannot slip through the gate: several in one send, the last of twenty thousand, an unnamed classifier, more than are walked; malformed ones end the walk where the kernel stops too; a flood of refusals does not fill the ring
. /ipso/tests/lab/scenarios/lib.sh
. /ipso/tests/lab/scenarios/gate.lib.sh
dev=$(uplink)
ip link set "$dev" up
ip link add other type dummy
guard
tc qdisc add dev "$dev" clsact
tc qdisc add dev other clsact
PYTHONPATH=/ipso/tests/lab/scenarios python3 -B - "$(cat "/sys/class/net/$dev/ifindex")" "$(cat /sys/class/net/other/ifindex)" <<'PYTHON' ||
import errno, os, socket, struct, sys
from rtnetlink import attr, claim
guarded, other = int(sys.argv[1]), int(sys.argv[2])
REQUEST, CREATE, EXCL, NOOP, NEWTFILTER = 1, 0x400, 0x200, 1, 44

def message(kind, body=b"", flags=REQUEST | CREATE | EXCL, length=None):
    length = 16 + len(body) if length is None else length
    return struct.pack("=IHHII", length, kind, flags, 0, 0) + body

def rule(ifindex, classifier=b"flower\0", **kw):
    body = struct.pack("=BxxxiIII", 0, ifindex, 0, 0xfffffff2, 7 << 16 | 0x0008)
    if classifier:
        body += attr(1, classifier)
    return message(NEWTFILTER, body, **kw)

noop = message(NOOP)
claim("three in one send, the second is bad", rule(other) + rule(guarded) + rule(other), errno.EBUSY)
claim("the last of 20002 is bad", noop * 20001 + rule(guarded), errno.EBUSY)
claim("an unnamed classifier", rule(guarded, None), errno.EBUSY)
claim("40001 messages, more than are walked", noop * 40001, errno.EBUSY)
claim("a message that claims more than there is: the kernel reads no further",
      message(NOOP, length=400) + rule(guarded), 0)
claim("a message that is no request", rule(guarded, flags=0), 0)
claim("only the other device", rule(other), 0)
child = os.fork()
if not child:
    os.setuid(65534)
    s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    for _ in range(1000):
        try:
            s.sendto(rule(guarded), (0, 0))
            os._exit(1)
        except OSError:
            pass
    os._exit(0)
if os.waitpid(child, 0)[1]:
    sys.exit("FAIL: an unprivileged sender passed")
print("ok: 1000 messages of an unprivileged sender: refused")
PYTHON
	fail "see above"
equal "rules on the other device" "$(tc -j filter show dev other ingress | jq 'length')" 0
equal "refusals counted" "$(verdict refused)" 1003
equal "overlong" "$(verdict overlong)" 1
# the ring waits for a reader: what is in it is bounded, what is not in it is counted
lost=$(bpftool -j map dump pinned /sys/fs/bpf/ipso/lost | jq '[.[] | select(.formatted.key == 10).formatted.values[].value] | add')
[ "$lost" -gt 100 ] || fail "only $lost of 1000 refusals were left out of the ring"
echo "ok: $lost of the flood's records were left out, and counted"
