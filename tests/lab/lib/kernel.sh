# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The guests' kernels. Each ends as one directory:
#   kernel         what is booted
#   initrd         modules to be loaded before the guest's root is mounted, if any
#   modules.erofs  mounted at /usr/lib/modules
#   release        uname -r; config, System.map
#   btf/vmlinux, btf/mlx5_core   raw BTF (the module's one is split BTF)

KERNELS='6.12 new stock'

# kernel_canonical NAME: 6.12, new or stock; a version such as 7.3 means the
# lab kernel that is built from it.
kernel_canonical() {
	local name
	for name in $KERNELS; do
		[ "$1" != "$name" ] || { echo "$name"; return; }
	done
	[ ! -f "$ROOT/versions" ] ||
		awk -v v="$1" '$1 == "linux-source-new" && $3 == v { found = 1 } END { exit !found }' \
			"$ROOT/versions" && { echo new; return; }
	die "there is no kernel '$1' in the lab" "kernels: $KERNELS"
}

# kernel_version NAME: version of the Debian package it comes from.
kernel_version() {
	local version
	case $1 in
	stock) version=$(root_version stock) ;;
	*) version=$(root_version "linux-source-$1") ;;
	esac
	[ -n "$version" ] || die "the root has no source for kernel '$1'" \
		"the mirror had no trixie-backports when the root was built; fix that, then: lab clean root && lab build"
	echo "$version"
}

# The wanted lines, without the comments: these are not worth a new kernel.
kernel_config() {
	local file
	for file in "$LAB/kernel/config" "$LAB/kernel/config.$1"; do
		[ ! -f "$file" ] || grep -E '^(CONFIG_|# CONFIG_.* is not set$)' "$file"
	done
}

# kernel_find NAME: sets KERNEL, the directory of that kernel; needs ROOT there.
kernel_find() {
	local version
	version=$(kernel_version "$1")
	case $1 in
	stock) KERNEL=$CACHE/kernel-stock-$(key "$version" "@$LAB/kernel/stock") ;;
	*) KERNEL=$CACHE/kernel-$1-$(key "$version" "$(kernel_config "$1")" \
		"@$LAB/kernel/build" "@$LAB/kernel/hugepages.c") ;;
	esac
}

# kernel_build NAME
kernel_build() {
	local version
	root_build
	version=$(kernel_version "$1")
	kernel_find "$1"
	if [ "$1" = stock ]; then
		step stock "Debian's own kernel $version, unpacked (half a minute)" \
			"$KERNEL" kernel_unpack_stock
	else
		[ -d "$KERNEL" ] || need_disk 5000 "kernel $1"
		step "kernel $1" "linux $version from Debian's source, small (about 16 minutes on 2 cores)" \
			"$KERNEL" kernel_make "$1"
	fi
}

kernel_make() {
	local tarball
	tarball=$1
	[ "$1" != new ] || tarball=$(awk '$1 == "linux-source-new" { print $3 }' "$ROOT/versions")
	kernel_config "$1" >"$STEP_DIR/wanted"
	root_enter "$STEP_DIR" sh /ipso/tests/lab/kernel/build "$tarball" "$JOBS" >>"$STEP_LOG" 2>&1
}

kernel_unpack_stock() {
	root_enter "$STEP_DIR" sh /ipso/tests/lab/kernel/stock "$(kernel_version stock)" \
		>>"$STEP_LOG" 2>&1
}
