/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rights of a unix socket's peer, as the kernel knew him when he connected. A group is asked for
 * here and not left to the mode of the socket: giving that to a group takes CAP_CHOWN, and a mode
 * does not tell readers from those who change things.
 */
#include "daemon/peer.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

int peer_readers(const char *group, struct readers *ret_r, struct why *why)
{
	struct group *g;

	*ret_r = (struct readers){};
	if (!group)
		return 0;
	errno = 0;
	g = getgrnam(group);
	if (!g) {
		why_remedy(why, "groupadd --system %s", group);
		return why_set(why, errno ? -errno : -ENOENT, "readers-group %s: no such group", group);
	}
	*ret_r = (struct readers){true, g->gr_gid};
	return 0;
}

/* The kernel says how much room it wants: ERANGE, the size in len. */
static bool has_group(int fd, gid_t gid)
{
	_free_ gid_t *list = NULL;
	socklen_t len = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &len) < 0 && errno != ERANGE)
		return false;
	list = malloc(len ? len : sizeof(*list));
	if (!list || getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, list, &len) < 0)
		return false;
	for (size_t i = 0; i < len / sizeof(*list); i++) {
		if (list[i] == gid)
			return true;
	}
	return false;
}

enum peer_rights peer_rights(int fd, const struct readers *r)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
		return PEER_NOTHING;
	if (cred.uid == 0 || cred.uid == geteuid())
		return PEER_CHANGE;
	return r->set && (cred.gid == r->gid || has_group(fd, r->gid)) ? PEER_READ : PEER_NOTHING;
}

mode_t peer_socket_mode(const struct readers *r)
{
	return r->set ? 0666 : 0600;
}
