/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lock of the service, flock(2) on a file that holds the pid of its owner. */
#include "daemon/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/num.h"

/* The pid that the holder wrote, 0 when there is none. */
static int read_pid(int fd)
{
	char text[16] = "";
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	uint32_t pid = 0;

	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return num_u32(text, 1, INT_MAX, &pid) < 0 ? 0 : (int)pid;
}

static int refuse_second(int fd, const char *path, struct why *why)
{
	why_remedy(why, "`ipso status` asks the one that runs; stop it before you start another");
	why_set(why, 0, "ipso is running already, process %d (it holds %s)", read_pid(fd), path);
	return -EBUSY;
}

int lock_take(const char *dir, int *ret_fd, struct why *why)
{
	_close_ int fd = -1;
	char path[PATH_MAX], pid[16];
	int len;

	if (mkdir(dir, 0700) < 0 && errno != EEXIST) {
		int err = -errno;

		why_remedy(why, "run as root");
		return why_set(why, err, "directory %s: cannot be made", dir);
	}
	if (snprintf(path, sizeof(path), "%s/lock", dir) >= (int)sizeof(path))
		return why_set(why, -ENAMETOOLONG, "lock in %s", dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return why_set(why, -errno, "lock %s: cannot be opened", path);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno == EWOULDBLOCK)
			return refuse_second(fd, path, why);
		return why_set(why, -errno, "lock %s: cannot be taken", path);
	}
	len = snprintf(pid, sizeof(pid), "%d\n", (int)getpid());
	if (ftruncate(fd, 0) < 0 || pwrite(fd, pid, (size_t)len, 0) != len)
		return why_set(why, -errno, "lock %s: cannot be written", path);
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int lock_holder(const char *dir)
{
	_close_ int fd = -1;
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/lock", dir) >= (int)sizeof(path))
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || flock(fd, LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK)
		return 0;
	return read_pid(fd);
}
