# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# For scenarios about the gate: a configuration that guards the card, rules that try to pass it.
# Sourced after lib.sh; everything is done with the ipso command and with tc and ip by hand.
ipso=/ipso/out/ipso
conf=/run/gate
install -d -m 700 $conf

# guard [ORDERING]: writes the configuration and installs the gate; no tunnel needs to exist
guard() {
	local ordering=${1:-enforce}
	(umask 077 && key one 128 >$conf/one.key && key two 128 >$conf/two.key)
	cat >$conf/ipso.yaml <<-YAML
		version: 1
		ordering: $ordering
		devices:
		  - pci: "$LAB_PCI"
		    mode: $(devlink -j dev eswitch show "$pf" | jq -r '.dev[].mode')
		tunnels:
		  - name: pair
		    device: "$LAB_PCI"
		    local: $me_ip
		    remote: $peer_ip
		    mode: transport
		    aead: aes-gcm-128
		    out: { spi: 0x1001, reqid: 1, key-file: one.key }
		    in: { spi: 0x1002, reqid: 2, key-file: two.key }
	YAML
	$ipso gate on -c $conf/ipso.yaml || fail "the gate was not installed"
}

# rule DEV [TC OPTION...]: a harmless flower rule with preference 7
rule() {
	local dev=$1
	shift
	tc filter add dev "$dev" ingress protocol ip pref 7 flower "$@" dst_ip 192.0.2.9 action drop
}

# refused WHAT COMMAND...: EBUSY, and nothing was added
refused() {
	local what=$1 out
	shift
	if out=$("$@" 2>&1); then fail "$what: was accepted"; fi
	grep -q 'Device or resource busy' <<<"$out" || fail "$what: $out"
	echo "ok: refused: $what"
}

# passes WHAT COMMAND...
passes() {
	local what=$1 out
	shift
	out=$("$@" 2>&1) || fail "$what: $out"
	echo "ok: passes: $what"
}

# verdict NAME: the counter
verdict() { $ipso gate status --json | jq -r ".verdicts.$1"; }
