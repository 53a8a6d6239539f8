#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Built with Debian 13's compilers and libbpf, in the lab's root; then every kernel of the lab takes
# the programs that came of it. (Those of this machine's compilers are what all scenarios run.)
set -eu
cd "$(dirname "$0")/../.."
out=out/debian-13
# Below a directory of this machine's, which the guests see: what was built here for another root is
# no use there.
tests/lab/lab exec sh -c "cd /ipso && make -j2 OUT=/ipso/$out && /ipso/$out/ipso version && clang --version | head -n 1"
for kernel in 6.12 new stock; do
	tests/lab/lab run --kernel "$kernel" --timeout 480 --out "out/lab/debian-13-tools@$kernel" \
		--env IPSO_BINARY=/ipso/$out/ipso tests/lab/scenarios/ipso-programs.sh
done
