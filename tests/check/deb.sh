#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The Debian package: built, without a finding of lintian, installed in a fresh Debian 13 (the lab's
# root below an overlay), run there, and removed without a trace.
set -eu
cd "$(dirname "$0")/../.."
[ "$(id -u)" -eq 0 ] || {
	echo "not as root: dpkg in a fresh root gives files to their owners, which takes more than one user"
	exit 77
}
DEB_OUT=out/test/deb packaging/deb.sh
lintian --allow-root --fail-on error,warning out/test/deb/*.changes
# shellcheck disable=SC2016 # expanded in the root
tests/lab/lab exec sh -euc '
	mkdir /tmp/upper /tmp/work /tmp/fresh
	mount -t overlay -o lowerdir=/,upperdir=/tmp/upper,workdir=/tmp/work overlay /tmp/fresh
	mount -t proc proc /tmp/fresh/proc
	cp /ipso/out/test/deb/ipso_*.deb /tmp/fresh/ipso.deb
	in_fresh() { chroot /tmp/fresh "$@"; }
	names() { (cd /tmp/fresh && find etc lib usr var/lib/systemd -xdev ! -path "var/lib/dpkg/*" | sort); }
	names >/tmp/before
	in_fresh dpkg -i /ipso.deb
	in_fresh ipso version
	in_fresh ipso sample | grep -q "^tunnels:"
	in_fresh systemctl is-enabled ipso.service
	in_fresh getent group ipso
	in_fresh dpkg -P ipso
	names >/tmp/after
	diff /tmp/before /tmp/after
	echo "ok: installed, run and removed"
'
