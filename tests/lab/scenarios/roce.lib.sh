# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# For scenarios with RDMA: devices, addresses, and the programs of rdma-core and perftest between the
# two hosts. Sourced after lib.sh. All of them carry "-d DEVICE" and the number of an address (GID).

# The drivers are modules that nothing loads by itself here, udev neither (modprobe.blacklist in lib/qemu.sh).
rdma_load() { modprobe -a mlx5_ib ib_uverbs || fail "mlx5_ib does not load"; }

# rdma_of NETDEV [NETNS]: the RDMA device beside it
rdma_of() {
	local dir
	dir=$(${2:+ip netns exec "$2"} readlink -f "/sys/class/net/$1/device/infiniband")
	ls "$dir"
}
rdma_there() { [ -n "$(ls "/sys/class/net/$1/device/infiniband" 2>/dev/null)" ]; }

# gid DEVICE ADDRESS: the number of the RoCE v2 address for this IPv4 address; nothing when there is none
gid() {
	local want dir=/sys/class/infiniband/$1/ports/1 i
	want=$(printf '0000:0000:0000:0000:0000:ffff:%02x%02x:%02x%02x' $(tr . ' ' <<<"$2"))
	for i in $(seq 0 15); do
		if [ "$(cat "$dir/gids/$i")" = "$want" ] &&
			[ "$(cat "$dir/gid_attrs/types/$i" 2>/dev/null)" = 'RoCE v2' ]; then
			echo "$i"
			return
		fi
	done
}
has_gid() { [ -n "$(gid "$1" "$2")" ]; }

rdma_counter() { cat "/sys/class/infiniband/$1/ports/1/hw_counters/$2"; }

# listening PORT: a server of these programs waits for its client
listening() { ${ping_ns:+ip netns exec "$ping_ns"} ss -Hltn "sport = :$1" | grep -q .; }

# between NAME PORT ADDRESS-OF-A COMMAND...: the command as server on a and as client on b, at once;
# its output in /run/NAME. In the namespace ping_ns.
between() {
	local name=$1 port=$2 server=$3
	shift 3
	note "$name: $*"
	if on_a; then
		${ping_ns:+ip netns exec "$ping_ns"} "$@" -p "$port" >"/run/$name" 2>&1 &
		await "the server of $name" 20 listening "$port"
		meet "$name listens"
		wait $! || { cat "/run/$name"; fail "$name as server"; }
	else
		meet "$name listens"
		${ping_ns:+ip netns exec "$ping_ns"} "$@" -p "$port" "$server" >"/run/$name" 2>&1 ||
			{ cat "/run/$name"; fail "$name as client"; }
	fi
	cat "/run/$name"
	meet "$name done"
}

# rdma_all NAME ADDRESS-OF-A DEVICE GID: pingpong with its data checked, send, write and read
rdma_all() {
	local name=$1 server=$2 device=$3 gid=$4
	between "$name-pingpong" 18515 "$server" ibv_rc_pingpong -d "$device" -g "$gid" -n 23 -c
	between "$name-send" 18516 "$server" ib_send_bw -d "$device" -x "$gid" -n 23 -s 65536 -F
	between "$name-write" 18517 "$server" ib_write_bw -d "$device" -x "$gid" -n 23 -s 65536 -F
	between "$name-read" 18518 "$server" ib_read_bw -d "$device" -x "$gid" -n 23 -s 65536 -F
}

# wire roce|esp: how many of these have been on the wire, in VLANs or not, from the capture that the
# lab makes of it. On host a alone. (Each "vlan" of a filter looks behind one tag more.)
wire() {
	local filter='udp port 4791'
	[ "$1" = roce ] || filter=esp
	tcpdump -nr /out/wire.pcap "$filter or (vlan and $filter) or (vlan and $filter)" 2>/dev/null | wc -l
}

# rdma_in_esp ADDRESS-OF-A DEVICE GID NETDEV PEER: with SAs between the two, all of it leaves as ESP
# and nothing in the clear, and the NETDEV counts it
rdma_in_esp() {
	local server=$1 device=$2 gid=$3 netdev=$4 peer=$5 esp clear tx rx
	reach "$peer"
	meet reached-by-esp
	on_a && esp=$(wire esp) clear=$(wire roce)
	tx=$(ethtool_counter ipsec_tx_pkts "$netdev") rx=$(ethtool_counter ipsec_rx_pkts "$netdev")
	meet counted
	rdma_all esp "$server" "$device" "$gid"
	if on_a; then
		equal "RoCE in the clear since there are SAs" "$(wire roce)" "$clear"
		# send, write and read: 23 messages of 64 KiB each, in packets of 1 KiB
		esp=$(($(wire esp) - esp))
		[ $esp -ge $((3 * 23 * 64)) ] || fail "only $esp ESP packets on the wire"
		echo "ok: $esp ESP packets on the wire"
	fi
	ethtool -S "$netdev" | grep ipsec
	tx=$(($(ethtool_counter ipsec_tx_pkts "$netdev") - tx))
	rx=$(($(ethtool_counter ipsec_rx_pkts "$netdev") - rx))
	[ $tx -ge $((23 * 64)) ] || fail "ipsec_tx_pkts does not count RoCE"
	[ $rx -ge $((23 * 64)) ] || fail "ipsec_rx_pkts does not count RoCE"
}
