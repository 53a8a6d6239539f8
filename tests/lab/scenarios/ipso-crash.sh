#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=1 kernels=new also=6.12 nic=connectx-7 timeout=600
# shows: killed behind any step, down restores and up completes; a step that fails takes all back
. /ipso/tests/lab/scenarios/ipso.lib.sh
write_keys
config switchdev aes-gcm-128 "    vfs: [{ index: 0, netns: ns0, addresses: [10.0.0.$me/24] }]"

# Killed as soon as it has printed step number N: within that step.
killed_in() {
	local n=$1 line
	coproc UP { exec $ipso up -c $conf/ipso.yaml 2>&1; }
	local pid=$UP_PID
	while read -r line <&"${UP[0]}"; do
		if [[ $line == "$n. "* ]]; then
			echo "killing it in step $line"
			kill -9 "$pid" 2>/dev/null || true
			break
		fi
	done
	wait "$pid" 2>/dev/null || true
}

host_state >$conf/before
for n in 2 4 5 7 9 12 15 17; do
	killed_in $n
	expect 0 $ipso down
	host_state >$conf/after
	diff $conf/before $conf/after || fail "killed in step $n, and down left something behind"
done

note "killed twice, then completed"
killed_in 8
killed_in 2
expect 0 $ipso up -c $conf/ipso.yaml
expect 0 $ipso up -c $conf/ipso.yaml
says "nothing to do"
equal "SAs in packet offload" "$(ip xfrm state | grep -c 'mode packet')" 2
expect 0 $ipso down
host_state >$conf/after
diff $conf/before $conf/after || fail "down left something behind"

note "a changed configuration: killed in any step, then completed"
config legacy
change() { # other keys with other SPIs and reqids, another address and MTU, one address less
	sed -i "s/spi: 0x100\([12]\), reqid: \([12]\)/spi: 0x200\1, reqid: 1\2/" $conf/ipso.yaml
	sed -i "s|addresses: .*|addresses: [$me_ip/24, 10.9.0.$me/24]|; /mtu:/d" $conf/ipso.yaml
}
cp $conf/ipso.yaml $conf/first.yaml
sed -i "s|addresses: .*|addresses: [$me_ip/24, 10.8.0.$me/24]|" $conf/first.yaml
change
expect 0 $ipso up -c $conf/first.yaml
expect 0 $ipso plan -c $conf/ipso.yaml
steps=$(grep -cE '^ *[0-9]+\. ' <<<"$output")
equal "steps of the change" "$steps" 9
for ((n = 1; n <= steps; n += 2)); do
	expect 0 $ipso up -c $conf/first.yaml
	killed_in $n
	expect 0 $ipso up -c $conf/ipso.yaml
	expect 0 $ipso up -c $conf/ipso.yaml
	says "nothing to do"
	equal "SAs" "$(ip -o xfrm state list nokeys | grep -oE 'spi 0x[0-9a-f]+' | sort | xargs)" \
		"spi 0x00002001 spi 0x00002002"
	expect 0 ip -br addr show dev "$(uplink)"
	says "10.9.0.$me/24"
done
expect 0 $ipso down
host_state >$conf/after
diff $conf/before $conf/after || fail "down left something of a changed configuration"

note "firmware refuses the second IPsec object: everything is taken back by itself"
config legacy
lab-fault set "cmd a00 status=0x0f syndrome=0x0badcafe times=1"
expect 1 $ipso up -c $conf/ipso.yaml
says "undo: "
says "Device failed to offload this state"
host_state >$conf/after
diff $conf/before $conf/after || fail "a failed up left something behind"
lab-fault clear
expect 0 $ipso up -c $conf/ipso.yaml

note "what others took away is no error for down; what others added stays"
ip xfrm state flush
ip addr add 198.51.100.1/32 dev "$(uplink)"
expect 0 $ipso down
expect 0 ip -br addr show dev "$(uplink)"
says "198.51.100.1"
no_keys_in "$LAB_OUT" /run/ipso
