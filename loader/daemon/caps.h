/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the service keeps of root's power once everything is set up. */
#ifndef IPSO_DAEMON_CAPS_H
#define IPSO_DAEMON_CAPS_H

#include "base/err.h"

/*
 * Drop every capability but those telemetry needs, from the bounding set too; undoing the set-up
 * at the end needs no others, as root's files are root's. 0 or -errno with why.
 */
int caps_drop(struct why *why);

#endif
