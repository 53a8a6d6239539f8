#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=1 kernels=6.12 nic=connectx-7 timeout=480
# shows: the rendered ip xfrm script and the plan as a script leave the kernel as ipso up does; strongSwan loads its form
. /ipso/tests/lab/scenarios/ipso.lib.sh
export IPSO=$ipso

# A record a line, in any order; of keys only whether they are the same.
records() {
	local line word
	while IFS= read -r line; do
		case $line in
		[!$'\t']*) printf '\n' ;;
		*' add 20'*) continue ;; # when
		esac
		for word in $line; do
			case $word in
			0x????????????????????????????????????????*)
				word=key:$(printf %s "$word" | sha256sum | cut -c 1-8) ;;
			esac
			printf '%s ' "$word"
		done
	done | sort
}
ipsec_state() {
	ip -s xfrm state | records
	ip xfrm policy | records | grep -v "action block"
}
host_state() {
	ipsec_state
	devlink dev eswitch show "pci/$LAB_PCI" | grep -oE ' mode [a-z]+'
	cat /sys/bus/pci/devices/"$LAB_PCI"/sriov_numvfs
	ip -4 -br addr show dev "$(uplink_netdev)"
	cat /sys/class/net/"$(uplink_netdev)"/mtu
	ip -n ns0 -4 -br addr show | grep -v ^lo
	$ipso gate status | grep "$LAB_PCI"
	tc filter show dev "$(rep_netdev)" ingress |
		sed -E 's/(handle|index|ref|bind|in_hw_count|used|installed) *[0-9a-fx]+//g'
}
# Representors stand beside the uplink; their port is called pf0vf0.
netdev_of_port() {
	local dir
	for dir in /sys/bus/pci/devices/"$LAB_PCI"/net/*; do
		case $(cat "$dir/phys_port_name" 2>/dev/null) in
		*vf*) [ "$1" = vf ] || continue ;;
		*) [ "$1" = uplink ] || continue ;;
		esac
		basename "$dir"
	done
}
uplink_netdev() { netdev_of_port uplink; }
rep_netdev() { netdev_of_port vf; }
# same WHAT: two files
same() {
	diff $conf/up.state $conf/script.state || fail "$1 leaves another kernel state than ipso up"
	echo "ok: $1 leaves the kernel as ipso up does:"
	cat $conf/up.state
}

write_keys
config switchdev aes-gcm-128 "    vfs: [{ index: 0, netns: ns0, addresses: [10.0.0.1/24] }]"
sed -i 's/    replay-window: 64/&\n    priority: 12\n    lifetime: { soft-packets: 1000, hard-packets: 2000 }/' \
	$conf/ipso.yaml

note "ip xfrm as rendered"
expect 0 $ipso up -c $conf/ipso.yaml
ipsec_state >$conf/up.state
equal "SAs" "$(grep -c 'proto esp spi' $conf/up.state)" 2
ip xfrm policy flush
ip xfrm state flush
expect 0 $ipso render --for iproute2 -c $conf/ipso.yaml
printf '%s\n' "$output" >$conf/render.sh
expect 0 sh $conf/render.sh
ipsec_state >$conf/script.state
same "the rendered script"
expect 0 $ipso up -c $conf/ipso.yaml
says "pin the IPsec tables"
says "4 steps done"
expect 0 $ipso down

note "the plan as a script"
printf 'tc:\n  - { device: "%s", from: { vf: 0 }, to: uplink, match: { protocol: arp }, pref: 9 }\n' \
	"$LAB_PCI" >>$conf/ipso.yaml
expect 0 $ipso up -c $conf/ipso.yaml
host_state >$conf/up.state
expect 0 $ipso down
expect 0 $ipso plan --shell -c $conf/ipso.yaml
printf '%s\n' "$output" >$conf/plan.sh
expect 0 sh $conf/plan.sh
host_state >$conf/script.state
same "the script of the plan"
expect 0 $ipso plan -c $conf/ipso.yaml
equal "steps that the script leaves" "$(grep -cE '^ +[0-9]+\. ' <<<"$output")" 2
says "block in" # ip(8) has no word for these
says "block out"

note "strongSwan takes its form"
tc qdisc del dev "$(rep_netdev)" ingress
ip xfrm policy flush
ip xfrm state flush
$ipso render --for strongswan -c $conf/ipso.yaml >/etc/swanctl/conf.d/ipso.conf
/usr/sbin/charon-systemd >"$LAB_OUT/charon.log" 2>&1 &
charon=$!
await "charon" 20 swanctl --stats
expect 0 sh -c 'swanctl --load-conns 2>/dev/null'
says "loaded connection 'pair'"
says "successfully loaded 1 connections"
expect 0 sh -c 'swanctl --list-conns 2>/dev/null'
says "pair: TRANSPORT"
ip xfrm policy
equal "trap policies of charon in packet offload" \
	"$(ip xfrm policy | records | grep -c 'src 192.168.1.*tmpl.*mode packet')" 2
kill "$charon"
wait "$charon" || true
no_keys_in "$LAB_OUT" $conf/render.sh $conf/plan.sh $conf/up.state /run/ipso
