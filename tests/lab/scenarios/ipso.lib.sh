# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# For scenarios that drive ipso: a configuration per host, keys, the service, and claims about it.
# Sourced; LAB_* as tests/lab/README.md.
set -eu
. /ipso/tests/lab/scenarios/claims.lib.sh
ipso=/ipso/out/ipso
conf=/run/scenario
me=1 peer=2 peer_ip=192.168.1.2 me_ip=192.168.1.1
if [ "$LAB_HOST" = b ]; then me=2 peer=1 peer_ip=192.168.1.1 me_ip=192.168.1.2; fi
install -d -m 700 $conf

# expect STATUS COMMAND...: run it, show it, hold its exit status; output in $output
output=
expect() {
	local want=$1 got=0
	shift
	output=$("$@" 2>&1) || got=$?
	printf '+ %s\n%s\n' "$*" "$output"
	[ "$got" -eq "$want" ] || fail "'$*' ended with $got, not $want"
}

# says TEXT: the last output holds it
says() { grep -qF -- "$1" <<<"$output" || fail "the output does not say '$1'"; }

# Both hosts derive the same test keys; they are in no other file than these.
test_key() { printf '%s' "$1 of the scenario" | sha512sum | cut -c "1-$2"; }
write_keys() { # hex digits: 40 for AES-128 with salt, 72 for AES-256
	(umask 077 && test_key a-to-b "${1:-40}" >$conf/a-to-b.key &&
		test_key b-to-a "${1:-40}" >$conf/b-to-a.key)
}

# Nothing that was printed or written holds a key.
no_keys_in() {
	local key
	for key in a-to-b b-to-a; do
		if grep -rqiF -- "$(test_key $key 32)" "$@" 2>/dev/null; then
			fail "a key is readable in $*"
		fi
	done
}

# config MODE [AEAD] [LINES-OF-DEVICE]: the uplink of both hosts, one transport tunnel
config() {
	local mode=$1 aead=${2:-aes-gcm-128} device=${3:-} out=a-to-b in=b-to-a so=0x1001 si=0x1002
	if [ "$LAB_HOST" = b ]; then out=b-to-a in=a-to-b so=0x1002 si=0x1001; fi
	cat >$conf/ipso.yaml <<-YAML
		version: 1
		devices:
		  - pci: "$LAB_PCI"
		    mode: $mode
		    mtu: 2000
		    addresses: [$me_ip/24]
		${device}
		tunnels:
		  - name: pair
		    device: "$LAB_PCI"
		    local: $me_ip
		    remote: $peer_ip
		    mode: transport
		    aead: $aead
		    esn: true
		    replay-window: 64
		    out: { spi: $so, reqid: 1, key-file: $out.key }
		    in: { spi: $si, reqid: 2, key-file: $in.key }
	YAML
}

# config_bridge: VF 0 and a VXLAN tunnel to the other host in a bridge of Open vSwitch, too
config_bridge() {
	cat >>$conf/ipso.yaml <<-YAML
		openvswitch:
		  - bridge: br-ovs
		    ports: [{ vf: 0 }]
		    vxlan: { name: vxlan1, local: $me_ip, remote: $peer_ip, vni: 100 }
	YAML
}

# pings COUNT IP [COMMAND...]: COUNT packets, one by one, each answered; COMMAND runs ping elsewhere.
# (ping -c COUNT gives up two round trips after its last packet: too soon on a loaded machine.)
pings() {
	local count=$1 ip=$2 i
	shift 2
	for ((i = 1; i <= count; i++)); do
		"$@" ping -c 1 -W 5 -q "$ip" >/dev/null || fail "ping $i of $count to $ip: no answer"
	done
	echo "ok: $count pings to $ip, all answered"
}

# Representors are net devices of the PF as well; the uplink is the physical port.
uplink() { devlink -j port show | jq -r '[.port[] | select(.flavour == "physical")][0].netdev'; }

# Policies of the pin, and what keeps a tunnel's packets back, all of them block policies.
pins() { ip -o xfrm policy | grep -c 'action block.*mode packet' || true; }
blocks() { ip -o xfrm policy | grep 'action block' | grep -cv 'mode packet' || true; }
# tunnel_policies [NETNS]: one a line, without these
tunnel_policies() { ip ${1:+-n "$1"} -o xfrm policy | grep -v 'action block' || true; }

# host_state: what down must bring back
host_state() {
	cat /sys/bus/pci/devices/"$LAB_PCI"/sriov_numvfs
	devlink dev eswitch show "pci/$LAB_PCI" | grep -oE 'mode [a-z]+'
	ip -o link show dev "$(uplink)" | grep -oE 'mtu [0-9]+|state [A-Z]+'
	ip -br addr show dev "$(uplink)" | tr -s ' ' | cut -d' ' -f2-
	ip xfrm state list nokeys
	ip xfrm policy
	tc qdisc show dev "$(uplink)" ingress
	ls /run/netns 2>/dev/null || true
	ls /sys/fs/bpf/ipso 2>/dev/null || true
}

# ovs start|stop. Its daemons keep what they inherit open: not the pipe that expect reads.
ovs() {
	/usr/share/openvswitch/scripts/ovs-ctl --system-id=random --no-monitor "$1" \
		>$conf/ovs 2>&1 || fail "$(cat $conf/ovs)"
}

# representor VF: its net device
representor() {
	devlink -j port show |
		jq -r ".port[] | select(.flavour == \"pcivf\" and .vfnum == $1).netdev"
}

# by_hand VFS: an eswitch in switchdev that ipso did not set up, its VFs not bound
by_hand() {
	local i vf=/sys/bus/pci/devices/$LAB_PCI/virtfn
	echo "$1" >/sys/bus/pci/devices/"$LAB_PCI"/sriov_numvfs
	for ((i = 0; i < $1; i++)); do
		basename "$(readlink "$vf$i")" >/sys/bus/pci/drivers/mlx5_core/unbind
	done
	devlink dev eswitch set "pci/$LAB_PCI" mode switchdev
}

# bridge_by_hand: two VFs in switchdev (by_hand 2) are guests in ns0 and ns1, 10.7.0.1 and .2, and their
# representors ports of br-hand; Open vSwitch runs
bridge_by_hand() {
	local i vf=/sys/bus/pci/devices/$LAB_PCI/virtfn
	expect 0 ovs-vsctl --timeout=30 add-br br-hand
	for i in 0 1; do
		basename "$(readlink "$vf$i")" >/sys/bus/pci/drivers/mlx5_core/bind
		await "the net device of VF $i" 20 test -e "$vf$i/net"
		ip netns add "ns$i"
		ip link set "$(ls "$vf$i/net")" netns "ns$i" name guest
		ip -n "ns$i" addr add "10.7.0.$((i + 1))/24" dev guest
		ip -n "ns$i" link set guest up
		ip link set "$(representor "$i")" up
		ethtool -K "$(representor "$i")" hw-tc-offload on
		expect 0 ovs-vsctl --timeout=30 add-port br-hand "$(representor "$i")"
	done
}

# killed_at TEXT: up, killed as soon as it has printed a line with it
killed_at() {
	local line pid
	coproc UP { exec $ipso up -c $conf/ipso.yaml 2>&1; }
	pid=$UP_PID
	while read -r line <&"${UP[0]}"; do
		[[ $line != *"$1"* ]] || break
	done
	kill -9 "$pid" 2>/dev/null || true
	wait "$pid" 2>/dev/null || true
}

# step_begun FILE N: up, printing to FILE, has come to step N
step_begun() { grep -q "^ *$2\. " "$1"; }

# service_start: ipso run in the background until it said READY=1; its pid in $service
service=
service_start() {
	export NOTIFY_SOCKET=$conf/notify
	rm -f $conf/notify $conf/notified # of a service before
	socat -u UNIX-RECV:$NOTIFY_SOCKET CREATE:$conf/notified &
	await "the notify socket" 5 test -S "$NOTIFY_SOCKET"
	$ipso run -c $conf/ipso.yaml >"$LAB_OUT/run.log" 2>&1 &
	service=$!
	await "READY=1 from ipso run" 60 \
		sh -c "grep -q READY=1 $conf/notified || ! kill -0 $service"
	cat "$LAB_OUT/run.log"
	kill -0 "$service" || fail "ipso run ended before it was ready"
}

service_stop() {
	kill -TERM "$service"
	wait "$service" || fail "ipso run ended with $?"
}

# status JQ: a value of `ipso status --json`
status() { $ipso status --json | jq -r "$1"; }

# metric PATTERN: the value of the one series that matches
metric() { curl -sf http://127.0.0.1:9417/metrics | grep -E "^$1" | awk '{ print $NF; exit }'; }
