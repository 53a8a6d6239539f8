#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make deb: a Debian package of the tree as it is, built by debhelper in out/deb/source; the packages
# and what dpkg-buildpackage said are left in out/deb/. DEB_OUT names another folder.
set -eu
cd "$(dirname "$0")/.."
tests/needs.sh deb
out=${DEB_OUT:-out/deb}
rm -rf "$out"
mkdir -p "$out/source"
{ git ls-files -co --exclude-standard 2>/dev/null || find . -path ./out -prune -o -type f -print; } |
	while IFS= read -r file; do
		[ ! -f "$file" ] || printf '%s\n' "$file"
	done | tar -c -T - | tar -x -C "$out/source"
mv "$out/source/packaging/debian" "$out/source/debian"
cat >"$out/source/debian/changelog" <<-END
	ipso ($(cat VERSION)) unstable; urgency=medium

	  * Packaged from the source tree.

	 -- ipso maintainers <maintainers@ipso.example.org>  $(date -R -d "@${SOURCE_DATE_EPOCH:-$(stat -c %Y VERSION)}")
END
(cd "$out/source" && dpkg-buildpackage -b -us -uc) >"$out/build.log" 2>&1 || {
	tail -n 30 "$out/build.log" >&2
	echo "dpkg-buildpackage failed; all it said is in $out/build.log" >&2
	exit 1
}
ls "$out"/*.deb
