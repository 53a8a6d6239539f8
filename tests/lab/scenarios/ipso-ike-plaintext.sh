#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=2 kernels=6.12 also=new nic=connectx-7 timeout=480
# shows: a tunnel of strongSwan, packet offload on host a: no packet of its selector leaves in the clear when the daemon is stopped or killed, the link goes, SAs are flushed or end by time beside a frozen daemon, the service is killed, or the firmware refuses the rekeyed SA
. /ipso/tests/lab/scenarios/ipso.lib.sh
. /ipso/tests/lab/scenarios/plaintext.lib.sh
config legacy
sed -i -E '/^    (out|in): /d; s/    mode: transport/    keying: ike\n&/' $conf/ipso.yaml
exchange=/lab/exchange
mkdir -p $exchange
secret=$(test_key IKE 40)
charon=

mkdir -p /etc/strongswan.d
cat >/etc/strongswan.d/log.conf <<-CONF
	charon-systemd {
		filelog {
			lab {
				path = $LAB_OUT/charon.log
				append = yes
				flush_line = yes
				default = 1
				knl = 2
			}
		}
	}
CONF
charon_begin() {
	/usr/sbin/charon-systemd >/dev/null 2>&1 &
	charon=$!
	await "charon" 20 swanctl --stats
	swanctl --load-all >/dev/null 2>&1 || fail "swanctl --load-all"
}
charon_end() {
	[ -z "$charon" ] || { kill "$charon" && wait "$charon" || true; }
	charon=
}
charon_killed() {
	kill -KILL "$charon"
	wait "$charon" || true
	charon=
}
offloaded() { [ "$(ip -o xfrm state | grep 'mode packet' | grep -c 'proto esp')" -ge 2 ]; }
# Its traffic may have begun it before: then it is a duplicate, which charon refuses.
tunnel() { offloaded || { swanctl --initiate --child pair --timeout 10 >/dev/null 2>&1 || true; offloaded; }; }
# Host b's daemon goes on; what it still has of host a's former life goes, so that one pair is left.
peer_tunnel() {
	swanctl --terminate --ike pair --force >/dev/null 2>&1 || true
	ip xfrm state flush
}
mend_tunnel() {
	charon_end
	ip xfrm state flush
	charon_begin
	await "SAs in packet offload" 60 tunnel
}

address
[ "$LAB_HOST" = b ] || $ipso render --for strongswan --peer -c $conf/ipso.yaml >$exchange/pair
lab-barrier rendered
if [ "$LAB_HOST" = a ]; then
	$ipso render --for strongswan -c $conf/ipso.yaml
else
	sed 's/hw_offload = packet/hw_offload = no/' $exchange/pair
fi >/etc/swanctl/conf.d/ipso.conf
(umask 077 && printf 'secrets {\n\tike-pair {\n\t\tsecret = "%s"\n\t}\n}\n' "$secret" >/etc/swanctl/conf.d/secrets.conf)
if [ "$LAB_HOST" = b ]; then
	look
	charon_begin
else
	service_start
	equal "block policies" "$(blocks)" 2
fi
lab-barrier ready
# The generator's connection needs a tunnel to begin.
if [ "$LAB_HOST" = a ]; then
	charon_begin
	await "SAs in packet offload" 60 tunnel
	generate
fi

refused() {
	lab-fault set "cmd a00 status=0x0f syndrome=0x0badcafe"
	swanctl --rekey --child pair >/dev/null 2>&1 || true
	await "charon to be refused" 20 grep -q "unable to\|failed to install" "$LAB_OUT/charon.log"
	lab-fault clear
}
# Nobody rekeys, and the kernel ends the SAs by their hard limit.
frozen() {
	local form=/etc/swanctl/conf.d/ipso.conf
	cp $form $conf/form
	sed -i 's/^\t*hw_offload = /\t\t\t\tlife_time = 6\n\t\t\t\trekey_time = 600\n&/' $form
	mend_tunnel
	kill -STOP "$charon"
	await "the end of the SAs" 20 ended
	charon_killed
	mv $conf/form $form
}
ended() { ! offloaded; }
service_killed() {
	kill -9 "$service"
	wait "$service" || true
	flap
}

fault "the daemon stopped" "" charon_end
fault "the daemon killed" "" charon_killed
fault "link down and up" "" flap
fault "SAs flushed" "" ip xfrm state flush
fault "daemon frozen until the hard limit" "" frozen
fault "firmware refuses the rekeyed SA" "" refused
fault "service killed, then the link" "" service_killed

if [ "$LAB_HOST" = a ]; then
	kill $generator
	charon_end
	expect 0 $ipso down
	equal "SAs and policies left" "$(ip xfrm state)$(ip -o xfrm policy | grep -v socket)" ""
fi
lab-barrier end 200
