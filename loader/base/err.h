/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exit statuses, and a reason that travels up with an errno. */
#ifndef IPSO_BASE_ERR_H
#define IPSO_BASE_ERR_H

/* What a command ends with; the man page promises these. */
enum exit_code {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,	  /* bad usage or bad configuration, nothing was changed */
	EXIT_REFUSED = 3, /* preflight says that it cannot work */
};

/*
 * Why something failed, in words: lower stages fill it, the command prints it once.
 * `what` says what was tried on what; `kernel` is the extack text, empty when there was none.
 */
struct why {
	char what[800];
	char kernel[96];
	char remedy[256];
	int err; /* -errno, 0 unknown */
};

/*
 * Fill what and err of why (may be NULL) and return err. fmt describes what was tried on what.
 * kernel and remedy stay as a lower stage left them: start from a zeroed struct.
 */
int why_set(struct why *why, int err, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void why_remedy(struct why *why, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Name of an errno, "EBUSY"; "E?" when unknown. Accepts either sign. */
const char *err_name(int err);

#endif
