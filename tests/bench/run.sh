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
# One CPU: with two, emulated in turns, one's work would be in the other's time.
echo "kernel $kernel, one CPU, ConnectX model; without KVM the CPU is emulated: compare, do not quote"
for bench in tests/bench/*.sh; do
	name=$(basename "$bench" .sh)
	case $name in run | *.lib) continue ;; esac
	[[ $name == *$pattern* ]] || continue
	if tests/lab/lab run --kernel "$kernel" --cpus 1 --timeout 900 --out "out/bench/$name.lab" \
		"$bench" >"out/bench/$name.log" 2>&1; then
		cat "out/bench/$name.lab/a/result"
	else
		echo "bench $name failed: out/bench/$name.log, out/bench/$name.lab/"
		status=1
	fi
done
exit $status
