#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
bats_require_minimum_version 1.5.0

# The command line as a user meets it: help, mistakes, bad input. Nothing here changes the host.

setup() {
	made="$BATS_TEST_DIRNAME/../../${IPSO_OUT:-out}" # absolute: tests leave this folder
	ipso="$made/ipso"
	cd "$BATS_TEST_TMPDIR" || return 1
	"$ipso" sample >ipso.yaml
	printf '%040x\n' 1 >out.key
	printf '%040x\n' 2 >in.key
	chmod 600 out.key in.key
}

# refused STATUS WORDS ARGUMENTS...: nothing on stdout, one reason on stderr
refused() {
	local want=$1 words=$2
	shift 2
	run --separate-stderr "$ipso" "$@"
	echo "status $status, stdout: $output, stderr: $stderr"
	[ "$status" -eq "$want" ]
	[ -z "$output" ]
	[[ $stderr == *"$words"* ]]
}

@test "without arguments it says what it is, what is here, and what to do next" {
	as=() # like anybody: nothing here needs a right
	other=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	if [ "$(id -u)" -eq 0 ] && "${other[@]}" test -x "$ipso"; then
		as=("${other[@]}")
	fi
	run --separate-stderr "${as[@]}" "$ipso"
	echo "$output"
	[ "$status" -eq 2 ] # no command was given: a script whose variable is empty did nothing
	[ -z "$stderr" ]
	[ "${#lines[@]}" -le 24 ]
	[[ ${lines[0]} == "ipso sets up, guards and watches IPsec packet offload"* ]]
	[[ $output == *"kernel: $(uname -r)"* ]]
	if grep -lqsx 0x15b3 /sys/bus/pci/devices/*/vendor; then
		[[ $output == *" at "*:*:*.* ]]
		[[ $output == *"ipso sample > ipso.yaml"* ]]
	else
		[[ $output == *"no ConnectX or BlueField card"* ]]
		[[ $output == *"make demo"* ]]
	fi
	# its findings are those of `ipso check`, which wants more rights than anybody has
	[ "$(id -u)" -eq 0 ] || return 0
	first=$output
	run "$ipso" check
	for id in $(grep -E '^(warn|fail)' <<<"$output" | grep -oE 'CK-(0[2-8]|1[02]|20)' | sort -u); do
		[[ $first == *"$id"* ]]
	done
}

@test "help lists every command" {
	run "$ipso" help
	[ "$status" -eq 0 ]
	for command in check plan up down run reload window status top events explain gate keygen render sample version help; do
		[[ $output == *"  $command"* ]]
	done
}

@test "every command has help on stdout" {
	for command in check plan up down run reload window status top events explain gate keygen render sample version help; do
		run --separate-stderr "$ipso" "$command" --help
		[ "$status" -eq 0 ]
		[[ $output == "usage: ipso $command"* ]]
		[ -z "$stderr" ]
	done
}

@test "mistakes name the option and end with 2" {
	refused 2 'unknown command "dance"' dance
	refused 2 'up: unknown option --json' up --json
	refused 2 'option --config needs a value' run -c
	refused 2 'gate: found "open"; allowed: on, off, status, observe or enforce' gate open
	refused 2 'gate: say which: on|off|status' gate
	refused 2 'nor an SPI' explain 0x10
	refused 2 'found --since yesterday; allowed: 90s' explain --since yesterday
	refused 2 'found --since tomorrow; allowed: 90s' events --since tomorrow
	refused 2 'found --kind nothing; allowed: sa-add' events --kind gate,nothing
	refused 2 'found --kind nothing; allowed: sa-add' events --kind nothing --kind gate
	refused 2 'allowed: on, off, status, observe or enforce' gate hold
	refused 2 'top: needs a terminal' top
	refused 2 'render: found --for nothing' render
	refused 2 'render: found --for racoon; allowed: iproute2, strongswan or libreswan' \
		render --for racoon
	refused 2 'keygen: option --peer needs a value' keygen --peer
	refused 2 'found --json and --shell' plan --json --shell
	refused 2 'found sometime; allowed: inbound, outbound' up --until sometime
}

@test "the version is one line" {
	run "$ipso" --version
	[ "$status" -eq 0 ]
	[[ $output == "ipso "[0-9]*.[0-9]*.[0-9]* ]]
}

@test "a missing configuration ends with 2" {
	refused 2 'missing.yaml: the configuration cannot be read: No such file' run -c missing.yaml
}

@test "every command that reads the configuration refuses a mistake alike" {
	sed -i 's/replay-window: 64/replay-window: 48/' ipso.yaml
	line=$(grep -n 'replay-window: 48' ipso.yaml | cut -d: -f1)
	for command in plan up run 'gate on'; do
		# shellcheck disable=SC2086 # two words
		refused 2 "ipso.yaml:$line:20: replay-window: found 48; allowed: 32, 64, 128 or 256" \
			$command -c ipso.yaml
	done
}

@test "key files: missing, readable by others, of the wrong length, used twice" {
	line=$(grep -n 'key-file: in.key' ipso.yaml | cut -d: -f1)
	chmod 644 in.key
	refused 2 "ipso.yaml:$line:17: key file ./in.key: mode 0644" run -c ipso.yaml
	printf '%042x\n' 2 >in.key
	chmod 600 in.key
	refused 2 '42 hexadecimal digits; allowed is exactly 40' run -c ipso.yaml
	cp out.key in.key
	refused 2 "ipso.yaml:$line:17: key-file: found the key and salt" run -c ipso.yaml
	rm in.key
	refused 2 'in.key: cannot be opened: No such file' run -c ipso.yaml
}

@test "the service that is not running is named with how to start it" {
	[ ! -S /run/ipso/control ] || skip "a service runs on this host"
	for command in status events explain; do
		refused 1 'the service is not running' "$command"
		[[ $stderr == *"ipso run -c FILE"* ]]
	done
}

@test "a catalogue entry needs no service" {
	run "$ipso" explain S-05
	[ "$status" -eq 0 ]
	[[ $output == "S-05 "* ]]
	run "$ipso" explain S-05 --json
	[ "$status" -eq 0 ]
	printf '%s' "$output" | python3 -c 'import json, sys; json.load(sys.stdin)'
}

@test "a text of the kernel finds its entry, with an errno the one that fits" {
	run "$ipso" explain "mlx5_core: Packet offload is not supported"
	[ "$status" -eq 0 ]
	[[ $output == "MI-20 "* ]]
	run "$ipso" explain "EOPNOTSUPP Change of blocks is not supported"
	[[ $output == "TQ-09 "* ]]
	run "$ipso" explain "Error: mlx5_core: Unsupported key." # as tc prints it
	[ "$status" -eq 0 ]
	[[ "$output" == *MT-26* ]]
	# of the length that a record is cut at: no row of words to fill in alone
	run "$ipso" explain "Error: mlx5_core: redirect to ingress is supported only for OVS internal ports."
	[[ "$output" == *MA-12* ]]
	run "$ipso" explain "no such text at all"
	[ "$status" -eq 1 ]
	[[ $output == *U-00* ]]
}

@test "lines of the kernel log are explained one by one" {
	printf '%s\n' "mlx5_core 0000:08:00.0: 4 VFs requested; only 2 enabled" "eth0: link up" >log
	run "$ipso" explain - <log
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 1 ]
	[[ $output == "KS-04 "* ]]
	run "$ipso" explain - --json <log
	[[ ${lines[1]} == *'"U-00"'* ]]
}

@test "the manual page of the catalogue has every entry" {
	for id in $("$ipso" explain catalogue | cut -d' ' -f1); do
		grep -qx ".B $id" "$BATS_TEST_DIRNAME/../../${IPSO_OUT:-out}/man/ipso-catalogue.7"
	done
}

@test "completion knows commands, options, words and values" {
	source "$made/completion/ipso"
	completes() { # WORDS... WANTED: what Tab offers after these words
		COMP_WORDS=(ipso "${@:1:$#-1}")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		COMPREPLY=() # as bash does before it asks
		_ipso
		[ "${COMPREPLY[*]}" = "${*: -1}" ] || { echo "offered: ${COMPREPLY[*]}"; return 1; }
	}
	completes s 'status sample'
	completes gate o 'on off observe'
	completes plan --sh '--shell'
	completes render --for s 'strongswan'
	completes up --until '' 'inbound outbound'
	completes explain --since '' ''
	completes help ver 'version'
}

@test "the manual pages are well-formed and hold every command and key" {
	for page in "$made"/man/*; do
		run man --warnings -E UTF-8 -l -Tutf8 "$page"
		[ "$status" -eq 0 ]
		! grep -q warning <<<"$output"
	done
	for command in check plan up run gate render; do
		grep -q "^.SS ipso $command" "$made/man/ipso.8"
	done
	for key in on-conflict on-drift ipsec-packet key-file vlan-push vni listen; do
		grep -qF ".B ${key//-/\\-}" "$made/man/ipso.yaml.5"
	done
}
