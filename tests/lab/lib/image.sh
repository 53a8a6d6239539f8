# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The guests' disk: the root packed into a read-only image, and the start of
# their initramfs; and a program that measures what they cannot.

# What only building needs stays out of the guests.
IMAGE_WITHOUT='^(usr/src|usr/include|usr/lib/gcc|usr/libexec/gcc|usr/lib/llvm-[0-9]+/(bin|include|build)|usr/share/(doc|man|info|locale|qemu|seabios)|usr/lib/ipxe|usr/lib/git-core|var/cache|var/lib/(apt|dpkg/info)|boot)/.+'

# Sets IMAGE, the directory; needs ROOT.
image_find() {
	IMAGE=$CACHE/image-$(key "${ROOT##*/}" "$IMAGE_WITHOUT" "@$LAB/guest/initramfs" "@$LAB/lib/tsc.c")
}

image_build() {
	root_build
	image_find
	[ -d "$IMAGE" ] || need_disk 2500 "the guests' image"
	step image "packing the root for the guests (half a minute)" "$IMAGE" image_make
}

image_make() {
	root_enter "$CACHE" mkfs.erofs --quiet -T 1 --exclude-regex="$IMAGE_WITHOUT" \
		"/mnt/${STEP_DIR##*/}/root.erofs" "/mnt/${ROOT##*/}/fs" >>"$STEP_LOG" 2>&1
	# shellcheck disable=SC2016 # for the shell in the root
	root_enter "$STEP_DIR" sh -ec '
		mkdir -p /tmp/i/bin
		cp /usr/bin/busybox /tmp/i/bin/
		cp /ipso/tests/lab/guest/initramfs /tmp/i/init
		chmod 755 /tmp/i/init
		cd /tmp/i && find . | cpio --quiet -o -H newc -R 0:0 >/mnt/initrd
		gcc -O2 -static -o /mnt/tsc /ipso/tests/lab/lib/tsc.c' >>"$STEP_LOG" 2>&1
}
