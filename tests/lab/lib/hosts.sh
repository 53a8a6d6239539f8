# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The life of a run's hosts: boot, wait, hold, stop, verdict. Variables as in
# run.sh.

run_boot() {
	local host
	STARTED=$SECONDS
	qemu_words "$MODEL_SO"
	for host in "${HOST_LIST[@]}"; do
		run_power_on "$host"
	done
	say "host${HOST_LIST[1]:+s} ${HOST_LIST[*]} on kernel $KERNEL_NAME with nic $NIC_NAME under $ACCEL"
}

run_power_on() {
	qemu_guest "$1"
	# In a session of its own: an interrupt is the runner's to handle.
	setsid "${QEMU[@]}" "${ARGS[@]}" </dev/null >>"$OUT/qemu-$1.log" 2>&1 &
	PID_OF[$1]=$!
}

# The host has asked for it (lab-power-cut): its machine is gone at once, and booted anew.
run_power_cut() {
	local dir=$WORK/share/host-$1
	kill -KILL "${PID_OF[$1]}" 2>/dev/null || true
	wait "${PID_OF[$1]}" 2>/dev/null || true
	rm -f "$dir/power-cut"
	echo $(($(cat "$dir/boot" 2>/dev/null || echo 1) + 1)) >"$dir/boot"
	say "host $1: power cut, boot $(<"$dir/boot")"
	run_power_on "$1"
}

# The report that the host's script is for is there (lab-expect-oops --end): its machine is gone at once.
run_reported() {
	local dir=$WORK/share/host-$1
	if [ ! -e "$dir/end" ] || ! run_alive "$1" || ! console_has_report "$OUT/console-$1.log" "$dir/end"; then
		return
	fi
	say "host $1: its kernel has reported what was expected"
	echo 0 >"$dir/status"
	mv "$dir/end" "$dir/reported"
	kill -KILL "${PID_OF[$1]}" 2>/dev/null || true
	wait "${PID_OF[$1]}" 2>/dev/null || true
}

run_alive() { kill -0 "${PID_OF[$1]}" 2>/dev/null; }

# Until every host has ended, all want to hold, or time is over.
run_wait() {
	local host alive held deadline=$((SECONDS + TIMEOUT))
	TIMED_OUT=''
	while :; do
		alive=0 held=0
		for host in "${HOST_LIST[@]}"; do
			[ ! -e "$WORK/share/host-$host/power-cut" ] || run_power_cut "$host"
			run_reported "$host"
			if run_alive "$host"; then
				alive=$((alive + 1))
			elif [ ! -e "$WORK/share/host-$host/status" ]; then
				# The other host must not wait for a dead one.
				echo 1 >"$WORK/share/host-$host/status"
				say "host $host ended before its script did; QEMU's last line: $(
					tail -n 1 "$OUT/qemu-$host.log")"
			fi
			[ ! -e "$WORK/share/host-$host/holding" ] || held=$((held + 1))
		done
		[ $alive -gt 0 ] || return 0
		if [ $held -gt 0 ] && [ $held = $alive ] && [ ! -e "$WORK/share/release" ]; then
			run_hold
			deadline=$((SECONDS + TIMEOUT))
		fi
		if [ $SECONDS -ge $deadline ]; then
			TIMED_OUT=1
			return 0
		fi
		sleep 0.1 || true
	done
}

# Keeps the hosts up until the first interrupt, which lets the scripts go on.
run_hold() {
	local host
	say "holding host${HOST_LIST[1]:+s} ${HOST_LIST[*]}; interrupt (Ctrl-C) to let them end; a shell: lab shell --join ${HOST_LIST[0]}"
	HOLDING=1
	while [ -n "$HOLDING" ]; do
		sleep 0.2 || true
		for host in "${HOST_LIST[@]}"; do
			run_alive "$host" || HOLDING=''
		done
	done
	: >"$WORK/share/release"
	sleep 1 || true
}

run_interrupted() {
	if [ -n "${HOLDING:-}" ]; then
		HOLDING=''
		return 0 # without a number it would be the interrupted command's
	fi
	say "interrupted, stopping the hosts"
	exit 130
}

run_stop() {
	local host i
	for host in "${HOST_LIST[@]}"; do
		! run_alive "$host" || kill -TERM "${PID_OF[$host]}" 2>/dev/null || true
	done
	for host in "${HOST_LIST[@]}"; do
		for ((i = 0; i < 50; i++)); do
			run_alive "$host" || break
			sleep 0.1 || true
		done
		! run_alive "$host" || kill -KILL "${PID_OF[$host]}" 2>/dev/null || true
		wait "${PID_OF[$host]}" 2>/dev/null || true
	done
}

run_cleanup() {
	trap - INT TERM HUP
	[ -z "${PID_OF[*]:-}" ] || run_stop
	rm -f "$CACHE/run/$$"
	[ -z "${WORK:-}" ] || rm -rf "$WORK"
}

# Prints what came of each host and ends with the worst of it.
run_verdict() {
	local host status worst=0 skip=''
	for host in "${HOST_LIST[@]}"; do
		status=$(cat "$WORK/share/host-$host/status" 2>/dev/null || echo none)
		if [ "$status" = none ] && [ -n "$SHELL_WANTED" ]; then status=0; fi
		[ "$status" = 0 ] || say "host $host: $(run_status_text "$status" "$host")"
		case $status in
		77) skip=1 ;;
		none) [ $worst != 0 ] || worst=1 ;;
		*) [ "$status" -le $worst ] || worst=$status ;;
		esac
		# A kernel that has reported may go on to do so, up to the moment when its machine went.
		if [ ! -e "$WORK/share/host-$host/reported" ] &&
			! console_check "$OUT/console-$host.log" "$WORK/share/host-$host/expected"; then
			[ $worst != 0 ] || worst=1
		fi
	done
	[ $worst != 0 ] || [ -z "$skip" ] || worst=77
	if [ -n "${TIMED_OUT:-}" ]; then
		say "timeout after $TIMEOUT s"
		worst=124
	fi
	say "exit $worst after $((SECONDS - STARTED)) s, artefacts in $OUT"
	exit "$worst"
}

run_status_text() {
	case $1 in
	none) echo "no exit status; the console ends: $(tail -n 1 "$OUT/console-$2.log" | tr -d '\r' | cut -c1-120)" ;;
	77) echo "skip: $(tail -n 1 "$OUT/output-$2.log")" ;;
	*) echo "exit $1; last line of output-$2.log: $(tail -n 1 "$OUT/output-$2.log")" ;;
	esac
}
