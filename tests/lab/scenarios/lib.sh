# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# For scenarios that drive the card with ip, devlink, tc and ethtool: addresses, waiting for each
# other, SAs, counters, claims. Sourced; LAB_* and lab-* as tests/lab/README.md. Host a is .1, b .2.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/claims.lib.sh"
me=1 other=2
if [ "$LAB_HOST" = b ]; then me=2 other=1; fi
me_ip=192.168.1.$me peer_ip=192.168.1.$other
me_ip6=fd00:1::$me peer_ip6=fd00:1::$other
pf=pci/$LAB_PCI
pf_sysfs=/sys/bus/pci/devices/$LAB_PCI
driver=/sys/bus/pci/drivers/mlx5_core

# meet NAME: both hosts have come here; any text is a name
meet() { lab-barrier "$(tr -c 'A-Za-z0-9_.\n-' - <<<"$1")"; }
on_a() { [ "$LAB_HOST" = a ]; }

# Devices. The names the kernel gives are not relied on.
netdev_of() { ls "$1/net" 2>/dev/null | head -n 1; }
uplink() { netdev_of "$pf_sysfs"; }
vf_pci() { basename "$(readlink "$pf_sysfs/virtfn$1")"; }
vf_dev() { netdev_of "$pf_sysfs/virtfn$1"; }
# devlink port handle and netdev of the representor of VF $1
vf_port() { devlink -j port show | jq -r ".port|to_entries[]|select(.value.flavour==\"pcivf\" and .value.vfnum==$1).key"; }
vf_rep() { devlink -j port show | jq -r ".port[]|select(.flavour==\"pcivf\" and .vfnum==$1).netdev"; }
carrier() { [ "$(cat "/sys/class/net/$1/carrier" 2>/dev/null)" = 1 ]; }
no_carrier() { ! carrier "$1"; }

# address DEV IPV4 [IPV6]: up, with addresses, carrier there
address() {
	ip link set "$1" up
	ip addr replace "$2/24" dev "$1"
	[ $# -lt 3 ] || ip -6 addr replace "$3/64" dev "$1" nodad
	await "carrier of $1" 10 carrier "$1"
}

# Brings the uplink up on both hosts and waits until the hosts reach each other.
up_uplink() {
	address "$(uplink)" "$me_ip" "$me_ip6"
	meet addresses
	reach "$peer_ip"
	reach "$peer_ip6"
	meet reached
}

# reach IP [NETNS]: until it answers
reach() { await "an answer from $1" 15 ${2:+ip netns exec "$2"} ping -c 1 -W 1 "$1"; }

# answered COUNT SECONDS IP [PING OPTION...]: prints how many of COUNT packets, sent one by one, were
# answered within SECONDS each; in the namespace ping_ns. (ping -c COUNT gives up two round trips
# after its last packet, which is too soon on a loaded machine.)
answered() {
	local count=$1 wait=$2 ip=$3 i got=0
	shift 3
	for ((i = 0; i < count; i++)); do
		${ping_ns:+ip netns exec "$ping_ns"} ping -c 1 -W "$wait" -q "$@" "$ip" \
			>/dev/null 2>&1 && got=$((got + 1))
	done
	echo $got
}

# ping23 IP [PING OPTION...]: 23 packets, a prime number, all answered
ping23() { equal "answers from $*" "$(answered 23 5 "$@")" 23; }

# pin IP DEV: a neighbour that is known stays known, so that no ARP or neighbour discovery is among
# the packets counted, and the driver does not renew a tunnel's rule, whose counter it would lose
pin() {
	local lladdr
	ping -c 1 -W 5 -q "$1" >/dev/null || fail "no answer from $1"
	lladdr=$(ip -j neigh show "$1" dev "$2" | jq -r '.[0].lladdr // empty')
	[ -n "$lladdr" ] || fail "$1 is no neighbour on $2"
	ip neigh replace "$1" lladdr "$lladdr" dev "$2" nud permanent
}

# sriov COUNT: VFs, bound
sriov() {
	echo "$1" >"$pf_sysfs/sriov_numvfs"
	equal "VFs" "$(cat "$pf_sysfs/sriov_numvfs")" "$1"
}

vfs_unbind() {
	local i
	for ((i = 0; i < $(cat "$pf_sysfs/sriov_numvfs"); i++)); do
		[ ! -e "$pf_sysfs/virtfn$i/driver" ] || vf_pci "$i" >"$driver/unbind"
	done
}

vf_bind() {
	vf_pci "$1" >"$driver/bind"
	await "the netdev of VF $1" 10 test -e "$pf_sysfs/virtfn$1/net"
}

# switchdev COUNT: COUNT VFs, left unbound, steering by firmware, no encapsulation
switchdev() {
	sriov "$1"
	vfs_unbind
	devlink dev param set "$pf" name flow_steering_mode value dmfs cmode runtime
	devlink dev eswitch set "$pf" encap-mode none
	devlink dev eswitch set "$pf" mode switchdev
	equal eswitch "$(devlink -j dev eswitch show "$pf" | jq -r '.dev[].mode')" switchdev
}

# into NETNS DEV IPV4 [IPV6]: moves a device into a namespace and gives it an address
into() {
	local ns=$1
	shift
	ip netns list | grep -qw "$ns" || ip netns add "$ns"
	ip link set "$1" netns "$ns"
	ip -n "$ns" link set lo up
	ip -n "$ns" link set "$1" up
	ip -n "$ns" addr add "$2/24" dev "$1"
	[ $# -lt 3 ] || ip -n "$ns" -6 addr add "$3/64" dev "$1" nodad
}

mac() { ip ${2:+-n "$2"} -j link show dev "$1" | jq -r '.[].address'; }

# Keys: the same on both hosts, made from words, of these tests only. key WORD BITS, with the salt.
key() {
	printf '0x'
	printf '%s' "$1" | openssl dgst -sha512 -r | cut -c "1-$((($2 + 32) / 4))"
}

# sa DIR LOCAL REMOTE SPI REQID WORD BITS OPTION...: a transport or tunnel SA of this host; options
# are those of ip xfrm state. The environment: sa_ns a namespace, sa_mode tunnel.
sa() {
	local dir=$1 local=$2 src=$2 dst=$3 spi=$4 reqid=$5 word=$6 bits=$7
	shift 7
	[ "$dir" = out ] || { src=$dst dst=$local; }
	ip ${sa_ns:+-n "$sa_ns"} xfrm state add src "$src" dst "$dst" proto esp spi "$spi" \
		reqid "$reqid" mode "${sa_mode:-transport}" aead 'rfc4106(gcm(aes))' \
		"$(key "$word" "$bits")" 128 "$@" ||
		fail "SA $dir $src -> $dst spi $spi was refused: $*"
}

# policy DIR LOCAL REMOTE REQID OPTION...
policy() {
	local dir=$1 local=$2 src=$2 dst=$3 reqid=$4
	shift 4
	[ "$dir" = out ] || { src=$dst dst=$local; }
	ip ${sa_ns:+-n "$sa_ns"} xfrm policy add src "$src" dst "$dst" dir "$dir" tmpl src "$src" \
		dst "$dst" proto esp reqid "$reqid" mode "${sa_mode:-transport}" "$@" ||
		fail "policy $dir $src -> $dst was refused: $*"
}

# sa_pair LOCAL REMOTE BITS DEV [OUT OPTIONS [IN OPTIONS]]: both directions with policies; DEV is
# the offloading device, or - for software. Host a sends with SPI 0x1001, b with 0x1002.
sa_pair() {
	local local=$1 remote=$2 bits=$3 dev=$4 out_opts=${5:-} in_opts=${6:-}
	local spi_out=0x100$me spi_in=0x100$other selector_out='' selector_in=''
	local off_out="dir out" off_in="dir in" off_pol=
	if [ "$dev" != - ]; then
		off_out="offload packet dev $dev dir out" off_in="offload packet dev $dev dir in"
		off_pol="offload packet dev $dev"
	fi
	if [ "${sa_mode:-transport}" = transport ]; then
		selector_out="sel src $local dst $remote" selector_in="sel src $remote dst $local"
	fi
	# shellcheck disable=SC2086 # lists of words
	{
		sa out "$local" "$remote" $spi_out 1 "from $me" "$bits" $out_opts $off_out $selector_out
		sa in "$local" "$remote" $spi_in 2 "from $other" "$bits" $in_opts $off_in $selector_in
		policy out "$local" "$remote" 1 $off_pol
		policy in "$local" "$remote" 2 $off_pol
	}
	[ "$dev" = - ] || offloaded 2
	meet "sa-$((++sa_pairs))"
}
sa_pairs=0

# offloaded COUNT: as many SAs say that they are in packet offload
offloaded() {
	equal "SAs in packet offload" \
		"$(ip ${sa_ns:+-n "$sa_ns"} xfrm state | grep -c 'mode packet')" "$1"
}

# Takes all IPsec away, on both hosts before either goes on.
sa_flush() {
	meet "flush-$sa_pairs"
	ip ${sa_ns:+-n "$sa_ns"} xfrm policy flush
	ip ${sa_ns:+-n "$sa_ns"} xfrm state flush
	meet "flushed-$sa_pairs"
}

spi_out() { echo 0x0000100$me; }
spi_in() { echo 0x0000100$other; }

# sa_field SPI FIELD: packets, bytes, replay, failed of that SA, from ip -s xfrm state
sa_field() {
	ip ${sa_ns:+-n "$sa_ns"} -s xfrm state | awk -v want="$1" -v field="$2" '
		$1 == "proto" { here = $4 ~ "^" want; current = 0 }
		/lifetime current:/ { current = 1; next }
		here && current { gsub(/[(),]/, " "); value["bytes"] = $1; value["packets"] = $3; current = 0 }
		here && $1 == "replay-window" && $3 == "replay" { value["replay"] = $4; value["failed"] = $6 }
		END { print value[field] }'
}

# ethtool_counter NAME [DEV]
ethtool_counter() {
	${sa_ns:+ip netns exec "$sa_ns"} ethtool -S "${2:-$(uplink)}" | awk -v name="$1:" '$1 == name { print $2 }'
}

# data MEGABYTES WORD: the same bytes on both hosts
data() {
	openssl enc -aes-128-ctr -nosalt -K "$(printf '%s' "$2" | openssl dgst -md5 -r | cut -c 1-32)" \
		-iv 0 </dev/zero 2>/dev/null | head -c "$(($1 * 1000000))" || true
}

# tcp FROM MEGABYTES PORT [NETNS]: sends that much from host FROM to the other and compares.
# Addresses: tcp_me and tcp_peer, else the uplink's.
tcp() {
	local from=$1 megabytes=$2 port=$3 run=${4:+ip netns exec $4} start
	data "$megabytes" "$port" >/run/tcp.want
	if [ "$LAB_HOST" = "$from" ]; then
		meet "tcp-$port-listens"
		start=$EPOCHREALTIME
		# shellcheck disable=SC2086 # a list of words
		$run nc -N -w 20 "${tcp_peer:-$peer_ip}" "$port" </run/tcp.want || fail "nc to port $port"
		meet "tcp-$port-done"
		echo "ok: sent $megabytes MB in $(((${EPOCHREALTIME/./} - ${start/./}) / 1000)) ms"
	else
		# shellcheck disable=SC2086 # a list of words
		timeout 40 $run nc -l "$port" >/run/tcp.got &
		await "a listener on port $port" 5 listens "$port" "${4:-}"
		meet "tcp-$port-listens"
		wait $! || fail "the listener on port $port ended with $?"
		meet "tcp-$port-done"
		equal "sha256 of $megabytes MB received" "$(sha256sum </run/tcp.got)" \
			"$(sha256sum </run/tcp.want)"
	fi
}
listens() { ${2:+ip netns exec "$2"} ss -Hltn "sport = :$1" | grep -q .; }
