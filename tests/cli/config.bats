#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Bad configuration: one clear error with its place, exit status 2, nothing changed.

bats_require_minimum_version 1.5.0
ipso=${IPSO_OUT:-out}/ipso

setup() {
	dir=$(mktemp -d)
	cp tests/cli/good.yaml "$dir/ipso.yaml"
	printf '%040d\n' 1 >"$dir/out.key"
	printf '%040d\n' 2 >"$dir/in.key"
	chmod 600 "$dir"/*.key
}
teardown() { rm -rf "$dir"; }

# bad SED-EXPRESSION LINE TEXT...: the edited sample is refused at LINE, and the error says TEXT
bad() {
	local edit=$1 line=$2 text
	shift 2
	sed -i "$edit" "$dir/ipso.yaml"
	run --separate-stderr $ipso plan -c "$dir/ipso.yaml"
	echo "$stderr"
	[ "$status" -eq 2 ]
	[ -z "$output" ]
	[[ "$stderr" == *"$dir/ipso.yaml:$line:"* ]]
	for text in "$@"; do [[ "$stderr" == *"$text"* ]]; done
	[ "$(wc -l <<<"$stderr")" -le 2 ]
}

line_of() { grep -n -m 1 -- "$1" tests/cli/good.yaml | cut -d: -f1; }

@test "the sample that ipso prints is a configuration" {
	$ipso sample >"$dir/sample.yaml"
	run --separate-stderr $ipso plan -c "$dir/sample.yaml"
	# its devices and key files are not there, but its form is right
	[[ "$stderr" != *"allowed"*"version"* ]]
}

@test "every mistake of bad.rows has its own words, at its own place, and changes nothing" {
	local edit words bad=0 n=0
	cp tests/cli/full.yaml "$dir/full.yaml"
	while IFS=$'\t' read -r edit words; do
		[[ $edit != "# "* ]] || continue
		n=$((n + 1))
		sed "$edit" "$dir/full.yaml" >"$dir/ipso.yaml"
		run --separate-stderr $ipso plan -c "$dir/ipso.yaml"
		if [ "$status" -ne 2 ] || [ -n "$output" ] ||
			[ "$stderr" != "ipso: $dir/ipso.yaml:$words" ]; then
			printf '%s\n wanted %s\n got %s (%s)\n' "$edit" "$words" "$stderr" "$status"
			bad=$((bad + 1))
		fi
	done <tests/cli/bad.rows
	echo "$n mistakes"
	[ "$bad" -eq 0 ]
	[ "$n" -ge 60 ]
	[ ! -e /run/ipso/journal ]
}

@test "the configuration that bad.rows breaks is right, but for its device" {
	cp tests/cli/full.yaml "$dir/ipso.yaml"
	bad '' "$(grep -n 'pf: eth99' tests/cli/full.yaml | cut -d: -f1)" "no net device eth99"
}
@test "a missing key file" {
	rm "$dir/out.key"
	bad '' "$(line_of out.key)" out.key "No such file"
}
@test "a key file that others can read" {
	chmod 644 "$dir/out.key"
	bad '' "$(line_of out.key)" out.key 600
}
@test "a key of the wrong length" {
	printf '%038d\n' 1 >"$dir/out.key"
	bad '' "$(line_of out.key)" out.key "exactly 40"
}
@test "one key and salt for two SAs" {
	cp "$dir/out.key" "$dir/in.key"
	bad '' "$(line_of in.key)" "line 19" "RFC 4106"
}
@test "an unknown device" { bad '' "$(line_of 'pf: eth99')" eth99; }

@test "no error shows a key" {
	printf 'deadbeefdeadbeefdeadbeefdeadbeefdeadbexx\n' >"$dir/out.key"
	run $ipso plan -c "$dir/ipso.yaml"
	[ "$status" -eq 2 ]
	[[ "$output" != *deadbeef* ]]
}
