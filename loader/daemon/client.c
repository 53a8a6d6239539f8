/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One request line out, JSON lines back. */
#include "daemon/client.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/lock.h"

/* Not started, or on its way: the lock is taken before the set-up, the socket made after it. */
static int nobody_answers(const char *path, struct why *why)
{
	_free_ char *copy = strdup(path);
	int pid = copy ? lock_holder(dirname(copy)) : 0;

	if (pid) {
		why_remedy(why, "ask again when it is ready; its log shows the steps");
		why_set(why, 0, "the service is still setting up, or stopping (process %d)", pid);
	} else {
		why_remedy(why, "start it: ipso run -c FILE, or systemctl start ipso");
		why_set(why, 0, "the service is not running (no answer at %s)", path);
	}
	return -ENOTCONN;
}

static int connect_to(const char *path, int *ret_fd, struct why *why)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return why_set(why, -errno, "control socket");
	if (strlen(path) >= sizeof(a.sun_path))
		return why_set(why, -ENAMETOOLONG, "control socket %s", path);
	strcpy(a.sun_path, path);
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0) {
		*ret_fd = TAKE_FD(fd);
		return 0;
	}
	if (errno == ENOENT || errno == ECONNREFUSED)
		return nobody_answers(path, why);
	if (errno == EACCES)
		why_remedy(why, "ask as root, or as a member of the group that readers-group names");
	return why_set(why, -errno, "control socket %s: cannot be reached", path);
}

static int send_request(int fd, json_t *request)
{
	_free_ char *text = json_dumps(request, JSON_COMPACT), *line = NULL;
	size_t len, sent = 0;

	if (!text || asprintf(&line, "%s\n", text) < 0) {
		line = NULL;
		return -ENOMEM;
	}
	for (len = strlen(line); sent < len;) {
		ssize_t n = send(fd, line + sent, len - sent, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			sent += (size_t)n;
	}
	return 0;
}

static int take_line(const char *line, size_t len, client_line_fn fn, void *arg, struct why *why)
{
	json_error_t bad;
	json_t *j = json_loadb(line, len, 0, &bad);
	const char *refusal = json_string_value(json_object_get(j, "error"));
	int err;

	if (!j)
		return why_set(why, -EBADMSG, "answer of the service: not JSON: %s", bad.text);
	if (refusal)
		err = why_set(why, -EPROTO, "the service refuses: %s", refusal);
	else
		err = fn(j, arg);
	json_decref(j);
	return err;
}

/* getline(3) waits for whole lines and grows with them: a status can be long. */
static int read_lines(int fd, client_line_fn fn, void *arg, struct why *why)
{
	_fclose_ FILE *in = NULL;
	_free_ char *line = NULL;
	size_t room = 0;
	int copy = dup(fd);

	in = copy < 0 ? NULL : fdopen(copy, "r");
	if (!in) {
		int err = -errno;

		if (copy >= 0)
			close(copy);
		return why_set(why, err, "answer of the service");
	}
	for (;;) {
		ssize_t n = getline(&line, &room, in);
		int err;

		if (n < 0)
			return ferror(in) ? why_set(why, -errno, "answer of the service") : 0;
		err = take_line(line, (size_t)n, fn, arg, why);
		if (err < 0)
			return err;
	}
}

int client_talk(const char *path, json_t *request, client_line_fn fn, void *arg,
		struct why *why)
{
	_close_ int fd = -1;
	int sent, err = request ? connect_to(path, &fd, why) : why_set(why, -ENOMEM, "request");

	if (err < 0) {
		json_decref(request);
		return err;
	}
	sent = send_request(fd, request);
	json_decref(request);
	/* Who is refused may find the door shut already, and the reason before it. */
	if (sent == 0 || sent == -EPIPE || sent == -ECONNRESET)
		err = read_lines(fd, fn, arg, why);
	if (err < 0 || sent == 0)
		return err;
	return why_set(why, sent, "control socket %s: the request cannot be sent", path);
}
