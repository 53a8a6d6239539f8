#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
bats_require_minimum_version 1.5.0

# make install: below DESTDIR what a package wants, and nothing anywhere else.

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	dest=$BATS_TEST_TMPDIR/dest
}

put() { make --no-print-directory OUT="${IPSO_OUT:-out}" install DESTDIR="$dest" "$@"; }

@test "every file where it belongs, with the mode that it needs" {
	run put
	echo "$output"
	[ "$status" -eq 0 ]
	(cd "$dest" && find . ! -type d -printf '%m %P\n' | sort -k 2) | tee "$BATS_TEST_TMPDIR/files"
	diff - "$BATS_TEST_TMPDIR/files" <<-END
	644 usr/lib/systemd/system/ipsec.service.d/ipso-window.conf
	644 usr/lib/systemd/system/ipsec.service.d/ipso.conf
	644 usr/lib/systemd/system/ipso.service
	644 usr/lib/systemd/system/openvswitch-switch.service.d/ipso.conf
	644 usr/lib/systemd/system/ovs-vswitchd.service.d/ipso.conf
	644 usr/lib/systemd/system/strongswan-starter.service.d/ipso-window.conf
	644 usr/lib/systemd/system/strongswan-starter.service.d/ipso.conf
	644 usr/lib/systemd/system/strongswan.service.d/ipso-window.conf
	644 usr/lib/systemd/system/strongswan.service.d/ipso.conf
	644 usr/lib/sysusers.d/ipso.conf
	755 usr/sbin/ipso
	644 usr/share/bash-completion/completions/ipso
	644 usr/share/ipso/prometheus/ipso.grafana.json
	644 usr/share/ipso/prometheus/ipso.rules.yml
	644 usr/share/man/man5/ipso.yaml.5
	644 usr/share/man/man7/ipso-catalogue.7
	644 usr/share/man/man8/ipso.8
	END
}

@test "nothing is written outside" {
	# As make would do it: every absolute path that is named is below DESTDIR.
	dest=/nowhere run put -n
	[ "$status" -eq 0 ]
	named=$(tr -s '[:space:]' '\n' <<<"$output" | grep '^/' | sort -u)
	echo "$named"
	[ "$(grep -c '^/nowhere/' <<<"$named")" -ge 7 ]
	run grep -v '^/nowhere/' <<<"$named"
	[ "$status" -eq 1 ]
}

@test "what is installed runs, and units start what is there" {
	for prefix in /usr /usr/local /opt/ipso; do
		dest=$BATS_TEST_TMPDIR$prefix
		put PREFIX=$prefix >/dev/null
		run "$dest$prefix/sbin/ipso" --version
		echo "$output"
		[ "$output" = "ipso $(cat VERSION)" ]
		programs=$(sed -nE 's/^Exec[A-Za-z]+=[-@:+!]*([^ ]+).*/\1/p' "$dest$prefix"/lib/systemd/system/ipso.service | sort -u)
		echo "$prefix: $programs"
		[ -n "$programs" ]
		for program in $programs; do [ -x "$dest$program" ]; done
	done
}
