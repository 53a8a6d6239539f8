/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The address or unix socket that HTTP is served on. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/http_priv.h"

const char *http_where(const struct cfg_metrics *m, char buf[HTTP_WHERE_LEN])
{
	if (config_on_socket(m))
		snprintf(buf, HTTP_WHERE_LEN, "%s", m->address);
	else
		snprintf(buf, HTTP_WHERE_LEN, "%s port %u%s", m->address, m->port,
			 m->has_tls ? " (TLS)" : "");
	return buf;
}

/* What a service that is dead left behind does not answer; what answers is not ours to remove. */
static int clear_path(const struct sockaddr_un *a)
{
	_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (lstat(a->sun_path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	if (connect(fd, (const struct sockaddr *)a, sizeof(*a)) == 0 || errno != ECONNREFUSED)
		return -EADDRINUSE;
	return unlink(a->sun_path) < 0 ? -errno : 0;
}

static int listen_on_path(const struct cfg_metrics *m, int *ret_fd, struct why *why)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int err = fd < 0 ? -errno : 0;

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", m->address);
	if (!err)
		err = clear_path(&a);
	/* Closed until http_start() says for whom it is. */
	if (!err && (fchmod(fd, 0600) < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 ||
		     chmod(a.sun_path, 0600) < 0 || listen(fd, HTTP_CONNECTIONS_MAX) < 0))
		err = -errno;
	if (err < 0) {
		why_remedy(why, "choose another path with metrics.listen");
		return why_set(why, err, "metrics on %s: cannot listen", m->address);
	}
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int http_listen(const struct cfg_metrics *m, int *ret_fd, struct why *why)
{
	struct sockaddr_in6 a6 = {.sin6_family = AF_INET6, .sin6_port = htons(m->port)};
	struct sockaddr_in a4 = {.sin_family = AF_INET, .sin_port = htons(m->port)};
	bool six = inet_pton(AF_INET6, m->address, &a6.sin6_addr) == 1;
	_close_ int fd = -1;
	const int one = 1;
	int err;

	if (config_on_socket(m))
		return listen_on_path(m, ret_fd, why);
	if (!six && inet_pton(AF_INET, m->address, &a4.sin_addr) != 1)
		return why_set(why, -EINVAL, "metrics address %s", m->address);
	fd = socket(six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return why_set(why, -errno, "socket for metrics");
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0)
		return why_set(why, -errno, "socket for metrics");
	err = six ? bind(fd, (struct sockaddr *)&a6, sizeof(a6))
		  : bind(fd, (struct sockaddr *)&a4, sizeof(a4));
	if (err < 0 || listen(fd, HTTP_CONNECTIONS_MAX) < 0) {
		err = -errno;
		why_remedy(why, "choose another address or port with metrics.listen");
		return why_set(why, err, "metrics on %s port %u: cannot listen", m->address,
			       m->port);
	}
	*ret_fd = TAKE_FD(fd);
	return 0;
}
