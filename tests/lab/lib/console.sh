# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What a kernel reports about itself on its console.

# console_check LOG EXPECTED: prints every report (oops, BUG, WARNING, hung
# task, stall, panic) of which no line matches one of the extended regular
# expressions in file EXPECTED (which may be missing), and is false if there
# is one. A report goes from its first line to its end trace, 40 lines at most.
console_check() {
	[ -f "$1" ] || return 0
	tr -d '\r' <"$1" | awk -v expected="$2" -v name="${1##*/}" '
	BEGIN {
		while ((getline regex < expected) > 0)
			wanted[++n] = regex
		start = "BUG: |WARNING: |Oops[: ]|general protection fault|kernel BUG at|" \
			"blocked for more than|blocked in I/O wait for more than|soft lockup|" \
			"hard LOCKUP|detected stalls|self-detected stall|Kernel panic|UBSAN: |" \
			"KASAN: |list_(add|del) corruption|refcount_t: |unregister_netdevice: waiting|" \
			"stack-protector: |scheduling while atomic|possible recursive locking|" \
			"Unable to handle kernel|double fault|nobody cared"
	}
	function flush(  i, j) {
		if (!lines)
			return
		for (i = 1; i <= lines; i++)
			for (j = 1; j <= n; j++)
				if (text[i] ~ wanted[j]) {
					lines = 0
					return
				}
		printf "lab: kernel report in %s:\n", name
		for (i = 1; i <= lines; i++)
			print "lab:   " text[i]
		lines = 0
		bad = 1
	}
	lines { text[++lines] = $0 }
	lines && (/---\[ end (trace|Kernel panic)/ || lines >= 40) { flush(); next }
	!lines && $0 ~ start { text[++lines] = $0 }
	END { flush(); exit bad }' >&2
}

# console_has_report LOG EXPECTED: a line matches one of the expressions in file EXPECTED, and its report
# has come to its end.
console_has_report() {
	awk -v expected="$2" '
	BEGIN {
		while ((getline regex < expected) > 0)
			wanted[++n] = regex
	}
	!begun { for (i = 1; i <= n; i++) if ($0 ~ wanted[i]) begun = 1 }
	begun && /<\/TASK>|---\[ end trace/ { found = 1; exit }
	END { exit !found }' "$1"
}
