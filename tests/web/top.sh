#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# ipso top in a terminal of 80 x 24 (tmux is the terminal): what it shows, sorted, searched, moved in,
# made larger and smaller, left with the terminal as it was. In a /run of its own.
set -eu
cd "$(dirname "$0")/../.."
command -v tmux >/dev/null || { echo "tmux is not installed (tmux)"; exit 77; }
if [ -z "${TOP_INSIDE:-}" ]; then
	unshare -rm true 2>/dev/null || { echo "no mount namespace of one's own (unshare -rm)"; exit 77; }
	exec env TOP_INSIDE=1 unshare -rm "$0"
fi
ipso=${IPSO_OUT:-out}/ipso
mount -t tmpfs tmpfs /run
mkdir /run/ipso
work=out/test/top
mkdir -p "$work"
. tests/web/fixture.lib.sh
trap 't kill-server 2>/dev/null || true' EXIT

t() { TMUX='' tmux -S /run/tmux -f /dev/null "$@"; }
screen() { t capture-pane -p; }
shows() { screen | grep -qE -- "$1"; }
comes() { (await "$1 on the screen" 60 shows "$2") || { screen; exit 1; }; echo "ok: $1"; }
keys() { t send-keys "$@"; }

! "$ipso" top </dev/null >"$work/out" 2>&1 || die "no terminal, and it did not mind"
grep -q 'needs a terminal' "$work/out" || die "$(cat "$work/out")"

fixture 5000
LANG=C.UTF-8 t new-session -d -x 80 -y 24 "bash --norc --noprofile" 9>&- # a server that held it would hold the fixture
keys 'PS1="ready> "; clear' Enter
comes "the shell" '^ready>'
keys "$ipso top" Enter
comes "the SAs" '5000 of 5000 SAs'
comes "the first device" '^enp8s0f0np0 .*switchdev tables 3/3 gate open$'
comes "the largest rate first" 'BIT/S-'
comes "rates" '[0-9] Gb +[0-9.]+ [kM]'
comes "events" 'fw-error: firmware command 0xa00'
comes "the keys" 'q quit  / search'
[ "$(screen | awk '{ if (length($0) > n) n = length($0) } END { print n }')" -le 80 ] || die "wider than the screen"
screen >"$work/80x24.txt"
first() { screen | grep -E '0x0000' | head -n 1 | grep -oE '0x[0-9a-f]+'; }
[ "$(screen | grep -cE '^[^ ].* 0x0000')" -ge 12 ] || die "too few SAs: $(screen)"

keys /
keys -l 0x0000234
comes "found as it is typed" '16 of 5000 SAs'
keys Escape
comes "all again" '5000 of 5000 SAs'
for _ in 1 2 3 4; do keys '<'; done # from the rate over PEER and SPI to DIR and TUNNEL
comes "sorted by another column" 'TUNNEL-'
keys '>'
keys '>'
keys r
comes "and the other way round" 'SPI\+'
comes "the smallest first" '0x00001000'
[ "$(first)" = 0x00001000 ] || die "first is $(first)"
keys NPage
comes "a page further" '0x0000101[0-9a-f]'
! shows '0x00001000' || die "the first row is still there"
keys End
comes "the end" '0x00002387'
keys Home
comes "the begin" '0x00001000'

t resize-window -x 150 -y 40
comes "more columns where there is room" 'DEVICE .*PACKETS +BYTES'
screen >"$work/150x40.txt"
t resize-window -x 80 -y 24
comes "and 80 again" '^TUNNEL +DIR +SPI\+ +PEER +BIT/S'
! shows 'PACKETS' || die "columns that do not fit"

keys q
comes "the shell as it was" '^ready>'
keys 'echo status $?' Enter
comes "the exit status" '^status 0'
keys "$ipso top" Enter
comes "again" '5000 of 5000 SAs'
keys C-c
comes "left by ^C, the terminal as it was" 'status 0'
keys 'stty | grep -c -- -echo; clear' Enter

keys "$ipso top" Enter
comes "once more" '5000 of 5000 SAs'
exec 9>&-
comes "a service that ends is told, what was seen stays" 'the service is not running'
shows '5000 of 5000 SAs' || die "what was seen is gone"
fixture 10
comes "and that it is back" '10 of 10 SAs'
keys q
comes "the end of it" '^ready>'
echo "ok: screens in $work/"
