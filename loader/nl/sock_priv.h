/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files that send and receive share. */
#ifndef IPSO_NL_SOCK_PRIV_H
#define IPSO_NL_SOCK_PRIV_H

#include "nl/sock.h"

struct nl {
	struct mnl_socket *mnl;
	unsigned int seq; /* of the last request */
	uint8_t *buf;	  /* NL_RECV_SIZE, see sock.c */
};

/*
 * A message below NLMSG_MIN_TYPE: 1 when the exchange is over without error, 0 to go on, -errno;
 * the extack text goes to why->kernel.
 */
int nl_take_control(const struct nlmsghdr *nlh, struct why *why);

#endif
