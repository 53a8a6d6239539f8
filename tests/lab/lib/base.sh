# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Ground of the lab: messages, the cache and its content keys, steps that
# publish a result whole or not at all.

CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/ipso
JOBS=${IPSO_LAB_JOBS:-$(nproc)}

say() { printf '%s\n' "lab: $*" >&2; }
warn() { printf '%s\n' "lab: warning: $*" >&2; }

# die WHAT [NEXT]: what failed and what the user can do about it.
die() {
	printf '%s\n' "lab: error: $1" >&2
	[ $# -lt 2 ] || printf '%s\n' "lab:   $2" >&2
	exit 1
}

# need TOOL=PACKAGE...: dies naming every missing tool and its package.
# As root the packages are installed through apt instead.
need() {
	local pair missing=()
	for pair; do
		command -v "${pair%%=*}" >/dev/null || missing+=("${pair#*=}")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
		say "installing on this machine: ${missing[*]}"
		DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
			"${missing[@]}" >"$CACHE/apt-install.log" 2>&1 && return 0
		apt-get update >>"$CACHE/apt-install.log" 2>&1 &&
			DEBIAN_FRONTEND=noninteractive apt-get install -y \
				--no-install-recommends "${missing[@]}" \
				>>"$CACHE/apt-install.log" 2>&1 && return 0
		tail -n 5 "$CACHE/apt-install.log" >&2
		die "apt could not install ${missing[*]}" "see $CACHE/apt-install.log"
	fi
	die "missing on this machine: ${missing[*]}" "sudo apt-get install ${missing[*]}"
}

# need_disk MIB WHAT: dies early rather than with half a result.
need_disk() {
	local free
	free=$(df -Pm "$CACHE" | awk 'NR == 2 { print $4 }')
	[ "$free" -ge "$1" ] || die "$2 needs $1 MiB in $CACHE, $free MiB are free" \
		"free some space, or set XDG_CACHE_HOME to a larger disk ('lab clean' empties the cache)"
}

# key STRING|@FILE...: 12 hex digits over the words and the files' content.
key() {
	local part
	for part; do
		case $part in
		@*) cat -- "${part#@}" || die "cannot read ${part#@}" ;;
		*) printf '%s\n' "$part" ;;
		esac
	done | sha256sum | cut -c1-12
}

elapsed() { printf '%d:%02d' $((($1) / 60)) $((($1) % 60)); }

# step NAME TEXT TARGET FUNCTION [ARGS...]: unless directory TARGET is there,
# run FUNCTION with a fresh directory in $STEP_DIR and rename that to TARGET.
# Two labs that want the same TARGET build it once: the second one waits.
declare -A STEP_SAID=()
step() {
	local name=$1 text=$2 target=$3 func=$4 start=$SECONDS log lock rc
	shift 4
	if [ -d "$target" ]; then
		if [ -n "${STEP_VERBOSE:-}" ] && [ -z "${STEP_SAID[$target]:-}" ]; then
			say "$name: there ($target)"
			STEP_SAID[$target]=1 # several steps need the same one
		fi
		return 0
	fi
	mkdir -p "$CACHE/log" "$CACHE/lock"
	exec {lock}>"$CACHE/lock/${target##*/}"
	flock -n "$lock" || { say "$name: another lab builds it, waiting"; flock "$lock"; }
	if [ ! -d "$target" ]; then
		log=$CACHE/log/${target##*/}.log
		say "$name: $text"
		STEP_DIR=$CACHE/tmp-${target##*/}
		remove_tree "$STEP_DIR"
		mkdir -p "$STEP_DIR"
		STEP_LOG=$log
		: >"$log"
		rc=0
		step_run "$name" "$start" "$func" "$@" || rc=$?
		if [ $rc != 0 ]; then
			say "$name: failed after $(elapsed $((SECONDS - start))); last lines of $log:"
			tail -n "${STEP_TAIL:-15}" "$log" | sed 's/^/lab:   /' >&2
			remove_tree "$STEP_DIR"
			exit 1
		fi
		mv "$STEP_DIR" "$target"
		say "$name: done in $(elapsed $((SECONDS - start)))"
	fi
	exec {lock}>&-
}

# step_run NAME START FUNCTION ARGS...: runs it in the background and tells
# every half minute that it is still at work, with the last line of its log.
step_run() {
	local name=$1 start=$2 rc=0 ticks=0
	shift 2
	# A process of its own, so that it stops at its first error whatever
	# construct the caller stands in, and leaves the machine responsive; a
	# session of its own, so that an interrupt ends all of it.
	export LAB PROJECT ROOT MODEL_HEADERS STEP_DIR STEP_LOG
	setsid nice -n 10 bash "$LAB/lib/step" "$@" </dev/null &
	STEP_PID=$!
	trap step_interrupted INT TERM HUP
	while kill -0 "$STEP_PID" 2>/dev/null; do
		sleep 0.2 || true
		ticks=$((ticks + 1))
		[ $((ticks % 150)) != 0 ] || say "$name: $(elapsed $((SECONDS - start))) $(
			tail -n 1 "$STEP_LOG" | tr -d '\r' | cut -c1-70)"
	done
	wait "$STEP_PID" || rc=$?
	trap - INT TERM HUP
	return $rc
}

# What runs in a namespace of the root dies with the process that made it.
step_interrupted() {
	trap - INT TERM HUP
	kill -KILL -- "-$STEP_PID" 2>/dev/null || true
	wait "$STEP_PID" 2>/dev/null || true
	say "interrupted; nothing half-built is kept"
	remove_tree "$STEP_DIR"
	exit 130
}

# remove_tree DIR: removes what a build or a root left, also when it belongs
# to the sub-uids of an unprivileged user's namespace.
remove_tree() {
	[ -e "$1" ] || return 0
	# What mmdebstrap had mounted in a root when it was killed.
	[ "$(id -u)" != 0 ] || awk -v d="$(realpath "$1")/" 'index($5, d) == 1 { print $5 }' /proc/self/mountinfo |
		sort -r | xargs -r umount -l
	rm -rf --one-file-system -- "$1" 2>/dev/null && return 0
	unshare --user --map-root-user --map-auto rm -rf --one-file-system -- "$1"
}
