#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=2 kernels=6.12,new nic=connectx-7 timeout=400
# shows: strongSwan and libreswan, each from the form that ipso renders (host b from that for the peer), bring a tunnel up in packet offload that is SA by SA what ipso up makes of the same file; the pin stands before the daemon; libreswan flushes it, and ipso puts it back
. /ipso/tests/lab/scenarios/ipso.lib.sh
exchange=/lab/exchange
mkdir -p "$exchange"

# shape: a line an SA and a policy, without what IKE chooses (SPI, reqid, key), without the pin and
# the policies of sockets, by which a daemon's own packets pass
shape() {
	ip xfrm state | awk '
		function flush() { if (sa) print "SA", sa; sa = "" }
		/^src/ { flush(); sa = $2 " > " $4; esn = 0 }
		/proto esp/ { sa = sa " " $2 " " $NF }
		/replay-window/ { sa = sa ", window " $2; sub(/.*replay-window [0-9]+ */, ""); sa = sa ", flags " $0 }
		/aead/ { sa = sa ", " $2 " " (length($3) - 2) * 4 - 32 " bits, ICV " $4 }
		/replay_window [0-9]+/ { for (i = 1; i < NF; i++) if ($i == "replay_window") sa = sa ", ESN window " $(i + 1) + 0 }
		/crypto offload/ { sub(/.*dev [^ ]+ /, ""); sa = sa ", offload " $0 }
		/^\tsel/ { sub(/^\tsel /, ""); sa = sa ", sel " $0 }
		/lifetime|limit/ { next }
		END { flush() }' | sort
	ip -o xfrm policy | grep -vE 'action block|socket (in|out)' | tr -s '\\\t ' ' ' |
		sed -E 's/reqid [0-9]+/reqid R/; s/spi 0x[0-9a-f]+ //; s/ dev [^ ]+ (dir|mode)/ dev D \1/g; s/ +$//' | sort
}

# compare DAEMON: what it made is what ipso made, turned by own_DAEMON, which names the differences
compare() {
	local daemon=$1
	shape >$conf/$daemon.shape
	echo "what $daemon made:"
	cat $conf/$daemon.shape
	diff <("own_$daemon" <$conf/ipso.shape) $conf/$daemon.shape >$conf/$daemon.diff || {
		cat $conf/$daemon.diff
		fail "$daemon's kernel state differs from that of ipso up in more than is its own"
	}
	echo "ok: $daemon's SAs and policies are those of ipso up"
}

esp_packets() { ethtool -S "$(uplink)" | awk '$1 == "ipsec_tx_pkts:" { print $2 }'; }
# proven DAEMON: traffic goes through the card's IPsec
proven() {
	local before
	before=$(esp_packets)
	lab-barrier "$1-count"
	pings 11 $peer_ip
	lab-barrier "$1-pinged"
	more() { [ $(($(esp_packets) - before)) -ge 22 ]; }
	await "22 packets in ESP" 10 more
}

write_keys
config switchdev
note "what ipso up makes"
expect 0 $ipso up -c $conf/ipso.yaml
shape >$conf/ipso.shape
cat $conf/ipso.shape
expect 0 $ipso down
lab-barrier by-ipso

note "the same tunnel with keying: ike: device, pin and gate, no SA"
sed -i -E '/^    (out|in): /d; s/    mode: transport/    keying: ike\n&/' $conf/ipso.yaml
expect 0 $ipso up -c $conf/ipso.yaml
equal "SAs" "$(ip xfrm state)" ""
equal "policies of the pin" "$(pins)" 2
for tool in strongswan libreswan; do
	[ "$LAB_HOST" = b ] || $ipso render --for $tool --peer -c $conf/ipso.yaml >"$exchange/$tool"
done
lab-barrier rendered
one_pair() { [ "$(ip -o xfrm state | grep 'mode packet' | grep -c 'proto esp')" = 2 ]; }
# up_by_itself DAEMON: the form alone brings the tunnel up, once
up_by_itself() {
	await "one pair of SAs by $1" 60 one_pair
	lab-barrier "$1-up"
	await "one pair of SAs by $1" 30 one_pair
}
# rendered TOOL: this host's form; host b takes what host a made for it
rendered() { if [ "$LAB_HOST" = a ]; then $ipso render --for "$1" -c $conf/ipso.yaml; else cat "$exchange/$1"; fi; }
secret=$(test_key IKE 40)

note "strongSwan, $(swanctl --version | head -n 1)"
# Its own: a priority that it computes, templates without addresses, and what lets IKE itself pass,
# in packet offload, which is why the eswitch mode has to be set before it starts.
own_strongswan() {
	{
		sed -E 's/priority 0 tmpl src [^ ]+ dst [^ ]+/priority 367231 tmpl src 0.0.0.0 dst 0.0.0.0/'
		local any port
		for any in 0.0.0.0/0 ::/0; do
			for port in 500 4500; do
				echo "src $any dst $any proto udp dport $port dev D dir in priority 32" \
					"crypto offload parameters: dev D mode packet"
				echo "src $any dst $any proto udp sport $port dev D dir out priority 32" \
					"crypto offload parameters: dev D mode packet"
			done
		done
	} | sort
}
rendered strongswan >/etc/swanctl/conf.d/ipso.conf
(umask 077 && printf 'secrets {\n\tike-pair {\n\t\tsecret = "%s"\n\t}\n}\n' "$secret" >/etc/swanctl/conf.d/secrets.conf)
/usr/sbin/charon-systemd >"$LAB_OUT/charon.log" 2>&1 &
charon=$!
await "charon" 20 swanctl --stats
lab-barrier strongswan-there
[ "$LAB_HOST" = b ] || expect 0 sh -c 'swanctl --load-all 2>/dev/null' # asks host b, which knows no connection yet
lab-barrier strongswan-loaded
[ "$LAB_HOST" = a ] || expect 0 sh -c 'swanctl --load-all 2>/dev/null' # and asks host a
up_by_itself strongswan
proven strongswan
compare strongswan
lab-barrier strongswan-compared
[ "$LAB_HOST" = b ] || swanctl --terminate --ike pair >/dev/null 2>&1 || true
lab-barrier strongswan-down
kill "$charon"
wait "$charon" || true
equal "policies of the pin behind it" "$(pins)" 2
lab-barrier strongswan-gone

note "libreswan, $(ipsec --version | head -n 1)"
# Its own: as above; IKE passes out by a policy in packet offload, neighbour discovery by others.
own_libreswan() {
	{
		sed -E 's/priority 0 tmpl src [^ ]+ dst [^ ]+/priority 1753281 tmpl src 0.0.0.0 dst 0.0.0.0/'
		local any type dir
		for any in 0.0.0.0/0 ::/0; do
			echo "src $any dst $any proto udp sport 500 dport 500 dir out priority 1" \
				"crypto offload parameters: dev D mode packet if_id 0x5"
		done
		for type in 135 136; do
			for dir in fwd in out; do
				echo "src ::/0 dst ::/0 proto ipv6-icmp type $type dir $dir priority 1"
			done
		done
	} | sort
}
rendered libreswan >/etc/ipsec.d/ipso.conf
(umask 077 && printf '%s %s : PSK "%s"\n' "$me_ip" "$peer_ip" "$secret" >/etc/ipsec.d/ipso.secrets)
ipsec initnss >/dev/null 2>&1 || true
ipsec pluto --nofork --stderrlog --config /etc/ipsec.conf >"$LAB_OUT/pluto.log" 2>&1 &
pluto=$!
await "pluto" 30 ipsec whack --status
equal "policies of the pin that pluto left" "$(pins)" 0
up_by_itself libreswan
proven libreswan
compare libreswan
lab-barrier libreswan-compared
kill "$pluto"
wait "$pluto" || true
lab-barrier libreswan-gone
ip xfrm policy
equal "policies that pluto, which flushes all, leaves" "$(ip xfrm policy | grep -cE 'action block|tmpl')" 0
expect 0 $ipso check -c $conf/ipso.yaml
says "CK-43"
expect 0 $ipso up -c $conf/ipso.yaml
equal "policies of the pin, put back" "$(pins)" 2

note "the service puts it back by itself, and leaves it to down"
service_start
ip xfrm policy flush
await "the pin" 20 eval '[ "$(pins)" = 2 ]'
grep -F "pin of the IPsec tables was gone" "$LAB_OUT/run.log" || fail "the service does not tell of it"
expect 0 $ipso down
lab-barrier down
equal "policies of the pin after down, with the service there" "$(pins)" 0
service_stop
equal "policies of the pin in the end" "$(pins)" 0
no_keys_in "$LAB_OUT" /run/ipso
if grep -rqF "$secret" "$LAB_OUT" /run/ipso; then fail "the secret of IKE is readable"; fi
