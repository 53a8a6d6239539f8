#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab bench: what the gate costs a netlink send
. /ipso/tests/bench/bench.lib.sh
write_keys
config legacy
n=400 rounds=5 # blocks of 50 sends

# With its IPsec tables the gate is open: a rule that it looks at in full, and lets pass.
expect 0 $ipso up -c $conf/ipso.yaml
passed() { $ipso gate status --json | jq .verdicts.pass; }

with=() without=() tc_with=() tc_without=()
for ((i = 0; i < rounds; i++)); do
	expect 0 $ipso gate on -c $conf/ipso.yaml
	with+=("$($tools/send unrelated $n "$LAB_NETDEV")")
	before=$(passed)
	tc_with+=("$($tools/send tc $n "$LAB_NETDEV")")
	equal "rules looked at and passed" $(($(passed) - before)) $((50 * n + 1))
	expect 0 $ipso gate off
	without+=("$($tools/send unrelated $n "$LAB_NETDEV")")
	tc_without+=("$($tools/send tc $n "$LAB_NETDEV")")
	echo "round $i: ${with[i]} ${without[i]} ${tc_with[i]} ${tc_without[i]}"
done

# cost NAME WITH WITHOUT
cost() {
	compare "$1" us 1000 "no gate, median of $rounds times $n blocks" "$2" "$3"
	context "the gate adds $(($2 - $3)) ns a send"
}
cost "gate, unrelated send" "$(median "${with[@]}")" "$(median "${without[@]}")"
cost "gate, passing TC rule" "$(median "${tc_with[@]}")" "$(median "${tc_without[@]}")"
expect 0 $ipso down
