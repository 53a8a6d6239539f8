#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Key files and the other host's files as ipso makes them, and what is rendered from them.

bats_require_minimum_version 1.5.0

setup() {
	ipso="$BATS_TEST_DIRNAME/../../out/ipso"
	good="$BATS_TEST_DIRNAME/good.yaml"
	cd "$BATS_TEST_TMPDIR" || return 1
	cp "$good" ipso.yaml
}

# run_ipso STATUS ARGUMENTS...
run_ipso() {
	local want=$1
	shift
	run --separate-stderr "$ipso" "$@"
	echo "status $status, stdout: $output, stderr: $stderr"
	[ "$status" -eq "$want" ]
}

# No output holds a key that is in a file here.
no_key_shown() {
	local file
	for file in *.key; do
		[[ "$output$stderr" != *"$(head -c 16 "$file")"* ]] || return 1
	done
}

@test "keygen makes a key for each SA, once, and shows none" {
	run_ipso 0 keygen -c ipso.yaml
	[[ $output == *"made ./out.key: AES-128 key and salt for SA out of tunnel pair"* ]]
	[[ $stderr == *"no forward secrecy"* ]]
	no_key_shown
	[ "$(stat -c %a out.key in.key)" = $'600\n600' ]
	grep -qxE '[0-9a-f]{40}' out.key
	[ "$(cat out.key)" != "$(cat in.key)" ]
	sha256sum ./*.key >before
	run_ipso 0 keygen -c ipso.yaml
	[[ $output == *"kept ./out.key"* ]]
	sha256sum -c before
}

@test "keygen makes what is missing beside what is there" {
	(umask 077 && printf '%040d' 7 >out.key)
	run_ipso 0 keygen -c ipso.yaml
	[[ $output == *"kept ./out.key"*"made ./in.key"* ]]
	[ "$(cat out.key)" = "$(printf '%040d' 7)" ]
}

@test "keygen touches nothing when one file is open to others" {
	printf '%040d\n' 7 >in.key
	chmod 640 in.key
	run_ipso 2 keygen -c ipso.yaml
	[[ $stderr == *"ipso.yaml:$(grep -n in.key ipso.yaml | cut -d: -f1):"*"mode 0640"* ]]
	[ ! -e out.key ]
}

@test "keygen refuses one file for two SAs" {
	sed -i 's/in\.key/out.key/' ipso.yaml
	run_ipso 2 keygen -c ipso.yaml
	[[ $stderr == *"a file for each SA"* ]]
	[ ! -e out.key ]
}

@test "keygen does not go through a link that points nowhere" {
	ln -s /nonexistent/key out.key
	run_ipso 2 keygen -c ipso.yaml
	[ ! -e in.key ]
}

@test "the other host gets the mirror and the same keys" {
	run_ipso 0 keygen -c ipso.yaml --peer peer
	no_key_shown
	[ "$(stat -c %a peer peer/*)" = $'700\n600\n600\n600' ]
	cmp out.key peer/out.key
	cmp in.key peer/in.key
	grep -qF 'local: 192.0.2.2' peer/ipso.yaml
	grep -qF 'addresses: [192.0.2.2/24]' peer/ipso.yaml
	grep -A 3 ' out:' peer/ipso.yaml | grep -qF 'key-file: in.key'
	# what loads goes on to look for the device
	run_ipso 2 plan -c peer/ipso.yaml
	[[ $stderr == *"no net device eth99"* ]]
}

@test "the other host's files are never written over" {
	mkdir -m 700 peer
	echo mine >peer/ipso.yaml
	run_ipso 2 keygen -c ipso.yaml --peer peer
	[[ $stderr == *"peer/ipso.yaml: File exists"* ]]
	[ "$(cat peer/ipso.yaml)" = mine ]
	[ ! -e out.key ]
	rm peer/ipso.yaml
	chmod 755 peer
	run_ipso 2 keygen -c ipso.yaml --peer peer
	[[ $stderr == *"opens it to group or others"* ]]
}

@test "what is rendered holds no key and is sound shell" {
	"$ipso" keygen -c ipso.yaml
	for tool in iproute2 strongswan libreswan; do
		run_ipso 0 render --for $tool -c ipso.yaml
		no_key_shown
		[ -z "$stderr" ]
	done
	run_ipso 0 render --for iproute2 -c ipso.yaml
	sh -n <<<"$output"
	[[ $output == *"keys=\${KEYS:-$PWD}"* ]]
	run_ipso 0 render --for iproute2 -c ipso.yaml --peer
	[[ $output == *'keys=${KEYS:-/etc/ipso}'*'state_add "$keys"/out.key'*'src 192.0.2.1 dst 192.0.2.2'* ]]
}

@test "the rendered script hands the key to ip through a pipe" {
	"$ipso" keygen -c ipso.yaml
	mkdir bin
	cat >bin/ip <<-'SH'
		#!/bin/sh
		echo "ip $*" >>arguments
		case $* in *-batch*) cat >>piped ;; esac
	SH
	chmod 755 bin/ip
	"$ipso" render --for iproute2 -c ipso.yaml >script
	PATH="$PWD/bin:$PATH" sh script
	cat arguments
	[ "$(grep -c 'batch' arguments)" -eq 2 ]
	[ "$(grep -c 'xfrm policy add' arguments)" -eq 2 ]
	[ "$(grep -cE "0x($(cat out.key)|$(cat in.key)) 128 " piped)" -eq 2 ]
	! grep -qE "$(cat out.key)|$(cat in.key)" arguments
	rm in.key
	rm arguments
	run env PATH="$PWD/bin:$PATH" sh script
	[ "$status" -ne 0 ]
	[ ! -e arguments ]
}

@test "a full disk is not a success" {
	[ -c /dev/full ] || skip "no /dev/full"
	run sh -c "'$ipso' render --for strongswan -c ipso.yaml >/dev/full"
	[ "$status" -eq 1 ]
}
