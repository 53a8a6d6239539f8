/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Another program, run without a shell. */
#ifndef IPSO_BASE_EXEC_H
#define IPSO_BASE_EXEC_H

#include <stddef.h>

/*
 * Run argv[0], searched in PATH, and wait for its end, timeout_ms at most; then it is killed.
 * 0 when it ended with status 0; -EREMOTEIO with another or by a signal (*ret_status as waitpid());
 * -ETIMEDOUT; -ENOENT when there is no such program; -EFBIG when it said more than `limit` bytes.
 * *ret_out (caller frees) is what it wrote to stdout, NUL appended, on success only; errors (may be
 * NULL) holds the beginning of its stderr as one line, also on failure.
 */
int exec_read(const char *const argv[], unsigned int timeout_ms, size_t limit, char **ret_out,
	      char *errors, size_t errors_size, int *ret_status);

#endif
