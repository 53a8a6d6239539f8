# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Loads the lab's functions. LAB is tests/lab, PROJECT the project's tree.

for LAB_PART in base apt root kernel model image build qemu run hosts console shell status; do
	# shellcheck source=/dev/null
	. "$LAB/lib/$LAB_PART.sh"
done
unset LAB_PART
