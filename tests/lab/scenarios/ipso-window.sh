#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=2 kernels=new nic=connectx-7 timeout=480
# shows: strongSwan rekeys under traffic while TC rules are in hardware, of which the driver takes no SA beside: the service takes the rules out for it and puts them back; few packets are lost, none is in clear
. /ipso/tests/lab/scenarios/ipso.lib.sh
. /ipso/tests/lab/scenarios/traffic.lib.sh
. /ipso/tests/lab/scenarios/ike.lib.sh
. /ipso/tests/lab/scenarios/window.lib.sh
kind=strongswan
window_begin "soft-seconds: 20, hard-seconds: 120"
window_rekeys 5
