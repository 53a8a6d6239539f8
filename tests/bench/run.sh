#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make bench: each bench in a virtual machine of its own, both sides of a comparison in the same.
#   tests/bench/run.sh [PATTERN]
# Ratios above 1 mean that ipso is better. Logs are in out/bench/. Nothing here passes or fails by
# its speed; a bench fails when a side does not do its work.
set -eu
cd "$(dirname "$0")/../.."
pattern=${1:-} kernel=${BENCH_KERNEL:-6.12} status=0

tests/needs.sh lab >&2
mkdir -p out/bench
tests/lab/lab build root model image "$kernel" >out/bench/build.log 2>&1 ||
	{ echo "the lab could not be built: out/bench/build.log" >&2; exit 1; }
# One CPU: with two, emulated in turns, one's work would be in the other's time. Where it is emulated
# its instructions are counted, so that the figures are the same on a busy machine.
how=(--cpus 1)
if tests/lab/lab status | grep -q '^accel *tcg'; then
	how=(--count)
	echo "kernel $kernel, ConnectX model, one emulated CPU: a nanosecond is an instruction, what" \
		"the card and the disk do takes none; a real core does two to four in that time"
else
	echo "kernel $kernel, ConnectX model, one CPU of this machine"
fi
for bench in tests/bench/*.sh; do
	name=$(basename "$bench" .sh)
	case $name in run | *.lib) continue ;; esac
	[[ $name == *$pattern* ]] || continue
	memory=$(sed -n 's/^# memory=//p' "$bench")
	if tests/lab/lab run --kernel "$kernel" "${how[@]}" --memory "${memory:-1024}" --timeout 1800 \
		--out "out/bench/$name.lab" "$bench" >"out/bench/$name.log" 2>&1; then
		cat "out/bench/$name.lab/a/result"
	else
		echo "bench $name failed: out/bench/$name.log, out/bench/$name.lab/"
		status=1
	fi
done
exit $status
