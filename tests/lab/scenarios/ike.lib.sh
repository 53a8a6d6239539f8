# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# strongSwan and libreswan from the form that ipso renders, on both hosts: what they do under traffic.
# Sourced after ipso.lib.sh and traffic.lib.sh; $kind is strongswan or libreswan, $daemon its pid.
secret=$(test_key IKE 40)
daemon=

# ike_config [SED]: switchdev with a VF, the tunnel's SAs by IKE; host b takes the form that a made for it
ike_config() {
	config switchdev aes-gcm-128 "    vfs: [{ index: 0 }]"
	sed -i -E '/^    (out|in): /d; s/    mode: transport/    keying: ike\n&/' $conf/ipso.yaml
	[ $# = 0 ] || sed -i "$@" $conf/ipso.yaml
	mkdir -p /lab/exchange
	[ "$LAB_HOST" = b ] || $ipso render --for "$kind" --peer -c $conf/ipso.yaml >/lab/exchange/$kind
	lab-barrier rendered
	configure_$kind
}
form() { if [ "$LAB_HOST" = a ]; then $ipso render --for "$kind" -c $conf/ipso.yaml; else cat /lab/exchange/$kind; fi; }

# Beside the form: a peer that does not answer is given up after seconds, not minutes.
configure_strongswan() {
	form | sed 's/^\t\tmobike = no/&\n\t\tdpd_delay = 3/' >/etc/swanctl/conf.d/ipso.conf
	printf 'charon-systemd {\n\tretransmit_timeout = 1\n\tretransmit_tries = 3\n\tfilelog { lab { path = %s } }\n}\n' \
		"$LAB_OUT/charon.log" >/etc/strongswan.d/lab.conf
	(umask 077 && printf 'secrets {\n\tike-pair {\n\t\tsecret = "%s"\n\t}\n}\n' "$secret" >/etc/swanctl/conf.d/secrets.conf)
}
begin_strongswan() {
	/usr/sbin/charon-systemd >>"$LAB_OUT/$kind.log" 2>&1 &
	daemon=$!
	await "charon" 20 swanctl --stats
}
load_strongswan() { expect 0 sh -c 'swanctl --load-all 2>/dev/null'; }
# establish_DAEMON: by hand, where the form alone has not done it
establish_strongswan() { expect 0 sh -c 'swanctl --initiate --child pair 2>/dev/null'; }
end_strongswan() { [ "$LAB_HOST" = b ] || expect 0 sh -c 'swanctl --terminate --child pair >/dev/null 2>&1'; }
# offload_DAEMON HOW: for the tunnels that are made from now on
offload_strongswan() {
	sed -i "s/hw_offload = .*/hw_offload = $1/" /etc/swanctl/conf.d/ipso.conf
	load_strongswan
}
rekey_strongswan() { swanctl --rekey --child pair >/dev/null 2>&1; }
settled_strongswan() { [ "$(sas)" = 2 ]; }
version_strongswan() { swanctl --version | head -n 1; }

configure_libreswan() {
	form | sed 's/^\tdpddelay=.*/\tdpddelay=3\n\tretransmit-timeout=12/' >/etc/ipsec.d/ipso.conf
	(umask 077 && printf '%s %s : PSK "%s"\n' "$me_ip" "$peer_ip" "$secret" >/etc/ipsec.d/ipso.secrets)
	ipsec initnss >/dev/null 2>&1 || true
}
begin_libreswan() {
	ipsec pluto --nofork --stderrlog --config /etc/ipsec.conf >>"$LAB_OUT/$kind.log" 2>&1 &
	daemon=$!
	await "pluto" 30 ipsec whack --status
}
load_libreswan() { await "the connection, which pluto loads by itself" 20 sh -c 'ipsec whack --status | grep -q "\"pair\""'; }
establish_libreswan() { expect 0 ipsec up pair; }
end_libreswan() { [ "$LAB_HOST" = b ] || expect 0 ipsec down pair; }
offload_libreswan() {
	sed -i "s/nic-offload=.*/nic-offload=$1/" /etc/ipsec.d/ipso.conf
	expect 0 ipsec add pair # which is without `auto`
	[ "$LAB_HOST" = b ] || expect 0 ipsec up --asynchronous pair
}
rekey_libreswan() { ipsec whack --rekey-child --name pair >/dev/null 2>&1; }
# A packet that finds no SA while pluto rekeys makes it begin another pair, which stays beside the new one.
settled_libreswan() { [ "$(sas)" -ge 2 ]; }
version_libreswan() { ipsec --version | head -n 1; }

ended() { wait "$daemon" || true; }
# sas: the tunnel's SAs in packet offload that carry traffic, one a line
sas() { ip -o xfrm state | grep 'mode packet' | grep -c 'proto esp' || true; }
settled() { settled_$kind; }
# Behind a loss both charons may begin within a round trip, and both pairs stay (docs/ike.md, who begins): each
# of them is known to both hosts, and none is left that only one has.
agreed_strongswan() {
	ip -o xfrm state | grep 'mode packet' | grep -oE 'spi 0x[0-9a-f]+' | sort >"/lab/exchange/spis-$LAB_HOST"
	[ "$(sas)" -ge 2 ] && cmp -s /lab/exchange/spis-a /lab/exchange/spis-b
}
agreed_libreswan() { settled_libreswan; }
rekeys() { metric 'ipso_tunnel_rekeys_total\{tunnel="pair",direction="out"'; }
rekeys_are() { [ "$(rekeys)" -ge "$1" ]; }
# packets_out: those of the tunnel and of the SAs that are there, in one reading
packets_out() {
	curl -sf http://127.0.0.1:9417/metrics | awk '/^ipso_tunnel_packets_total.*direction="out"/ { t += $NF }
		/^ipso_sa_packets_total.*direction="out"/ { n += $NF } END { print t + 0, n + 0 }'
}
some_out() { [ "$(packets_out | cut -d' ' -f1)" -ge 5 ]; }
reached() { ping -c 1 -W 2 -q "$peer_ip"; }
# ticks PID: what it and its threads have used of the CPU, in hundredths of a second
ticks() { awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$1/stat"; }

# rekeyed COUNT: host a renews the pair so often, and both services count it. The old pairs go meanwhile:
# charon keeps the inbound SA of each for five seconds.
rekeyed() {
	local i from
	from=$(rekeys)
	lab-barrier "rekeys-from-$((++renewals))"
	for ((i = 1; i <= $1; i++)); do
		[ "$LAB_HOST" = a ] || break
		rekey_$kind || fail "rekey $i: $kind refuses to begin it"
		await "rekey $i of $1" 20 rekeys_are $((from + i))
	done
	await "rekey $1" $((10 + 5 * $1)) rekeys_are $((from + $1))
	await "the end of the old pairs" 20 settled
	lab-barrier "rekeys-until-$renewals"
}
renewals=0
# Packets that came for an SA that is not there yet, but for its SPI: in a rekey the host that answers may
# send with the new SA before the other has it. (Two outbound SAs of one reqid are alike to the driver.)
early() { awk '/XfrmAcquireError|XfrmInNoStates/ { n += $2 } END { print n }' /proc/net/xfrm_stat; }
# Of charon's rekeys these are lost on both hosts together, and no others.
lost_as_expected_strongswan() { # TOO-EARLY
	echo "$lost $1" >"/lab/exchange/lost-$LAB_HOST"
	lab-barrier lost
	equal "packets lost, and too early for the new SA, on both hosts" \
		"$(awk '{ n += $1 } END { print n }' /lab/exchange/lost-?)" \
		"$(awk '{ n += $2 } END { print n }' /lab/exchange/lost-?)"
}
# pluto asks for the SPI of the new SA with the reqid of the old one. That state, in software yet, comes to
# the head of a list whose states in hardware must be first (XFRM_STATE_INSERT), and hides them from
# xfrm_state_find(): packets find no SA until the new one is there, and are dropped.
lost_as_expected_libreswan() {
	echo "too early for the new SA: $1 packets"
	[ "$lost" -lt "$sent" ] || fail "no packet passed"
}
unguarded= rounds=${REKEYS:-6}

# rekeyed_under_traffic: 6 times, or REKEYS (lab run --env REKEYS=20), with a look at what it costs, and ipso killed and started in between
rekeyed_under_traffic() {
	local from service_from rekeyed_from packets now early_before
	note "the tunnel comes up by the form alone"
	established

	note "$rounds rekeys under traffic"
	traffic_begin 5 0.2
	await "packets of the first pair in the figures" 20 some_out
	early_before=$(early)
	from=$(ticks $daemon) service_from=$(ticks $service) rekeyed_from=$EPOCHREALTIME
	rekeyed "$rounds"
	awk -v n="$rounds" -v d=$(($(ticks $daemon) - from)) -v s=$(($(ticks $service) - service_from)) \
		-v t="$EPOCHREALTIME" -v t0="$rekeyed_from" -v k="$kind" \
		'BEGIN { printf "%s: %d rekeys in %.1f s; CPU a rekey: the daemon %.0f ms, ipso run %.0f ms\n", k, n, t - t0, d * 10 / n, s * 10 / n }'
	[ "$(rekeys)" -ge "$rounds" ] || fail "$(rekeys) rekeys were counted"
	# What passed between the last reading of an SA and its end is in no figure, and these live a second.
	read -r packets now < <(packets_out)
	[ "$packets" -ge $((now + 5)) ] || fail "$packets packets of the tunnel, $now of its SAs now"
	echo "packets of the tunnel over all its SAs: $packets"
	equal "SAs that were told of as not in hardware" "$(metric 'ipso_events_total\{kind="fallback"')" 0

	note "ipso killed, a rekey without it, and ipso again"
	[ -z "$unguarded" ] || traffic_end
	kill -9 "$service"
	wait "$service" || true
	lab-barrier ipso-killed
	[ "$LAB_HOST" = b ] || rekey_$kind
	[ -n "$unguarded" ] || traffic_goes_on ipso-gone
	lab-barrier ipso-gone-on
	await "one pair of SAs" 20 settled
	service_start
	equal "SAs in the table" "$(status '[.sas[] | select(.offload == "packet")] | length')" "$(sas)"
	rekeyed 1
	[ -n "$unguarded" ] || traffic_end
	lab-barrier quiet
	lost_as_expected_$kind $(($(early) - early_before))
	equal "packets that came in the clear" "$(clear)" 0
}

lose_all() {
	kill -9 "$daemon"
	ended
	[ -z "${rep:-}" ] || tc qdisc del dev "$rep" ingress # which would keep the pin away (S-05)
	ip xfrm state flush
	ip xfrm policy flush
	await "the pin, put back" 20 eval '[ "$(pins)" = 2 ]'
}

# came_back: the daemon of host b restarted, host b and host a as after a power cut, both daemons restarted
came_back() {
	note "the daemon of host b restarted"
	if [ "$LAB_HOST" = b ]; then
		kill "$daemon"
		ended
		again
	fi
	back restarted

	note "host b loses all, as in a power cut; host a notices"
	packets=$(metric 'ipso_tunnel_packets_total\{tunnel="pair",direction="in"')
	if [ "$LAB_HOST" = b ]; then
		lose_all
	else
		await "the dead peer's SAs to go" 60 eval '[ "$(sas)" = 0 ]'
		await_equal "SAs of the tunnel in ipso status" 0 10 status '[.sas[] | select(.tunnel == "pair")] | length'
		$ipso events --json --kind sa-delete --tunnel pair | tail -n 2 | jq -r '[.what, .comm] | join(", ")'
		[ "$(metric 'ipso_tunnel_packets_total\{tunnel="pair",direction="in"')" -ge "$packets" ] ||
			fail "the figures of the tunnel went with its SAs"
	fi
	lab-barrier noticed
	[ "$LAB_HOST" = a ] || again
	back lost-all

	note "host a loses all, and is back before host b notices"
	if [ "$LAB_HOST" = a ]; then
		lose_all
		again
	fi
	back lost-at-once

	note "both restarted"
	kill "$daemon"
	ended
	lab-barrier both-ended
	begin_$kind
	in_turn load_$kind
	established
	rekeyed 1
	pings 11 "$peer_ip"
	lab-barrier end
}

fallbacks() { $ipso events --json --kind fallback --tunnel pair; }
# not_in_hardware: the daemon makes the tunnel in software; ipso tells with its next reading, and why
not_in_hardware() {
	local since
	note "$kind is told to use no offload"
	since=$(date +%H:%M:%S)
	anew no
	await "an answer through the tunnel" 20 reached
	await "what ipso tells of it" 20 eval '[ "$(fallbacks | wc -l)" -ge 2 ]'
	fallbacks | jq -r '[.time, .what, .explanation.id] | join(", ")'
	equal "ids of the reasons" "$(fallbacks | jq -r .explanation.id | sort -u)" S-44
	equal "SAs of the tunnel by their offload" \
		"$(status '[.sas[] | select(.tunnel == "pair") | .offload] | unique | join(" ")')" none
	equal "its metric" "$(metric 'ipso_sa_info\{tunnel="pair".*offload="none"')" 1
	expect 0 $ipso explain --since "$since"
	says "asked for no offload"
	lab-barrier told

	note "and in hardware again"
	anew packet
	established
}
# anew HOW: the tunnel down, and the daemon's file with that offload loaded
anew() {
	end_$kind
	lab-barrier "ended-$1"
	in_turn "offload_$kind" "$1"
	lab-barrier "loaded-$1"
}

over() {
	service_stop
	kill "$daemon"
	ended
	no_keys_in "$LAB_OUT" /run/ipso
	if grep -rqF "$secret" "$LAB_OUT" /run/ipso; then fail "the secret of IKE is readable"; fi
}

# in_turn COMMAND...: host a, then host b. Two charons that load at the same moment make two pairs.
in_turn() {
	[ "$LAB_HOST" = b ] || "$@"
	lab-barrier "turn-$((++turns))"
	[ "$LAB_HOST" = a ] || "$@"
}
turns=0
# established: by the form alone, and one pair is left
established() {
	lab-barrier "begun-$((++tunnels))"
	await "an answer through the tunnel" 30 reached
	await "one pair of SAs" 30 settled
	lab-barrier "one-pair-$tunnels"
}
tunnels=0
again() {
	begin_$kind
	load_$kind
}
# back WHAT: traffic in both directions, through one pair in packet offload
back() {
	lab-barrier "$1"
	await "an answer from the other host" 90 reached
	await "the same SAs on both hosts" 30 agreed_$kind
	echo "pairs: $(($(sas) / 2))"
	pings 11 "$peer_ip"
	lab-barrier "$1-back"
}
