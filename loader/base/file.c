/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small files: read whole, sysfs attributes, atomic replace. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

/* Reads until end of file or size bytes; sysfs and pipes answer in pieces. */
static ssize_t read_full(int fd, char *buf, size_t size)
{
	size_t used = 0;

	while (used < size) {
		ssize_t n = read(fd, buf + used, size - used);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		used += (size_t)n;
	}
	return (ssize_t)used;
}

int file_read(const char *path, size_t limit, char **ret_text, size_t *ret_len)
{
	_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	_free_ char *text = NULL;
	size_t room = 4096, used = 0;

	if (fd < 0)
		return -errno;
	for (;;) {
		char *more = realloc(text, room + 1);
		ssize_t n;

		if (!more)
			return -ENOMEM;
		text = more;
		n = read_full(fd, text + used, room - used);
		if (n < 0)
			return (int)n;
		used += (size_t)n;
		if (used > limit)
			return -EFBIG;
		if (used < room)
			break;
		room *= 2;
	}
	text[used] = '\0';
	if (ret_len)
		*ret_len = used;
	*ret_text = TAKE_PTR(text);
	return 0;
}

int file_read_line(const char *path, char *buf, size_t size)
{
	_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	char line[4096];
	ssize_t n;
	size_t len;

	if (fd < 0)
		return -errno;
	n = read_full(fd, line, sizeof(line) - 1);
	if (n < 0)
		return (int)n;
	line[n] = '\0';
	len = strcspn(line, "\n");
	if (len >= size)
		return -ENOBUFS;
	memcpy(buf, line, len);
	buf[len] = '\0';
	return 0;
}

int file_link_name(const char *path, char *buf, size_t size)
{
	char target[PATH_MAX];
	const char *slash;
	ssize_t n;

	buf[0] = '\0';
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return -errno;
	target[n] = '\0';
	slash = strrchr(target, '/');
	snprintf(buf, size, "%s", slash ? slash + 1 : target);
	return 0;
}

int file_write(const char *path, const char *text)
{
	_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);
	size_t len = strlen(text);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = write(fd, text, len);
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO;
}

static int write_full(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

static int write_beside(int fd, const void *data, size_t len, unsigned int mode)
{
	int err = write_full(fd, data, len);

	if (err < 0)
		return err;
	if (fchmod(fd, mode) < 0 || fsync(fd) < 0)
		return -errno;
	return 0;
}

/* The rename itself is durable only when its directory is synced. */
static int sync_directory(const char *path)
{
	char copy[PATH_MAX];
	_close_ int dir = -1;

	memcpy(copy, path, strlen(path) + 1);
	dir = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || fsync(dir) < 0)
		return -errno;
	return 0;
}

int file_create(const char *path, const void *data, size_t len, unsigned int mode)
{
	_close_ int fd = -1;
	int err;

	if (strlen(path) >= PATH_MAX)
		return -ENAMETOOLONG;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd < 0)
		return -errno;
	err = write_beside(fd, data, len, mode);
	if (!err)
		err = sync_directory(path);
	if (err < 0)
		unlink(path);
	return err;
}

int file_replace(const char *path, const void *data, size_t len, unsigned int mode)
{
	char beside[PATH_MAX];
	_close_ int fd = -1;
	int err;

	if (snprintf(beside, sizeof(beside), "%s.XXXXXX", path) >= (int)sizeof(beside))
		return -ENAMETOOLONG;
	fd = mkostemp(beside, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = write_beside(fd, data, len, mode);
	if (!err && rename(beside, path) < 0)
		err = -errno;
	if (err < 0) {
		unlink(beside);
		return err;
	}
	return sync_directory(path);
}
