/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sends on an rtnetlink socket, for the bench of the gate: prints CPU ns for each, answer included,
 * the median of N blocks.
 *   send unrelated N DEV    a question about a device that does not exist
 *   send tc N DEV           a flower rule for DEV that the hardware could take; there is no qdisc
 *                           to put it on, so that the kernel's part is short and nothing changes
 */
#include <linux/if_ether.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "blocks.h"
#include "nl/tc.h"

#define BLOCK 50

#define NOT_SENT (-1000) /* the gate refuses the send itself */

static void make(const char *what, uint32_t ifindex, struct nl_msg *m)
{
	struct tc_filter f = {
		.ifindex = ifindex,
		.pref = 7,
		.protocol = ETH_P_IP,
		.kind = "flower",
		.rule = {.match = {.protocol = ETH_P_IP},
			 .actions = {{.kind = TC_DO_REDIRECT, .ifindex = ifindex}},
			 .actions_count = 1},
	};
	struct ifinfomsg *ifi;

	if (strcmp(what, "tc") == 0) {
		tc_put_filter(m, &f);
		return;
	}
	ifi = nl_msg_start(m, RTM_GETLINK, 0, sizeof(*ifi));
	ifi->ifi_index = 0x7ffffff0;
}

/* The error that the kernel answers with. */
static int exchange(int fd, const struct nl_msg *m)
{
	struct {
		struct nlmsghdr h;
		struct nlmsgerr e;
		char rest[1024];
	} a;

	if (send(fd, m->bytes, m->h.nlmsg_len, 0) < 0 || recv(fd, &a, sizeof(a), 0) < 0)
		return NOT_SENT;
	return a.h.nlmsg_type == NLMSG_ERROR ? a.e.error : NOT_SENT;
}

int main(int argc, char **argv)
{
	_free_ long long *ns = NULL;
	struct nl_msg m;
	int n, fd, want;

	if (argc != 4 || (n = atoi(argv[2])) <= 0)
		return 2;
	make(argv[1], if_nametoindex(argv[3]), &m);
	fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	want = exchange(fd, &m);
	if (fd < 0 || want >= 0 || want == NOT_SENT) {
		fprintf(stderr, "send %s: answer %d\n", argv[1], want);
		return 1;
	}
	ns = calloc((size_t)n, sizeof(*ns));
	for (int i = 0; ns && i < n; i++) {
		long long start = blocks_now(CLOCK_PROCESS_CPUTIME_ID);

		for (int k = 0; k < BLOCK; k++) {
			if (exchange(fd, &m) != want)
				return 1;
		}
		ns[i] = blocks_now(CLOCK_PROCESS_CPUTIME_ID) - start;
	}
	if (!ns)
		return 1;
	blocks_print(ns, (unsigned int)n, BLOCK);
	return 0;
}
