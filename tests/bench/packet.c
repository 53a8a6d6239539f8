/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packet DEV REMOTE SPI: sends to REMOTE, whose hardware address is made up, until the outbound SA
 * has counted a packet: what the NIC encrypted. Fails after 30 s.
 */
#include <arpa/inet.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

#include "nl/xfrm_sa.h"

static int see(const struct xfrm_sa *sa, void *arg)
{
	*(uint64_t *)arg = sa->offload == IPSO_OFFLOAD_PACKET ? sa->packets : 0;
	return 0;
}

static int neighbour(int fd, const struct sockaddr_in *to, const char *dev)
{
	struct arpreq r = {.arp_flags = ATF_COM | ATF_PERM,
			   .arp_ha = {ARPHRD_ETHER, {2, 0, 0, 0, 0, 9}}};

	memcpy(&r.arp_pa, to, sizeof(*to));
	snprintf(r.arp_dev, sizeof(r.arp_dev), "%s", dev);
	return ioctl(fd, SIOCSARP, &r);
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};
	struct timespec pause = {.tv_nsec = 1000000};
	struct xfrm_sa sa = {.dst = {.family = AF_INET, .prefix = 32}};
	_nl_ struct nl *nl = NULL;
	struct why why = {};
	uint64_t packets = 0;
	time_t end = time(NULL) + 30;
	int fd;

	if (argc != 4 || inet_pton(AF_INET, argv[2], &to.sin_addr) != 1)
		return 2;
	memcpy(sa.dst.b, &to.sin_addr, sizeof(to.sin_addr));
	sa.spi = (uint32_t)strtoul(argv[3], NULL, 0);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0 || neighbour(fd, &to, argv[1]) < 0 ||
	    nl_open(NETLINK_XFRM, NULL, &nl, &why) < 0) {
		perror(argv[1]);
		return 1;
	}
	while (!packets && time(NULL) < end) {
		/* Refused or lost while the link comes up: tried again. */
		(void)!sendto(fd, "", 1, 0, (struct sockaddr *)&to, sizeof(to));
		nanosleep(&pause, NULL);
		if (xfrm_sa_get(nl, &sa, see, &packets, &why) < 0)
			break;
	}
	if (!packets)
		fprintf(stderr, "no packet was encrypted for %s: %s %s\n", argv[2], why.what,
			why.kernel);
	return packets ? 0 : 1;
}
