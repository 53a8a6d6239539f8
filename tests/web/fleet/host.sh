#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What each of the two hosts does for tests/web/fleet/run.sh: a service in switchdev with traffic, a
# change of keys in stages, a flush. Each part begins when the Prometheus outside has seen enough.
. /ipso/tests/lab/scenarios/ipso.lib.sh
. /ipso/tests/lab/scenarios/traffic.lib.sh
write_keys
config switchdev aes-gcm-128 "    vfs: [{ index: 0, mac: \"02:aa:00:00:00:0$me\" }]"

# at NAME: the machine outside asks on this port where we are, and we go on
at() {
	note "at $1"
	echo "$1" | nc -N -l 127.0.0.1 9500
}

service_start
rep=$(representor 0)
ethtool -K "$rep" hw-tc-offload on
tc qdisc add dev "$rep" ingress
expect 0 tc filter add dev "$rep" ingress protocol ip pref 7 flower skip_sw dst_ip 192.0.2.9 action drop
lab-barrier up 300
pings 1 "$peer_ip"
traffic_begin 20
at traffic

sed -i -e 's/out: { spi: 0x100\([12]\), reqid: 1,/out: { spi: 0x101\1, reqid: 11,/' \
	-e 's/in: { spi: 0x100\([12]\), reqid: 2,/in: { spi: 0x101\1, reqid: 2,/' $conf/ipso.yaml
(umask 077 && test_key new-a-to-b 40 >$conf/a-to-b.key && test_key new-b-to-a 40 >$conf/b-to-a.key)
for stage in inbound outbound all; do
	until=(--until "$stage")
	[ "$stage" != all ] || until=()
	expect 0 $ipso up -c $conf/ipso.yaml "${until[@]}"
	traffic_goes_on $stage
done
expect 0 $ipso reload # names of the new SAs, for the service
at rolled

traffic_end
equal "lost" "$lost" 0
lab-barrier quiet 300 # the flush of one is not to meet the traffic of the other
[ "$LAB_HOST" = b ] || ip xfrm state flush
at flushed
lab-barrier seen 300
service_stop
