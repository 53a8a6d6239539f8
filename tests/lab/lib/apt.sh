# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Where Debian comes from: the mirrors this machine's apt is configured with.
# IPSO_DEBIAN_MIRROR (and IPSO_DEBIAN_SECURITY_MIRROR) override.

# Prints "URI SUITE" for every source of the host, both file formats.
apt_host_sources() {
	local file
	for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
		[ -r "$file" ] || continue
		sed -nE 's/^[[:space:]]*deb[[:space:]]+(\[[^]]*\][[:space:]]*)?([^[:space:]]+)[[:space:]]+([^[:space:]]+)[[:space:]].*/\2 \3/p' "$file"
	done
	for file in /etc/apt/sources.list.d/*.sources; do
		[ -r "$file" ] || continue
		awk '
		function flush(  u, s) {
			if (types ~ /(^| )deb( |$)/ && enabled !~ /^(no|false|0)/)
				for (u = 1; u <= nuri; u++)
					for (s = 1; s <= nsuite; s++)
						print uri[u], suite[s]
			types = ""; enabled = ""; nuri = 0; nsuite = 0
		}
		/^[[:space:]]*$/ { flush(); next }
		/^#/ { next }
		{ field = tolower($1); value = $0; sub(/^[^:]*:[[:space:]]*/, "", value) }
		field == "types:" { types = value }
		field == "enabled:" { enabled = tolower(value) }
		field == "uris:" { nuri = split(value, uri, /[[:space:]]+/) }
		field == "suites:" { nsuite = split(value, suite, /[[:space:]]+/) }
		END { flush() }' "$file"
	done
}

APT_SUITES='bookworm|trixie|forky|sid|stable|testing|unstable|oldstable'

# Prints the main archive's URI.
apt_mirror() {
	local uri
	uri=${IPSO_DEBIAN_MIRROR:-$(apt_host_sources |
		awk -v re="^($APT_SUITES)\$" '$2 ~ re { print $1; exit }')}
	[ -n "$uri" ] || die "this machine's apt names no Debian mirror" \
		"set IPSO_DEBIAN_MIRROR to the address of one"
	printf '%s\n' "${uri%/}"
}

# Prints the security archive's URI, or nothing when none is known.
apt_security_mirror() {
	local uri
	uri=${IPSO_DEBIAN_SECURITY_MIRROR:-}
	if [ -z "$uri" ] && [ -n "${IPSO_DEBIAN_MIRROR:-}" ]; then
		uri=${IPSO_DEBIAN_MIRROR%/}-security
	fi
	[ -n "$uri" ] || uri=$(apt_host_sources |
		awk -v re="^($APT_SUITES)(-security|/updates)\$" '$2 ~ re { print $1; exit }')
	printf '%s\n' "${uri%/}"
}

# apt_reaches URI SUITE: can the suite's Release file be had?
apt_reaches() {
	local name
	for name in InRelease Release; do
		/usr/lib/apt/apt-helper -o Acquire::Retries=2 -o Acquire::http::Timeout=20 \
			download-file "$1/dists/$2/$name" "$STEP_DIR/release" >>"$STEP_LOG" 2>&1 || continue
		rm -f "$STEP_DIR/release"
		return 0
	done
	return 1
}

# Prints sources.list lines for the root: trixie with its updates, security
# fixes where reachable, and backports for newer kernel sources.
apt_sources() {
	local mirror security suite
	mirror=$(apt_mirror) || return 1
	apt_reaches "$mirror" trixie || die "$mirror has no trixie, or cannot be reached" \
		"check the network, or set IPSO_DEBIAN_MIRROR"
	for suite in trixie trixie-updates trixie-backports; do
		apt_reaches "$mirror" "$suite" ||
			{ warn "$suite is not on the mirror, going on without it"; continue; }
		printf 'deb %s %s main\ndeb-src %s %s main\n' "$mirror" "$suite" "$mirror" "$suite"
	done
	security=$(apt_security_mirror)
	if [ -n "$security" ] && apt_reaches "$security" trixie-security; then
		printf 'deb %s trixie-security main\ndeb-src %s trixie-security main\n' \
			"$security" "$security"
	else
		warn "no security mirror for trixie, going on without it"
	fi
}

# Prints this machine's apt settings that decide how downloads are made.
apt_host_options() {
	apt-config dump | sed -nE \
		'/^Acquire::(http|https|ftp)::([^ ]*::)?(Proxy|Proxy-Auto-Detect|CaInfo|Verify-Peer|Verify-Host) /p
		 /^Acquire::(Check-Valid-Until|Check-Date|Retries) /p' | grep -v ' "";$' || true
}
