#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every field that a BPF object reads exists in each lab kernel, or the object asks for it.
#   btf.sh OBJECT
set -eu
object=$1
program=out/check/btf_fields
mkdir -p out/check
if [ ! -x $program ] || [ tests/check/btf_fields.c -nt $program ]; then
	# shellcheck disable=SC2046 # flags are words
	${CC:-gcc} -std=gnu11 -Wall -Wextra -Werror -D_GNU_SOURCE -o $program.$$ \
		tests/check/btf_fields.c $(pkg-config --cflags --libs libbpf)
	mv $program.$$ $program
fi
set --
for kernel in 6.12 new stock; do
	set -- "$@" "$(tests/lab/lab path "$kernel")/btf"
done
${CLANG:-clang} -target bpf -D__bpf__ -O2 -g -I. -Iinclude -c -o $program.bad.$$.o \
	tests/check/bad/btf/reads.bpf.c
found=0
$program $program.bad.$$.o "$@" >/dev/null || found=1
rm -f $program.bad.$$.o
[ $found = 1 ] || { echo "the planted fault was not found"; exit 1; }
exec $program "$object" "$@"
