/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a test's subject writes to stderr, read back: redirect and restore are its setup, teardown. */
#ifndef IPSO_TEST_STDERR_H
#define IPSO_TEST_STDERR_H

#include <fcntl.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

static int saved_stderr, pipe_fd[2];

static inline int redirect(void **state)
{
	(void)state;
	unsetenv("JOURNAL_STREAM");
	saved_stderr = dup(STDERR_FILENO);
	if (saved_stderr < 0 || pipe2(pipe_fd, O_NONBLOCK) < 0)
		return -1;
	return dup2(pipe_fd[1], STDERR_FILENO) < 0 ? -1 : 0;
}

static inline int restore(void **state)
{
	(void)state;
	dup2(saved_stderr, STDERR_FILENO);
	close(saved_stderr);
	close(pipe_fd[0]);
	close(pipe_fd[1]);
	return 0;
}

static inline const char *written(void)
{
	static char buf[8192];
	ssize_t n = read(pipe_fd[0], buf, sizeof(buf) - 1);

	buf[n > 0 ? n : 0] = '\0';
	return buf;
}

#endif
