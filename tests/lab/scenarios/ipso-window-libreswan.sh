#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=2 kernels=new nic=connectx-7 timeout=480
# shows: libreswan, started and rekeying under traffic while TC rules are in hardware: ipso window before its start, which flushes the pin, the service's windows for its rekeys; none is in clear
. /ipso/tests/lab/scenarios/ipso.lib.sh
. /ipso/tests/lab/scenarios/traffic.lib.sh
. /ipso/tests/lab/scenarios/ike.lib.sh
. /ipso/tests/lab/scenarios/window.lib.sh
kind=libreswan
window_begin "soft-seconds: 20, hard-seconds: 60"
equal "policies of the pin" "$(pins)" 2
window_rekeys 10 # pluto's rekeys lose more packets than charon's (docs/ike.md)
