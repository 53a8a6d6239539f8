#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab bench: from the start of the set-up to the first packet that the NIC has encrypted
. /ipso/tests/bench/bench.lib.sh
write_keys
PATH=/ipso/out:$PATH # the script calls ipso for the gate

# The host as it was: neither way's own undoing is measured or relied on.
reset() {
	$ipso down || true
	ip xfrm policy flush
	ip xfrm state flush
	$ipso gate off || true
	ip netns del ns0 2>/dev/null || true
	devlink dev eswitch set "pci/$LAB_PCI" mode legacy || true
	echo 0 >/sys/bus/pci/devices/"$LAB_PCI"/sriov_numvfs
	await "the uplink" 30 ls /sys/bus/pci/devices/"$LAB_PCI"/net/
	ip addr flush dev "$(uplink)"
	ip link set "$(uplink)" down mtu 1500
}
uplink_now() {
	basename "$(dirname "$(grep -l '^p0$' /sys/bus/pci/devices/"$LAB_PCI"/net/*/phys_port_name)")"
}
encrypted() { $tools/packet "$(uplink_now)" "$peer_ip" 0x1001; }
by_ipso() { $ipso up -c $conf/ipso.yaml && encrypted; }
by_script() { sh $conf/script && encrypted; }

# race NAME WHAT ROUNDS
race() {
	local name=$1 what=$2 rounds=$3 i commands us before
	local ours=() other=() TIMEFORMAT='%U s user, %S s kernel'
	reset
	$ipso plan -c $conf/ipso.yaml --shell >$conf/script
	for ((i = 0; i < rounds; i++)); do
		reset
		before=$(firmware)
		{ time timed by_ipso; } 2>$conf/cpu || { cat $conf/cpu; exit 1; }
		ours+=("$took")
		# shellcheck disable=SC2086 # two numbers
		read -r commands us < <(firmware $before)
		reset
		timed by_script
		other+=("$took")
	done
	reset
	compare "$name" ms 1000 "$what, median of $rounds" "$(median "${ours[@]}")" \
		"$(median "${other[@]}")"
	context "of ours, in the last round: $(tail -n 1 $conf/cpu), of that" \
		"$((us / 1000)) ms for $commands commands of the firmware model; the rest is waiting"
}

# A hypervisor: VFS guests, each with hardware address, address and a rule at its representor, and
# TUNNELS peers.
VFS=4 TUNNELS=64
hypervisor() {
	local i vfs="    vfs:"
	for ((i = 0; i < VFS; i++)); do
		vfs+=$'\n'"      - { index: $i, mac: \"02:aa:00:00:00:0$i\", addresses: [10.0.$i.1/24] }"
	done
	config switchdev aes-gcm-128 "$vfs"
	for ((i = 1; i < TUNNELS; i++)); do
		(umask 077 && test_key "out-$i" 40 >"$conf/out-$i.key" && test_key "in-$i" 40 >"$conf/in-$i.key")
		cat <<-YAML
		  - name: t$i
		    device: "$LAB_PCI"
		    local: $me_ip
		    remote: 192.168.1.$((i + 9))
		    out: { spi: $((0x2000 + i)), reqid: $((100 + i)), key-file: out-$i.key }
		    in: { spi: $((0x3000 + i)), reqid: $((200 + i)), key-file: in-$i.key }
		YAML
	done >>$conf/ipso.yaml
	echo "tc:" >>$conf/ipso.yaml
	for ((i = 0; i < VFS; i++)); do
		echo "  - { device: \"$LAB_PCI\", from: { vf: $i }, to: uplink, match: { protocol: ip }, pref: 5 }"
	done >>$conf/ipso.yaml
}

hypervisor
race "first encrypted packet" "ipso plan --shell, switchdev, $VFS VFs, $TUNNELS tunnels" 3
config switchdev aes-gcm-128 \
	"    vfs: [{ index: 0, mac: \"02:aa:00:00:00:01\", netns: ns0, addresses: [10.0.0.1/24] }]"
race "first encrypted packet, one tunnel" "ipso plan --shell, switchdev, one VF" 3
config legacy
race "first encrypted packet, one tunnel, legacy" "ipso plan --shell, no eswitch to change" 5
