#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=1 kernels=6.12,new,stock nic=connectx-7 timeout=480
# shows: the kernel takes every program whose function it has; a kernel built without IPsec offload runs the others, says of each that is missing why and what is lost, and its refusals are explained
. /ipso/tests/lab/scenarios/ipso.lib.sh
ipso=${IPSO_BINARY:-$ipso} # check/debian-13-tools brings another compiler's
write_keys
config legacy
modprobe -a esp4 esp6 # what some hooks are for
nft add table netdev lab

missing() { $ipso status --json | jq -c '[.programs[] | select(.attached | not) | .name] | sort'; }
without_reason() { $ipso status --json | jq '[.programs[] | select((.attached | not) and .reason == "")] | length'; }

if [ "$LAB_KERNEL" != stock ]; then
	service_start
	equal "programs that are not attached" "$(missing)" '[]'
	expect 0 $ipso gate status
	says "enforce"
	exit 0
fi

note "a tunnel is refused with the reason, the device alone is served"
expect 3 $ipso run -c $conf/ipso.yaml
says "CONFIG_MLX5_EN_IPSEC"
sed -i '/^tunnels/,$d' $conf/ipso.yaml
service_start
equal "programs that are not attached" "$(missing)" '["sa_sample","tc_add","tc_add_enter","tc_delete"]'
equal "of these without a reason" "$(without_reason)" 0
expect 0 $ipso status
says "not attached: sa_sample (mlx5e_xfrm_update_stats): not in this kernel or its loaded modules; without it: packets, bytes"
curl -sf 127.0.0.1:9417/metrics >$conf/metrics
for name in sa_sample tc_add tc_delete; do
	grep -q "^ipso_program_attached{program=\"$name\".*} 0" $conf/metrics || fail "no metric says that $name is not attached"
done
grep -q '^ipso_program_attached{program="sa_add".*} 1' $conf/metrics || fail "no metric says that sa_add is attached"

note "what the driver refuses is explained"
# shellcheck disable=SC2046 # two words
if ip xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x77 reqid 1 mode transport \
	aead 'rfc4106(gcm(aes))' 0x$(test_key stock 40) 128 offload packet dev "$(uplink)" dir out; then
	fail "a driver without IPsec took an SA"
fi
explained() { $ipso explain last | grep -q '^S-02 CAP'; }
await "the explanation" 10 explained
expect 0 $ipso explain last
says "CONFIG_MLX5_EN_IPSEC"
