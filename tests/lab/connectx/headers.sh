#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# headers.sh: in the lab's root, gathers in /mnt what the model is compiled
# against, from the sources of the very packages that are installed:
#   qemu/include, qemu/build   QEMU's headers, its configuration and QAPI types
#   mlx5/mlx5_ifc.h            layouts of the firmware interface, newest kernel
#   mlx5/mlx5_opcodes.def      OP(number, NAME) for every command in it
set -eu
cd /mnt

mkdir -p qemu/build/qapi mlx5
echo "taking mlx5_ifc.h from the newest kernel source"
tarball=$(find /usr/src -maxdepth 1 -name 'linux-source-*.tar.xz' | sort -V | tail -n 1)
dir=$(basename "$tarball" .tar.xz)
tar -xJf "$tarball" --strip-components=4 -C mlx5 --occurrence=1 \
	"$dir/include/linux/mlx5/mlx5_ifc.h" "$dir/include/linux/mlx5/mlx5_ifc_fpga.h" &
taken=$!

echo "unpacking and configuring QEMU"
dpkg-source --no-check -x /usr/src/qemu/*.dsc src
mkdir src/b
cd src/b
# Only the headers are wanted: what the options leave out is code, and the
# structures that the model shares with QEMU do not depend on it (abi.c checks).
../configure --target-list=x86_64-softmmu --without-default-features \
	--enable-system --enable-tcg --enable-kvm --enable-modules \
	--disable-docs --disable-install-blobs --disable-download --disable-containers
ninja -t targets all | sed -nE 's,^((qapi/[^:]*|config-poison)\.h): .*,\1,p' | xargs ninja
cd /mnt

cp -r src/include qemu/include
cp -r src/host/include/generic qemu/host-generic
cp -r src/host/include/x86_64 qemu/host
cp src/b/config-host.h src/b/config-poison.h qemu/build/
cp src/b/qapi/*.h qemu/build/qapi/
cat src/VERSION >qemu/version
rm -rf src qemu_*

wait "$taken"
sed -nE 's/^[[:space:]]*MLX5_CMD_OP_([A-Z0-9_]+)[[:space:]]*=[[:space:]]*(0x[0-9a-f]{3}),.*/OP(\2, \1)/p' \
	mlx5/mlx5_ifc.h | grep -v ', MAX)' >mlx5/mlx5_opcodes.def
test -s mlx5/mlx5_opcodes.def
