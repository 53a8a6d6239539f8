/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One service a host: a lock that the kernel releases when the process ends, however it ends. */
#ifndef IPSO_DAEMON_LOCK_H
#define IPSO_DAEMON_LOCK_H

#include "base/err.h"

#define RUN_DIR "/run/ipso" /* tmpfs; lock, control socket, journal */

/*
 * Take DIR/lock, making DIR (mode 0700) when it is missing, and write our pid into it. The
 * descriptor is the lock: close it to release. -EBUSY names the pid of the holder.
 */
int lock_take(const char *dir, int *ret_fd, struct why *why);

/* Pid of the process that holds DIR/lock; 0 when nobody does or it cannot be told. */
int lock_holder(const char *dir);

#endif
