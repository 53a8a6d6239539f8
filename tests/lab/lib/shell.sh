# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# An interactive shell on a guest, over a virtio port of its own.

# shell_attach SOCKET: connects this terminal until the shell there ends.
shell_attach() {
	local fs=$ROOT/fs lib=usr/lib/x86_64-linux-gnu i terminal=
	[ ! -t 0 ] || terminal=,raw,echo=0,escape=0x1d
	for ((i = 0; i < 100; i++)); do
		[ ! -S "$1" ] || break
		sleep 0.1
	done
	say "the shell comes when the host is up; 'exit' ends, Ctrl-] leaves it"
	"$fs/$lib/ld-linux-x86-64.so.2" --library-path "$fs/$lib" "$fs/usr/bin/socat" \
		-t 1 "STDIO$terminal" "UNIX-CONNECT:$1" || true
}

# shell_join [a|b] [DIR]: a shell on a host of a run that is going on; DIR is
# its artefacts' directory, needed when there are several.
shell_join() {
	local host=${1:-a} dir=${2:-} link work found=()
	[[ $host == [ab] ]] || die "a host is a or b, not '$host'" "usage: lab shell --join [a|b] [DIR]"
	for link in "$CACHE"/run/*; do
		work=$(readlink "$link") || continue
		[ -S "$work/shell-$host" ] || continue
		[ -z "$dir" ] || [ "$(sed -n 's/^out=//p' "$work/info")" = "$(readlink -f "$dir")" ] || continue
		found+=("$work")
	done
	[ ${#found[@]} -gt 0 ] || die "no such run is going on" "lab status tells what runs"
	[ ${#found[@]} = 1 ] || die "several runs are going on" "name the directory: lab shell --join $host DIR"
	root_find
	shell_attach "${found[0]}/shell-$host"
}
