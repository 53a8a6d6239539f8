#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=2 kernels=new nic=connectx-7 timeout=480
# shows: libreswan rekeys under traffic while TC rules are in hardware: it tells the kernel no soft limit, so the window opens by that of the configuration, or when an SA was refused
. /ipso/tests/lab/scenarios/ipso.lib.sh
. /ipso/tests/lab/scenarios/traffic.lib.sh
. /ipso/tests/lab/scenarios/ike.lib.sh
. /ipso/tests/lab/scenarios/window.lib.sh
kind=libreswan
window_begin "soft-seconds: 20, hard-seconds: 60"
window_rekeys 50
