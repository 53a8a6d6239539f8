/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Another program, run without a shell. posix_spawn() shares memory with the child until it is
 * another program: what this process holds is not copied.
 */
#include "base/exec.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "base/mem.h"
#include "base/when.h"

#define CHUNK 4096

struct run {
	pid_t pid;
	int out, err; /* ends of pipes that are read, -1 = at their end */
	uint64_t until;
	char *text;
	size_t used, limit;
	char *errors;
	size_t errors_used, errors_size;
};

static uint64_t now_ms(void)
{
	return monotonic_ns() / 1000000;
}

static void run_close(struct run *r)
{
	cleanup_close(&r->out);
	cleanup_close(&r->err);
	free(r->text);
}

/* The child gets nothing but the pipes; a SIGPIPE that we ignore would stay ignored in it. */
static int spawn(const char *const argv[], int out, int err, pid_t *ret_pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, pipe;
	int bad;

	sigemptyset(&none);
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attr);
	bad = posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	bad = bad ? bad : posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	bad = bad ? bad : posix_spawn_file_actions_adddup2(&files, err, STDERR_FILENO);
	bad = bad ? bad : posix_spawnattr_setsigmask(&attr, &none);
	bad = bad ? bad : posix_spawnattr_setsigdefault(&attr, &pipe);
	bad = bad ? bad : posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK |
								  POSIX_SPAWN_SETSIGDEF);
	bad = bad ? bad : posix_spawnp(ret_pid, argv[0], &files, &attr, (char *const *)argv,
				       environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return -bad;
}

static int start(const char *const argv[], struct run *r)
{
	int out[2] = {-1, -1}, err[2] = {-1, -1}, bad = 0;

	if (pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
		bad = -errno;
	if (!bad)
		bad = spawn(argv, out[1], err[1], &r->pid);
	cleanup_close(&out[1]);
	cleanup_close(&err[1]);
	r->out = out[0];
	r->err = err[0];
	return bad;
}

static int take_out(struct run *r, const char *chunk, size_t n)
{
	char *more;

	if (r->used + n > r->limit)
		return -EFBIG;
	more = realloc(r->text, r->used + n + 1);
	if (!more)
		return -ENOMEM;
	memcpy(more + r->used, chunk, n);
	r->text = more;
	r->used += n;
	r->text[r->used] = '\0';
	return 0;
}

static void take_errors(struct run *r, const char *chunk, size_t n)
{
	for (size_t i = 0; i < n && r->errors && r->errors_used + 1 < r->errors_size; i++)
		r->errors[r->errors_used++] = (unsigned char)chunk[i] < ' ' ? ' ' : chunk[i];
}

static int read_some(struct run *r, int *fd)
{
	char chunk[CHUNK];
	ssize_t n = read(*fd, chunk, sizeof(chunk));

	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	if (n == 0) {
		close(TAKE_FD(*fd));
		return 0;
	}
	if (fd == &r->err) {
		take_errors(r, chunk, (size_t)n);
		return 0;
	}
	return take_out(r, chunk, (size_t)n);
}

/* Until both pipes are at their end. */
static int listen_to(struct run *r)
{
	while (r->out >= 0 || r->err >= 0) {
		struct pollfd p[] = {{.fd = r->out, .events = POLLIN},
				     {.fd = r->err, .events = POLLIN}};
		uint64_t now = now_ms();
		int err = 0;

		if (now >= r->until)
			return -ETIMEDOUT;
		if (poll(p, 2, (int)(r->until - now)) < 0 && errno != EINTR)
			return -errno;
		if (p[0].revents)
			err = read_some(r, &r->out);
		if (!err && p[1].revents)
			err = read_some(r, &r->err);
		if (err < 0)
			return err;
	}
	return 0;
}

/* It has closed its pipes or has to go; one that closed them and stays is out of its time too. */
static int reap(const struct run *r, int err, int *ret_status)
{
	const struct timespec pause = {.tv_nsec = 5 * 1000000};
	pid_t got = 0;

	while (!err && (got = waitpid(r->pid, ret_status, WNOHANG)) == 0) {
		if (now_ms() >= r->until)
			err = -ETIMEDOUT;
		else
			nanosleep(&pause, NULL);
	}
	if (got == r->pid)
		return 0;
	kill(r->pid, SIGKILL);
	while (waitpid(r->pid, ret_status, 0) < 0 && errno == EINTR)
		;
	return err ? err : -ECHILD;
}

int exec_read(const char *const argv[], unsigned int timeout_ms, size_t limit, char **ret_out,
	      char *errors, size_t errors_size, int *ret_status)
{
	_cleanup_(run_close) struct run r = {
		.out = -1, .err = -1, .limit = limit, .errors = errors, .errors_size = errors_size,
		.until = now_ms() + timeout_ms};
	int err, status = 0;

	if (errors)
		memset(errors, 0, errors_size);
	err = take_out(&r, "", 0);
	if (!err)
		err = start(argv, &r);
	if (err < 0)
		return err;
	err = reap(&r, listen_to(&r), &status);
	for (size_t n = r.errors_used; errors && n && errors[n - 1] == ' '; n--)
		errors[n - 1] = '\0';
	if (ret_status)
		*ret_status = status;
	if (!err && status)
		err = -EREMOTEIO;
	if (!err)
		*ret_out = TAKE_PTR(r.text);
	return err;
}
