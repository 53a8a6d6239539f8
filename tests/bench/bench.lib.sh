# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# For the benches: two ways of doing the same, run in turns, and the line that compares them.
# Sourced in the guest; the result goes to a file of its own, what else is printed is the log.
. /ipso/tests/lab/scenarios/ipso.lib.sh
tools=/ipso/out/bench
: >"$LAB_OUT/result"

result() { tee -a "$LAB_OUT/result" <<<"$*"; }
context() { result "  $*"; }

# timed COMMAND...: microseconds it took, in $took
timed() {
	local start=${EPOCHREALTIME/./}
	"$@" || fail "'$*' ended with $?"
	took=$((${EPOCHREALTIME/./} - start))
	echo "$took us: $*"
}

median() { printf '%s\n' "$@" | sort -n | sed -n "$((($# + 1) / 2))p"; }
# spread US...: least and most, in milliseconds
spread() { printf '%s\n' "$@" | sort -n | awk 'NR == 1 { a = $1 } END { printf "%.0f to %.0f", a / 1000, $1 / 1000 }'; }

# compare NAME UNIT DIVISOR WHAT OURS OTHER: two costs; both are divided to be in UNIT
compare() {
	result "$(awk -v name="$1" -v unit="$2" -v by="$3" -v what="$4" -v ours="$5" -v other="$6" '
		BEGIN { printf "%s: ours %.2f %s, other %.2f %s (%s), ratio %.2f", name, ours / by,
			unit, other / by, unit, what, other / ours }')"
}

# compare_rates NAME COUNT UNIT WHAT OURS_US OTHER_US: COUNT things in so many microseconds
compare_rates() {
	result "$(awk -v name="$1" -v n="$2" -v unit="$3" -v what="$4" -v ours="$5" -v other="$6" '
		BEGIN { printf "%s: ours %.0f %s, other %.0f %s (%s), ratio %.2f", name,
			n * 1e6 / ours, unit, n * 1e6 / other, unit, what, other / ours }')"
}

# firmware [COMMANDS US]: the driver's own count of firmware commands and of the microseconds that
# they took, less those given.
firmware() {
	local dir n all=0 us=0
	for dir in /sys/kernel/debug/mlx5/"$LAB_PCI"/commands/*/; do
		n=$(cat "$dir/n" 2>/dev/null) || continue
		[ "$n" -gt 0 ] || continue
		all=$((all + n)) us=$((us + n * $(cat "$dir/average") / 1000))
	done
	echo "$((all - ${1:-0})) $((us - ${2:-0}))"
}
