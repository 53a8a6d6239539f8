#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=2 kernels=new nic=connectx-7 timeout=480
# shows: libreswan, whose start flushes the pin, with TC rules in hardware: the service takes the rules out, puts the pin back, the first SAs come; the same at each rekey, under traffic, none in clear
. /ipso/tests/lab/scenarios/ipso.lib.sh
. /ipso/tests/lab/scenarios/traffic.lib.sh
. /ipso/tests/lab/scenarios/ike.lib.sh
. /ipso/tests/lab/scenarios/window.lib.sh
kind=libreswan
window_begin "soft-seconds: 20, hard-seconds: 60"
equal "policies of the pin" "$(pins)" 2
window_rekeys 40 # pluto's rekeys lose packets (docs/ike.md)
