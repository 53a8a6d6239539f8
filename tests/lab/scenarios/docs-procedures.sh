#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=2 kernels=6.12,new nic=connectx-7 timeout=400
# shows: the configurations of docs/, both procedures of NVIDIA's page among them, taken out of the pages and run as they say: mirrored configuration and keys for the other host, traffic in ESP, nothing left
. /ipso/tests/lab/scenarios/ipso.lib.sh
page=/ipso/docs/procedures.md
exchange=/lab/exchange # the channel that the page wants trusted

# block NAME: the file of that name on a page
block() { awk -v want="# file: $1" '/^```/ { on = 0 } on; $0 == want { on = 1 }' /ipso/docs/*.md; }
# commands: what the page says to run on host A, without its comments
commands() { awk '/^```sh/ { on = 1; next } /^```/ { on = 0 } on' "$page" | sed 's/ *#.*//'; }

# follow NAME: the page's way on this host, up to a host that is set up; works in $work
follow() {
	local line
	work=$conf/$1
	install -d -m 700 "$work"
	cd "$work" || exit 1
	if [ "$LAB_HOST" = a ]; then
		block "$1/ipso.yaml" | sed "s/pf: enp8s0f0np0/pci: \"$LAB_PCI\"/; s/enp8s0f0np0/\"$LAB_PCI\"/" >ipso.yaml
		[ -s ipso.yaml ] || fail "the page has no file $1/ipso.yaml"
		while read -r line; do
			[ -n "$line" ] || continue
			# shellcheck disable=SC2086 # words of the page
			expect 0 $ipso ${line#ipso }
			case $line in
			*keygen*)
				mkdir -p "$exchange"
				cp -r peer "$exchange/$1"
				;;
			esac
		done < <(commands)
		lab-barrier "keys-$1"
	else
		lab-barrier "keys-$1"
		cp "$exchange/$1"/* .
		chmod 600 ./*.key
		# what a mirror cannot know: the address of a guest that no tunnel names
		grep -q "10.0.0.2" ipso.yaml ||
			sed -i -E "s/(- index: 0)$/\1\n        addresses: [10.0.0.2\/16]/" ipso.yaml
		sed 's/^/  | /' ipso.yaml
		expect 0 $ipso up -c ipso.yaml
	fi
	lab-barrier "up-$1"
}

# esp_packets: that the card has encrypted, at the uplink or at the VF
esp_packets() {
	{ ethtool -S "$(uplink)"; $inside ethtool -S "$guest"; } 2>/dev/null |
		awk '$1 == "ipsec_tx_pkts:" { n += $2 } END { print n + 0 }'
}

# proven NAME ADDRESS: it answers, and what goes there leaves in ESP
inside='' guest=lo
proven() {
	local name=$1 before
	shift
	await "the other side" 30 $inside ping -c 1 -W 1 "$1"
	lab-barrier "reached-$name"
	before=$(esp_packets)
	lab-barrier "count-$name"
	# shellcheck disable=SC2086 # a command or nothing
	pings 11 "$1" $inside
	lab-barrier "pinged-$name"
	more() { [ $(($(esp_packets) - before)) -ge 22 ]; } # 11 asked, 11 answered
	await "22 packets in ESP" 10 more
	expect 0 $ipso down
	equal "SAs left" "$(ip xfrm state)" ""
	equal "namespaces left" "$(ls /run/netns 2>/dev/null)" ""
	lab-barrier "down-$name"
}
in_guest() {
	inside="ip netns exec ns0"
	guest=$(ip -n ns0 -o -4 addr show to 10.0.0.0/8 | awk '{ print $2 }')
}

# page_commands WHERE: those of docs.commands, with this host's name of the card
page_commands() {
	awk -F'\t' -v where="$1" '$1 == where { print $2 }' /ipso/tests/cli/docs.commands |
		sed "s/enp8s0f0np0/$(uplink)/g"
}

# The pages' commands on a host that is set up, in their order; the service stays from where it begins.
run_the_pages() {
	local line
	install -d -m 700 /etc/ipso
	cp ipso.yaml ./*.key /etc/ipso/
	ln -s /ipso/out out
	mkdir -p /run/path
	ln -sf $ipso /run/path/ipso
	while IFS= read -r line; do
		case $line in
		*" run "*)
			echo "+ $line &"
			PATH=/run/path:$PATH bash -c "exec $line" >"$LAB_OUT/run.log" 2>&1 &
			service=$!
			await "the service" 60 $ipso status
			# something to explain: an ICV that the driver does not know
			ip xfrm state add src $me_ip dst $peer_ip proto esp spi 0x7001 reqid 9 mode transport \
				aead 'rfc4106(gcm(aes))' "0x$(test_key foreign 40)" 96 \
				offload packet dev "$(uplink)" dir out 2>/dev/null &&
				fail "the driver took an ICV of 96 bits"
			;;
		*) PATH=/run/path:$PATH expect 0 bash -c "$line" ;;
		esac
	done < <(page_commands host)
	says "ok    CK-50" # of the last one
	service_stop
	equal "private part of the peer's keys" "$(stat -c %a /etc/ipso/peer)" 700
}

note "quick start, and with it every command of the pages that a host with a card can run"
follow quick-start
await "the other side" 30 ping -c 1 -W 1 $peer_ip
lab-barrier pages
[ "$LAB_HOST" = b ] || run_the_pages
lab-barrier pages-done 300
cd $conf/quick-start || exit 1
proven quick-start $peer_ip

note "VXLAN over IPsec, with Open vSwitch"
ovs start
follow vxlan-over-ipsec
in_guest
proven vxlan-over-ipsec 10.0.0.$peer
ovs stop

note "IPsec of a VF, behind VLAN rules of TC"
follow vf-ipsec
in_guest
proven vf-ipsec 10.0.0.$peer
