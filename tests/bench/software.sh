#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab bench: what the count of the software path, our only program on a packet's way, costs a packet
. /ipso/tests/bench/bench.lib.sh
write_keys
config legacy
n=1000 rounds=5 # pings, each encrypted and decrypted twice by the CPU

# Two namespaces, transport mode between them, none of it offloaded.
esp() { # NETNS SRC DST SPI
	ip -n "$1" xfrm state add src "$2" dst "$3" proto esp spi "$4" reqid 1 mode transport \
		aead 'rfc4106(gcm(aes))' "0x$(test_key software 40)" 128
}
ip link add left type veth peer name right
for side in left right; do
	ip netns add $side
	ip link set $side netns $side
	ip -n $side link set $side up
done
ip -n left addr add 10.7.0.1/24 dev left
ip -n right addr add 10.7.0.2/24 dev right
for side in left right; do
	esp $side 10.7.0.1 10.7.0.2 0x701
	esp $side 10.7.0.2 10.7.0.1 0x702
done
for rule in "left out 10.7.0.1 10.7.0.2" "right in 10.7.0.1 10.7.0.2" "right out 10.7.0.2 10.7.0.1" \
	"left in 10.7.0.2 10.7.0.1"; do
	read -r side dir src dst <<<"$rule"
	ip -n "$side" xfrm policy add src "$src" dst "$dst" dir "$dir" tmpl src "$src" dst "$dst" \
		proto esp reqid 1 mode transport
done
flood() { timed ip netns exec left ping -q -f -c $n 10.7.0.2; }
encrypted() {
	ip -n left -s xfrm state get src 10.7.0.1 dst 10.7.0.2 proto esp spi 0x701 |
		sed -n '/lifetime current/,$s/.* \([0-9]*\)(packets).*/\1/p' | head -n 1
}

flood # what begins with the first packet
with=() without=()
for ((i = 0; i < rounds; i++)); do
	flood
	without+=("$took")
	rm -f $conf/notif*
	service_start
	equal "program on the way out" "$(status '[.programs[] | select(.name == "software_out4")][0].attached')" true
	kill -STOP "$service" # its refreshes are not a packet's cost
	flood
	with+=("$took")
	if [ "$i" = $((rounds - 1)) ]; then # the kernel's own clock, which costs, too
		sysctl -q kernel.bpf_stats_enabled=1
		flood
		per_call=$(bpftool -j prog show | jq '[.[] | select(.name | test("^software_(in|out)4$"))] |
			"\((map(.run_time_ns) | add) / (map(.run_cnt) | add) | floor) ns in \(map(.run_cnt) | add) calls"' -r)
		sysctl -q kernel.bpf_stats_enabled=0
	fi
	kill -CONT "$service"
	service_stop
	echo "round $i: ${with[i]} ${without[i]}"
done
equal "pings that were encrypted" "$(encrypted)" $((n * (2 * rounds + 2)))
compare "software ESP, a ping and its answer" us $n "no telemetry, median of $rounds times $n" \
	"$(median "${with[@]}")" "$(median "${without[@]}")"
context "by the kernel's own clock a program takes $per_call; each ping makes four"
