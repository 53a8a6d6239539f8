# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The Debian 13 root: made by mmdebstrap once, never changed afterwards.
# $ROOT/fs is the tree, $ROOT/versions names what the later steps build from.
# Kernel and QEMU sources are downloaded with it, so that nothing after this
# step needs the network.

root_packages() { sed 's/#.*//' "$LAB/root/packages" | tr -s ' \t\n' '\n' | sed '/^$/d'; }

root_key() { key "recipe 1" "$(root_packages)" "@$LAB/root/hook"; }

# Sets ROOT, the directory of the root; it need not be there yet.
root_find() { ROOT=$CACHE/root-$(root_key); }

# root_version NAME: version of linux-source-6.12, linux-source-new, qemu, stock.
root_version() { awk -v n="$1" '$1 == n { print $2 }' "$ROOT/versions"; }

root_build() {
	root_find
	[ -d "$ROOT" ] || need mmdebstrap=mmdebstrap
	[ -d "$ROOT" ] || need_disk 6000 "the Debian root"
	step root "Debian 13 with QEMU, peers, build tools and sources by mmdebstrap (about 3 minutes)" \
		"$ROOT" root_make
}

root_make() {
	local options=() line sources mode=root hook=$LAB/root/hook
	sources=$(apt_sources)
	while read -r line; do
		options+=("--aptopt=$line")
	done < <(apt_host_options)
	if [ "$(id -u)" = 0 ]; then
		# Not in /tmp, which may be small.
		export TMPDIR=$STEP_DIR
	else
		mode=unshare
		# There the hook runs as a user who may not read this home.
		hook=$(mktemp -d)/hook
		chmod 755 "${hook%/hook}"
		cp "$LAB/root/hook" "$hook"
	fi
	mkdir "$STEP_DIR/fs"
	printf '%s\n' "$sources" >"$STEP_DIR/sources.list"
	set -- mmdebstrap --mode="$mode" --variant=minbase \
		--include="$(root_packages | paste -sd,)" \
		--aptopt='APT::Install-Recommends "false"' "${options[@]}" \
		--dpkgopt=force-unsafe-io \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--customize-hook="$hook"
	if [ "$mode" = root ]; then
		"$@" --format=directory trixie "$STEP_DIR/fs" "$STEP_DIR/sources.list" 2>>"$STEP_LOG"
		find "$STEP_DIR/fs/dev" -xdev -mindepth 1 -delete
	else
		# A pipe, because only so the unprivileged mode can leave files of other users behind.
		"$@" --format=tar trixie - "$STEP_DIR/sources.list" 2>>"$STEP_LOG" |
			root_as tar --numeric-owner -C "$STEP_DIR/fs" -x --exclude='./dev/*' 2>>"$STEP_LOG"
	fi
	rm "$STEP_DIR/sources.list"
	[ "$mode" = root ] || rm -r "${hook%/hook}"
	cp "$STEP_DIR/fs/usr/src/ipso-versions" "$STEP_DIR/versions"
}

# root_as CMD...: as root, or as root of a user namespace.
root_as() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	else
		unshare --user --map-root-user --map-auto -- "$@"
	fi
}

# root_enter WORK CMD...: runs CMD in the read-only root, with WORK at /mnt
# and the project at /ipso.
root_enter() {
	local work=$1 userns=()
	shift
	[ "$(id -u)" = 0 ] || userns=(--user --map-root-user --map-auto)
	unshare "${userns[@]}" --mount --pid --fork --kill-child --propagation private -- \
		sh "$LAB/lib/enter" "$ROOT/fs" "$PROJECT" "$work" "$@"
}
