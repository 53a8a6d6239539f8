#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=2 kernels=new nic=connectx-7 timeout=480
# shows: strongSwan rekeys while Open vSwitch has flows of VXLAN over IPsec in hardware, on both hosts: the service has them taken out, the SAs come, the flows are in hardware again; few packets are lost, none is in clear
. /ipso/tests/lab/scenarios/ipso.lib.sh
. /ipso/tests/lab/scenarios/traffic.lib.sh
exchange=/lab/exchange rekeys=3
mkdir -p "$exchange"
config switchdev aes-gcm-128 \
	"    vfs: [{ index: 0, netns: ns0, mtu: 1500, addresses: [10.0.0.$me/16] }]"
sed -i -e '1a on-conflict: displace' -e '/^    out: /d' \
	-e 's/^    in: .*/    keying: ike\n    lifetime: { soft-seconds: 20, hard-seconds: 120 }/' $conf/ipso.yaml
config_bridge
ovs start
service_start

note "strongSwan, its own rekeys"
[ "$LAB_HOST" = b ] || $ipso render --for strongswan --peer -c $conf/ipso.yaml >"$exchange/window"
lab-barrier rendered
if [ "$LAB_HOST" = a ]; then $ipso render --for strongswan -c $conf/ipso.yaml; else cat "$exchange/window"; fi \
	>/etc/swanctl/conf.d/ipso.conf
secret=$(test_key IKE 40)
(umask 077 && printf 'secrets {\n\tike-pair {\n\t\tsecret = "%s"\n\t}\n}\n' "$secret" >/etc/swanctl/conf.d/secrets.conf)
/usr/sbin/charon-systemd >"$LAB_OUT/charon.log" 2>&1 &
charon=$!
await "charon" 20 swanctl --stats
expect 0 sh -c 'swanctl --load-all 2>/dev/null'
lab-barrier loaded
offloaded() { [ "$(ip xfrm state | grep -c 'mode packet')" -ge 2 ]; }
initiate() { swanctl --initiate --child pair >/dev/null 2>&1; }
[ "$LAB_HOST" = b ] || await "the tunnel" 60 initiate
await "SAs in packet offload" 60 offloaded
lab-barrier up

note "VF to VF, its encapsulation in hardware"
traffic_run="ip netns exec ns0" traffic_to=10.0.0.$peer
traffic_begin 20 # a busy machine answers late: that is not lost
encapsulates() { ovs-appctl dpctl/dump-flows type=offloaded | grep -q 'set(tunnel(tun_id=0x64,'; }
await "an encapsulation in hardware" 60 encapsulates
lab-barrier encapsulated 120

note "$rekeys rekeys"
windows() { metric "ipso_rekey_windows_total\{result=\"$1\""; }
rekeyed() { [ "$(metric 'ipso_tunnel_rekeys_total\{tunnel="pair",direction="in"')" -ge $rekeys ]; }
await "$rekeys rekeys" 200 rekeyed
lab-barrier rekeyed 240
closed() { [ "$(metric ipso_rekey_window_open)" = 0 ]; }
await "the window to close" 60 closed
await "an encapsulation in hardware" 60 encapsulates
lab-barrier closed 120
traffic_end
await "no window" 60 closed # one that waits for a daemon which has ended takes its time
kill "$charon"
wait "$charon" || true
await "the last window to close" 60 closed # one may have opened for the next rekey, which does not come
echo "windows: $(windows "done") done, $(windows in-vain) in vain, $(windows failed) failed," \
	"open for $(metric ipso_rekey_windows_open_seconds_total) s"
grep -F "rekey window" "$LAB_OUT/run.log" || true
[ "$(windows 'done')" -ge 1 ] || fail "no window was opened for a rekey"
equal "windows that failed" "$(windows failed)" 0
equal "packets in clear" "$(clear)" 0
[ "$lost" -le $((2 + sent / 50)) ] || fail "$lost of $sent packets were lost"
equal "flow limit" "$(ovs-vsctl --timeout=30 get Open_vSwitch . other_config:flow-limit 2>/dev/null)" ""
service_stop
expect 0 $ipso down
ovs stop
no_keys_in "$LAB_OUT" /run/ipso /etc/openvswitch
