#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Packages that a target needs. As root the missing ones are installed through apt, after they were
# named; otherwise they are named and the target stops.
#   tests/needs.sh build|check|lab|web|deb
set -eu

build='gcc libc6-dev make pkg-config clang llvm bpftool libbpf-dev libelf-dev zlib1g-dev libmnl-dev
	libnl-3-dev libnl-genl-3-dev libnl-route-3-dev libyaml-dev libjansson-dev
	libsystemd-dev libmicrohttpd-dev libgnutls28-dev libcap-ng-dev libncurses-dev libcmocka-dev'
check='bats shellcheck jq man-db systemd python3-yaml'
lab='mmdebstrap'
web='prometheus chromium-driver curl tmux'
deb='build-essential debhelper fakeroot lintian'

case ${1:-} in
build) want=$build ;;
check) want="$build $check" ;;
lab) want="$build $check $lab" ;;
web) want="$build $check $web" ;;
deb) want="$build $deb" ;;
*) echo "usage: $0 build|check|lab|web|deb" >&2; exit 2 ;;
esac

missing=
for p in $want; do
	dpkg-query -W -f '${db:Status-Status}\n' "$p" 2>/dev/null | grep -qx installed ||
		missing="$missing $p"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
	echo "missing packages; as root:  apt-get install --no-install-recommends$missing" >&2
	exit 1
fi
echo "installing (about a minute):$missing"
log=$(mktemp)
trap 'rm -f "$log" $policy' EXIT
# They are installed to be run by tests: none of their services is to start here.
policy=
if [ ! -e /usr/sbin/policy-rc.d ]; then
	policy=/usr/sbin/policy-rc.d
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod 755 "$policy"
fi
{ apt-get update && DEBIAN_FRONTEND=noninteractive \
	apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1 || {
	tail -n 20 "$log" >&2
	echo "apt-get could not install:$missing" >&2
	exit 1
}
