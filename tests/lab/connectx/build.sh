#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# build.sh HEADERS OBJECTS OUT FILE.c...: in the lab's root, compiles each
# file against HEADERS (see headers.sh) and links them to OUT; without files
# to link, OUT is "-". Objects are kept in OBJECTS by content, so that only
# what changed is compiled again.
set -eu
headers=$1 objects=$2 out=$3
shift 3

# Foreign headers are system headers: their warnings are not ours to fix.
flags="-std=gnu11 -O2 -g -fPIC -fno-strict-aliasing -fwrapv -D_GNU_SOURCE
-D_FILE_OFFSET_BITS=64 -Wall -Wextra -Werror
-isystem $headers/qemu/build -isystem $headers/qemu/host
-isystem $headers/qemu/host-generic -isystem $headers/qemu/include
-isystem $headers/mlx5"
for dir in $(pkg-config --cflags-only-I glib-2.0 | sed 's/-I//g'); do
	flags="$flags -isystem $dir"
done

key=$({ echo "$flags"; cat "$headers/id" "$(dirname "$1")"/*.h; } 2>/dev/null | sha256sum)
# Two labs may build at once.
exec 9>"$objects/lock"
flock 9
list='' failed=''
for file; do
	object=$objects/$(basename "$file" .c)-$({ echo "$key"; cat "$file"; } |
		sha256sum | cut -c1-16).o
	list="$list $object"
	[ ! -f "$object" ] || continue
	rm -f "$objects/$(basename "$file" .c)"-*.o
	# shellcheck disable=SC2086 # a list of words
	if gcc $flags -c -o "$object.tmp" "$file"; then
		mv "$object.tmp" "$object"
	else
		failed="$failed $(basename "$file")"
	fi
done
[ -z "$failed" ] || { echo "does not compile:$failed" >&2; exit 1; }
[ "$out" != - ] || exit 0
# Undefined symbols are QEMU's own: it exports them for its modules.
# shellcheck disable=SC2086
gcc -shared -Wl,-z,now -o "$out" $list
