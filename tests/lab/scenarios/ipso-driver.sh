#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=1 kernels=6.12,new nic=connectx-7 timeout=240
# shows: the driver is unloaded and loaded while the service runs: its hooks let go when somebody asks, say so, and are back with the driver; the gate reads the new driver; a restart sets up again
. /ipso/tests/lab/scenarios/ipso.lib.sh
write_keys
config legacy
sed -i '1a ordering: enforce' $conf/ipso.yaml
attached() { $ipso status --json | jq -r "[.programs[] | select(.target == \"$1\")][0].attached"; }
away() { [ "$(attached mlx5e_xfrm_update_stats)" = false ]; }
back() { [ "$(attached mlx5e_xfrm_update_stats)" = true ]; }
gone() { rmmod mlx5_core; }
there() { [ -n "$(uplink)" ]; }
service_start
equal "the hook in the driver" "$(attached mlx5e_xfrm_update_stats)" true

note "the first try is refused by the kernel, and heard by the service"
expect 1 rmmod mlx5_core
says "in use"
await "its hooks to let go" 10 away
expect 0 $ipso events --kind module-unload
says "module mlx5_core is to be unloaded, rmmod (pid"
expect 0 $ipso status
says "let go: its module is to be unloaded"
equal "hooks in the kernel proper" "$(attached xfrm_dev_state_add)" true

note "the second try finds it free"
await "the driver to be unloaded" 20 gone
[ ! -e /sys/module/mlx5_core ] || fail "the driver is still there"
kill -0 "$service" || fail "the service has ended"

note "the driver comes back"
modprobe mlx5_core
await "its net device" 20 there
await "the hooks" 20 back
up=$(uplink)
state() { [ "$($ipso status --json | jq -r '.eswitches[0].open')" = "$1" ]; }
await "the gate to see the new driver, which has no tables" 10 state false
ip link set "$up" up
ip addr replace $me_ip/24 dev "$up"
by_hand() {
	ip xfrm state add src $me_ip dst $peer_ip proto esp spi 0x2001 reqid 9 mode transport \
		aead 'rfc4106(gcm(aes))' "0x$(test_key by-hand 40)" 128 offload packet dev "$up" dir out
}
expect 0 by_hand
sampled() { $ipso status --json | jq -e '.sas[] | select(.spi == "0x00002001" and .offload == "packet" and .sample_age_seconds < 3)' >/dev/null; }
await "a sample of an SA by hand" 10 sampled
ip xfrm state flush

note "a restart sets up again what the driver had taken with it"
service_stop
service_start
equal "SAs" "$($ipso status --json | jq '[.sas[] | select(.offload == "packet")] | length')" 2
service_stop
expect 0 $ipso down
