/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is at the other end of a unix socket, and what he may. */
#ifndef IPSO_DAEMON_PEER_H
#define IPSO_DAEMON_PEER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

/* Whose members may ask what is. */
struct readers {
	bool set;
	gid_t gid;
};

enum peer_rights { PEER_NOTHING, PEER_READ, PEER_CHANGE };

/* The group of that name, NULL: none. 0, or -ENOENT with why. */
int peer_readers(const char *group, struct readers *ret_r, struct why *why);
/* Root and who we are may change things, members of the group may read. */
enum peer_rights peer_rights(int fd, const struct readers *r);
/* The mode of a unix socket that these may come to. */
mode_t peer_socket_mode(const struct readers *r);

#endif
