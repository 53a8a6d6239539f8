#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
bats_require_minimum_version 1.5.0

# docs/ and README: what they name exists, and every command they show is run by a test: here, or in
# the lab (docs-procedures, ipso-systemd, ipso-access), as docs.commands says. Configurations are run there, too.

setup() {
	top="$BATS_TEST_DIRNAME/../.."
	ipso="$top/${IPSO_OUT:-out}/ipso"
	cd "$top" || return 1
}

@test "every id of the catalogue that a page names is one" {
	ids=$(grep -ohE '`[A-Z]{1,2}-[0-9]{2}`' docs/*.md README.md | tr -d '`' | sort -u)
	[ "$(wc -w <<<"$ids")" -ge 15 ]
	for id in $ids; do
		run "$ipso" explain "$id"
		echo "$id: $output"
		[ "$status" -eq 0 ]
		[[ $output == "$id "* ]]
	done
}

@test "texts of the kernel on the troubleshooting page lead to the row beside them" {
	rows=0
	while IFS='|' read -r _ text _ id _; do
		text=$(sed -nE 's/^ `([A-Z][^`]+)`.*/\1/p' <<<"$text")
		id=$(grep -oE '[A-Z]+-[0-9]+' <<<"$id" || true)
		[ -n "$text" ] && [ -n "$id" ] || continue
		run "$ipso" explain "$text"
		echo "$text: $output"
		[[ $output == *"$id "* ]]
		rows=$((rows + 1))
	done < <(grep '^|' docs/troubleshooting.md)
	[ "$rows" -ge 4 ]
}

# The commands that the pages show in blocks, one a line: without comments, continued lines joined.
shown() {
	awk '/^```/ { on = /^```sh/ ; next } on' README.md docs/*.md |
		sed -e ':more' -e '/\\$/{N;s/ *\\\n */ /;b more' -e '}' -e 's/ *#.*//' | grep . | sort -u
}

@test "docs.commands has every command that the pages show, and no other" {
	[ "$(shown | wc -l)" -ge 25 ]
	diff <(shown | sed 's/^\(apt-get install\) .*/\1 PACKAGES/') \
		<(grep -v '^#' tests/cli/docs.commands | cut -f2 | sort)
	while IFS=$'\t' read -r where command why; do
		echo "$where: $command"
		[[ $where =~ ^(cli|host|procedure|systemd|access|none)$ ]]
		[ "$where" != none ] || [[ $why == "because "?* ]]
	done < <(grep -v '^#' tests/cli/docs.commands)
}

@test "the commands of the pages that need neither a card nor a lab" {
	built=$(dirname "$ipso")
	cd "$BATS_TEST_TMPDIR"
	ln -s "$built" out
	ln -s "$top"/* . 2>/dev/null || true # but for out/
	n=0
	while IFS=$'\t' read -r where command _; do
		[ "$where" = cli ] || continue
		n=$((n + 1))
		run env -u MAKEFLAGS -u MAKELEVEL bash -c "make() { command make OUT=out -o out/ipso; }; $command"
		echo "$command: $status: $output"
		# a host without the card is what check refuses, a user without rights what it cannot ask
		[ "$status" -eq 0 ] || [[ $command == *check && $status -eq 3 ]] ||
			[[ $command == *check && $output == *"not permitted"* ]]
	done <tests/cli/docs.commands
	[ "$n" -ge 2 ]
	run "$ipso" check -c ipso.yaml # the sample is a configuration, but for its keys
	[[ $output == *"key file"* ]]
}

@test "the packages that README installs are those that the build needs" {
	named=$(shown | sed -n 's/^apt-get install //p' | tr ' ' '\n' | sort)
	needed=$(sed -n "/^build='/,/'/p" tests/needs.sh | tr -d "\n'" | sed 's/build=//' | tr -s ' \t' '\n' |
		grep -vxE 'libc6-dev|libnl-3-dev|libcmocka-dev' | sort) # others bring the first two; tests' own
	diff <(echo "$named") <(echo "$needed" | grep .)
}

@test "every command of ipso that a page names in its text is one, with options that it has" {
	lines=$({ grep -ohE '`ipso [a-z][^`]*`' README.md docs/*.md | tr -d '`'; shown; } |
		sed 's/\\|/|/g' | grep -oE '\bipso [a-z]+( [^&]*)?' | sort -u)
	[ "$(wc -l <<<"$lines")" -ge 20 ]
	while read -r _ command rest; do
		run "$ipso" "$command" --help
		echo "$command $rest: $output"
		[ "$status" -eq 0 ]
		for word in $rest; do
			[[ $word != -?* ]] || [[ $output == *"$word"* ]]
		done
	done <<<"$lines"
}

@test "links between the pages lead somewhere" {
	while IFS=: read -r page link; do
		link=${link#](}
		echo "$page: $link"
		[ -e "$(dirname "$page")/${link%%#*}" ]
	done < <(grep -oE '\]\([a-z][^):]*' docs/*.md README.md)
}

@test "every script of a kernel finding has its line on the page, with a kernel that make test runs it on" {
	scripts=0
	for script in tests/lab/findings/*.sh; do
		[[ $script != *.lib.sh && $script != */together.sh ]] || continue
		echo "$script"
		kernel=$(grep -oE "lab run --kernel [a-z0-9.]+ --nic connectx-7 $script" docs/kernel-findings.md |
			cut -d ' ' -f 4)
		[ -n "$kernel" ]
		grep -qE "^# (lab: .*|finding: )kernels=([^ ]*,)?$kernel([, ]|\$)" "$script"
		scripts=$((scripts + 1))
	done
	[ "$scripts" -ge 8 ]
	while read -r script; do
		echo "$script"
		[ -e "$script" ]
	done < <(grep -oE 'tests/lab/findings/[a-z-]+\.sh' docs/kernel-findings.md)
}

@test "links to a section lead to one" {
	while IFS=: read -r page link; do
		link=${link#](}
		link=${link%)}
		echo "$page: $link"
		target=$page
		[ -z "${link%%#*}" ] || target=$(dirname "$page")/${link%%#*}
		grep -E '^#+ ' "$target" | sed -E 's/^#+ //; s/[^A-Za-z0-9_ -]//g; s/ /-/g; s/.*/\L&/' |
			grep -qxF -- "${link#*#}"
	done < <(grep -oE '\]\([^):]*#[^)]+\)' docs/*.md README.md)
}
