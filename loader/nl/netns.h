/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Named network namespaces, as `ip netns` keeps them: a bind mount of the namespace's file under
 * /run/netns (ip-netns(8)).
 */
#ifndef IPSO_NL_NETNS_H
#define IPSO_NL_NETNS_H

#include <stdbool.h>
#include <stdint.h>

#define NETNS_DIR "/run/netns"

bool netns_exists(const char *name);
int netns_create(const char *name); /* -EEXIST when it is there */
int netns_remove(const char *name); /* -ENOENT when it is not; devices go back to their home */

/* Descriptor of a namespace, NULL or "" = the caller's own. */
int netns_open(const char *name, int *ret_fd);
/* Inode number, as struct ipso_sa_key has it. */
int netns_inode(const char *name, uint32_t *ret_ino);

/*
 * Let this thread live in a namespace, and come back. *ret_home is the way back; -1 when the
 * namespace is the caller's own and nothing was changed.
 */
int netns_enter(const char *name, int *ret_home);
void netns_leave(int *home);

#endif
