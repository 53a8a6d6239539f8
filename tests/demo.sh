#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make demo: two hosts in the lab, each set up by `ipso run` from one file, and what came of it.
# HOLD=1 keeps them up until interrupted and forwards their metrics ports to this machine. With --cost
# it says what it would take first, and ends.
set -eu
cd "$(dirname "$0")/.."
out=out/demo
kernel=${DEMO_KERNEL:-6.12}

say() { printf '\ndemo: %s\n' "$*"; }

# Before anything is fetched or built: how long it takes, and what comes over the network.
say_cost() {
	local built
	built=$(tests/lab/lab status)
	if ! grep -qE '^root +/' <<<"$built"; then
		say "nothing of the lab is here yet. From nothing 15 to 25 minutes on two cores, most of it one" \
			"kernel build; downloads about 1 GB (Debian packages, kernel and QEMU sources) from Debian's" \
			"mirror as apt is set up here; wants 25 GB of disk. The next time it takes under three minutes."
	elif ! grep -qE "^$kernel +/" <<<"$built"; then
		say "kernel $kernel is not built yet: about 16 minutes on two cores, and nothing to download"
	else
		say "the lab is built: under three minutes"
	fi
}
say_cost
[ "${1:-}" != --cost ] || exit 0

# The root is made beside ipso: one waits for the network and the disk, the other for processors.
tests/needs.sh lab
tests/lab/lab build root &
root=$!
trap 'kill $root 2>/dev/null || true' EXIT
"${MAKE:-make}" --no-print-directory all
wait $root
tests/lab/lab build root model image "$kernel"

rm -rf "$out"
mkdir -p "$out/keys"
trap 'rm -rf "$out/keys"' EXIT
chmod 700 "$out/keys"
for key in a-to-b b-to-a; do
	(umask 077 && od -An -N20 -tx1 /dev/urandom | tr -d ' \n' >"$out/keys/$key.key")
done

options=(--kernel "$kernel" --hosts 2 --nic connectx-7 --timeout "${DEMO_TIMEOUT:-300}" --out "$out")
if [ -n "${HOLD:-}" ]; then
	options+=(--env DEMO_HOLD=1 --forward-a 9417:9417 --forward-b 9418:9417)
	trap : INT # the lab takes it, lets the hosts end, and the summary follows
fi

say "two hosts, a wire, kernel $kernel; what host a prints (host b does the same: $out/output-b.log)"
started=$SECONDS
: >"$out/output-a.log"
tests/lab/lab run "${options[@]}" tests/lab/demo/host.sh &
lab=$!
tail -q -n +1 -F --pid=$lab "$out/output-a.log" 2>/dev/null &
follow=$!
status=0
wait $lab || status=$?
while kill -0 $lab 2>/dev/null; do # an interrupt ends the wait, not the lab
	status=0
	wait $lab || status=$?
done
wait $follow 2>/dev/null || true
took=$((SECONDS - started))

for host in a b; do
	for f in status.json metrics.txt events.jsonl; do
		[ ! -e "$out/$host/$f" ] || cp "$out/$host/$f" "$out/${f%.*}-$host.${f##*.}"
	done
done
if [ "$status" -ne 0 ]; then
	tail -n 20 "$out/output-b.log"
	echo "demo: failed with status $status, see $out/" >&2
	exit 1
fi

say "what came of it"
tests/lab/demo/summary.sh "$out" "$took"
echo "demo: ok"
