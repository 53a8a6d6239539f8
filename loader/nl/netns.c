/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Named network namespaces: bind mounts under /run/netns, visited by setns(2). */
#include "nl/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/mem.h"

#define OWN_NETNS "/proc/thread-self/ns/net"
#define NSFS_SUPER 0x6e736673 /* NSFS_MAGIC, include/uapi/linux/magic.h */

static int netns_path(const char *name, char buf[PATH_MAX])
{
	if (!*name || strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return -EINVAL;
	if (snprintf(buf, PATH_MAX, NETNS_DIR "/%s", name) >= PATH_MAX)
		return -ENAMETOOLONG;
	return 0;
}

bool netns_exists(const char *name)
{
	char path[PATH_MAX];
	struct statfs fs;

	/* A plain file without a mount on it is what a crash in `ip netns add` leaves. */
	return netns_path(name, path) == 0 && statfs(path, &fs) == 0 &&
	       (unsigned long)fs.f_type == NSFS_SUPER;
}

/* The directory has to propagate mounts, or other mount namespaces keep the netns alive. */
static int netns_directory(void)
{
	if (mkdir(NETNS_DIR, 0755) < 0 && errno != EEXIST)
		return -errno;
	if (mount("", NETNS_DIR, "none", MS_SHARED | MS_REC, NULL) == 0)
		return 0;
	if (errno != EINVAL)
		return -errno;
	if (mount(NETNS_DIR, NETNS_DIR, "none", MS_BIND | MS_REC, NULL) < 0 ||
	    mount("", NETNS_DIR, "none", MS_SHARED | MS_REC, NULL) < 0)
		return -errno;
	return 0;
}

/* Make a namespace, hang it up at path, and come home. */
static int netns_hang(const char *path)
{
	_close_ int home = open(OWN_NETNS, O_RDONLY | O_CLOEXEC);
	int err = 0;

	if (home < 0)
		return -errno;
	if (unshare(CLONE_NEWNET) < 0)
		return -errno;
	if (mount(OWN_NETNS, path, "none", MS_BIND, NULL) < 0)
		err = -errno;
	if (setns(home, CLONE_NEWNET) < 0)
		abort(); /* everything after this would act on the wrong network */
	return err;
}

int netns_create(const char *name)
{
	char path[PATH_MAX];
	_close_ int fd = -1;
	int err;

	err = netns_path(name, path);
	if (err < 0)
		return err;
	if (netns_exists(name))
		return -EEXIST;
	err = netns_directory();
	if (err < 0)
		return err;
	fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	err = netns_hang(path);
	if (err < 0)
		unlink(path);
	return err;
}

int netns_remove(const char *name)
{
	char path[PATH_MAX];
	int err;

	err = netns_path(name, path);
	if (err < 0)
		return err;
	if (umount2(path, MNT_DETACH) < 0 && errno != EINVAL)
		return -errno;
	return unlink(path) < 0 ? -errno : 0;
}

int netns_open(const char *name, int *ret_fd)
{
	char path[PATH_MAX] = OWN_NETNS;
	int fd, err;

	if (name && *name) {
		err = netns_path(name, path);
		if (err < 0)
			return err;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

int netns_inode(const char *name, uint32_t *ret_ino)
{
	_close_ int fd = -1;
	struct stat st;
	int err;

	err = netns_open(name, &fd);
	if (err < 0)
		return err;
	if (fstat(fd, &st) < 0)
		return -errno;
	*ret_ino = (uint32_t)st.st_ino;
	return 0;
}

int netns_enter(const char *name, int *ret_home)
{
	_close_ int home = -1;
	_close_ int there = -1;
	int err;

	*ret_home = -1;
	if (!name || !*name)
		return 0;
	err = netns_open(NULL, &home);
	if (!err)
		err = netns_open(name, &there);
	if (err < 0)
		return err;
	if (setns(there, CLONE_NEWNET) < 0)
		return -errno;
	*ret_home = TAKE_FD(home);
	return 0;
}

void netns_leave(int *home)
{
	if (*home < 0)
		return;
	if (setns(*home, CLONE_NEWNET) < 0)
		abort(); /* everything after this would act on the wrong network */
	close(*home);
	*home = -1;
}
