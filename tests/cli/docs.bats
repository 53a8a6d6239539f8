#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
bats_require_minimum_version 1.5.0

# docs/ and README: what they name exists. The configurations are run in the lab (docs-procedures).

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

@test "every command of ipso that a page shows is one, with options that it has" {
	lines=$(awk '/^```/ { on = /^```sh/ ; next } on' docs/*.md | sed 's/ *#.*//' |
		grep -oE '\bipso [a-z]+( [^&|]*)?' | sort -u)
	[ "$(wc -l <<<"$lines")" -ge 8 ]
	while read -r _ command rest; do
		run "$ipso" "$command" --help
		echo "$command: $output"
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
