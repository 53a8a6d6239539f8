#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=2 kernels=6.12,new nic=connectx-7 timeout=480
# shows: strongSwan rekeys under traffic while TC rules are in hardware: where the driver takes no SA beside a rule, the service takes the rules out for it and puts them back; few packets are lost, none is in clear
. /ipso/tests/lab/scenarios/ipso.lib.sh
. /ipso/tests/lab/scenarios/traffic.lib.sh
exchange=/lab/exchange rekeys=${REKEYS:-3}
mkdir -p "$exchange"
write_keys
config switchdev aes-gcm-128 "    vfs: [{ index: 0 }]"
sed -i -e '1a on-conflict: displace' -e '/^    out: /d' \
	-e 's/^    in: .*/    keying: ike\n    lifetime: { soft-seconds: 20, hard-seconds: 120 }/' $conf/ipso.yaml
service_start
equal "policies of the pin" "$(pins)" 2

note "rules of others in hardware"
rep=$(representor 0)
ethtool -K "$rep" hw-tc-offload on
tc qdisc add dev "$rep" ingress
expect 0 tc filter add dev "$rep" ingress protocol ip pref 7 flower skip_sw dst_ip 198.51.100.7 \
	action mirred egress redirect dev "$(uplink)"
expect 0 tc filter add dev "$rep" ingress protocol ip pref 8 flower skip_sw dst_ip 198.51.100.8 action drop
in_hardware() { tc -j filter show dev "$rep" ingress | jq '[.[] | select(.options.in_hw)] | length'; }
equal "rules in hardware" "$(in_hardware)" 2

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
# The first pair meets the rules as later ones do: the service opens the window when one was refused.
[ "$LAB_HOST" = b ] || await "the tunnel" 60 initiate
await "SAs in packet offload" 60 offloaded
lab-barrier up
traffic_begin 5 # a busy machine answers late: that is not lost

note "$rekeys rekeys"
windows() { metric "ipso_rekey_windows_total\{result=\"$1\""; }
inbound() { ip -o xfrm state | grep -c "dst $me_ip .*mode packet"; }
rekeyed() { [ "$(metric 'ipso_tunnel_rekeys_total\{tunnel="pair",direction="in"')" -ge $rekeys ]; }
# ticks PID: hundredths of a second of CPU that it has used
ticks() { awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$1/stat"; }
ours=$(ticks "$service") theirs=$(ticks "$charon") begun=$EPOCHREALTIME
await "$rekeys rekeys" $((rekeys * 45 + 60)) rekeyed
lab-barrier rekeyed $((rekeys * 45 + 60))
awk -v n="$rekeys" -v s=$(($(ticks "$service") - ours)) -v c=$(($(ticks "$charon") - theirs)) \
	-v t="$EPOCHREALTIME" -v b="$begun" -v o="$(metric ipso_rekey_windows_open_seconds_total)" 'BEGIN {
	printf "a rekey: %.2f s on the slow path; CPU of the service %.0f ms, of the daemon %.0f ms; every %.0f s\n",
		o / n, s * 10 / n, c * 10 / n, (t - b) / n }'
traffic_end
kill "$charon"
wait "$charon" || true
closed() { [ "$(metric ipso_rekey_window_open)" = 0 ]; }
await "the window to close" 40 closed
equal "rules in hardware" "$(in_hardware)" 2
echo "windows: $(windows "done") done, $(windows in-vain) in vain, $(windows failed) failed," \
	"open for $(metric ipso_rekey_windows_open_seconds_total) s"
if [ "$LAB_KERNEL" = 6.12 ]; then
	equal "windows" "$(windows "done")" 0
else
	[ "$(windows 'done')" -ge 1 ] || fail "no window was opened for a rekey"
fi
equal "windows that failed" "$(windows failed)" 0
equal "packets in clear" "$(clear)" 0
[ "$lost" -le $((2 + sent / 50)) ] || fail "$lost of $sent packets were lost"
grep -F "rekey window" "$LAB_OUT/run.log" || true
service_stop
tc qdisc del dev "$rep" ingress # the eswitch is left to nobody
expect 0 $ipso down
