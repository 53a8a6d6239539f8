# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Rekeys by an IKE daemon's own clock beside TC rules in hardware. Sourced after ike.lib.sh; REKEYS (lab run
# --env REKEYS=20) says how many.
wanted=${REKEYS:-3}

# window_begin LIFETIME: the service, two rules of others in hardware, the daemon, traffic through its tunnel
window_begin() {
	ike_config -e '1a on-conflict: displace' -e "s/^    keying: ike/&\\n    lifetime: { $1 }/"
	service_start
	equal "policies of the pin" "$(pins)" 2
	note "rules of others in hardware"
	rep=$(representor 0)
	ethtool -K "$rep" hw-tc-offload on
	tc qdisc add dev "$rep" ingress
	expect 0 tc filter add dev "$rep" ingress protocol ip pref 7 flower skip_sw dst_ip 198.51.100.7 \
		action mirred egress redirect dev "$(uplink)"
	expect 0 tc filter add dev "$rep" ingress protocol ip pref 8 flower skip_sw dst_ip 198.51.100.8 action drop
	equal "rules in hardware" "$(in_hardware)" 2

	note "$kind, its own rekeys"
	# strongSwan's first pair meets the rules as later ones do: the service opens the window when one was
	# refused. pluto asks once for the policies without which IKE's packets go through the tunnel.
	[ "$kind" = strongswan ] || expect 0 $ipso window
	begin_$kind
	load_$kind
	lab-barrier loaded
	await "the tunnel" 150 up
	lab-barrier up 240
	traffic_begin 5 # a busy machine answers late: that is not lost
}
in_hardware() { tc -j filter show dev "$rep" ingress | jq '[.[] | select(.options.in_hw)] | length'; }
up() {
	[ "$LAB_HOST" = b ] || [ "$(sas)" -ge 2 ] || (establish_$kind) >/dev/null 2>&1 || true
	[ "$(sas)" -ge 2 ]
}
windows() { metric "ipso_rekey_windows_total\{result=\"$1\""; }
open_seconds() { metric ipso_rekey_windows_open_seconds_total; }
closed() { [ "$(metric ipso_rekey_window_open)" = 0 ]; }

# window_rekeys ALLOWED: rekeys, and what they cost; so many of a hundred packets may be lost, none be in clear
window_rekeys() {
	local ours theirs opened begun
	note "$wanted rekeys"
	ours=$(ticks "$service") theirs=$(ticks "$daemon") opened=$(open_seconds) begun=$EPOCHREALTIME
	await "$wanted rekeys" $((wanted * 60 + 60)) rekeys_are "$wanted"
	lab-barrier rekeyed $((wanted * 60 + 60))
	awk -v n="$(rekeys)" -v s=$(($(ticks "$service") - ours)) -v c=$(($(ticks "$daemon") - theirs)) -v k="$kind" \
		-v t="$EPOCHREALTIME" -v b="$begun" -v o="$(open_seconds)" -v p="$opened" 'BEGIN {
		printf "%s, a rekey: %.1f s on the slow path of %.0f s; CPU of the service %.0f ms, of the daemon %.0f ms\n",
			k, (o - p) / n, (t - b) / n, s * 10 / n, c * 10 / n }'
	traffic_end
	kill "$daemon"
	ended
	await "the window to close" 40 closed
	equal "rules in hardware" "$(in_hardware)" 2
	echo "windows: $(windows "done") done, $(windows in-vain) in vain, $(windows failed) failed," \
		"open for $(open_seconds) s"
	[ "$(windows 'done')" -ge 1 ] || fail "no window was opened for a rekey"
	equal "windows that failed" "$(windows failed)" 0
	equal "packets in clear" "$(clear)" 0
	[ "$lost" -le $((2 + sent * $1 / 100)) ] || fail "$lost of $sent packets were lost"
	grep -F "rekey window" "$LAB_OUT/run.log" || true
	service_stop
	tc qdisc del dev "$rep" ingress # the eswitch is left to nobody
	expect 0 $ipso down
}
