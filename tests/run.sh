#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The one test runner: a line a test, the logs in out/test/, and the count alone on the last line.
#   tests/run.sh check           house rules, unit tests, command line: no root, no VM
#   tests/run.sh all [PATTERN]   these and the lab scenarios, on every kernel that they name
# A test ends with 0 passed, 77 skipped (its last line is the reason), anything else failed.
# A skip that tests/skips does not state is a failure: skips must not grow unnoticed.
set -u
cd "$(dirname "$0")/.." || exit 1

suite=${1:-check} pattern=${2:-}
tests/needs.sh check || exit 1
[ "$suite" != all ] || { tests/needs.sh lab && tests/needs.sh web && tests/needs.sh deb; } || exit 1
# A host waits more than it computes: it keeps a core busy for about a third of its time.
slots=${IPSO_TEST_SLOTS:-$((2 * $(nproc)))}
[ "$slots" -ge 2 ] || slots=2 # a scenario of two hosts must find room
logs=out/test
mkdir -p "$logs"
declare -A name_of=() weight_of=() begin_of=()
passed=0 failed=0 skipped=0 used=0
failures=()

# finish PID STATUS: print the line of the test that has ended
finish() {
	local pid=$1 status=$2 name reason seconds
	name=${name_of[$pid]}
	seconds=$((SECONDS - begin_of[$pid]))
	used=$((used - weight_of[$pid]))
	unset "name_of[$pid]"
	case $status in
	0)
		passed=$((passed + 1))
		printf 'ok    %-52s %4d s\n' "$name" "$seconds"
		;;
	77)
		reason=$(tail -n 1 "$logs/$name.log")
		if grep -qxF "$name" tests/skips; then
			skipped=$((skipped + 1))
			printf 'skip  %-52s %s\n' "$name" "$reason"
		else
			failed=$((failed + 1))
			failures+=("$name")
			printf 'FAIL  %-52s skipped, not stated in tests/skips: %s\n' "$name" "$reason"
		fi
		;;
	*)
		failed=$((failed + 1))
		failures+=("$name")
		printf 'FAIL  %-52s %4d s  status %d, %s\n' "$name" "$seconds" "$status" \
			"$logs/$name.log"
		tail -n 15 "$logs/$name.log" | sed 's/^/      | /'
		;;
	esac
}

reap() {
	local pid=0 status
	wait -n -p pid
	status=$?
	finish "$pid" "$status"
}

# start NAME WEIGHT COMMAND...: run it when WEIGHT slots are free
start() {
	local name=$1 weight=$2
	shift 2
	[[ $name == *$pattern* ]] || return 0
	while ((used > 0 && used + weight > slots)); do
		reap
	done
	"$@" >"$logs/$name.log" 2>&1 </dev/null &
	name_of[$!]=$name weight_of[$!]=$weight begin_of[$!]=$SECONDS
	used=$((used + weight))
}

# field LINE KEY DEFAULT: the value of KEY=... in a scenario's "# lab:" line
field() {
	local value
	value=$(grep -oE "(^| )$2=[^ ]+" <<<"$1" | head -n 1)
	value=${value#*=}
	echo "${value:-$3}"
}

# scenarios KIND SCRIPT...: a script may have several "# lab:" lines; each is a matrix of kernels and cards.
# What does not depend on the kernel runs on one, for the time it takes; IPSO_TEST_ALSO=1 adds what also= names.
scenarios() {
	local kind=$1 script line name kernel kernels nic hosts
	for script in "${@:2}"; do
		name=$(basename "$script" .sh)
		while read -r line; do
			hosts=$(field "$line" hosts 1)
			kernels=$(field "$line" kernels 6.12)
			[ -z "${IPSO_TEST_ALSO:-}" ] || kernels+=,$(field "$line" also "")
			for kernel in ${kernels//,/ }; do
				for nic in $(field "$line" nic connectx-7 | tr , ' '); do
					start "$kind/$name@$kernel+$nic" "$hosts" tests/lab/lab run \
						--kernel "$kernel" --nic "$nic" --hosts "$hosts" \
						--timeout "$(field "$line" timeout 240)" \
						--init "$(field "$line" init lab)" \
						--out "out/$kind/$name@$kernel+$nic" "$script"
				done
			done
		done < <(grep '^# lab:' "$script")
	done
}

# What needs the lab's files but no virtual machine.
lab_checks() {
	local object
	for object in gate hooks; do
		start "check/btf-$object" 1 tests/check/btf.sh "out/bpf/$object.o"
	done
	start "check/deb" 1 tests/check/deb.sh
	start "check/debian-13-tools" 1 tests/check/debian-13-tools.sh
	start "web/fleet" 2 tests/web/fleet/run.sh
}

# What is served over HTTP, in a browser and a Prometheus.
web_tests() {
	local script
	for script in tests/web/*.sh; do
		[[ $script == *.lib.sh ]] || start "web/$(basename "$script" .sh)" 1 "$script"
	done
}

mkdir -p "$logs"/{check,unit,cli,web,lab,finding}
for rule in $(tests/check/rules.sh list); do
	start "check/$rule" 1 tests/check/rules.sh "$rule"
done
for program in out/unit/*; do
	[ -x "$program" ] && [ "${program%.d}" = "$program" ] && start "unit/${program##*/}" 1 "$program"
done
for script in tests/cli/*.bats; do
	[ -e "$script" ] && start "cli/$(basename "$script" .bats)" 1 bats --tap "$script"
done
if [ "$suite" = all ]; then
	web_tests
	while ((used > 0)); do reap; done
	tests/lab/lab build || { echo "the lab could not be built" >&2; exit 1; }
	lab_checks
	scenarios lab tests/lab/scenarios/*.sh
	scenarios finding tests/lab/findings/*.sh
fi
while ((used > 0)); do reap; done

((failed == 0)) || printf 'failed: %s\n' "${failures[*]}"
echo "$passed passed, $failed failed, $skipped skipped"
((failed == 0 && passed > 0))
